//! Months that are not closed, each with what is wrong by name; and rules that are not taken.

use entente_core::{
    close::{PostingRules, close, percentage},
    context::funding::Treatment,
    ledger::{Account, PostingAction},
};

use super::{books, changed_rules, march, moved, request, rules};

#[track_caller]
fn refusal(rules: &PostingRules, change: impl FnOnce(&mut entente_core::close::Books<'_>)) -> String {
    let mut books = march(rules);
    change(&mut books);
    close(&books).unwrap_err().to_string()
}

#[test]
fn a_movement_that_is_mapped_to_nothing_is_named() {
    let rules = changed_rules(&[("  pay: { debit: \"2310\", credit: \"1090\" }\n", "")]).unwrap();
    assert_eq!(rules.unmapped().iter().map(|(_, action)| *action).collect::<Vec<_>>(), [PostingAction::Pay]);
    let said = refusal(&rules, |_| {});
    assert!(
        said.contains("movement `pay` of fund `emea-2027-h1` (journal 7) is mapped to no account for programme `emea-mdf` of `acme-us`"),
        "{said}"
    );
}

#[test]
fn a_programme_that_the_rules_do_not_know_is_named() {
    let rules = rules();
    let said = refusal(&rules, |books| {
        books.funds.values_mut().for_each(|fund| fund.programme = "apac-mdf".parse().unwrap());
    });
    assert!(said.contains("how `acme-us` books programme `apac-mdf`, to which fund `emea-2027-h1` belongs"), "{said}");
    let said = refusal(&rules, |books| books.funds.clear());
    assert!(said.contains("fund `emea-2027-h1` is in the ledger and there is no such fund"), "{said}");
}

#[test]
fn a_fund_that_was_approved_with_another_treatment_is_named() {
    let said = refusal(&rules(), |books| {
        books.funds.values_mut().for_each(|fund| fund.treatment = Treatment::ContraRevenue);
    });
    assert!(
        said.contains("was approved as `contra_revenue`, and the rules treat programme `emea-mdf` as `expense`"),
        "{said}"
    );
}

#[test]
fn one_cent_that_the_journals_do_not_explain_names_the_fund_and_the_account() {
    let said = refusal(&rules(), |books| {
        let payable = books.standing.iter_mut().find(|at| at.account == Account::Payable).unwrap();
        payable.minor += 1;
    });
    assert!(
        said.contains("fund `emea-2027-h1` does not tie out: EUR 1,499.99 payable by opening and movements, and EUR 1,500.00 in the ledger"),
        "{said}"
    );
}

#[test]
fn a_month_out_of_turn_is_refused_with_the_one_that_is_next() {
    let rules = rules();
    let march = close(&march(&rules)).unwrap();
    for month in ["2027-03", "2027-05"] {
        let mut books = books(&rules, month);
        books.previous = Some((&march, "lock".into()));
        let said = close(&books).unwrap_err().to_string();
        assert!(said.contains(&format!("`acme-us` closes 2027-04 next, and not {month}")), "{said}");
    }
}

#[test]
fn rules_that_book_a_liability_twice_are_found_by_what_is_owed() {
    let twice = "post: { debit: cost, credit: \"2310\" }";
    let rules = changed_rules(&[("post: { memo: an approved claim is booked as it is owed }", twice)]).unwrap();
    let said = refusal(&rules, |_| {});
    assert!(
        said.contains("owes EUR 1,499.99, and EUR 3,999.98 would stand on accounts of class `liability`"),
        "{said}"
    );
}

#[test]
fn requests_that_hold_more_than_the_fund_are_refused() {
    let said = refusal(&rules(), |books| {
        books.funds.values_mut().for_each(|fund| fund.kind = entente_core::mdf::model::FundKind::Accrual);
        books.requests.push(request("REQ-4", 900_000, true, &[]));
    });
    assert!(said.contains("requests hold more of fund `emea-2027-h1` in EUR than the ledger does"), "{said}");
}

#[test]
fn sums_that_cannot_be_counted_are_refused_and_nothing_wraps() {
    let said = refusal(&rules(), |books| {
        for journal in 8..10 {
            books.journals.push(moved(journal, "2027-03-21T09:00:00Z", PostingAction::Owe, i64::MAX));
        }
    });
    assert!(said.contains("more than can be counted exactly"), "{said}");
}

#[test]
fn an_expense_takes_the_evidence_of_a_distinct_service_at_fair_value_and_nothing_else_does() {
    let (start, rest) = super::RULES.split_once("    evidence:\n").unwrap();
    let (_, end) = rest.split_once("decided_on: 2027-01-15\n").unwrap();
    let without = format!("{start}{end}");
    let said = PostingRules::from_yaml("rules.yaml", &without).unwrap_err().to_string();
    assert!(said.contains("field `/programmes/0/evidence`: is missing") && said.contains("ASC 606-10-32-25"), "{said}");
    let contra =
        without.replace("treatment: expense", "treatment: contra_revenue").replace("cost: \"6610\"", "cost: \"4090\"");
    assert!(PostingRules::from_yaml("rules.yaml", &contra).is_ok());
    let said = changed_rules(&[("treatment: expense", "treatment: contra_revenue")]).unwrap_err();
    assert!(said.contains("is only for what becomes an expense"), "{said}");
    let said = changed_rules(&[("document: memo FIN-2027-014", "document: \" \"")]).unwrap_err();
    assert!(said.contains("field `/programmes/0/evidence/document`: is empty"), "{said}");
}

#[test]
fn rules_that_contradict_themselves_are_refused_with_line_and_field() {
    for (old, new, expected) in [
        ("cost: \"6610\"", "cost: \"4090\"", "`4090` is `contra_revenue`, and one of `expense` is needed here"),
        ("credit: \"1090\" }\n  reopen", "credit: \"4090\" }\n  reopen", "the programme's cost is `expense`"),
        ("credit: \"1090\" }\n  reopen", "credit: \"2310\" }\n  reopen", "debits and credits the same account"),
        ("credit: \"1090\" }\n  reopen", "credit: \"2390\" }\n  reopen", "is for estimates at a month's end alone"),
        ("credit: \"1090\" }\n  reopen", "credit: \"9999\" }\n  reopen", "`9999` is not among `accounts`"),
        ("credit: \"1090\" }\n  reopen", "credit: \"=1+1\" }\n  reopen", "is no account of a general ledger"),
        ("  owe: {", "  owes: {", "`owes` is no movement that the ledger knows"),
        ("lapse: { memo: nothing was booked for what was free }", "lapse: {}", "needs `debit` and `credit`, or `memo`"),
        ("zone: America/New_York", "zone: Mars/Olympus", "is not an IANA zone"),
        ("entity: acme-us", "entity: acme-eu", "is not among `entities`"),
        ("treatment: expense", "treatment: prepaid", "say whether what is prepaid becomes"),
        ("version: 1", "version: 0", "begins at 1"),
    ] {
        let said = changed_rules(&[(old, new)]).unwrap_err();
        assert!(said.starts_with("rules.yaml:") && said.contains(expected), "{expected}: {said}");
    }
}

#[test]
fn a_percentage_is_exact_and_at_most_all() {
    let of = |text: &str| percentage(text).ok().map(|part| part.0);
    let table = [("12.5", Some(1_250)), ("0", Some(0)), ("100", Some(10_000)), ("0.01", Some(1))];
    for (text, expected) in table {
        assert_eq!(of(text), expected, "{text}");
    }
    for text in ["100.01", "-1", "1.234", "ten", "", "1e2"] {
        assert_eq!(of(text), None, "{text}");
    }
}
