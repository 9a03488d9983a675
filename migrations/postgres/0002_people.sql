-- What people see and do: tasks, notices, schedules, versioned texts and small settings.

-- Status: 0 open, 1 closed.
CREATE TABLE tasks (
    rid           bigint NOT NULL,
    key           text COLLATE "C" NOT NULL,
    kind          text COLLATE "C" NOT NULL,
    role          text COLLATE "C" NOT NULL,
    assignee      text COLLATE "C",
    due           bigint,
    status        smallint NOT NULL CHECK (status IN (0, 1)),
    opened_at     bigint NOT NULL,
    closed_at     bigint,
    snoozed_until bigint,
    spec          text NOT NULL,
    PRIMARY KEY (rid, key)
);

CREATE INDEX tasks_open ON tasks (role) WHERE status = 0;

-- Status: 0 pending, 1 sent, 2 failed.
CREATE TABLE notices (
    id         text COLLATE "C" PRIMARY KEY,
    run        uuid,
    name       text NOT NULL,
    data       text NOT NULL,
    status     smallint NOT NULL CHECK (status BETWEEN 0 AND 2),
    attempts   integer NOT NULL,
    not_before bigint NOT NULL,
    error      text
);

CREATE INDEX notices_due ON notices (not_before) WHERE status = 0;
CREATE INDEX notices_run ON notices (run) WHERE run IS NOT NULL;

-- Status: 0 running, 1 succeeded, 2 failed, 3 skipped.
CREATE TABLE occurrences (
    job           text COLLATE "C" NOT NULL,
    scheduled_for bigint NOT NULL,
    status        smallint NOT NULL CHECK (status BETWEEN 0 AND 3),
    owner         text NOT NULL,
    started_at    bigint NOT NULL,
    ended_at      bigint,
    detail        text NOT NULL,
    PRIMARY KEY (job, scheduled_for)
);

CREATE TABLE schedule_state (
    job       text COLLATE "C" PRIMARY KEY,
    paused    boolean NOT NULL,
    watermark bigint
);

CREATE TABLE documents (
    kind      text COLLATE "C" NOT NULL,
    name      text COLLATE "C" NOT NULL,
    version   bigint NOT NULL CHECK (version > 0),
    sha256    text COLLATE "C" NOT NULL,
    text      text NOT NULL,
    stored_by text NOT NULL,
    stored_at bigint NOT NULL,
    active    boolean NOT NULL,
    PRIMARY KEY (kind, name, version)
);

CREATE UNIQUE INDEX documents_active ON documents (kind, name) WHERE active;
CREATE INDEX documents_hash ON documents (kind, sha256);

CREATE TABLE settings (
    name  text COLLATE "C" PRIMARY KEY,
    value text NOT NULL
);
