//! Market development funds: the rules by which requests and claims are judged, and the packs that enable them.
//!
//! A [`Case`] is everything that a judgement looks at, as plain data. A [`Pack`] enables rules and sets their
//! parameters; a rule that no pack enables is inactive. [`judge`] gives one [`Verdict`] per enabled rule, each with what
//! it looked at, the bound that won and how it rounded, and what follows from all of them. [`compare`] says which cases
//! a changed pack would judge otherwise, and by how much.

pub mod candidates;
pub mod cell;
mod claimable;
mod compare;
pub mod earnings;
mod figures;
mod judge;
pub mod model;
pub mod pack;
mod pair;
mod parameter;
mod play;
pub mod returns;
mod rule;
mod rules;
mod ruling;
mod shares;
pub mod statement;
pub mod tax;
pub mod utilisation;
mod view;

pub use cell::BasisPoints;
pub use claimable::{Claimable, claimable};
pub use compare::{Change, Comparison, RuleChange, Side, compare};
pub use figures::{Cut, Figures};
pub use judge::{Decision, Judgement, WrongPack, claim_by, judge, judge_rule};
pub use model::Case;
pub use pack::{Pack, PackPin};
pub use pair::{Field, Likeness, Pair};
pub use parameter::{Parameter, Terms};
pub use play::{Kpi, Play};
pub use rule::{Family, Kind, Rule, RuleId, UnknownRule};
pub(crate) use rules::likeness::{folded, same_number};
pub use rules::{
    deadline::{LaterDay, NoLaterDay, later_day},
    documents::kept_until,
    fraud::out_until,
    payment::Separation,
};
pub use ruling::{Action, ActionKind, Bound, Effect, Input, Outcome, Told, Verdict};
pub use shares::{ROUNDING as SHARE_ROUNDING, shares};

/// The rule by which a request may pass without anybody's approval.
pub const AUTOMATIC: RuleId = rules::route::Q12;

/// The rule by which requests wait for money, first in, first out.
pub const QUEUE: RuleId = rules::budget::G6;

/// The rule on changes of what was approved.
pub const CHANGES: RuleId = rules::request::Q7;

/// The rule about taxes.
pub const TAX_RULE: RuleId = rules::claim_amounts::V7;

/// The rule by which the lowest of all bounds is paid.
pub const LOWEST_BOUND: RuleId = rules::claim_amounts::V1;

/// The rule by which shares sum to the whole.
pub const SHARES: RuleId = rules::amounts::V6;

/// The rule by which what was approved is paid, and nothing else.
pub const AS_APPROVED: RuleId = rules::payment::Y2;

/// The rule by which the first answer and the payment come in time.
pub const PROMPT: RuleId = rules::service::Y3;

/// The rule by which the partner invoices in time, or the vendor issues a credit note.
pub const INVOICED: RuleId = rules::service::Y4;

/// The rule by which instalments sum to what was approved.
pub const INSTALMENTS: RuleId = rules::payment::Y5;

/// The rule on the ways in which money is paid.
pub const WAYS: RuleId = rules::payment::Y6;

/// The rule that says which month's run something joins.
pub const CUT_OFF: RuleId = rules::deadline::C10;

/// The rule by which a returned payment is owed again.
pub const RETURNED: RuleId = rules::payment::Y7;

/// The rule by which money comes back.
pub const TAKEN_BACK: RuleId = rules::clawback::Y8;

/// The rule by which money that comes back is netted.
pub const NETTED: RuleId = rules::clawback::Y9;

/// The rule by which a programme closes when nothing of it is open.
pub const CLOSES: RuleId = rules::payment::Y11;

/// The rule by which a claim is refused by a person or a rule, and never by a model's opinion.
pub const REFUSED_BY: RuleId = rules::documents::D12;

/// The rule by which funds are moved.
pub const MOVEMENTS: RuleId = rules::budget::G8;

/// The rule by which each month has its statement.
pub const STATEMENTS: RuleId = rules::service::Y12;

/// The rule by which claims are audited before they are paid.
pub const AUDITS: RuleId = rules::fraud::F9;

/// The rule that counts what is unusual in a claim.
pub const POINTS: RuleId = rules::fraud::F8;

/// The rule by which different people ask, check, agree and pay.
pub const SEPARATE: RuleId = rules::payment::Y1;

/// The rule by which returns are reported when they are due.
pub const RETURNS: RuleId = rules::service::Y13;

/// After how many days the returns of an activity are reported, the first report first: as the pack says, or as the rule does
/// where the pack is silent.
pub fn report_days(pack: &Pack) -> Vec<u32> {
    rules::service::ROI.of(&pack.terms).into_iter().collect()
}

/// Every rule, by family and number.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    rules::SORTED.iter().copied()
}

/// The rule of an id.
pub fn rule(id: RuleId) -> Option<&'static Rule> {
    rules().find(|rule| rule.id == id)
}
