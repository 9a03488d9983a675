-- A fund's money has more places than free, reserved and posted: it is earned, owed, paid, paid in advance, claimed back,
-- and it lapses. Each is an account per fund, currency and key, and each movement between two of them has its name here.
--
-- A program inserts a journal and nothing else. The database books both sides of it, and moves both balances within their
-- bounds, so that no program can book half a journal or more than is there. `ledger_balances` and `ledger_holds` are no
-- longer written; a later release drops them. A program of before this step can book nothing any more: it is refused.

CREATE TABLE ledger_movements (
    action TEXT NOT NULL PRIMARY KEY,
    source TEXT NOT NULL,
    target TEXT NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO ledger_movements (action, source, target) VALUES
    ('allocate', 'allocated', 'free'),
    ('withdraw', 'free', 'allocated'),
    ('earn', 'allocated', 'earned'),
    ('unearn', 'earned', 'allocated'),
    ('credit', 'earned', 'free'),
    ('reserve', 'free', 'reserved'),
    ('post', 'reserved', 'posted'),
    ('void', 'reserved', 'free'),
    ('expire', 'reserved', 'free'),
    ('reverse', 'posted', 'free'),
    ('owe', 'posted', 'payable'),
    ('withhold', 'payable', 'posted'),
    ('pay', 'payable', 'paid'),
    ('reopen', 'paid', 'payable'),
    ('advance', 'reserved', 'prepaid'),
    ('prove', 'prepaid', 'paid'),
    ('return', 'prepaid', 'free'),
    ('claw_back', 'paid', 'clawback'),
    ('recover', 'clawback', 'free'),
    ('waive', 'clawback', 'paid'),
    ('lapse', 'free', 'lapsed'),
    ('renew', 'lapsed', 'free');

CREATE TRIGGER ledger_movements_keep BEFORE UPDATE ON ledger_movements
BEGIN SELECT RAISE(ABORT, 'a movement is never changed'); END;
CREATE TRIGGER ledger_movements_stay BEFORE DELETE ON ledger_movements
BEGIN SELECT RAISE(ABORT, 'a movement is never deleted'); END;

-- What stands on an account for a key, in minor units; the key is empty where the account keeps one balance per fund.
CREATE TABLE ledger_accounts (
    fund     TEXT NOT NULL,
    currency TEXT NOT NULL,
    account  TEXT NOT NULL CHECK (account IN ('allocated', 'free', 'earned', 'reserved', 'posted', 'payable', 'paid',
                                              'prepaid', 'clawback', 'lapsed')),
    key      TEXT NOT NULL CHECK (key = '' OR account NOT IN ('allocated', 'free', 'lapsed')),
    minor    INTEGER NOT NULL,
    PRIMARY KEY (fund, currency, account, key),
    CHECK (CASE account WHEN 'allocated' THEN minor <= 0 ELSE minor >= 0 END)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER ledger_accounts_stay BEFORE DELETE ON ledger_accounts
BEGIN SELECT RAISE(ABORT, 'a balance is never deleted'); END;

-- What a journal moved, which may be less than was asked for, and what the money is for from then on.
ALTER TABLE ledger_journals ADD COLUMN to_key TEXT;
ALTER TABLE ledger_journals ADD COLUMN moved INTEGER NOT NULL DEFAULT 0 CHECK (moved BETWEEN 0 AND minor);

DROP TRIGGER ledger_journals_keep;
UPDATE ledger_journals
SET moved = coalesce((SELECT max(e.minor) FROM ledger_entries e WHERE e.journal = ledger_journals.no), 0);
CREATE TRIGGER ledger_journals_keep BEFORE UPDATE ON ledger_journals
BEGIN SELECT RAISE(ABORT, 'a booked journal is never changed'); END;

CREATE TABLE ledger_entries_5 (
    journal INTEGER NOT NULL REFERENCES ledger_journals (no),
    account TEXT NOT NULL CHECK (account IN ('allocated', 'free', 'earned', 'reserved', 'posted', 'payable', 'paid',
                                             'prepaid', 'clawback', 'lapsed')),
    key     TEXT NOT NULL CHECK (key = '' OR account NOT IN ('allocated', 'free', 'lapsed')),
    minor   INTEGER NOT NULL,
    PRIMARY KEY (journal, account)
) STRICT, WITHOUT ROWID;

INSERT INTO ledger_entries_5 (journal, account, key, minor)
SELECT e.journal, e.account, CASE WHEN e.account IN ('allocated', 'free') THEN '' ELSE j.key END, e.minor
FROM ledger_entries e JOIN ledger_journals j ON j.no = e.journal;

DROP TABLE ledger_entries;
ALTER TABLE ledger_entries_5 RENAME TO ledger_entries;

INSERT INTO ledger_accounts (fund, currency, account, key, minor)
SELECT j.fund, j.currency, e.account, e.key, sum(e.minor)
FROM ledger_entries e JOIN ledger_journals j ON j.no = e.journal
GROUP BY j.fund, j.currency, e.account, e.key;

CREATE TRIGGER ledger_entries_keep BEFORE UPDATE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'a booked entry is never changed'); END;
CREATE TRIGGER ledger_entries_stay BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'a booked entry is never deleted'); END;

-- An entry is one side of its journal's movement, or it is not booked.
CREATE TRIGGER ledger_entries_belong BEFORE INSERT ON ledger_entries
BEGIN
    SELECT RAISE(ABORT, 'an entry is booked by its journal, and never otherwise')
    WHERE NOT EXISTS (
        SELECT 1 FROM ledger_journals j JOIN ledger_movements m ON m.action = j.action
        WHERE j.no = NEW.journal AND j.moved > 0
          AND (NEW.account = m.source AND NEW.minor = -j.moved OR NEW.account = m.target AND NEW.minor = j.moved));
END;

CREATE TRIGGER ledger_entries_add AFTER INSERT ON ledger_entries
BEGIN
    INSERT INTO ledger_accounts (fund, currency, account, key, minor)
    SELECT j.fund, j.currency, NEW.account, NEW.key, 0 FROM ledger_journals j WHERE j.no = NEW.journal
    ON CONFLICT (fund, currency, account, key) DO NOTHING;
    UPDATE ledger_accounts SET minor = minor + NEW.minor
    WHERE (fund, currency) = (SELECT j.fund, j.currency FROM ledger_journals j WHERE j.no = NEW.journal)
      AND account = NEW.account AND key = NEW.key;
END;

CREATE TRIGGER ledger_journals_book AFTER INSERT ON ledger_journals
BEGIN
    SELECT RAISE(ABORT, 'a journal moves an amount by a movement that the ledger knows')
    WHERE NEW.moved = 0 OR NOT EXISTS (SELECT 1 FROM ledger_movements m WHERE m.action = NEW.action);
    INSERT INTO ledger_entries (journal, account, key, minor)
    SELECT NEW.no, m.source, CASE WHEN m.source IN ('allocated', 'free', 'lapsed') THEN '' ELSE NEW.key END, -NEW.moved
    FROM ledger_movements m WHERE m.action = NEW.action;
    INSERT INTO ledger_entries (journal, account, key, minor)
    SELECT NEW.no, m.target,
           CASE WHEN m.target IN ('allocated', 'free', 'lapsed') THEN '' ELSE coalesce(NEW.to_key, NEW.key) END, NEW.moved
    FROM ledger_movements m WHERE m.action = NEW.action;
END;
