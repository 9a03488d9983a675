//! The words of each notice, and who reads it.

use serde_json::Value;

use crate::{decision::shown_by, next};

/// Whom a notice is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Who launches offers.
    AllianceManager,
    /// Who keeps the installation running.
    Operator,
    /// Who pays partners.
    AccountsPayable,
    /// Who looks over what others do.
    Auditor,
    /// Who answers for money.
    Finance,
    /// Whom finance answers to.
    Cfo,
    /// Who is asked to approve: the role stands in the notice's data under `role`.
    Asked,
    /// Who is asked after others were silent: the role stands under `escalate_to`.
    Escalated,
    /// Nobody by role: only whom the notice's data name under `tell`.
    Named,
}

impl Reader {
    /// The role's name in `people.yaml`.
    pub fn role(self, data: &Value) -> &str {
        match self {
            Reader::AllianceManager => "alliance_manager",
            Reader::Operator => "operator",
            Reader::AccountsPayable => "accounts_payable",
            Reader::Auditor => "auditor",
            Reader::Finance => "finance_approver",
            Reader::Cfo => "cfo",
            Reader::Asked => data.get("role").and_then(Value::as_str).unwrap_or("operator"),
            Reader::Escalated => data.get("escalate_to").and_then(Value::as_str).unwrap_or("operator"),
            Reader::Named => "named",
        }
    }
}

/// One kind of notice: its name in charts and jobs, its reader, its subject.
struct Kind {
    name: &'static str,
    reader: Reader,
    subject: &'static str,
}

const fn kind(name: &'static str, reader: Reader, subject: &'static str) -> Kind {
    Kind { name, reader, subject }
}

/// That a run was parked.
const INCIDENT: &str = "incident";

const KINDS: &[Kind] = &[
    kind("accrual_disputed", Reader::Finance, "is doubted by the partner"),
    kind("accrual_earned", Reader::AllianceManager, "is stated; the partner may doubt it"),
    kind("accrual_settled", Reader::AllianceManager, "is settled"),
    kind("accepted", Reader::AllianceManager, "was accepted"),
    kind("amended", Reader::AllianceManager, "was changed at the marketplace"),
    kind("amendment_refused", Reader::AllianceManager, "could not be changed and stays as it was"),
    kind("approval_overdue", Reader::AllianceManager, "was not approved in time and is returned"),
    kind("cancellation_done", Reader::AllianceManager, "has ended the agreement early"),
    kind("cancellation_rejected", Reader::AllianceManager, "was rejected by the buyer, so the agreement goes on"),
    kind("commitment_alert", Reader::AllianceManager, "has something to be told of its spend"),
    kind("commitment_due", Reader::AllianceManager, "has reached the last day of a milestone or a period"),
    kind("commitment_payment_due", Reader::AllianceManager, "has a shortfall whose payment is due"),
    kind("commitment_unread", Reader::AllianceManager, "could not be looked at"),
    kind("card_asks", Reader::Named, "has something to be asked again"),
    kind("check_failed", Reader::AllianceManager, "is not what the marketplace allows and is returned"),
    kind("approval.escalated", Reader::Escalated, "has waited too long for an approval and comes to you"),
    kind("approval.reminder", Reader::Asked, "waits for your approval"),
    kind("approval.asked", Reader::Asked, "asks for your approval"),
    kind("connector_paused", Reader::Operator, "connector account paused: credentials were not accepted"),
    kind("declined", Reader::AllianceManager, "was declined"),
    kind("drifted", Reader::AllianceManager, "differs at the marketplace"),
    kind("ended", Reader::AllianceManager, "has ended with its agreement"),
    kind("exception_approved", Reader::Auditor, "lifts a rule for a while"),
    kind("expired", Reader::AllianceManager, "expired without acceptance"),
    kind("expired_unapproved", Reader::AllianceManager, "passed its last day before it was approved"),
    kind("expiry_reminder", Reader::AllianceManager, "expires soon and is not accepted"),
    kind("extended", Reader::AllianceManager, "was extended"),
    kind("extension_refused", Reader::AllianceManager, "could not be extended"),
    kind(INCIDENT, Reader::Operator, "is parked and needs a person"),
    kind("job_failed", Reader::Operator, "scheduled job failed"),
    kind("payment_charged", Reader::AllianceManager, "was agreed to by the buyer, who is billed"),
    kind("payment_expired", Reader::AllianceManager, "was left unanswered by the buyer and is taken back"),
    kind("payment_rejected", Reader::AllianceManager, "was rejected by the buyer, who is not billed"),
    kind("preflight_failed", Reader::AllianceManager, "does not pass the pre-flight rules"),
    kind("published", Reader::AllianceManager, "is published"),
    kind("refunded", Reader::AllianceManager, "was paid back by the marketplace"),
    kind("refused", Reader::AllianceManager, "was refused by the marketplace"),
    kind("renewal_due", Reader::AllianceManager, "has an agreement that ends soon"),
    kind("renewed", Reader::AllianceManager, "was renewed"),
    kind("restored", Reader::Operator, "was restored, and the marketplaces were read back"),
    kind("sent_back", Reader::AllianceManager, "was sent back for changes"),
    kind("twin_found", Reader::Operator, "was applied more than once at the marketplace"),
    kind("withdrawal_refused", Reader::AllianceManager, "could not be withdrawn"),
    kind("withdrawn", Reader::AllianceManager, "was withdrawn"),
    kind("bank_changed", Reader::AccountsPayable, "has new bank details, which somebody else has to confirm"),
    kind("bank_confirmed", Reader::AccountsPayable, "has bank details that two people have checked"),
    kind("bank_silent", Reader::AccountsPayable, "has had no answer from the bank"),
    kind("claim_approved", Reader::AllianceManager, "was approved; what is to be paid of it is owed"),
    kind("claim_disputed", Reader::Finance, "is disputed in part"),
    kind("claim_due", Reader::AllianceManager, "has to be claimed soon"),
    kind("claim_held", Reader::AllianceManager, "is held until something is settled"),
    kind("claim_still_unanswered", Reader::Cfo, "should have been answered more than a week ago"),
    kind("claim_still_unpaid", Reader::Cfo, "should have been paid more than a week ago"),
    kind("claim_unanswered", Reader::Finance, "should have been answered by now"),
    kind("claim_unpaid", Reader::AccountsPayable, "should have been paid by now"),
    kind("credit_note_missing", Reader::AccountsPayable, "lacks the credit note that the vendor issues itself"),
    kind("credit_note_still_missing", Reader::Finance, "has lacked the vendor's own credit note for more than a week"),
    kind("invoice_missing", Reader::AccountsPayable, "lacks the invoice of its payee"),
    kind("invoice_still_missing", Reader::Finance, "has lacked the invoice of its payee for more than a week"),
    kind("claim_paid", Reader::AllianceManager, "was paid, as a whole or to one of its payees"),
    kind("claw_back", Reader::Finance, "is claimed back"),
    kind("clawback_waived", Reader::Finance, "is claimed back no longer, as far as was agreed"),
    kind("dispute_resolved", Reader::AllianceManager, "has its dispute settled"),
    kind("file_written", Reader::AccountsPayable, "has a file for the bank"),
    kind(
        "funding_amendment_refused",
        Reader::AllianceManager,
        "was not amended at the marketplace and stands as it did",
    ),
    kind("funding_claim_due", Reader::AllianceManager, "is granted by the marketplace, and has to be claimed soon"),
    kind(
        "funding_claim_overdue",
        Reader::AllianceManager,
        "was granted by the marketplace, and the time to claim it is over",
    ),
    kind("funding_granted", Reader::AllianceManager, "is granted by the marketplace"),
    kind(
        "funding_lapsed",
        Reader::AllianceManager,
        "was granted by the marketplace and has lapsed, in whole or in part",
    ),
    kind("funding_needs_answer", Reader::AllianceManager, "is sent back by the marketplace with a question"),
    kind("funding_paid", Reader::AllianceManager, "is paid by the marketplace"),
    kind("funding_recall_refused", Reader::AllianceManager, "could not be taken back from its review"),
    kind("funding_rejected", Reader::AllianceManager, "is rejected by the marketplace"),
    kind("funding_returned", Reader::AllianceManager, "stands as a draft at the marketplace"),
    kind("funding_sent", Reader::AllianceManager, "is being reviewed by the marketplace"),
    kind("fund_changed", Reader::AllianceManager, "has another amount or end"),
    kind("fund_closed", Reader::AllianceManager, "is closed"),
    kind("fund_open", Reader::AllianceManager, "is open"),
    kind("fund_over", Reader::AllianceManager, "is over, and what is free lapses"),
    kind("invoice_accepted", Reader::AccountsPayable, "has an invoice that is owed now"),
    kind("invoice_held", Reader::AccountsPayable, "has an invoice that differs from what was ordered or received"),
    kind("ledger_refused", Reader::AllianceManager, "could not be booked"),
    kind("nothing_to_pay", Reader::AccountsPayable, "has nothing to pay"),
    kind("order_cancelled", Reader::AllianceManager, "is cancelled, and its money is free"),
    kind("order_closed", Reader::AllianceManager, "is closed: nothing more is received or invoiced"),
    kind("order_expired", Reader::AllianceManager, "has expired, as nothing of it came"),
    kind("order_issued", Reader::AllianceManager, "is issued as it was agreed to"),
    kind("order_overdue", Reader::AllianceManager, "should have been delivered and closed long ago"),
    kind("order_paid", Reader::AllianceManager, "was paid, as a whole or in part"),
    kind("order_refused", Reader::AllianceManager, "cannot be issued like this"),
    kind("partner_active", Reader::AllianceManager, "is in business"),
    kind("partner_left", Reader::AllianceManager, "has left"),
    kind("partner_suspended", Reader::AllianceManager, "is suspended"),
    kind("payment_returned", Reader::Finance, "was returned by the bank; what is not claimed back is owed again"),
    kind("payout_failed", Reader::AccountsPayable, "could not go on"),
    kind("rebate_due", Reader::AccountsPayable, "leaves a rebate to be settled with the partner"),
    kind("recovered", Reader::Finance, "has been recovered"),
    kind("advance_called_in", Reader::Finance, "was not proven in time, and all of it is claimed back"),
    kind("advance_proven", Reader::AllianceManager, "is proven; what was not is claimed back"),
    kind("proof_put_off", Reader::AllianceManager, "was paid in advance, and may be proven later"),
    kind("settlement_declined", Reader::Finance, "has a dispute that stays open: what was proposed was not agreed to"),
    kind("proof_due", Reader::AllianceManager, "was paid in advance, and has to be proven soon"),
    kind("recovery_due", Reader::Finance, "is claimed back, and has not come"),
    kind("recovery_escalated", Reader::Cfo, "was claimed back two months ago, and has not come"),
    kind("recovery_overdue", Reader::Finance, "has not been recovered for a year"),
    kind("request_amended", Reader::AllianceManager, "was amended, and stands so from now on"),
    kind("request_cancelled", Reader::AllianceManager, "was given up, and its money is free"),
    kind("request_expired", Reader::AllianceManager, "was not claimed in time, and its money is free"),
    kind("request_granted", Reader::AllianceManager, "is granted, and its money is held"),
    kind("request_held", Reader::AllianceManager, "is held until something is settled"),
    kind("rules_failed", Reader::AllianceManager, "does not meet the rules and is returned"),
    kind("waiting_for_funds", Reader::AllianceManager, "waits until the fund has enough"),
];

/// The names that charts may notify.
pub fn names() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|kind| kind.name).chain(next::notice())
}

/// Whether a notice is for this person whatever roles he has: its data name him under `tell`.
pub fn is_told_by_name(data: &Value, person: &str) -> bool {
    let told = data.get("tell").and_then(Value::as_array).into_iter().flatten();
    told.into_iter().any(|name| name.as_str() == Some(person))
}

/// Whether a notice asks for an approval that this person cannot give, because they asked for it or had a hand in it.
pub fn is_barred(name: &str, data: &Value, person: &str) -> bool {
    let asks = KINDS.iter().any(|kind| kind.name == name && matches!(kind.reader, Reader::Asked | Reader::Escalated));
    let authors = data.get("authors").and_then(Value::as_array).into_iter().flatten();
    asks && authors.chain(data.get("requester")).any(|author| author.as_str() == Some(person))
}

/// Reader, subject and body of a notice. A name that this binary does not know goes to the operator as it is.
pub fn words(name: &str, data: &Value) -> (Reader, String, String) {
    let known = KINDS.iter().find(|kind| kind.name == name);
    let (reader, what) = known.map_or((Reader::Operator, name), |kind| (kind.reader, kind.subject));
    let text = |field: &str| data.get(field).and_then(Value::as_str).unwrap_or_default();
    let object =
        [text("label"), text("account"), text("job")].into_iter().find(|text| !text.is_empty()).unwrap_or("Entente");
    let subject = format!("{object} {what}");
    let mut lines = vec![subject.clone(), String::new()];
    let fields = [
        "what",
        "buyer",
        "total",
        "expiry",
        "offer_id",
        "reason",
        "row",
        "role",
        "because",
        "requester",
        "revision",
        "code",
        "message",
        "summary",
        "lacks",
        "payment_due",
        "report",
    ];
    for field in fields {
        let value = text(field);
        if !value.is_empty() {
            lines.push(format!("{field}: {value}"));
        }
    }
    if let Some(message) = data.pointer("/refusal/message").and_then(Value::as_str) {
        lines.push(format!("refusal: {message}"));
    }
    if name == INCIDENT {
        lines.push(format!("the evidence, and what settles it: `entente incident show {}`", text("label")));
    }
    (reader, subject, lines.join("\n"))
}

/// The body of a notice for people of a partner: what happened to what is theirs, and how they look at it. Nothing of why: that is
/// told, as far as it is for them, by the command that shows it.
pub fn words_for_partners(name: &str, data: &Value) -> String {
    let (_, subject, _) = words(name, data);
    let label = data.get("label").and_then(Value::as_str).unwrap_or_default();
    format!("{subject}\n\nsee `{}`", shown_by(label))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_notice_names_its_object_and_says_what_happened() {
        let (reader, subject, body) =
            words("refused", &json!({ "label": "OFR-2026-00042", "refusal": { "message": "no such buyer" } }));
        assert_eq!(
            (reader, subject.as_str()),
            (Reader::AllianceManager, "OFR-2026-00042 was refused by the marketplace")
        );
        assert!(body.contains("refusal: no such buyer"));
    }

    #[test]
    fn whoever_wrote_an_offer_is_not_asked_to_approve_it() {
        let data = json!({ "label": "OFR-2026-00042", "role": "deal_desk", "requester": "ada", "authors": ["ben"] });
        for (name, person, barred) in [
            ("approval.asked", "ada", true),
            ("approval.asked", "dora", false),
            ("approval.reminder", "ada", true),
            ("approval.reminder", "ben", true),
            ("approval.escalated", "ben", true),
            ("approval.reminder", "dora", false),
            ("published", "ada", false),
        ] {
            assert_eq!(is_barred(name, &data, person), barred, "`{name}` to `{person}`");
        }
    }

    #[test]
    fn whoever_hears_of_an_incident_is_told_where_its_evidence_is() {
        let data =
            json!({ "label": "OFR-2026-00042", "code": "guard_failed", "message": "the step cannot be decided" });
        let (reader, subject, body) = words("incident", &data);
        assert_eq!(reader, Reader::Operator);
        assert_eq!(subject, "OFR-2026-00042 is parked and needs a person");
        assert!(body.contains("the step cannot be decided"), "{body}");
        assert!(body.ends_with("`entente incident show OFR-2026-00042`"), "{body}");
    }

    #[test]
    fn people_of_partners_hear_what_happened_to_what_is_theirs_and_nothing_of_why() {
        let why = "F2: claimed before, in CLM-2026-00001 of nordlicht";
        let data = json!({
            "label": "CLM-2026-00002", "refusal": { "message": why }, "message": why, "reason": why, "because": why,
            "requester": "vera", "role": "cfo", "what": why, "reasons": [why],
        });
        let told = words_for_partners("rules_failed", &data);
        assert_eq!(
            told,
            "CLM-2026-00002 does not meet the rules and is returned\n\nsee `entente claim show CLM-2026-00002`"
        );
    }

    #[test]
    fn an_unknown_notice_reaches_the_operator() {
        assert_eq!(words("something_new", &json!({})).0, Reader::Operator);
    }
}
