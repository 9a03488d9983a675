-- Money and proof: both only ever grow.

-- The balance of a fund in one currency, in minor units. The last line of defence stands in the CHECK.
CREATE TABLE ledger_balances (
    fund      TEXT NOT NULL,
    currency  TEXT NOT NULL,
    allocated INTEGER NOT NULL CHECK (allocated >= 0),
    reserved  INTEGER NOT NULL CHECK (reserved >= 0),
    posted    INTEGER NOT NULL CHECK (posted >= 0),
    PRIMARY KEY (fund, currency),
    CHECK (reserved <= allocated - posted)
) STRICT, WITHOUT ROWID;

-- What reservations still hold.
CREATE TABLE ledger_holds (
    fund     TEXT NOT NULL,
    currency TEXT NOT NULL,
    key      TEXT NOT NULL,
    held     INTEGER NOT NULL CHECK (held >= 0),
    PRIMARY KEY (fund, currency, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_journals (
    no           INTEGER PRIMARY KEY,
    fund         TEXT NOT NULL,
    key          TEXT NOT NULL,
    action       TEXT NOT NULL,
    currency     TEXT NOT NULL,
    minor        INTEGER NOT NULL CHECK (minor > 0),
    run          BLOB NOT NULL CHECK (length(run) = 16),
    seq          INTEGER NOT NULL,
    booked_at    INTEGER NOT NULL,
    legal_entity TEXT,
    party        TEXT
) STRICT;

CREATE INDEX ledger_journals_fund ON ledger_journals (fund, no);

CREATE TABLE ledger_entries (
    journal INTEGER NOT NULL REFERENCES ledger_journals (no),
    account TEXT NOT NULL CHECK (account IN ('allocated', 'free', 'reserved', 'posted')),
    minor   INTEGER NOT NULL,
    PRIMARY KEY (journal, account)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER ledger_journals_keep BEFORE UPDATE ON ledger_journals
BEGIN SELECT RAISE(ABORT, 'a booked journal is never changed'); END;
CREATE TRIGGER ledger_journals_stay BEFORE DELETE ON ledger_journals
BEGIN SELECT RAISE(ABORT, 'a booked journal is never deleted'); END;
CREATE TRIGGER ledger_entries_keep BEFORE UPDATE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'a booked entry is never changed'); END;
CREATE TRIGGER ledger_entries_stay BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'a booked entry is never deleted'); END;

CREATE TABLE seals (
    no        INTEGER PRIMARY KEY CHECK (no > 0),
    first     INTEGER NOT NULL,
    last      INTEGER NOT NULL,
    body      TEXT NOT NULL,
    signature TEXT NOT NULL,
    CHECK (first <= last)
) STRICT;

CREATE TRIGGER seals_keep BEFORE UPDATE ON seals
BEGIN SELECT RAISE(ABORT, 'a seal is never changed'); END;
CREATE TRIGGER seals_stay BEFORE DELETE ON seals
BEGIN SELECT RAISE(ABORT, 'a seal is never deleted'); END;
