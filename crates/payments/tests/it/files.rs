//! What never becomes a payment file, and how that is told.

use entente_payments::{AccountDraft, Field, FileDraft, Flaw, GroupDraft, PaymentFile, Place, TransferDraft};

use crate::sample::{currency, draft, group, money, transfer};

/// The place, field and flaw by which a draft is refused.
fn refused(draft: FileDraft) -> (Place, Field, Flaw) {
    let error = PaymentFile::new(draft).unwrap_err();
    (error.place, error.field, error.flaw)
}

fn with_transfer(change: impl FnOnce(&mut TransferDraft)) -> FileDraft {
    let mut changed = transfer("T-1", money(100, "EUR"));
    change(&mut changed);
    draft(vec![group("G-1", "EUR", vec![changed])])
}

fn with_group(change: impl FnOnce(&mut GroupDraft)) -> FileDraft {
    let mut changed = group("G-1", "EUR", vec![transfer("T-1", money(100, "EUR"))]);
    change(&mut changed);
    draft(vec![changed])
}

#[test]
fn a_wrong_field_of_a_transfer_is_refused_with_the_transfer_and_the_field() {
    type Change = Box<dyn FnOnce(&mut TransferDraft)>;
    let table: [(Change, Field, Flaw); 10] = [
        (Box::new(|t| t.amount = money(0, "EUR")), Field::Amount, Flaw::NotPositive { amount: money(0, "EUR") }),
        (Box::new(|t| t.amount = money(-1, "EUR")), Field::Amount, Flaw::NotPositive { amount: money(-1, "EUR") }),
        (Box::new(|t| t.amount = money(i64::MAX, "EUR")), Field::Amount, Flaw::TooLarge),
        (
            Box::new(|t| t.amount = money(100, "USD")),
            Field::Amount,
            Flaw::OtherCurrency { found: currency("USD"), expected: currency("EUR") },
        ),
        (
            Box::new(|t| t.creditor_account = AccountDraft::Iban("DE88370400440532013000".into())),
            Field::CreditorAccount,
            Flaw::IbanCheckDigits,
        ),
        (Box::new(|t| t.creditor_bic = Some("COBADEF".into())), Field::CreditorBic, Flaw::Bic),
        (Box::new(|t| t.creditor_country = "Germany".into()), Field::CreditorCountry, Flaw::Country),
        (Box::new(|t| t.creditor_name = " ".into()), Field::CreditorName, Flaw::Empty),
        (
            Box::new(|t| t.creditor_name = "n".repeat(141)),
            Field::CreditorName,
            Flaw::TooLong { length: 141, most: 140 },
        ),
        (Box::new(|t| t.remittance = "r".repeat(141)), Field::Remittance, Flaw::TooLong { length: 141, most: 140 }),
    ];
    for (change, field, flaw) in table {
        assert_eq!(refused(with_transfer(change)), (Place::Transfer("T-1".into()), field, flaw));
    }
    let bad = "T".repeat(36);
    let place = Place::Transfer(bad.clone());
    let flaw = Flaw::TooLong { length: 36, most: 35 };
    assert_eq!(refused(with_transfer(|t| t.end_to_end_id = bad)), (place, Field::EndToEndId, flaw));
}

#[test]
fn a_name_that_sepa_would_cut_off_is_refused_there_and_taken_elsewhere() {
    let long = "n".repeat(71);
    let of_sepa = refused(with_transfer(|t| t.creditor_name = long.clone()));
    assert_eq!(of_sepa.2, Flaw::TooLong { length: 71, most: 70 });
    let of_debtor = refused(with_group(|g| g.debtor_name = long.clone()));
    assert_eq!((of_debtor.0, of_debtor.1), (Place::Group("G-1".into()), Field::DebtorName));
    let in_dollars = TransferDraft { creditor_name: long, ..transfer("T-1", money(100, "USD")) };
    PaymentFile::new(draft(vec![group("G-1", "USD", vec![in_dollars])])).unwrap();
}

#[test]
fn a_wrong_field_of_a_group_is_refused_with_the_group_and_the_field() {
    type Change = Box<dyn FnOnce(&mut GroupDraft)>;
    let table: [(Change, Field, Flaw); 4] = [
        (Box::new(|g| g.transfers.clear()), Field::Transfers, Flaw::Empty),
        (Box::new(|g| g.debtor_account = AccountDraft::Other(String::new())), Field::DebtorAccount, Flaw::Empty),
        (Box::new(|g| g.debtor_bic = Some("?".into())), Field::DebtorBic, Flaw::Bic),
        (Box::new(|g| g.debtor_name = "山".into()), Field::DebtorName, Flaw::Character { character: '山' }),
    ];
    for (change, field, flaw) in table {
        assert_eq!(refused(with_group(change)), (Place::Group("G-1".into()), field, flaw));
    }
}

#[test]
fn ids_and_debited_accounts_are_there_once() {
    let twice = |ids: [&str; 2]| ids.map(|id| transfer(id, money(100, "EUR"))).to_vec();
    let same = draft(vec![group("G-1", "EUR", twice(["T-1", "T-1"]))]);
    assert_eq!(refused(same), (Place::Transfer("T-1".into()), Field::EndToEndId, Flaw::Doubled));
    let dollars = |group_id: &str, id: &str| group(group_id, "USD", vec![transfer(id, money(100, "USD"))]);
    let euros = || group("G-1", "EUR", twice(["T-1", "T-2"]));
    let over_groups = draft(vec![euros(), dollars("G-2", "T-2")]);
    assert_eq!(refused(over_groups), (Place::Transfer("T-2".into()), Field::EndToEndId, Flaw::Doubled));
    let group_id = draft(vec![euros(), dollars("G-1", "T-3")]);
    assert_eq!(refused(group_id), (Place::Group("G-1".into()), Field::GroupId, Flaw::Doubled));
    let account = draft(vec![dollars("G-1", "T-1"), dollars("G-2", "T-2")]);
    let flaw = Flaw::AccountTwice { currency: currency("USD") };
    assert_eq!(refused(account), (Place::Group("G-2".into()), Field::DebtorAccount, flaw));
}

#[test]
fn a_file_without_groups_an_id_or_a_sender_is_refused() {
    assert_eq!(refused(draft(vec![])), (Place::File, Field::Groups, Flaw::Empty));
    let no_id = FileDraft { message_id: String::new(), ..with_group(|_| ()) };
    assert_eq!(refused(no_id), (Place::File, Field::MessageId, Flaw::Empty));
    let nobody = FileDraft { initiating_party: "\u{200b}".into(), ..with_group(|_| ()) };
    let flaw = Flaw::Character { character: '\u{200b}' };
    assert_eq!(refused(nobody), (Place::File, Field::InitiatingParty, flaw));
}

#[test]
fn sums_that_the_schema_cannot_hold_are_refused() {
    let most = 999_999_999_999_999_999;
    let two = vec![transfer("T-1", money(most, "EUR")), transfer("T-2", money(most, "EUR"))];
    let of_group = refused(draft(vec![group("G-1", "EUR", two)]));
    assert_eq!(of_group, (Place::Group("G-1".into()), Field::ControlSum, Flaw::TooLarge));
    let yen = group("G-1", "JPY", vec![transfer("T-1", money(most, "JPY"))]);
    let dinars = group("G-2", "KWD", vec![transfer("T-2", money(1, "KWD"))]);
    assert_eq!(refused(draft(vec![yen, dinars])), (Place::File, Field::ControlSum, Flaw::TooLarge));
}

#[test]
fn row_78_what_is_said_of_a_wrong_account_does_not_tell_its_number() {
    let error = PaymentFile::new(with_transfer(|t| {
        t.creditor_account = AccountDraft::Iban("DE88370400440532013000".into());
    }))
    .unwrap_err();
    let said = error.to_string();
    assert_eq!(
        said,
        "transfer `T-1`: the creditor's account has check digits that do not fit the rest; correct it with the account's owner"
    );
}

#[test]
fn row_79_what_is_said_of_a_wrong_id_is_harmless_on_a_terminal() {
    let error = PaymentFile::new(with_transfer(|t| t.end_to_end_id = "\u{1b}[2J\n".into())).unwrap_err();
    assert!(!error.to_string().chars().any(char::is_control), "{error}");
}
