//! What the rules of a programme said about a request or a claim, as far as its run has to know.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    ids::RoleId,
    mdf::{AUTOMATIC, Decision, Judgement, Outcome, PackPin, RuleId, Verdict},
    money::Money,
};

/// What the rules said. Every figure behind it is kept under `record`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assessment {
    /// SHA-256 of the paper that was judged.
    pub paper: String,
    /// The pack that it was judged by.
    pub pack: PackPin,
    /// SHA-256 of the case and the judgement, as the database keeps them: the same case by the same pack gives them again.
    pub record: String,
    /// When, in business time.
    pub at: Timestamp,
    /// What follows from all rules together.
    pub decision: Decision,
    /// What was asked for.
    pub asked: Option<Money>,
    /// What may be granted of it; nothing where it is refused.
    pub payable: Option<Money>,
    /// The rule that sets the amount, where one lowers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound_by: Option<RuleId>,
    /// Whether a rule says that nobody has to agree: its play is approved already, and everything else in order.
    #[serde(default)]
    pub passes: bool,
    /// Who has to approve by the rules, besides whom the policy asks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<RoleId>,
    /// What the rules found, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

/// What one rule found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// The rule.
    pub rule: RuleId,
    /// What it brings about, as a word: `block`, `reduce`, `warn`, `approve`, `hold`, `act`, `contradict`, `undecided`
    /// or `excepted`.
    pub effect: String,
    /// The field that it is about, as a JSON pointer; empty for the whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// Why, with the figures compared.
    pub because: String,
    /// What to do about it; empty where nothing can be done.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remedy: String,
}

/// Whether a verdict lets a request pass without anybody: the rule on automatic approval, satisfied.
fn passes(verdict: &Verdict) -> bool {
    verdict.rule == AUTOMATIC && verdict.outcome == Outcome::Satisfied
}

/// Whether nobody has to agree. What stands on an exception is not in order by itself: whoever lifted the rule has not agreed to
/// the money.
fn needs_nobody(judgement: &Judgement) -> bool {
    let lifted = |verdict: &Verdict| matches!(verdict.outcome, Outcome::Excepted(_));
    judgement.decision == Decision::Clear
        && judgement.verdicts.iter().any(passes)
        && !judgement.verdicts.iter().any(lifted)
}

impl Assessment {
    /// What a run has to know of a judgement of `paper`, whose case is kept under `record`.
    pub fn of(judgement: &Judgement, paper: &str, record: &str, at: Timestamp) -> Assessment {
        let reasons = judgement.verdicts.iter().filter_map(|verdict| {
            let effect = match &verdict.outcome {
                Outcome::Found(effect) => effect.kind().word(),
                Outcome::Undecided => "undecided",
                Outcome::Excepted(_) => "excepted",
                _ => return None,
            };
            Some(Reason {
                rule: verdict.rule,
                effect: effect.to_owned(),
                field: verdict.field.clone(),
                because: verdict.because.clone(),
                remedy: verdict.remedy.clone(),
            })
        });
        Assessment {
            paper: paper.to_owned(),
            pack: judgement.pack.clone(),
            record: record.to_owned(),
            at,
            decision: judgement.decision,
            asked: judgement.asked,
            payable: judgement.payable,
            bound_by: judgement.bound_by,
            passes: needs_nobody(judgement),
            approvers: judgement.approvers.clone(),
            reasons: reasons.collect(),
        }
    }

    /// The first reason why it cannot go on, or is held: a refusal before a hold.
    pub fn obstacle(&self) -> Option<&Reason> {
        let of = |effects: [&str; 2]| self.reasons.iter().find(|reason| effects.contains(&reason.effect.as_str()));
        of(["block", "contradict"]).or_else(|| of(["hold", "undecided"]))
    }

    /// Whether it may go on to people, or to its end where nobody has to be asked.
    pub fn goes_on(&self) -> bool {
        matches!(self.decision, Decision::Clear | Decision::NeedsApproval)
    }
}
