-- What people see and do: tasks, notices, schedules, versioned texts and small settings.

-- Status: 0 open, 1 closed.
CREATE TABLE tasks (
    rid           INTEGER NOT NULL REFERENCES runs (rid),
    key           TEXT NOT NULL,
    kind          TEXT NOT NULL,
    role          TEXT NOT NULL,
    assignee      TEXT,
    due           INTEGER,
    status        INTEGER NOT NULL CHECK (status IN (0, 1)),
    opened_at     INTEGER NOT NULL,
    closed_at     INTEGER,
    snoozed_until INTEGER,
    spec          TEXT NOT NULL,
    PRIMARY KEY (rid, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX tasks_open ON tasks (role) WHERE status = 0;

-- Status: 0 pending, 1 sent, 2 failed.
CREATE TABLE notices (
    id         TEXT PRIMARY KEY,
    run        BLOB,
    name       TEXT NOT NULL,
    data       TEXT NOT NULL,
    status     INTEGER NOT NULL CHECK (status BETWEEN 0 AND 2),
    attempts   INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    error      TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX notices_due ON notices (not_before) WHERE status = 0;
CREATE INDEX notices_run ON notices (run) WHERE run IS NOT NULL;

-- Status: 0 running, 1 succeeded, 2 failed, 3 skipped.
CREATE TABLE occurrences (
    job           TEXT NOT NULL,
    scheduled_for INTEGER NOT NULL,
    status        INTEGER NOT NULL CHECK (status BETWEEN 0 AND 3),
    owner         TEXT NOT NULL,
    started_at    INTEGER NOT NULL,
    ended_at      INTEGER,
    detail        TEXT NOT NULL,
    PRIMARY KEY (job, scheduled_for)
) STRICT, WITHOUT ROWID;

CREATE TABLE schedule_state (
    job       TEXT PRIMARY KEY,
    paused    INTEGER NOT NULL CHECK (paused IN (0, 1)),
    watermark INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE documents (
    kind      TEXT NOT NULL,
    name      TEXT NOT NULL,
    version   INTEGER NOT NULL CHECK (version > 0),
    sha256    TEXT NOT NULL,
    text      TEXT NOT NULL,
    stored_by TEXT NOT NULL,
    stored_at INTEGER NOT NULL,
    active    INTEGER NOT NULL CHECK (active IN (0, 1)),
    PRIMARY KEY (kind, name, version)
) STRICT;

CREATE UNIQUE INDEX documents_active ON documents (kind, name) WHERE active = 1;
CREATE INDEX documents_hash ON documents (kind, sha256);

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
