-- Spend towards commitments: each reading of a file, what it says by day, and the rows that it sets aside.
-- A reading is staged in portions that nobody sees and published as a whole, in place of the one that its partition had; both stay.

-- Status: 0 being staged, 1 current, 2 replaced. Replaces: 0 its partition, 1 its days. Days are written YYYY-MM-DD.
CREATE TABLE spend_readings (
    no             bigint PRIMARY KEY CHECK (no > 0),
    id             text NOT NULL UNIQUE CHECK (length(id) = 64),
    commitment     text COLLATE "C" NOT NULL CHECK (commitment <> ''),
    legal_entity   text NOT NULL CHECK (legal_entity <> ''),
    party          text NOT NULL CHECK (party <> ''),
    partition_name text COLLATE "C" NOT NULL CHECK (partition_name <> ''),
    replaces       smallint NOT NULL CHECK (replaces IN (0, 1)),
    file           text NOT NULL,
    file_sha256    text NOT NULL CHECK (length(file_sha256) = 64),
    format         text NOT NULL,
    judged_by      text NOT NULL CHECK (length(judged_by) = 64),
    basis          text NOT NULL CHECK (basis::jsonb IS NOT NULL),
    currency       text NOT NULL CHECK (length(currency) = 3),
    known_on       text COLLATE "C" NOT NULL CHECK (length(known_on) = 10),
    staged_by      text NOT NULL,
    staged_at      bigint NOT NULL,
    status         smallint NOT NULL CHECK (status IN (0, 1, 2)),
    version        integer CHECK (version > 0),
    read_to        bigint NOT NULL CHECK (read_to >= 0),
    counted        bigint NOT NULL CHECK (counted >= 0),
    set_aside      bigint NOT NULL CHECK (set_aside >= 0),
    from_day       text COLLATE "C" CHECK (length(from_day) = 10),
    through_day    text COLLATE "C" CHECK (length(through_day) = 10),
    published_at   bigint,
    replaced_at    bigint,
    CHECK ((status = 0) = (version IS NULL)),
    CHECK (status = 0 OR from_day IS NOT NULL),
    CHECK ((from_day IS NULL) = (through_day IS NULL)),
    CHECK ((status = 0) = (published_at IS NULL)),
    CHECK ((status = 2) = (replaced_at IS NOT NULL)),
    CHECK (from_day <= through_day),
    UNIQUE (commitment, partition_name, version)
);

CREATE UNIQUE INDEX spend_readings_current ON spend_readings (commitment, partition_name) WHERE status = 1;

CREATE FUNCTION keep_reading() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    RAISE EXCEPTION 'a reading that was published only ever becomes replaced, and what one was made of is never changed';
END
$$;

CREATE TRIGGER spend_readings_same BEFORE UPDATE OF
    no, id, commitment, legal_entity, party, partition_name, replaces, file, file_sha256, format, judged_by, basis,
    currency, known_on, staged_by, staged_at
ON spend_readings FOR EACH ROW EXECUTE FUNCTION keep_reading();
CREATE TRIGGER spend_readings_keep BEFORE UPDATE ON spend_readings FOR EACH ROW
WHEN (OLD.status = 2 OR OLD.status = 1 AND (NEW.status <> 2 OR NEW.version <> OLD.version OR NEW.read_to <> OLD.read_to
    OR NEW.counted <> OLD.counted OR NEW.set_aside <> OLD.set_aside OR NEW.from_day <> OLD.from_day
    OR NEW.through_day <> OLD.through_day OR NEW.published_at <> OLD.published_at))
EXECUTE FUNCTION keep_reading();
CREATE TRIGGER spend_readings_stay BEFORE DELETE ON spend_readings FOR EACH ROW WHEN (OLD.status > 0)
EXECUTE FUNCTION keep_reading();

-- A portion is known by the row of the file that it comes after. Part: 0 the cloud's own, 1 the marketplace's. Amounts and
-- percentages are exact decimals.
CREATE TABLE spend_sums (
    reading   bigint NOT NULL REFERENCES spend_readings (no),
    portion   bigint NOT NULL CHECK (portion >= 0),
    day       text COLLATE "C" NOT NULL CHECK (length(day) = 10),
    account   text COLLATE "C" NOT NULL,
    product   text COLLATE "C" NOT NULL,
    part      smallint NOT NULL CHECK (part IN (0, 1)),
    reason    text COLLATE "C" NOT NULL CHECK (reason <> ''),
    least     text COLLATE "C" NOT NULL CHECK (least ~ '^[0-9.]+$'),
    most      text COLLATE "C" NOT NULL CHECK (most ~ '^[0-9.]+$'),
    amount    text NOT NULL CHECK (amount ~ '^-?[0-9.]+$'),
    counted   bigint NOT NULL CHECK (counted > 0),
    first_row bigint NOT NULL CHECK (first_row > portion),
    last_row  bigint NOT NULL CHECK (last_row >= first_row),
    PRIMARY KEY (reading, portion, day, account, product, part, reason, least, most)
);

CREATE TABLE spend_quarantine (
    reading     bigint NOT NULL REFERENCES spend_readings (no),
    portion     bigint NOT NULL CHECK (portion >= 0),
    reason      text COLLATE "C" NOT NULL CHECK (reason <> ''),
    column_name text COLLATE "C" NOT NULL,
    set_aside   bigint NOT NULL CHECK (set_aside > 0),
    first_row   bigint NOT NULL CHECK (first_row > portion),
    sample      text NOT NULL CHECK (length(sample) <= 200),
    PRIMARY KEY (reading, portion, reason, column_name)
);

-- Sums and what was set aside come and go while their reading is staged, and never change. A copy is put back table by table, and
-- finds its readings published: so what comes is checked by the statement that stages it.
CREATE FUNCTION keep_read() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    IF TG_OP = 'UPDATE' OR EXISTS (SELECT 1 FROM spend_readings r WHERE r.no = OLD.reading AND r.status > 0) THEN
        RAISE EXCEPTION 'what was read and published is never changed or deleted';
    END IF;
    RETURN OLD;
END
$$;

CREATE TRIGGER spend_sums_keep BEFORE UPDATE OR DELETE ON spend_sums FOR EACH ROW EXECUTE FUNCTION keep_read();
CREATE TRIGGER spend_quarantine_keep BEFORE UPDATE OR DELETE ON spend_quarantine FOR EACH ROW EXECUTE FUNCTION keep_read();
