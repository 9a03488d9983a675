//! Two months, worked out by hand.

use entente_core::{
    close::{Batch, Books, Line, Side, close, json_lines, sha256},
    ledger::{Account, PostingAction},
};

use super::{march, moved, rules, standing};

/// A line in words: day, kind, what, account, and what is debited (positive) or credited.
fn told(line: &Line) -> String {
    let late = line.origin.as_ref().map(|origin| format!(" of {origin}")).unwrap_or_default();
    let (day, kind, what) = (line.posted_on, line.kind.word(), line.what.word());
    format!("{day} {kind} {what}{late} {} {}", line.account, line.signed())
}

fn lines(batch: &Batch) -> Vec<String> {
    batch.lines.iter().map(told).collect()
}

/// April: the rest is paid, 499.99 of it in March, after March was closed.
fn april<'a>(rules: &'a entente_core::close::PostingRules, march: &'a Batch) -> Books<'a> {
    use Account::{Allocated, Free, Paid, Reserved};
    Books {
        journals: vec![
            moved(8, "2027-03-31T12:00:00Z", PostingAction::Pay, 49_999),
            moved(9, "2027-04-01T04:00:00Z", PostingAction::Pay, 100_000),
        ],
        cut: 9,
        previous: Some((march, "lock".into())),
        standing: standing(&[(Allocated, -2_000_000), (Free, 1_200_000), (Reserved, 550_001), (Paid, 249_999)]),
        requests: Vec::new(),
        orders: Vec::new(),
        ..super::books(rules, "2027-04")
    }
}

#[test]
fn a_month_is_booked_by_its_rules_and_what_is_owed_is_accrued_less_what_will_never_be_claimed() {
    let rules = rules();
    let batch = close(&march(&rules)).unwrap();
    // Nobody claims 1,500.01: 12.5 % of it are 187.50125, rounded down to 187.50, and 1,312.51 are left.
    // REQ-2 is claimed with 3,500.00 and holds 3,000.00, which is the most that can be paid.
    assert_eq!(
        lines(&batch),
        [
            "2027-03-31 movement owe 6610 249999",
            "2027-03-31 movement owe 2310 -249999",
            "2027-03-31 movement pay 2310 100000",
            "2027-03-31 movement pay 1090 -100000",
            "2027-03-31 accrual performed_unclaimed 6610 131251",
            "2027-03-31 accrual performed_unclaimed 2390 -131251",
            "2027-03-31 accrual claimed_unapproved 6610 300000",
            "2027-03-31 accrual claimed_unapproved 2390 -300000",
        ]
    );
    let controls = batch.controls.values().next().unwrap();
    assert_eq!((controls.debits, controls.credits, controls.lines), (781_250, 781_250, 8));
    assert_eq!(batch.liability.iter().map(|owed| owed.amount.minor).collect::<Vec<_>>(), [149_999]);
    assert_eq!(batch.lines[2].journals, [7]);
    assert_eq!(batch.lines[0].reference, "acme-us-2027-03-00001");
    assert_eq!(batch.lines[0].cost_centre, "marketing-emea", "the fund's own, where the rules name none");
    let memos: Vec<&[i64]> = batch.memos.iter().map(|memo| memo.journals.as_slice()).collect();
    assert_eq!(memos, [&[1][..], &[2, 3, 4], &[5]], "what is not booked is listed with its journals");
}

#[test]
fn estimates_are_taken_back_on_the_first_day_and_what_comes_late_names_the_month_that_it_is_of() {
    let rules = rules();
    let march = close(&march(&rules)).unwrap();
    let batch = close(&april(&rules, &march)).unwrap();
    assert_eq!(
        lines(&batch),
        [
            "2027-04-01 reversal performed_unclaimed 6610 -131251",
            "2027-04-01 reversal performed_unclaimed 2390 131251",
            "2027-04-01 reversal claimed_unapproved 6610 -300000",
            "2027-04-01 reversal claimed_unapproved 2390 300000",
            "2027-04-30 movement pay 2310 100000",
            "2027-04-30 movement pay 1090 -100000",
            "2027-04-30 movement pay of 2027-03 2310 49999",
            "2027-04-30 movement pay of 2027-03 1090 -49999",
        ]
    );
    assert_eq!(batch.liability, [], "everything that was owed is paid");
}

#[test]
fn a_liability_rolls_from_the_closing_of_the_month_before_to_what_the_ledger_holds() {
    let rules = rules();
    let march = close(&march(&rules)).unwrap();
    let rolled = |batch: &Batch| {
        let payable = batch.roll.iter().find(|roll| roll.account == Account::Payable).unwrap().clone();
        let moved: Vec<(&str, i64)> = payable.movements.iter().map(|one| (one.movement.word(), one.minor)).collect();
        (
            payable.opening,
            moved.into_iter().map(|(word, minor)| format!("{word} {minor}")).collect::<Vec<_>>(),
            payable.closing,
        )
    };
    assert_eq!(rolled(&march), (0, vec!["owe 249999".into(), "pay -100000".into()], 149_999));
    let april = close(&april(&rules, &march)).unwrap();
    assert_eq!(rolled(&april), (149_999, vec!["pay -149999".into()], 0));
}

#[test]
fn what_is_approved_and_no_liability_in_the_general_ledger_is_accrued() {
    // On a cash basis nothing is booked before it is paid, so that all that is owed is an estimate.
    let memo = "owe: { memo: it is booked as it is paid }";
    let rules = super::changed_rules(&[
        ("owe: { debit: cost, credit: \"2310\" }", memo),
        ("pay: { debit: \"2310\", credit: \"1090\" }", "pay: { debit: cost, credit: \"1090\" }"),
    ])
    .unwrap();
    let batch = close(&march(&rules)).unwrap();
    let approved = batch.accruals.iter().find(|one| one.kind.word() == "approved_unpaid").unwrap();
    assert_eq!((approved.accrued.minor, approved.breakage.minor), (149_999, 0), "and none of it breaks");
}

#[test]
fn a_fund_filled_by_sales_owes_all_that_is_not_claimed_and_no_part_twice() {
    let rules = rules();
    let mut books = march(&rules);
    let fund = books.funds.values_mut().next().unwrap();
    fund.kind = entente_core::mdf::model::FundKind::Accrual;
    let batch = close(&books).unwrap();
    // 12,000.00 free and 5,500.01 held are 17,500.01: 1,500.01 of it is performed, 3,000.00 is claimed.
    let entitled: Vec<(&str, i64)> = batch.accruals.iter().map(|one| (one.kind.word(), one.entitled.minor)).collect();
    assert_eq!(
        entitled,
        [("earned_unclaimed", 1_300_000), ("performed_unclaimed", 150_001), ("claimed_unapproved", 300_000)]
    );
}

#[test]
fn the_same_month_is_the_same_bytes_with_its_totals_and_a_hash_over_what_comes_before_them() {
    let rules = rules();
    let text = json_lines(&close(&march(&rules)).unwrap()).unwrap();
    assert_eq!(text, json_lines(&close(&march(&rules)).unwrap()).unwrap());
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    assert_eq!(lines.len(), 10, "a head, eight lines and the totals");
    let tail: serde_json::Value = serde_json::from_str(lines[9]).unwrap();
    assert_eq!(tail["sha256"], sha256(lines[..9].concat().as_bytes()));
    assert_eq!(tail["controls"]["EUR"]["debits"], 781_250);
    let sides = text.matches("\"side\":\"debit\"").count();
    assert_eq!(sides, 4);
    assert!(close(&march(&rules)).unwrap().lines.iter().all(|line| line.side == Side::Debit || line.signed() < 0));
}
