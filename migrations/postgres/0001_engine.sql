-- Runs with their histories, inboxes, intents and timers, and the leases under which they are written.
-- Instants are whole microseconds UTC. `rid` is a run's number in this database; the world knows its `id`.
-- Tables that a step writes have no foreign keys: each check would lock the run's row, and write that down, once per
-- row. The integrity check looks at the references instead.

CREATE TABLE meta (
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch      text NOT NULL,
    created_at bigint NOT NULL
);

INSERT INTO meta (epoch, created_at)
VALUES (replace(gen_random_uuid()::text, '-', ''), (extract(epoch FROM clock_timestamp()) * 1000000)::bigint);

-- The last numbers given. Whoever gives one, or writes under a fence, locks this row first and holds it until its
-- commit: so numbers have no gaps and follow the order of commits. `changes` counts these commits.
CREATE TABLE counters (
    one     boolean PRIMARY KEY DEFAULT true CHECK (one),
    run     bigint NOT NULL,
    history bigint NOT NULL,
    message bigint NOT NULL,
    journal bigint NOT NULL,
    changes bigint NOT NULL
) WITH (fillfactor = 10);

INSERT INTO counters (run, history, message, journal, changes) VALUES (0, 0, 0, 0, 0);

CREATE TABLE series (
    name text COLLATE "C" PRIMARY KEY,
    last bigint NOT NULL CHECK (last > 0)
);

-- Lease time: the database's clock, which goes on inside a transaction.
CREATE FUNCTION now_micros() RETURNS bigint LANGUAGE sql VOLATILE
AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint $$;

-- The month by the same clock, as YYYYMM.
CREATE FUNCTION this_month() RETURNS bigint LANGUAGE sql VOLATILE
AS $$ SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMM')::bigint $$;

-- A run's number begins with the month of its first step: YYYYMM, then twelve digits that are never given twice. Its
-- snapshot's text is `pin` followed by `snapshot`. What hardly ever changes stands first: what two versions of a row
-- have in common at their beginning is not written to the log again.
CREATE TABLE runs (
    rid          bigint PRIMARY KEY,
    id           uuid NOT NULL UNIQUE,
    label        text COLLATE "C" NOT NULL UNIQUE,
    shard        smallint NOT NULL CHECK (shard BETWEEN 0 AND 255),
    legal_entity text COLLATE "C" NOT NULL,
    party        text COLLATE "C" NOT NULL,
    chart        text COLLATE "C" NOT NULL,
    created_at   bigint NOT NULL,
    pin          text NOT NULL,
    updated_at   bigint NOT NULL,
    seq          bigint NOT NULL CHECK (seq > 0),
    ended        boolean NOT NULL,
    parked       boolean NOT NULL,
    head         bytea NOT NULL CHECK (octet_length(head) = 32),
    tags         text NOT NULL,
    snapshot     text NOT NULL
) WITH (fillfactor = 60);

CREATE INDEX runs_parked ON runs (label) WHERE parked;

-- What happened, in the order of commits. A run's rows lie together in the partition of the month in which it began,
-- so `(rid, seq)` exists once in all of them.
CREATE TABLE history (
    no        bigint NOT NULL,
    rid       bigint NOT NULL,
    seq       bigint NOT NULL CHECK (seq > 0),
    prev_hash bytea NOT NULL CHECK (octet_length(prev_hash) = 32),
    hash      bytea NOT NULL CHECK (octet_length(hash) = 32),
    record    text NOT NULL,
    PRIMARY KEY (rid, seq)
) PARTITION BY RANGE (rid);

CREATE INDEX history_order ON history (no);

-- Runs of months that nobody made a partition for: the clock jumped.
CREATE TABLE history_other PARTITION OF history DEFAULT;

-- Makes the partitions of this month and the months after it that are missing, and says how many. A month that has runs
-- in `history_other` already keeps them there.
CREATE FUNCTION prepare_months(ahead integer) RETURNS integer LANGUAGE plpgsql
AS $$
DECLARE
    made  integer := 0;
    first date := to_date(this_month()::text, 'YYYYMM');
    month date;
    low   bigint;
    high  bigint;
BEGIN
    FOR n IN 0..ahead LOOP
        month := first + make_interval(months => n);
        low := to_char(month, 'YYYYMM')::bigint * 1000000000000;
        high := to_char(month + interval '1 month', 'YYYYMM')::bigint * 1000000000000;
        CONTINUE WHEN to_regclass('history_' || to_char(month, 'YYYY_MM')) IS NOT NULL;
        CONTINUE WHEN EXISTS (SELECT 1 FROM history_other WHERE rid >= low AND rid < high);
        EXECUTE format('CREATE TABLE %I PARTITION OF history FOR VALUES FROM (%s) TO (%s)',
                       'history_' || to_char(month, 'YYYY_MM'), low, high);
        made := made + 1;
    END LOOP;
    RETURN made;
END
$$;

CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION '% is never changed or deleted', TG_ARGV[0]; END $$;

CREATE TRIGGER history_stays BEFORE UPDATE OR DELETE ON history
FOR EACH ROW EXECUTE FUNCTION never('history');
CREATE TRIGGER history_is_kept BEFORE TRUNCATE ON history
FOR EACH STATEMENT EXECUTE FUNCTION never('history');

-- A run's search keys. A unique key has one owner among the runs that have not ended.
CREATE TABLE run_keys (
    kind      text COLLATE "C" NOT NULL,
    value     text COLLATE "C" NOT NULL,
    rid       bigint NOT NULL,
    is_unique boolean NOT NULL,
    live      boolean NOT NULL,
    PRIMARY KEY (kind, value, rid)
);

CREATE UNIQUE INDEX run_keys_owner ON run_keys (kind, value) WHERE is_unique AND live;
CREATE INDEX run_keys_run ON run_keys (rid);

-- A message may come before its run: it names the run's id, and a start carries where the run will belong. A verdict
-- stands in no index, so that giving one rewrites none.
CREATE TABLE inbox (
    no           bigint PRIMARY KEY,
    run          uuid NOT NULL,
    shard        smallint NOT NULL,
    source       text COLLATE "C" NOT NULL,
    id           text COLLATE "C" NOT NULL,
    body_hash    bytea NOT NULL CHECK (octet_length(body_hash) = 32),
    legal_entity text COLLATE "C",
    party        text COLLATE "C",
    message      text NOT NULL,
    verdict      text,
    UNIQUE (source, id)
) WITH (fillfactor = 85);

CREATE INDEX inbox_run ON inbox (run);

-- Messages without a verdict.
CREATE TABLE waiting (
    run   uuid NOT NULL,
    no    bigint NOT NULL,
    shard smallint NOT NULL,
    PRIMARY KEY (run, no)
);

-- Intents. Status: 0 ready, 1 sending, 2 waiting, 3 settled, 4 voided. `ord` is the history number of their step.
-- One without an account is local: it leaves with the step that closes it. The others stay as evidence. The key begins
-- with that difference: a new owner finds the local ones, which are few, without an index of their own.
CREATE TABLE outbox (
    rid           bigint NOT NULL,
    seq           bigint NOT NULL,
    ord           bigint NOT NULL,
    n             integer NOT NULL,
    local         boolean NOT NULL,
    activity      text NOT NULL,
    account       text COLLATE "C",
    entity        text COLLATE "C",
    class         text NOT NULL,
    request       text NOT NULL,
    request_hash  bytea NOT NULL,
    status        smallint NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 4),
    attempts      integer NOT NULL DEFAULT 0,
    round         integer NOT NULL DEFAULT 0,
    first_sent_at bigint,
    not_before    bigint,
    notes         text,
    orphaned      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (local, rid, seq, n),
    CHECK (local = (account IS NULL))
);

CREATE INDEX outbox_open ON outbox (account, ord, n) WHERE NOT local AND status < 3;

CREATE TABLE timers (
    rid       bigint NOT NULL,
    key       text COLLATE "C" NOT NULL,
    due       bigint NOT NULL,
    -- The nanoseconds beyond `due`: a timer that comes back with another instant would count as re-armed.
    due_nanos bigint NOT NULL CHECK (due_nanos BETWEEN 0 AND 999),
    PRIMARY KEY (rid, key)
);

CREATE INDEX timers_due ON timers (due);

-- A lease that was given back has no owner and keeps its fence.
CREATE TABLE leases (
    key     text COLLATE "C" PRIMARY KEY,
    owner   text,
    fence   bigint NOT NULL CHECK (fence > 0),
    expires bigint NOT NULL
) WITH (fillfactor = 50);
