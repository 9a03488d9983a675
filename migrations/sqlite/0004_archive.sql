-- Histories of closed runs that are kept in signed files, and the mark that stays. Only history leaves this file: the
-- run, its keys, its inbox and its intents stay.

CREATE TABLE archives (
    no       INTEGER PRIMARY KEY CHECK (no > 0),
    file     TEXT NOT NULL UNIQUE,
    folder   TEXT NOT NULL,
    sha256   TEXT NOT NULL CHECK (length(sha256) = 64),
    bytes    INTEGER NOT NULL CHECK (bytes > 0),
    manifest TEXT NOT NULL
) STRICT;

-- The run, where its chain ended, and whether its rows are gone from here.
CREATE TABLE archived_runs (
    rid     INTEGER PRIMARY KEY REFERENCES runs (rid),
    archive INTEGER NOT NULL REFERENCES archives (no),
    seq     INTEGER NOT NULL CHECK (seq > 0),
    head    BLOB NOT NULL CHECK (length(head) = 32),
    gone    INTEGER NOT NULL DEFAULT 0 CHECK (gone IN (0, 1))
) STRICT;

CREATE INDEX archived_runs_held ON archived_runs (archive) WHERE gone = 0;

CREATE TRIGGER archives_keep BEFORE UPDATE ON archives
BEGIN SELECT RAISE(ABORT, 'an archive is never changed'); END;
CREATE TRIGGER archives_stay BEFORE DELETE ON archives
BEGIN SELECT RAISE(ABORT, 'an archive is never deleted'); END;
CREATE TRIGGER archived_runs_keep BEFORE UPDATE ON archived_runs
WHEN NEW.rid <> OLD.rid OR NEW.archive <> OLD.archive OR NEW.seq <> OLD.seq OR NEW.head <> OLD.head OR NEW.gone < OLD.gone
BEGIN SELECT RAISE(ABORT, 'the mark of an archived run is never changed'); END;
CREATE TRIGGER archived_runs_stay BEFORE DELETE ON archived_runs
BEGIN SELECT RAISE(ABORT, 'the mark of an archived run is never deleted'); END;

-- History is deleted only of runs that are marked as gone to an archive. The newest row stays in any case: the next one
-- is numbered after it.
DROP TRIGGER history_stays;
CREATE TRIGGER history_stays BEFORE DELETE ON history
WHEN NOT EXISTS (SELECT 1 FROM archived_runs a WHERE a.rid = OLD.rid AND a.gone = 1)
  OR OLD.no = (SELECT max(no) FROM history)
BEGIN SELECT RAISE(ABORT, 'history is never deleted'); END;

-- What was archived was all there will be.
CREATE TRIGGER runs_archived BEFORE UPDATE ON runs
WHEN OLD.ended = 1 AND EXISTS (SELECT 1 FROM archived_runs a WHERE a.rid = OLD.rid)
BEGIN SELECT RAISE(ABORT, 'the run is archived: it takes no further step'); END;
