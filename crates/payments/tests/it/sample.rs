//! Files for the tests.

use entente_core::money::{Currency, Money};
use entente_payments::{AccountDraft, FileDraft, GroupDraft, PaymentFile, TransferDraft};

pub fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

pub fn money(minor: i64, code: &str) -> Money {
    Money { minor, currency: currency(code) }
}

pub fn transfer(id: &str, amount: Money) -> TransferDraft {
    TransferDraft {
        end_to_end_id: id.into(),
        amount,
        creditor_name: "Globex Deutschland GmbH".into(),
        creditor_account: AccountDraft::Iban("DE89 3704 0044 0532 0130 00".into()),
        creditor_bic: Some("COBADEFFXXX".into()),
        creditor_country: "DE".into(),
        remittance: "Claim CLM-2027-00007".into(),
    }
}

pub fn group(id: &str, code: &str, transfers: Vec<TransferDraft>) -> GroupDraft {
    GroupDraft {
        id: id.into(),
        debtor_name: "Acme Europe B.V.".into(),
        debtor_account: AccountDraft::Iban("NL91ABNA0417164300".into()),
        debtor_bic: Some("ABNANL2A".into()),
        currency: currency(code),
        execute_on: "2027-03-31".parse().unwrap(),
        transfers,
    }
}

pub fn draft(groups: Vec<GroupDraft>) -> FileDraft {
    FileDraft {
        message_id: "PAY-2027-03".into(),
        created_at: "2027-03-29T08:15:30Z".parse().unwrap(),
        initiating_party: "Acme Europe B.V.".into(),
        groups,
    }
}

/// One transfer of EUR 1,250.00.
pub fn one() -> PaymentFile {
    let transfers = vec![transfer("PAY-2027-03-1", money(125_000, "EUR"))];
    PaymentFile::new(draft(vec![group("EUR-1", "EUR", transfers)])).unwrap()
}

/// Two groups: euros with two transfers, dollars with one to an account that has no IBAN.
pub fn two_groups() -> PaymentFile {
    let euros = vec![transfer("PAY-2027-03-1", money(125_000, "EUR")), transfer("PAY-2027-03-2", money(99, "EUR"))];
    let abroad = TransferDraft {
        creditor_name: "Initech & Sons, Inc.".into(),
        creditor_account: AccountDraft::Other("000123456789".into()),
        creditor_bic: Some("CHASUS33".into()),
        creditor_country: "US".into(),
        remittance: String::new(),
        ..transfer("PAY-2027-03-3", money(7_550_000, "USD"))
    };
    PaymentFile::new(draft(vec![group("EUR-1", "EUR", euros), group("USD-1", "USD", vec![abroad])])).unwrap()
}

/// So many payables in four currencies, two of them without two decimals.
pub fn run_of(payables: usize) -> FileDraft {
    const CURRENCIES: [&str; 4] = ["EUR", "USD", "JPY", "KWD"];
    let mut groups: Vec<GroupDraft> = CURRENCIES.iter().map(|code| group(code, code, Vec::new())).collect();
    for n in 0..payables {
        let code = CURRENCIES[n % 4];
        let minor = i64::try_from(n).unwrap() * 7_919 + 1;
        let account = match code {
            "EUR" if n % 8 == 0 => AccountDraft::Iban("KW81CBKU0000000000001234560101".into()),
            "EUR" => AccountDraft::Iban("FR1420041010050500013M02606".into()),
            "KWD" => AccountDraft::Iban("KW81CBKU0000000000001234560101".into()),
            _ => AccountDraft::Other(format!("{:012}", n * 31)),
        };
        let payee = TransferDraft {
            creditor_name: format!("Société Générale & Søn № {n}"),
            creditor_account: account,
            creditor_bic: (n % 3 == 0).then(|| "BNPAFRPPXXX".to_owned()),
            creditor_country: ["FR", "US", "JP", "KW"][n % 4].into(),
            remittance: format!("Claim CLM-2027-{n:05}; thank you!"),
            ..transfer(&format!("PAY-2027-03-{n}"), money(minor, code))
        };
        groups[n % 4].transfers.push(payee);
    }
    draft(groups)
}
