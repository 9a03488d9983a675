-- What is paid in advance is owed and paid as such: it becomes a receivable with the bank's answer, and cost with its proof. What
-- of it is not proven is claimed back. What is given in kind is never owed. An older program books none of these movements.

INSERT INTO ledger_movements (action, source, target) VALUES
    ('deliver', 'posted', 'paid'),
    ('owe_advance', 'posted', 'payable'),
    ('pay_advance', 'payable', 'prepaid'),
    ('reopen_advance', 'prepaid', 'payable'),
    ('call_in', 'prepaid', 'clawback');
