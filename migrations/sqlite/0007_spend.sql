-- Spend towards commitments: each reading of a file, what it says by day, and the rows that it sets aside.
-- A reading is staged in portions that nobody sees and published as a whole, in place of the one that its partition had; both stay.

-- Status: 0 being staged, 1 current, 2 replaced. Replaces: 0 its partition, 1 its days. Days are written YYYY-MM-DD.
CREATE TABLE spend_readings (
    no             INTEGER PRIMARY KEY CHECK (no > 0),
    id             TEXT NOT NULL UNIQUE CHECK (length(id) = 64),
    commitment     TEXT NOT NULL CHECK (commitment <> ''),
    legal_entity   TEXT NOT NULL CHECK (legal_entity <> ''),
    party          TEXT NOT NULL CHECK (party <> ''),
    partition_name TEXT NOT NULL CHECK (partition_name <> ''),
    replaces       INTEGER NOT NULL CHECK (replaces IN (0, 1)),
    file           TEXT NOT NULL,
    file_sha256    TEXT NOT NULL CHECK (length(file_sha256) = 64),
    format         TEXT NOT NULL,
    judged_by      TEXT NOT NULL CHECK (length(judged_by) = 64),
    basis          TEXT NOT NULL CHECK (json_valid(basis)),
    currency       TEXT NOT NULL CHECK (length(currency) = 3),
    known_on       TEXT NOT NULL CHECK (length(known_on) = 10),
    staged_by      TEXT NOT NULL,
    staged_at      INTEGER NOT NULL,
    status         INTEGER NOT NULL CHECK (status IN (0, 1, 2)),
    version        INTEGER CHECK (version > 0),
    read_to        INTEGER NOT NULL CHECK (read_to >= 0),
    counted        INTEGER NOT NULL CHECK (counted >= 0),
    set_aside      INTEGER NOT NULL CHECK (set_aside >= 0),
    from_day       TEXT CHECK (length(from_day) = 10),
    through_day    TEXT CHECK (length(through_day) = 10),
    published_at   INTEGER,
    replaced_at    INTEGER,
    CHECK ((status = 0) = (version IS NULL)),
    CHECK (status = 0 OR from_day IS NOT NULL),
    CHECK ((from_day IS NULL) = (through_day IS NULL)),
    CHECK ((status = 0) = (published_at IS NULL)),
    CHECK ((status = 2) = (replaced_at IS NOT NULL)),
    CHECK (from_day <= through_day),
    UNIQUE (commitment, partition_name, version)
) STRICT;

CREATE UNIQUE INDEX spend_readings_current ON spend_readings (commitment, partition_name) WHERE status = 1;

CREATE TRIGGER spend_readings_same BEFORE UPDATE OF
    no, id, commitment, legal_entity, party, partition_name, replaces, file, file_sha256, format, judged_by, basis,
    currency, known_on, staged_by, staged_at
ON spend_readings
BEGIN SELECT RAISE(ABORT, 'what a reading was made of is never changed'); END;
CREATE TRIGGER spend_readings_keep BEFORE UPDATE ON spend_readings
WHEN OLD.status = 2 OR OLD.status = 1 AND (NEW.status <> 2 OR NEW.version <> OLD.version OR NEW.read_to <> OLD.read_to
    OR NEW.counted <> OLD.counted OR NEW.set_aside <> OLD.set_aside OR NEW.from_day <> OLD.from_day
    OR NEW.through_day <> OLD.through_day OR NEW.published_at <> OLD.published_at)
BEGIN SELECT RAISE(ABORT, 'a reading that was published only ever becomes replaced'); END;
CREATE TRIGGER spend_readings_stay BEFORE DELETE ON spend_readings WHEN OLD.status > 0
BEGIN SELECT RAISE(ABORT, 'a reading that was published is never deleted'); END;

-- A portion is known by the row of the file that it comes after. Part: 0 the cloud's own, 1 the marketplace's. Amounts and
-- percentages are exact decimals.
CREATE TABLE spend_sums (
    reading   INTEGER NOT NULL REFERENCES spend_readings (no),
    portion   INTEGER NOT NULL CHECK (portion >= 0),
    day       TEXT NOT NULL CHECK (length(day) = 10),
    account   TEXT NOT NULL,
    product   TEXT NOT NULL,
    part      INTEGER NOT NULL CHECK (part IN (0, 1)),
    reason    TEXT NOT NULL CHECK (reason <> ''),
    least     TEXT NOT NULL CHECK (least <> '' AND least NOT GLOB '*[^0-9.]*'),
    most      TEXT NOT NULL CHECK (most <> '' AND most NOT GLOB '*[^0-9.]*'),
    amount    TEXT NOT NULL CHECK (amount <> '' AND ltrim(amount, '-') NOT GLOB '*[^0-9.]*'),
    counted   INTEGER NOT NULL CHECK (counted > 0),
    first_row INTEGER NOT NULL CHECK (first_row > portion),
    last_row  INTEGER NOT NULL CHECK (last_row >= first_row),
    PRIMARY KEY (reading, portion, day, account, product, part, reason, least, most)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER spend_sums_come BEFORE INSERT ON spend_sums
WHEN NOT EXISTS (SELECT 1 FROM spend_readings r WHERE r.no = NEW.reading AND r.status = 0)
BEGIN SELECT RAISE(ABORT, 'a reading that was published takes in no sums'); END;
CREATE TRIGGER spend_sums_keep BEFORE UPDATE ON spend_sums
BEGIN SELECT RAISE(ABORT, 'a daily sum is never changed'); END;
CREATE TRIGGER spend_sums_stay BEFORE DELETE ON spend_sums
WHEN EXISTS (SELECT 1 FROM spend_readings r WHERE r.no = OLD.reading AND r.status > 0)
BEGIN SELECT RAISE(ABORT, 'a daily sum that was published is never deleted'); END;

CREATE TABLE spend_quarantine (
    reading     INTEGER NOT NULL REFERENCES spend_readings (no),
    portion     INTEGER NOT NULL CHECK (portion >= 0),
    reason      TEXT NOT NULL CHECK (reason <> ''),
    column_name TEXT NOT NULL,
    set_aside   INTEGER NOT NULL CHECK (set_aside > 0),
    first_row   INTEGER NOT NULL CHECK (first_row > portion),
    sample      TEXT NOT NULL CHECK (length(sample) <= 200),
    PRIMARY KEY (reading, portion, reason, column_name)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER spend_quarantine_come BEFORE INSERT ON spend_quarantine
WHEN NOT EXISTS (SELECT 1 FROM spend_readings r WHERE r.no = NEW.reading AND r.status = 0)
BEGIN SELECT RAISE(ABORT, 'a reading that was published sets nothing more aside'); END;
CREATE TRIGGER spend_quarantine_keep BEFORE UPDATE ON spend_quarantine
BEGIN SELECT RAISE(ABORT, 'what was set aside is never changed'); END;
CREATE TRIGGER spend_quarantine_stay BEFORE DELETE ON spend_quarantine
WHEN EXISTS (SELECT 1 FROM spend_readings r WHERE r.no = OLD.reading AND r.status > 0)
BEGIN SELECT RAISE(ABORT, 'what was set aside and published is never deleted'); END;
