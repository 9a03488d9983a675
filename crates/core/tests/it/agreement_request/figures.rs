//! What may go back on an invoice, by table; and what can never go back, whatever the figures.

use entente_core::{
    context::{
        agreement_cancellation::Cancellation,
        agreement_payment_request::PaymentRequest,
        agreement_request::{Ask, Figures, InvoiceFigures, TermFigures},
        billing_adjustment::Refund,
    },
    money::Money,
};
use jiff::Timestamp;
use proptest::prelude::*;

fn usd(minor: i64) -> Money {
    Money { minor, currency: "USD".parse().unwrap() }
}

fn refund(amount: Money) -> Refund {
    Refund {
        marketplace: "aws".parse().unwrap(),
        legal_entity: "acme-us".parse().unwrap(),
        agreement_id: "agmt-1".into(),
        invoice_id: "INV-1".into(),
        amount,
        reason: "other".into(),
        description: None,
        justification: None,
    }
}

fn figures(ask: &impl Ask, invoice: Option<InvoiceFigures>) -> Figures {
    Figures {
        revision: ask.revision(),
        in_force: true,
        buyer_account: "111122223333".into(),
        buyer: None,
        offer: None,
        value: None,
        ends_at: None,
        invoice,
        term: None,
    }
}

fn invoice(amount: i64, adjustable: Option<i64>, held_minor: i64) -> InvoiceFigures {
    let adjustable = adjustable.map(usd);
    InvoiceFigures { amount: usd(amount), credit_memo: false, adjustable, held_minor, issued_at: Timestamp::UNIX_EPOCH }
}

fn objection(amount: Money, invoice: Option<InvoiceFigures>) -> Option<(&'static str, String)> {
    let refund = refund(amount);
    refund.objection(&figures(&refund, invoice)).map(|objection| (objection.field, objection.message))
}

#[test]
fn as_much_goes_back_as_the_marketplace_allows_less_what_is_asked_for_already() {
    for (amount, total, adjustable, held, fits) in [
        (10_000, 10_000, Some(10_000), 0, true),
        (10_001, 10_000, Some(10_000), 0, false),
        (5_000, 10_000, Some(5_000), 0, true),
        (5_001, 10_000, Some(5_000), 0, false),
        (4_000, 10_000, Some(5_000), 1_000, true),
        (4_001, 10_000, Some(5_000), 1_000, false),
        (1, 10_000, Some(5_000), 6_000, false),
        (1, 10_000, Some(0), 0, false),
        // A marketplace that names no limit lets no more go back than was billed.
        (10_000, 10_000, None, 0, true),
        (10_001, 10_000, None, 0, false),
        (9_000, 10_000, None, 1_001, false),
    ] {
        let found = objection(usd(amount), Some(invoice(total, adjustable, held)));
        assert_eq!(found.is_none(), fits, "{amount} of {total}, {adjustable:?} adjustable, {held} held: {found:?}");
        assert!(found.is_none_or(|(field, message)| field == "/amount" && message.ends_with("write a smaller amount")));
    }
}

#[test]
fn an_objection_names_the_field_and_the_figures() {
    let yen = Money { minor: 10, currency: "JPY".parse().unwrap() };
    let memo = InvoiceFigures { credit_memo: true, ..invoice(10_000, Some(0), 0) };
    for (amount, invoice, field, words) in [
        (usd(1), None, "/invoice_id", "agreement `agmt-1` has no invoice `INV-1`"),
        (usd(1), Some(memo), "/invoice_id", "gives money back already"),
        (yen, Some(invoice(10_000, None, 0)), "/amount/currency", "write an amount in USD"),
        (
            usd(5_001),
            Some(invoice(10_000, Some(6_000), 1_000)),
            "/amount",
            "USD 50.01 is more than can still go back on invoice `INV-1`: USD 50.00 (the marketplace allows USD 60.00, and USD 10.00 of it is asked for already)",
        ),
    ] {
        let (at, message) = objection(amount, invoice).unwrap();
        assert_eq!(at, field);
        assert!(message.contains(words), "{message}");
    }
}

fn payment(amount: Money) -> PaymentRequest {
    PaymentRequest {
        marketplace: "aws".parse().unwrap(),
        legal_entity: "acme-us".parse().unwrap(),
        agreement_id: "agmt-1".into(),
        term_id: "term-1".into(),
        name: "Onboarding week".into(),
        amount,
        description: None,
        justification: None,
    }
}

fn against(amount: Money, term: Option<TermFigures>, in_force: bool) -> Option<(&'static str, String)> {
    let payment = payment(amount);
    let known = Figures { term, in_force, ..figures(&payment, None) };
    payment.objection(&known).map(|objection| (objection.field, objection.message))
}

fn term(most: i64, asked_minor: i64) -> Option<TermFigures> {
    Some(TermFigures { most: usd(most), asked_minor })
}

#[test]
fn as_much_is_asked_for_as_the_term_allows_less_what_is_asked_for_already() {
    for (amount, most, asked, fits) in [
        (10_000, 10_000, 0, true),
        (10_001, 10_000, 0, false),
        (4_000, 10_000, 6_000, true),
        (4_001, 10_000, 6_000, false),
        (1, 10_000, 11_000, false),
        (1, 0, 0, false),
    ] {
        let found = against(usd(amount), term(most, asked), true);
        assert_eq!(found.is_none(), fits, "{amount} of {most}, {asked} asked for: {found:?}");
        assert!(found.is_none_or(|(field, message)| field == "/amount" && message.ends_with("write a smaller amount")));
    }
}

#[test]
fn a_payment_needs_an_agreement_in_force_and_its_own_term_and_currency() {
    let yen = Money { minor: 10, currency: "JPY".parse().unwrap() };
    for (amount, term, in_force, field, words) in [
        (usd(1), term(100, 0), false, "/agreement_id", "agreement `agmt-1` is no longer in force"),
        (usd(1), None, true, "/term_id", "agreement `agmt-1` has no term `term-1`"),
        (yen, term(100, 0), true, "/amount/currency", "write an amount in USD"),
        (
            usd(41),
            term(100, 60),
            true,
            "/amount",
            "(the term allows USD 1.00, and USD 0.60 of it is asked for already)",
        ),
    ] {
        let (at, message) = against(amount, term, in_force).unwrap();
        assert_eq!(at, field);
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn only_an_agreement_that_is_in_force_can_be_ended() {
    let early_end = Cancellation {
        marketplace: "aws".parse().unwrap(),
        legal_entity: "acme-us".parse().unwrap(),
        agreement_id: "agmt-1".into(),
        reason: "other".into(),
        description: None,
        justification: None,
    };
    let known = figures(&early_end, None);
    assert_eq!(early_end.objection(&known), None);
    let over = early_end.objection(&Figures { in_force: false, ..known }).unwrap();
    assert_eq!(over.field, "/agreement_id");
}

#[test]
fn the_share_of_the_invoice_is_rounded_up() {
    for (amount, total, share) in
        [(5_000, 10_000, Some(5_000)), (5_001, 10_000, Some(5_001)), (1, 3, Some(3_334)), (1, 0, None)]
    {
        let refund = refund(usd(amount));
        let known = figures(&refund, Some(invoice(total, None, 0)));
        let facts = refund.facts(Some(&known));
        assert_eq!(facts.get("share_bp").and_then(serde_json::Value::as_i64), share, "{amount} of {total}");
    }
}

proptest! {
    /// Whatever was asked for before, all that passes together stays within what the marketplace allows.
    #[test]
    fn what_passes_never_adds_up_to_more_than_is_adjustable(
        adjustable in 0_i64..1_000_000,
        asked in proptest::collection::vec(1_i64..400_000, 1..12),
    ) {
        let mut held = 0;
        for amount in asked {
            if objection(usd(amount), Some(invoice(1_000_000, Some(adjustable), held))).is_none() {
                held += amount;
            }
        }
        prop_assert!(held <= adjustable);
    }

    /// Whatever was asked for before, all that passes together stays within what the term allows.
    #[test]
    fn what_passes_never_adds_up_to_more_than_the_term(
        most in 0_i64..1_000_000,
        amounts in proptest::collection::vec(1_i64..400_000, 1..12),
    ) {
        let mut asked = 0;
        for amount in amounts {
            if against(usd(amount), term(most, asked), true).is_none() {
                asked += amount;
            }
        }
        prop_assert!(asked <= most);
    }

    /// A vote binds to the revision, so nothing that a request for a payment says may change and keep it.
    #[test]
    fn every_change_of_a_payment_is_another_revision(minor in 1_i64..1_000_000, word in "[a-z]{1,8}") {
        let first = payment(usd(minor));
        let changed = [
            PaymentRequest { amount: usd(minor + 1), ..first.clone() },
            PaymentRequest { amount: Money { minor, currency: "EUR".parse().unwrap() }, ..first.clone() },
            PaymentRequest { agreement_id: format!("agmt-1{word}"), ..first.clone() },
            PaymentRequest { term_id: format!("term-1{word}"), ..first.clone() },
            PaymentRequest { name: format!("Onboarding week{word}"), ..first.clone() },
            PaymentRequest { description: Some(word.clone()), ..first.clone() },
            PaymentRequest { justification: Some(word), ..first.clone() },
        ];
        let mut revisions: Vec<String> = changed.iter().map(Ask::revision).chain([first.revision()]).collect();
        revisions.sort();
        revisions.dedup();
        prop_assert_eq!(revisions.len(), 8);
    }

    /// No figures are so extreme that judging them would break, and more is never allowed where less is not.
    #[test]
    fn every_figure_is_judged(
        amount in 1_i64..=i64::MAX, less in 1_i64..=i64::MAX, total: i64, adjustable: Option<i64>, held in 0_i64..=i64::MAX,
    ) {
        let judge = |amount| objection(usd(amount), Some(invoice(total, adjustable, held))).is_none();
        prop_assert!(!judge(amount.max(less)) || judge(amount.min(less)));
    }

    /// A vote binds to the revision, so nothing that a refund says may change and keep it.
    #[test]
    fn every_change_is_another_revision(minor in 1_i64..1_000_000, word in "[a-z]{1,8}") {
        let first = refund(usd(minor));
        let changed = [
            Refund { amount: usd(minor + 1), ..first.clone() },
            Refund { amount: Money { minor, currency: "EUR".parse().unwrap() }, ..first.clone() },
            Refund { invoice_id: format!("INV-1{word}"), ..first.clone() },
            Refund { agreement_id: format!("agmt-1{word}"), ..first.clone() },
            Refund { reason: format!("other{word}"), ..first.clone() },
            Refund { description: Some(word.clone()), ..first.clone() },
            Refund { justification: Some(word), ..first.clone() },
        ];
        let mut revisions: Vec<String> = changed.iter().map(Ask::revision).chain([first.revision()]).collect();
        prop_assert_eq!(first.revision(), first.clone().revision());
        revisions.sort();
        revisions.dedup();
        prop_assert_eq!(revisions.len(), 8);
    }
}
