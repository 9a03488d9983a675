//! Pre-flight: what is checked before anybody is asked to approve an offer, or a marketplace to take it.
//!
//! These rules hold on every marketplace. What one of them demands beyond is checked by its connector.

mod dates;
pub mod facts;
mod parties;
mod pricing;
mod renewal;
mod schedule;

use serde::{Deserialize, Serialize};

pub use facts::{AgreementFacts, ExpiryFacts, PreflightFacts, ProductFacts, TakenRef};

use super::Offer;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth a look; never holds an offer up.
    Warning,
    /// The offer cannot go on as it is.
    Error,
}

/// A rule, as documentation and findings name it.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its stable id, such as `OF-007`; never given to another rule.
    pub id: &'static str,
    /// How much its findings weigh.
    pub severity: Severity,
    /// One line that says what must hold.
    pub title: &'static str,
    /// Where the rule comes from.
    pub source: &'static str,
    check: Check,
}

/// What is wrong, if anything.
type Check = fn(&Offer, &PreflightFacts) -> Option<Defect>;

/// A rule's verdict, before it is signed with the rule's id.
struct Defect {
    field: String,
    message: String,
    remedy: String,
}

impl Defect {
    fn at(field: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Option<Defect> {
        Some(Defect { field: field.into(), message: message.into(), remedy: remedy.into() })
    }
}

/// What a rule found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// How much it weighs.
    pub severity: Severity,
    /// The field as a JSON pointer.
    pub field: String,
    /// What is wrong, with the figures compared.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    /// Where the rule comes from.
    pub source: String,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} `{}`: {}; {} ({})", self.rule, self.field, self.message, self.remedy, self.source)
    }
}

/// Every rule, by id.
pub fn rules() -> Vec<Rule> {
    let mut rules = [dates::RULES, schedule::RULES, pricing::RULES, parties::RULES, renewal::RULES].concat();
    rules.sort_by_key(|rule| rule.id);
    rules
}

/// Everything wrong with an offer, errors first, then by rule.
pub fn preflight(offer: &Offer, facts: &PreflightFacts) -> Vec<Finding> {
    let mut findings: Vec<Finding> = rules().iter().filter_map(|rule| rule.judge(offer, facts)).collect();
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.rule.cmp(&b.rule)));
    findings
}

impl Rule {
    /// What this rule finds.
    pub fn judge(&self, offer: &Offer, facts: &PreflightFacts) -> Option<Finding> {
        (self.check)(offer, facts).map(|defect| Finding {
            rule: self.id.to_owned(),
            severity: self.severity,
            field: defect.field,
            message: defect.message,
            remedy: defect.remedy,
            source: self.source.to_owned(),
        })
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rule").field("id", &self.id).field("severity", &self.severity).finish_non_exhaustive()
    }
}
