-- What is paid in advance is owed and paid as such: it becomes a receivable with the bank's answer, and cost with its proof. What
-- of it is not proven is claimed back. An older program never books these movements, and reads them as it reads any other.

INSERT INTO ledger_movements (action, source, target) VALUES
    ('owe_advance', 'posted', 'payable'),
    ('pay_advance', 'payable', 'prepaid'),
    ('reopen_advance', 'prepaid', 'payable'),
    ('call_in', 'prepaid', 'clawback');
