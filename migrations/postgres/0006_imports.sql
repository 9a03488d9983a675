-- Spreadsheets that were brought in: which file by whom, each of its lines once, and what was paid before by fund and partner.
-- A file is staged in portions that nobody sees, and becomes visible as a whole when a second person agrees.

-- Status: 0 being staged, 1 staged, 2 applied.
CREATE TABLE imports (
    no             bigint PRIMARY KEY CHECK (no > 0),
    id             text NOT NULL UNIQUE CHECK (length(id) = 64),
    file           text NOT NULL,
    file_sha256    text NOT NULL CHECK (length(file_sha256) = 64),
    mapping_sha256 text NOT NULL CHECK (length(mapping_sha256) = 64),
    status         smallint NOT NULL CHECK (status IN (0, 1, 2)),
    read_to        bigint NOT NULL CHECK (read_to >= 0),
    lines          bigint NOT NULL CHECK (lines >= 0),
    staged_by      text NOT NULL,
    staged_at      bigint NOT NULL,
    applied_by     text CHECK (applied_by <> staged_by),
    applied_at     bigint,
    opened_to      bigint NOT NULL DEFAULT 0,
    CHECK ((status = 2) = (applied_by IS NOT NULL))
);

CREATE FUNCTION keep_applied_import() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'an import that was applied is never changed';
END
$$;

CREATE TRIGGER imports_keep BEFORE UPDATE ON imports FOR EACH ROW
WHEN (OLD.status = 2 AND (NEW.status <> 2 OR NEW.lines <> OLD.lines OR NEW.applied_by <> OLD.applied_by))
EXECUTE FUNCTION keep_applied_import();
CREATE TRIGGER imports_stay BEFORE DELETE ON imports FOR EACH ROW WHEN (OLD.status = 2)
EXECUTE FUNCTION keep_applied_import();

-- A line is known by its own reference, whatever file brings it, so that none is ever there twice. Kind: 0 granted, 1 paid.
CREATE TABLE import_lines (
    import      bigint NOT NULL REFERENCES imports (no),
    line        bigint NOT NULL CHECK (line > 0),
    natural_key text COLLATE "C" NOT NULL UNIQUE,
    sha256      text NOT NULL,
    kind        smallint NOT NULL CHECK (kind IN (0, 1)),
    run         uuid,
    content     text NOT NULL,
    PRIMARY KEY (import, line)
);

CREATE INDEX import_lines_run ON import_lines (run) WHERE run IS NOT NULL;

CREATE FUNCTION keep_imported_line() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'UPDATE' OR EXISTS (SELECT 1 FROM imports i WHERE i.no = OLD.import AND i.status = 2) THEN
        RAISE EXCEPTION 'a line that counts is never changed or deleted';
    END IF;
    RETURN OLD;
END
$$;

CREATE TRIGGER import_lines_keep BEFORE UPDATE OR DELETE ON import_lines
FOR EACH ROW EXECUTE FUNCTION keep_imported_line();

-- Under what later claims find a line that was paid.
CREATE TABLE import_keys (
    import bigint NOT NULL,
    key    text COLLATE "C" NOT NULL,
    line   bigint NOT NULL,
    PRIMARY KEY (import, key, line)
);

-- What was paid, in minor units.
CREATE TABLE import_sums (
    import   bigint NOT NULL REFERENCES imports (no),
    fund     text NOT NULL,
    partner  text NOT NULL,
    currency text NOT NULL,
    minor    bigint NOT NULL CHECK (minor >= 0),
    lines    bigint NOT NULL CHECK (lines > 0),
    PRIMARY KEY (import, fund, partner, currency)
);
