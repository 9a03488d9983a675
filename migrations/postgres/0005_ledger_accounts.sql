-- A fund's money has more places than free, reserved and posted: it is earned, owed, paid, paid in advance, claimed back,
-- and it lapses. Each is an account per fund, currency and key, and each movement between two of them has its name here.
--
-- A program inserts a journal and nothing else. The database books both sides of it, and moves both balances within their
-- bounds, so that no program can book half a journal or more than is there. `ledger_balances` and `ledger_holds` are no
-- longer written; a later release drops them. A program of before this step can book nothing any more: it is refused.

CREATE TABLE ledger_movements (
    action text COLLATE "C" PRIMARY KEY,
    source text COLLATE "C" NOT NULL,
    target text COLLATE "C" NOT NULL
);

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

CREATE TRIGGER ledger_movements_stay BEFORE UPDATE OR DELETE ON ledger_movements
FOR EACH ROW EXECUTE FUNCTION never('a movement');
CREATE TRIGGER ledger_movements_are_kept BEFORE TRUNCATE ON ledger_movements
FOR EACH STATEMENT EXECUTE FUNCTION never('a movement');

-- What stands on an account for a key, in minor units; the key is empty where the account keeps one balance per fund.
CREATE TABLE ledger_accounts (
    fund     text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    account  text COLLATE "C" NOT NULL CHECK (account IN ('allocated', 'free', 'earned', 'reserved', 'posted', 'payable',
                                                          'paid', 'prepaid', 'clawback', 'lapsed')),
    key      text COLLATE "C" NOT NULL CHECK (key = '' OR account NOT IN ('allocated', 'free', 'lapsed')),
    minor    bigint NOT NULL,
    PRIMARY KEY (fund, currency, account, key),
    CHECK (CASE account WHEN 'allocated' THEN minor <= 0 ELSE minor >= 0 END)
);

CREATE TRIGGER ledger_accounts_stay BEFORE DELETE ON ledger_accounts
FOR EACH ROW EXECUTE FUNCTION never('a balance');
CREATE TRIGGER ledger_accounts_are_kept BEFORE TRUNCATE ON ledger_accounts
FOR EACH STATEMENT EXECUTE FUNCTION never('a balance');

-- What a journal moved, which may be less than was asked for, and what the money is for from then on.
ALTER TABLE ledger_journals ADD COLUMN to_key text COLLATE "C";
ALTER TABLE ledger_journals ADD COLUMN moved bigint NOT NULL DEFAULT 0;

ALTER TABLE ledger_journals DISABLE TRIGGER ledger_journals_stay;
UPDATE ledger_journals j
SET moved = coalesce((SELECT max(e.minor) FROM ledger_entries e WHERE e.journal = j.no), 0);
ALTER TABLE ledger_journals ENABLE TRIGGER ledger_journals_stay;
ALTER TABLE ledger_journals ADD CHECK (moved BETWEEN 0 AND minor);

ALTER TABLE ledger_entries ADD COLUMN key text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE ledger_entries DISABLE TRIGGER ledger_entries_stay;
UPDATE ledger_entries e SET key = j.key
FROM ledger_journals j WHERE j.no = e.journal AND e.account IN ('reserved', 'posted');
ALTER TABLE ledger_entries ENABLE TRIGGER ledger_entries_stay;
ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_account_check;
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_account_check
CHECK (account IN ('allocated', 'free', 'earned', 'reserved', 'posted', 'payable', 'paid', 'prepaid', 'clawback',
                   'lapsed'));
ALTER TABLE ledger_entries ADD CHECK (key = '' OR account NOT IN ('allocated', 'free', 'lapsed'));

INSERT INTO ledger_accounts (fund, currency, account, key, minor)
SELECT j.fund, j.currency, e.account, e.key, sum(e.minor)::bigint
FROM ledger_entries e JOIN ledger_journals j ON j.no = e.journal
GROUP BY j.fund, j.currency, e.account, e.key;

-- An entry is one side of its journal's movement, or it is not booked.
CREATE FUNCTION ledger_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    booked record;
BEGIN
    SELECT j.fund, j.currency INTO booked
    FROM ledger_journals j JOIN ledger_movements m ON m.action = j.action
    WHERE j.no = NEW.journal AND j.moved > 0
      AND (NEW.account = m.source AND NEW.minor = -j.moved OR NEW.account = m.target AND NEW.minor = j.moved);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'an entry is booked by its journal, and never otherwise';
    END IF;
    INSERT INTO ledger_accounts (fund, currency, account, key, minor)
    VALUES (booked.fund, booked.currency, NEW.account, NEW.key, 0)
    ON CONFLICT (fund, currency, account, key) DO NOTHING;
    UPDATE ledger_accounts SET minor = minor + NEW.minor
    WHERE fund = booked.fund AND currency = booked.currency AND account = NEW.account AND key = NEW.key;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_entries_add AFTER INSERT ON ledger_entries
FOR EACH ROW EXECUTE FUNCTION ledger_entry();

CREATE FUNCTION ledger_journal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_entries (journal, account, key, minor)
    SELECT NEW.no, side.account, CASE WHEN side.account IN ('allocated', 'free', 'lapsed') THEN '' ELSE side.key END,
           side.minor
    FROM ledger_movements m
    CROSS JOIN LATERAL (VALUES (m.source, NEW.key, -NEW.moved), (m.target, coalesce(NEW.to_key, NEW.key), NEW.moved))
        AS side (account, key, minor)
    WHERE m.action = NEW.action AND NEW.moved > 0;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a journal moves an amount by a movement that the ledger knows';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER ledger_journals_book AFTER INSERT ON ledger_journals
FOR EACH ROW EXECUTE FUNCTION ledger_journal();
