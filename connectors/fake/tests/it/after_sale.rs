//! What is asked about an agreement: refunds, payments, an early end, and the buyer who answers or does not.

use entente_core::money::Money;
use entente_fake::{Answer, CONSENT_DAYS, Fake, Fault, Refusal, Settings};
use entente_port::{
    AdjustmentReason, AgreementStatus, CancellationReason, Capability, ChangeId, ChangeState, Error, InvoiceKind,
    Marketplace, RecoveryClass, Unanswered, Write,
};
use jiff::SignedDuration;

use crate::bench::{call, create};

fn dollars(cents: i64) -> Money {
    Money { minor: cents, currency: "USD".parse().unwrap() }
}

struct Sold {
    fake: Fake,
    agreement: String,
    invoice: String,
}

/// An agreement that billed USD 12,000.00 when it was accepted.
async fn sold() -> Sold {
    sold_by(Fake::in_memory()).await
}

async fn sold_by(fake: Fake) -> Sold {
    fake.submit(&call(1), &create(1)).await.unwrap();
    let agreement = fake.accept(&fake.applied()[0].object_id, "111122223333").unwrap();
    let invoice = fake.invoices_of(&agreement).await.unwrap().invoices[0].id.clone();
    Sold { fake, agreement, invoice }
}

impl Sold {
    fn refund(&self, amount: Money) -> Write {
        Write::AdjustBilling {
            agreement_id: self.agreement.clone(),
            invoice_id: self.invoice.clone(),
            amount,
            reason: AdjustmentReason::Other,
            description: None,
        }
    }

    fn ending(&self) -> Write {
        let (agreement_id, reason) = (self.agreement.clone(), CancellationReason::Other);
        Write::CancelAgreement { agreement_id, reason, description: None }
    }

    fn payment(&self, term: &str, amount: Money) -> Write {
        Write::RequestPayment {
            agreement_id: self.agreement.clone(),
            term_id: term.to_owned(),
            name: "Onboarding".to_owned(),
            amount,
            description: None,
        }
    }

    async fn status(&self) -> AgreementStatus {
        self.fake.agreement(&self.agreement).await.unwrap().status
    }
}

#[tokio::test]
async fn silence_ends_an_agreement_after_a_week_and_not_before() {
    let sold = sold().await;
    let asked = sold.fake.submit(&call(2), &sold.ending()).await.unwrap();
    sold.fake.advance(SignedDuration::from_hours(24 * CONSENT_DAYS - 1));
    assert!(matches!(sold.fake.change(&asked.change).await, Ok(ChangeState::AwaitingBuyer { answer_by: Some(_) })));
    assert_eq!(sold.status().await, AgreementStatus::Active);
    sold.fake.advance(SignedDuration::from_hours(1));
    assert!(matches!(sold.fake.change(&asked.change).await, Ok(ChangeState::Applied { offer_id: None, .. })));
    assert_eq!(sold.status().await, AgreementStatus::Cancelled);
}

#[tokio::test]
async fn a_second_request_to_end_waits_for_the_answer_to_the_first() {
    let sold = sold().await;
    let first = sold.fake.submit(&call(2), &sold.ending()).await.unwrap();
    let busy = sold.fake.submit(&call(3), &sold.ending()).await.unwrap_err();
    assert!(matches!(busy, Error::Conflict { .. }), "{busy:?}");
    sold.fake.answer(&first.change, Answer::No { reason: None }).unwrap();
    assert_eq!(sold.fake.answer(&first.change, Answer::Yes), Err(Refusal::NotAsked(first.change.0)));
    sold.fake.submit(&call(3), &sold.ending()).await.unwrap();
}

#[tokio::test]
async fn no_more_is_given_back_than_was_billed() {
    let sold = sold().await;
    sold.fake.submit(&call(2), &sold.refund(dollars(1_199_999))).await.unwrap();
    let euros = Money { minor: 1, currency: "EUR".parse().unwrap() };
    for (n, (amount, field)) in
        (3..).zip([(dollars(2), "/amount"), (dollars(0), "/amount"), (euros, "/amount/currency")])
    {
        let refused = sold.fake.submit(&call(n), &sold.refund(amount)).await.unwrap_err();
        assert!(matches!(&refused, Error::Rejected { field: Some(named), .. } if named == field), "{refused:?}");
    }
    sold.fake.submit(&call(9), &sold.refund(dollars(1))).await.unwrap();
    let page = sold.fake.invoices_of(&sold.agreement).await.unwrap();
    let memos = page.invoices.iter().filter(|invoice| invoice.kind == InvoiceKind::CreditMemo);
    assert_eq!(memos.map(|memo| memo.amount.minor).sum::<i64>(), 1_200_000);
    assert_eq!(page.invoices[0].adjustable, Some(dollars(0)));
}

#[tokio::test]
async fn payments_stay_within_their_term_and_are_billed_once_approved() {
    let sold = sold().await;
    let term = sold.fake.allow_payments(&sold.agreement, dollars(500), true).unwrap();
    let terms = sold.fake.payment_terms(&sold.agreement).await.unwrap();
    assert_eq!(terms[0].unanswered, Unanswered::Approved { after: Some("P7D".to_owned()) });
    let asked = sold.fake.submit(&call(2), &sold.payment(&term, dollars(400))).await.unwrap();
    let over = sold.fake.submit(&call(3), &sold.payment(&term, dollars(101))).await.unwrap_err();
    assert!(matches!(&over, Error::Rejected { field: Some(field), .. } if field == "/amount"), "{over:?}");
    sold.fake.answer(&asked.change, Answer::No { reason: Some("too early".to_owned()) }).unwrap();
    let declined = sold.fake.change(&asked.change).await.unwrap();
    assert!(matches!(declined, ChangeState::Declined { reason: Some(why), .. } if why == "too early"));
    sold.fake.submit(&call(3), &sold.payment(&term, dollars(500))).await.expect("what was declined is free again");
    sold.fake.advance(SignedDuration::from_hours(24 * CONSENT_DAYS));
    let billed = sold.fake.invoices_of(&sold.agreement).await.unwrap().invoices;
    assert_eq!(billed.last().map(|invoice| invoice.amount), Some(dollars(500)));
}

#[tokio::test]
async fn a_payment_request_is_taken_back_until_the_buyer_has_answered_it() {
    let sold = sold().await;
    let term = sold.fake.allow_payments(&sold.agreement, dollars(500), false).unwrap();
    let back =
        |request: &ChangeId| Write::WithdrawPayment { agreement_id: sold.agreement.clone(), request: request.clone() };
    let first = sold.fake.submit(&call(2), &sold.payment(&term, dollars(500))).await.unwrap();
    for n in [3, 4] {
        sold.fake.submit(&call(n), &back(&first.change)).await.expect("asked again, nothing changes");
    }
    assert!(matches!(sold.fake.change(&first.change).await, Ok(ChangeState::Failed(_))));
    let second = sold.fake.submit(&call(5), &sold.payment(&term, dollars(500))).await.expect("its room is free again");
    sold.fake.answer(&second.change, Answer::Yes).unwrap();
    let late = sold.fake.submit(&call(6), &back(&second.change)).await.unwrap_err();
    assert!(matches!(&late, Error::Rejected { field: Some(field), .. } if field == "/request"), "{late:?}");
    let unknown = sold.fake.submit(&call(7), &back(&ChangeId("nowhere".to_owned()))).await.unwrap_err();
    assert!(matches!(unknown, Error::NotFound { .. }), "{unknown:?}");
    let billed = sold.fake.invoices_of(&sold.agreement).await.unwrap().invoices;
    assert_eq!(billed.iter().skip(1).map(|invoice| invoice.amount).collect::<Vec<_>>(), [dollars(500)]);
}

#[tokio::test]
async fn row_27_a_lost_answer_to_a_refund_is_applied_once_and_found() {
    let sold = sold().await;
    sold.fake.inject(Fault::LoseAnswer.once());
    let write = sold.refund(dollars(100));
    let lost = sold.fake.submit(&call(2), &write).await.unwrap_err();
    assert!(matches!(lost, Error::OutcomeUnknown { .. }));
    let found = sold.fake.find(&call(2).key, &write).await.unwrap();
    assert!(matches!(&found[..], [effect] if effect.same_request), "{found:?}");
    sold.fake.submit(&call(2), &write).await.unwrap();
    assert_eq!(sold.fake.applied_with_token(call(2).token), 1);
}

#[test]
fn what_is_asked_about_agreements_is_irreversible_in_every_class() {
    let classes =
        [RecoveryClass::TokenDedup, RecoveryClass::NaturalKey, RecoveryClass::ReadBack, RecoveryClass::Manual];
    for class in classes {
        let fake = Fake::open(Settings::default().with_class(class)).unwrap();
        for capability in [Capability::CancelAgreement, Capability::AdjustBilling, Capability::RequestPayment] {
            assert!(fake.profile(capability).irreversible, "{class:?} {capability}");
        }
    }
}

#[tokio::test]
async fn the_world_after_the_sale_survives_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let settings = || Settings { state: Some(folder.path().join("fake.json")), ..Settings::default() };
    let sold = sold_by(Fake::open(settings()).unwrap()).await;
    let asked = sold.fake.submit(&call(2), &sold.ending()).await.unwrap();
    let again = Fake::open(settings()).unwrap();
    assert!(matches!(again.change(&asked.change).await, Ok(ChangeState::AwaitingBuyer { .. })));
    assert_eq!(again.invoices_of(&sold.agreement).await.unwrap().invoices.len(), 1);
}
