-- Money that came twice, from a payee and from the bank, is no fund's: it is owed to the payee, and where it came from has an
-- account of its own, which is less than nothing as long as it is owed. What was given in kind may come back as it was given.
-- An older program books none of these movements, and cannot read balances once one of them was booked.

INSERT INTO ledger_movements (action, source, target) VALUES
    ('take_back', 'paid', 'free'),
    ('owe_surplus', 'surplus', 'payable'),
    ('pay_surplus', 'payable', 'surplus');

DROP TRIGGER ledger_journals_book;
DROP TRIGGER ledger_entries_belong;
DROP TRIGGER ledger_entries_add;

CREATE TABLE ledger_accounts_11 (
    fund     TEXT NOT NULL,
    currency TEXT NOT NULL,
    account  TEXT NOT NULL CHECK (account IN ('allocated', 'free', 'earned', 'reserved', 'posted', 'payable', 'paid',
                                              'prepaid', 'clawback', 'lapsed', 'surplus')),
    key      TEXT NOT NULL CHECK (key = '' OR account NOT IN ('allocated', 'free', 'lapsed')),
    minor    INTEGER NOT NULL,
    PRIMARY KEY (fund, currency, account, key),
    CHECK (CASE WHEN account IN ('allocated', 'surplus') THEN minor <= 0 ELSE minor >= 0 END)
) STRICT, WITHOUT ROWID;

INSERT INTO ledger_accounts_11 (fund, currency, account, key, minor)
SELECT fund, currency, account, key, minor FROM ledger_accounts;

DROP TABLE ledger_accounts;
ALTER TABLE ledger_accounts_11 RENAME TO ledger_accounts;

CREATE TRIGGER ledger_accounts_stay BEFORE DELETE ON ledger_accounts
BEGIN SELECT RAISE(ABORT, 'a balance is never deleted'); END;

CREATE TABLE ledger_entries_11 (
    journal INTEGER NOT NULL REFERENCES ledger_journals (no),
    account TEXT NOT NULL CHECK (account IN ('allocated', 'free', 'earned', 'reserved', 'posted', 'payable', 'paid',
                                             'prepaid', 'clawback', 'lapsed', 'surplus')),
    key     TEXT NOT NULL CHECK (key = '' OR account NOT IN ('allocated', 'free', 'lapsed')),
    minor   INTEGER NOT NULL,
    PRIMARY KEY (journal, account)
) STRICT, WITHOUT ROWID;

INSERT INTO ledger_entries_11 (journal, account, key, minor)
SELECT journal, account, key, minor FROM ledger_entries;

DROP TABLE ledger_entries;
ALTER TABLE ledger_entries_11 RENAME TO ledger_entries;

CREATE TRIGGER ledger_entries_keep BEFORE UPDATE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'a booked entry is never changed'); END;
CREATE TRIGGER ledger_entries_stay BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'a booked entry is never deleted'); END;

-- As before: an entry is one side of its journal's movement, or it is not booked.
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
