-- Histories of closed runs that are kept in signed files, and the mark that stays. Only history leaves this database: the
-- run, its keys, its inbox and its intents stay.

CREATE TABLE archives (
    no       bigint PRIMARY KEY CHECK (no > 0),
    file     text COLLATE "C" NOT NULL UNIQUE,
    folder   text NOT NULL,
    sha256   text NOT NULL CHECK (length(sha256) = 64),
    bytes    bigint NOT NULL CHECK (bytes > 0),
    manifest text NOT NULL
);

-- The run, where its chain ended, and whether its rows are gone from here.
CREATE TABLE archived_runs (
    rid     bigint PRIMARY KEY,
    archive bigint NOT NULL,
    seq     bigint NOT NULL CHECK (seq > 0),
    head    bytea NOT NULL CHECK (octet_length(head) = 32),
    gone    boolean NOT NULL DEFAULT false
);

CREATE INDEX archived_runs_held ON archived_runs (archive) WHERE NOT gone;

CREATE TRIGGER archives_stay BEFORE UPDATE OR DELETE ON archives
FOR EACH ROW EXECUTE FUNCTION never('an archive');
CREATE TRIGGER archives_are_kept BEFORE TRUNCATE ON archives
FOR EACH STATEMENT EXECUTE FUNCTION never('an archive');
CREATE TRIGGER archived_runs_keep BEFORE UPDATE ON archived_runs FOR EACH ROW
WHEN (NEW.rid <> OLD.rid OR NEW.archive <> OLD.archive OR NEW.seq <> OLD.seq OR NEW.head <> OLD.head OR NEW.gone < OLD.gone)
EXECUTE FUNCTION never('the mark of an archived run');
CREATE TRIGGER archived_runs_stay BEFORE DELETE ON archived_runs
FOR EACH ROW EXECUTE FUNCTION never('the mark of an archived run');
CREATE TRIGGER archived_runs_are_kept BEFORE TRUNCATE ON archived_runs
FOR EACH STATEMENT EXECUTE FUNCTION never('the mark of an archived run');

-- What was archived was all there will be.
CREATE FUNCTION refuse_archived() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM archived_runs a WHERE a.rid = OLD.rid) THEN
        RAISE EXCEPTION 'the run is archived: it takes no further step';
    END IF;
    RETURN NULL;
END
$$;

-- After and not before: a trigger before an update locks the row first, and every step of every run would pay for that with a
-- record in the log.
CREATE TRIGGER runs_archived AFTER UPDATE ON runs FOR EACH ROW
WHEN (OLD.ended) EXECUTE FUNCTION refuse_archived();

-- Drops the partition of the first month before this one whose runs are all in the archives given, and says what left
-- with it; no row when there is none. The partition with the newest row of history stays, and so does what lies in
-- `history_other`. Readers of history are waited for; whoever calls says for how long.
CREATE FUNCTION release_month(given bigint[])
RETURNS TABLE (part text, left_runs bigint, left_rows bigint, left_bytes bigint) LANGUAGE plpgsql
AS $$
DECLARE
    month bigint;
    low   bigint;
    high  bigint;
    known bigint;
BEGIN
    FOR month IN
        SELECT DISTINCT a.rid / 1000000000000 FROM archived_runs a
        WHERE NOT a.gone AND a.archive = ANY (given) AND a.rid / 1000000000000 < this_month() ORDER BY 1
    LOOP
        part := 'history_' || to_char(to_date(month::text, 'YYYYMM'), 'YYYY_MM');
        CONTINUE WHEN to_regclass(part) IS NULL;
        low := month * 1000000000000;
        high := low + 1000000000000;
        CONTINUE WHEN EXISTS (
            SELECT 1 FROM runs r WHERE r.rid >= low AND r.rid < high AND NOT EXISTS (
                SELECT 1 FROM archived_runs a WHERE a.rid = r.rid AND a.archive = ANY (given)));
        CONTINUE WHEN (SELECT h.rid FROM history h ORDER BY h.no DESC LIMIT 1) BETWEEN low AND high - 1;
        SELECT count(*), sum(a.seq) INTO left_runs, known FROM archived_runs a WHERE a.rid >= low AND a.rid < high;
        EXECUTE format('SELECT count(*), pg_total_relation_size(%L::regclass) FROM %I', part, part)
            INTO left_rows, left_bytes;
        IF left_rows <> known THEN
            RAISE EXCEPTION '% has % rows where archives hold %: it stays', part, left_rows, known;
        END IF;
        EXECUTE format('ALTER TABLE history DETACH PARTITION %I', part);
        EXECUTE format('DROP TABLE %I', part);
        UPDATE archived_runs SET gone = true WHERE rid >= low AND rid < high;
        RETURN NEXT;
        RETURN;
    END LOOP;
END
$$;
