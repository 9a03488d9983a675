//! What people of a partner are told of what the rules said. The vendor's own checks, other partners' claims and what a fund holds
//! stay with the vendor's people.

use super::{Assessment, Reason};
use crate::{
    context::private_offer::Refusal,
    mdf::{Family, RuleId},
};

/// What a rule looks at, as far as it is no partner's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Claims of others, and what looks wrong.
    Checks,
    /// What stands in a fund, and who else waits for it.
    Fund,
}

/// What a partner may not hear of a rule; `None` where it looks at nothing but what is the partner's own.
fn inside(rule: RuleId) -> Option<Inside> {
    match (rule.family(), rule.number()) {
        (Family::Duplicates, _) | (Family::Eligibility, 9) => Some(Inside::Checks),
        // Whether an activity lies in the budget's time (G3), and what a request counts (G7), is the partner's own.
        (Family::Budget, number) if ![3, 7].contains(&number) => Some(Inside::Fund),
        _ => None,
    }
}

/// What is claimed of a request beyond what was granted: G1 says so of the partner's own figures.
fn is_of_ones_own_request(reason: &Reason) -> bool {
    inside(reason.rule) == Some(Inside::Fund) && reason.field == "/claim/amount"
}

/// Whether a partner is told what a rule looked at, its bounds and its words.
pub fn is_told_in_full(rule: RuleId) -> bool {
    inside(rule).is_none()
}

/// The words for a partner about an effect of a rule: why, and what to do. `None` where it hears nothing of it.
fn words(rule: RuleId, effect: &str, field: &str, remedy: &str) -> Option<(&'static str, String)> {
    let stops = ["block", "contradict"].contains(&effect);
    let waits = ["hold", "undecided", "approve"].contains(&effect);
    match inside(rule)? {
        // How much is left of an invoice is what its own claim has to be lowered to.
        Inside::Checks if stops && field.ends_with("/claimed") => {
            Some(("more is claimed of an invoice than is left of it", remedy.to_owned()))
        }
        Inside::Checks if stops => {
            Some(("it does not pass a check of the vendor's own", "ask whom you deal with".to_owned()))
        }
        Inside::Checks if waits => {
            Some(("a check of the vendor's own is under way", "nothing; wait until it is over".to_owned()))
        }
        Inside::Fund if stops => {
            Some(("the fund does not bear as much", "ask for less, or ask whom you deal with".to_owned()))
        }
        Inside::Fund if waits => Some(("it waits until the fund has enough", "nothing; wait for it".to_owned())),
        Inside::Checks | Inside::Fund => None,
    }
}

impl Reason {
    /// The reason as a partner is told it; `None` where it is not.
    pub fn for_partner(&self) -> Option<Reason> {
        if self.effect == "excepted" {
            // Who asked for the exception, and why, is between the vendor's people.
            let because = "an exception lifts it".to_owned();
            return Some(Reason { because, remedy: String::new(), ..self.clone() });
        }
        if inside(self.rule).is_none() || is_of_ones_own_request(self) {
            return Some(self.clone());
        }
        let (because, remedy) = words(self.rule, &self.effect, &self.field, &self.remedy)?;
        let field = if remedy == self.remedy { self.field.clone() } else { String::new() };
        Some(Reason { because: because.to_owned(), remedy, field, ..self.clone() })
    }
}

impl Assessment {
    /// What the rules said, as a partner is told it.
    pub fn for_partner(&self) -> Assessment {
        let reasons = self.reasons.iter().filter_map(Reason::for_partner).collect();
        let bound_by = self.bound_by.filter(|rule| is_told_in_full(*rule));
        Assessment { record: String::new(), approvers: Vec::new(), reasons, bound_by, ..self.clone() }
    }
}

/// Why a paper did not get through, as a partner is told it: `said` is what the rules said, in full.
pub fn refusal_for_partner(refusal: &Refusal, said: Option<&Assessment>) -> Refusal {
    let code = refusal.code.as_deref();
    let rule = code.and_then(|code| code.parse::<RuleId>().ok());
    if let Some(rule) = rule.filter(|rule| !is_told_in_full(*rule)) {
        let reason = said.and_then(|said| said.reasons.iter().find(|reason| reason.rule == rule));
        let told = reason.and_then(Reason::for_partner);
        let Some(Reason { because, remedy, field, .. }) = told else { return plain("it did not get through") };
        let message = if remedy.is_empty() { because } else { format!("{because}; {remedy}") };
        return Refusal { message, field: Some(field).filter(|field| !field.is_empty()), code: refusal.code.clone() };
    }
    match code {
        Some("ledger_refused") => plain("the fund does not bear it; ask whom you deal with"),
        _ => Refusal { message: without_person(&refusal.message), ..refusal.clone() },
    }
}

fn plain(message: &str) -> Refusal {
    Refusal { message: message.to_owned(), field: None, code: None }
}

/// What an approver has said, without who it was and for which approval: `vera` sent back it on `proof`.
pub(super) fn without_person(message: &str) -> String {
    for (verb, told) in [("sent back", "it was sent back"), ("refused", "it was refused")] {
        let said = message.split_once(&format!("` {verb} it on `")).filter(|(who, _)| who.starts_with('`'));
        if let Some((_, why)) = said.and_then(|(_, rest)| rest.split_once("`: ")) {
            return format!("{told}: {why}");
        }
    }
    message.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKER: &str = "CLM-9 of castell, of which USD 5.00 is free, says `vera`";

    fn reason(rule: &str, effect: &str, field: &str) -> Reason {
        let (because, remedy) = (MARKER.to_owned(), MARKER.to_owned());
        Reason { rule: rule.parse().unwrap(), effect: effect.into(), field: field.into(), because, remedy }
    }

    #[test]
    fn of_every_rule_on_others_and_on_funds_a_partner_hears_its_own_words_or_nothing() {
        let effects = ["block", "contradict", "hold", "undecided", "approve", "excepted", "warn", "act", "reduce"];
        let mut hidden = Vec::new();
        for rule in crate::mdf::rules().filter(|rule| !is_told_in_full(rule.id)) {
            hidden.push(rule.id.to_string());
            for effect in effects {
                let told = reason(&rule.id.to_string(), effect, "/claim/evidence/1").for_partner();
                assert!(!format!("{told:?}").contains("castell"), "{} {effect}: {told:?}", rule.id);
                assert_eq!(told.is_none(), ["warn", "act", "reduce"].contains(&effect), "{} {effect}", rule.id);
            }
        }
        let mut expected: Vec<String> = (1..=11).map(|number| format!("F{number}")).collect();
        expected.extend(["E9", "G1", "G2", "G4", "G5", "G6", "G8"].map(str::to_owned));
        assert_eq!(hidden.iter().collect::<std::collections::BTreeSet<_>>(), expected.iter().collect());
    }

    #[test]
    fn an_invoice_that_is_used_up_names_what_to_lower_the_claim_by_and_not_who_has_used_it() {
        let beyond = Reason {
            remedy: "lower the claim by EUR 5.00".into(),
            ..reason("F2", "block", "/claim/invoices/0/claimed")
        };
        let told = beyond.for_partner().unwrap();
        assert_eq!(
            (told.remedy.as_str(), told.field.as_str()),
            ("lower the claim by EUR 5.00", "/claim/invoices/0/claimed")
        );
        assert!(!told.because.contains("castell"));
    }

    #[test]
    fn what_is_the_partners_own_is_told_as_it_is() {
        for own in [reason("Q6", "reduce", ""), reason("D1", "block", ""), reason("G1", "block", "/claim/amount")] {
            assert_eq!(own.for_partner(), Some(own.clone()));
        }
    }

    #[test]
    fn a_refusal_says_what_was_asked_for_and_not_by_whom() {
        let refusal = |message: &str, code: Option<&str>| Refusal {
            message: message.into(),
            field: None,
            code: code.map(str::to_owned),
        };
        let told = |message: &str, code: Option<&str>| refusal_for_partner(&refusal(message, code), None).message;
        assert_eq!(
            told("`vera` sent back it on `proof`: the photo is dark", None),
            "it was sent back: the photo is dark"
        );
        assert_eq!(told("`finn` refused it on `money`: no", None), "it was refused: no");
        assert_eq!(
            told("fund `x` is not open; choose another fund", None),
            "fund `x` is not open; choose another fund"
        );
        for (code, message) in [("ledger_refused", "fund `x` has USD 0.10 free"), ("F1", MARKER), ("G6", MARKER)] {
            let said = told(message, Some(code));
            assert!(!said.contains("castell") && !said.contains("0.10"), "{said}");
        }
        assert_eq!(told("C3: too late", Some("C3")), "C3: too late");
    }
}
