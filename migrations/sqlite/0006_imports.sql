-- Spreadsheets that were brought in: which file by whom, each of its lines once, and what was paid before by fund and partner.
-- A file is staged in portions that nobody sees, and becomes visible as a whole when a second person agrees.

-- Status: 0 being staged, 1 staged, 2 applied.
CREATE TABLE imports (
    no             INTEGER PRIMARY KEY CHECK (no > 0),
    id             TEXT NOT NULL UNIQUE CHECK (length(id) = 64),
    file           TEXT NOT NULL,
    file_sha256    TEXT NOT NULL CHECK (length(file_sha256) = 64),
    mapping_sha256 TEXT NOT NULL CHECK (length(mapping_sha256) = 64),
    status         INTEGER NOT NULL CHECK (status IN (0, 1, 2)),
    read_to        INTEGER NOT NULL CHECK (read_to >= 0),
    lines          INTEGER NOT NULL CHECK (lines >= 0),
    staged_by      TEXT NOT NULL,
    staged_at      INTEGER NOT NULL,
    applied_by     TEXT CHECK (applied_by <> staged_by),
    applied_at     INTEGER,
    opened_to      INTEGER NOT NULL DEFAULT 0,
    CHECK ((status = 2) = (applied_by IS NOT NULL))
) STRICT;

CREATE TRIGGER imports_keep BEFORE UPDATE ON imports
WHEN OLD.status = 2 AND (NEW.status <> 2 OR NEW.lines <> OLD.lines OR NEW.applied_by <> OLD.applied_by)
BEGIN SELECT RAISE(ABORT, 'an import that was applied is never changed'); END;
CREATE TRIGGER imports_stay BEFORE DELETE ON imports WHEN OLD.status = 2
BEGIN SELECT RAISE(ABORT, 'an import that was applied is never deleted'); END;

-- A line is known by its own reference, whatever file brings it, so that none is ever there twice. Kind: 0 granted, 1 paid.
CREATE TABLE import_lines (
    import      INTEGER NOT NULL REFERENCES imports (no),
    line        INTEGER NOT NULL CHECK (line > 0),
    natural_key TEXT NOT NULL UNIQUE,
    sha256      TEXT NOT NULL,
    kind        INTEGER NOT NULL CHECK (kind IN (0, 1)),
    run         BLOB,
    content     TEXT NOT NULL,
    PRIMARY KEY (import, line)
) STRICT, WITHOUT ROWID;

CREATE INDEX import_lines_run ON import_lines (run) WHERE run IS NOT NULL;

CREATE TRIGGER import_lines_keep BEFORE UPDATE ON import_lines
BEGIN SELECT RAISE(ABORT, 'an imported line is never changed'); END;
CREATE TRIGGER import_lines_stay BEFORE DELETE ON import_lines
WHEN EXISTS (SELECT 1 FROM imports i WHERE i.no = OLD.import AND i.status = 2)
BEGIN SELECT RAISE(ABORT, 'a line that counts is never deleted'); END;

-- Under what later claims find a line that was paid.
CREATE TABLE import_keys (
    import INTEGER NOT NULL,
    key    TEXT NOT NULL,
    line   INTEGER NOT NULL,
    PRIMARY KEY (import, key, line)
) STRICT, WITHOUT ROWID;

-- What was paid, in minor units.
CREATE TABLE import_sums (
    import   INTEGER NOT NULL REFERENCES imports (no),
    fund     TEXT NOT NULL,
    partner  TEXT NOT NULL,
    currency TEXT NOT NULL,
    minor    INTEGER NOT NULL CHECK (minor >= 0),
    lines    INTEGER NOT NULL CHECK (lines > 0),
    PRIMARY KEY (import, fund, partner, currency)
) STRICT, WITHOUT ROWID;
