-- Money and proof: both only ever grow.

-- The balance of a fund in one currency, in minor units. The last line of defence stands in the CHECK.
CREATE TABLE ledger_balances (
    fund      text COLLATE "C" NOT NULL,
    currency  text COLLATE "C" NOT NULL,
    allocated bigint NOT NULL CHECK (allocated >= 0),
    reserved  bigint NOT NULL CHECK (reserved >= 0),
    posted    bigint NOT NULL CHECK (posted >= 0),
    PRIMARY KEY (fund, currency),
    CHECK (reserved <= allocated - posted)
);

-- What reservations still hold.
CREATE TABLE ledger_holds (
    fund     text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    key      text COLLATE "C" NOT NULL,
    held     bigint NOT NULL CHECK (held >= 0),
    PRIMARY KEY (fund, currency, key)
);

CREATE TABLE ledger_journals (
    no           bigint PRIMARY KEY,
    fund         text COLLATE "C" NOT NULL,
    key          text COLLATE "C" NOT NULL,
    action       text NOT NULL,
    currency     text NOT NULL,
    minor        bigint NOT NULL CHECK (minor > 0),
    run          uuid NOT NULL,
    seq          bigint NOT NULL,
    booked_at    bigint NOT NULL,
    legal_entity text COLLATE "C",
    party        text COLLATE "C"
);

CREATE INDEX ledger_journals_fund ON ledger_journals (fund, no);

CREATE TABLE ledger_entries (
    journal bigint NOT NULL,
    account text COLLATE "C" NOT NULL CHECK (account IN ('allocated', 'free', 'reserved', 'posted')),
    minor   bigint NOT NULL,
    PRIMARY KEY (journal, account)
);

CREATE TABLE seals (
    no        bigint PRIMARY KEY CHECK (no > 0),
    first     bigint NOT NULL,
    last      bigint NOT NULL,
    body      text NOT NULL,
    signature text NOT NULL,
    CHECK (first <= last)
);

CREATE TRIGGER ledger_journals_stay BEFORE UPDATE OR DELETE ON ledger_journals
FOR EACH ROW EXECUTE FUNCTION never('a booked journal');
CREATE TRIGGER ledger_journals_are_kept BEFORE TRUNCATE ON ledger_journals
FOR EACH STATEMENT EXECUTE FUNCTION never('a booked journal');
CREATE TRIGGER ledger_entries_stay BEFORE UPDATE OR DELETE ON ledger_entries
FOR EACH ROW EXECUTE FUNCTION never('a booked entry');
CREATE TRIGGER ledger_entries_are_kept BEFORE TRUNCATE ON ledger_entries
FOR EACH STATEMENT EXECUTE FUNCTION never('a booked entry');
CREATE TRIGGER seals_stay BEFORE UPDATE OR DELETE ON seals
FOR EACH ROW EXECUTE FUNCTION never('a seal');
CREATE TRIGGER seals_are_kept BEFORE TRUNCATE ON seals
FOR EACH STATEMENT EXECUTE FUNCTION never('a seal');
