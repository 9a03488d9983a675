-- Runs with their histories, inboxes, intents and timers, and the leases under which they are written.
-- Instants are whole microseconds UTC. `rid` is a run's number in this file; the world knows its `id`.

CREATE TABLE meta (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    epoch      TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

INSERT INTO meta (one, epoch, created_at)
VALUES (1, lower(hex(randomblob(16))), CAST(unixepoch('subsec') * 1000000 AS INTEGER));

-- Counts the rows of a set-based statement, from 0.
CREATE TABLE slots (
    n INTEGER PRIMARY KEY
) STRICT;

WITH RECURSIVE counted (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n < 1023)
INSERT INTO slots (n) SELECT n FROM counted;

CREATE TABLE series (
    name TEXT PRIMARY KEY,
    last INTEGER NOT NULL CHECK (last > 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE runs (
    rid          INTEGER PRIMARY KEY,
    id           BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    label        TEXT NOT NULL UNIQUE,
    shard        INTEGER NOT NULL CHECK (shard BETWEEN 0 AND 255),
    legal_entity TEXT NOT NULL,
    party        TEXT NOT NULL,
    chart        TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    seq          INTEGER NOT NULL CHECK (seq > 0),
    ended        INTEGER NOT NULL CHECK (ended IN (0, 1)),
    parked       INTEGER NOT NULL CHECK (parked IN (0, 1)),
    head         BLOB NOT NULL CHECK (length(head) = 32),
    tags         TEXT NOT NULL,
    snapshot     TEXT NOT NULL
) STRICT;

CREATE INDEX runs_parked ON runs (label) WHERE parked = 1;

-- What happened, in the order of commits; `(rid, seq)` exists once.
CREATE TABLE history (
    no        INTEGER PRIMARY KEY,
    rid       INTEGER NOT NULL REFERENCES runs (rid),
    seq       INTEGER NOT NULL CHECK (seq > 0),
    prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
    hash      BLOB NOT NULL CHECK (length(hash) = 32),
    record    TEXT NOT NULL,
    UNIQUE (rid, seq)
) STRICT;

CREATE TRIGGER history_keeps BEFORE UPDATE ON history
BEGIN SELECT RAISE(ABORT, 'history is never changed'); END;
CREATE TRIGGER history_stays BEFORE DELETE ON history
BEGIN SELECT RAISE(ABORT, 'history is never deleted'); END;

-- A run's search keys. A unique key has one owner among the runs that have not ended.
CREATE TABLE run_keys (
    kind      TEXT NOT NULL,
    value     TEXT NOT NULL,
    rid       INTEGER NOT NULL REFERENCES runs (rid),
    is_unique INTEGER NOT NULL CHECK (is_unique IN (0, 1)),
    live      INTEGER NOT NULL CHECK (live IN (0, 1)),
    PRIMARY KEY (kind, value, rid)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX run_keys_owner ON run_keys (kind, value) WHERE is_unique = 1 AND live = 1;
CREATE INDEX run_keys_run ON run_keys (rid);

-- A message may come before its run: it names the run's id, and a start carries where the run will belong.
CREATE TABLE inbox (
    no           INTEGER PRIMARY KEY,
    run          BLOB NOT NULL CHECK (length(run) = 16),
    shard        INTEGER NOT NULL,
    source       TEXT NOT NULL,
    id           TEXT NOT NULL,
    body_hash    BLOB NOT NULL CHECK (length(body_hash) = 32),
    legal_entity TEXT,
    party        TEXT,
    message      TEXT NOT NULL,
    verdict      TEXT,
    UNIQUE (source, id)
) STRICT;

CREATE INDEX inbox_pending ON inbox (no) WHERE verdict IS NULL;
CREATE INDEX inbox_run ON inbox (run);

-- Intents. Status: 0 ready, 1 sending, 2 waiting, 3 settled, 4 voided. `ord` is the history number of their step.
-- One without an account is local: it leaves with the step that closes it. The others stay as evidence.
CREATE TABLE outbox (
    rid           INTEGER NOT NULL REFERENCES runs (rid),
    seq           INTEGER NOT NULL,
    n             INTEGER NOT NULL,
    ord           INTEGER NOT NULL,
    activity      TEXT NOT NULL,
    account       TEXT,
    entity        TEXT,
    class         TEXT NOT NULL,
    request       TEXT NOT NULL,
    request_hash  TEXT NOT NULL,
    status        INTEGER NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 4),
    attempts      INTEGER NOT NULL DEFAULT 0,
    round         INTEGER NOT NULL DEFAULT 0,
    first_sent_at INTEGER,
    not_before    INTEGER,
    notes         TEXT NOT NULL DEFAULT 'null',
    orphaned      INTEGER NOT NULL DEFAULT 0 CHECK (orphaned IN (0, 1)),
    PRIMARY KEY (rid, seq, n)
) STRICT, WITHOUT ROWID;

CREATE INDEX outbox_open ON outbox (account, ord, n) WHERE account IS NOT NULL AND status < 3;

CREATE TABLE timers (
    rid       INTEGER NOT NULL REFERENCES runs (rid),
    key       TEXT NOT NULL,
    due       INTEGER NOT NULL,
    -- The nanoseconds beyond `due`: a timer that comes back with another instant would count as re-armed.
    due_nanos INTEGER NOT NULL CHECK (due_nanos BETWEEN 0 AND 999),
    PRIMARY KEY (rid, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX timers_due ON timers (due);

-- Lease time is this database's own clock. A lease that was given back has no owner and keeps its fence.
CREATE TABLE leases (
    key     TEXT PRIMARY KEY,
    owner   TEXT,
    fence   INTEGER NOT NULL CHECK (fence > 0),
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
