-- Money that came twice, from a payee and from the bank, is no fund's: it is owed to the payee, and where it came from has an
-- account of its own, which is less than nothing as long as it is owed. What was given in kind may come back as it was given.
-- An older program books none of these movements, and cannot read balances once one of them was booked.

INSERT INTO ledger_movements (action, source, target) VALUES
    ('take_back', 'paid', 'free'),
    ('owe_surplus', 'surplus', 'payable'),
    ('pay_surplus', 'payable', 'surplus');

ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_account_check;
ALTER TABLE ledger_accounts ADD CONSTRAINT ledger_accounts_account_check
CHECK (account IN ('allocated', 'free', 'earned', 'reserved', 'posted', 'payable', 'paid', 'prepaid', 'clawback',
                   'lapsed', 'surplus'));
ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_check1;
ALTER TABLE ledger_accounts ADD CONSTRAINT ledger_accounts_check1
CHECK (CASE WHEN account IN ('allocated', 'surplus') THEN minor <= 0 ELSE minor >= 0 END);
ALTER TABLE ledger_entries DROP CONSTRAINT ledger_entries_account_check;
ALTER TABLE ledger_entries ADD CONSTRAINT ledger_entries_account_check
CHECK (account IN ('allocated', 'free', 'earned', 'reserved', 'posted', 'payable', 'paid', 'prepaid', 'clawback',
                   'lapsed', 'surplus'));
