//! What a rule says, before it is signed with the rule's id: its outcome, and why.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;

use super::{
    pair::{self, Pair},
    rule::{Kind, RuleId},
};
use crate::{
    calendar::OutOfReach,
    ids::RoleId,
    money::{Money, MoneyError},
};

/// What a rule brings about when its demand is not met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "effect")]
pub enum Effect {
    /// It cannot go on.
    Block,
    /// At most this much.
    Reduce {
        /// How much.
        to: Money,
    },
    /// It goes on, and somebody should look.
    Warn,
    /// These roles have to approve, in this order.
    Approve {
        /// The roles.
        roles: Vec<RoleId>,
    },
    /// It waits until something is settled.
    Hold,
    /// Time acts.
    Act {
        /// What is to be done.
        actions: Vec<Action>,
    },
    /// The data contradict what the rule defines.
    Contradict,
}

impl Effect {
    /// The kind of rule that may bring it about.
    pub fn kind(&self) -> Kind {
        match self {
            Effect::Block => Kind::Block,
            Effect::Reduce { .. } => Kind::Reduce,
            Effect::Warn => Kind::Warn,
            Effect::Approve { .. } => Kind::Approve,
            Effect::Hold => Kind::Hold,
            Effect::Act { .. } => Kind::Timer,
            Effect::Contradict => Kind::Define,
        }
    }
}

/// Something that is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Action {
    /// What.
    pub what: ActionKind,
    /// On which day.
    pub due: Date,
    /// How much, where money moves.
    pub amount: Option<Money>,
}

/// What can be due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// Pay earnings as a rebate.
    PayRebate,
    /// Credit earnings to the fund.
    CreditFund,
    /// Hold money for an approved request.
    Reserve,
    /// Give a reservation back.
    Release,
    /// Let unused money lapse.
    Expire,
    /// Close the claim: its proof did not come in time.
    CloseForProof,
    /// Remind the partner of the deadline.
    Remind,
    /// Close what was not claimed in time.
    CloseUnclaimed,
    /// Put the payable into a payment run.
    JoinRun,
    /// Remove a document whose time is over.
    Remove,
    /// Tell a superior that an answer or payment is late.
    Escalate,
    /// Ask the partner for its invoice.
    AskForInvoice,
    /// Issue a credit note in the partner's name.
    SelfBill,
    /// Open the payable again.
    ReopenPayable,
    /// Close the claim again.
    CloseClaimAgain,
    /// Take money back from the partner.
    Recover,
    /// Take money off the next statement.
    NetOnStatement,
    /// Invoice money to the partner.
    InvoicePartner,
    /// Issue the monthly statement.
    IssueStatement,
    /// Keep the partner out.
    Disqualify,
}

impl ActionKind {
    /// What people do about it: nothing where it is done when it is due.
    fn remedy(self) -> &'static str {
        match self {
            ActionKind::Escalate => "answer or pay it; nobody else is told",
            ActionKind::CloseForProof => "hand the proof in, or withdraw the claim",
            _ => "nothing; the action is taken when it is due",
        }
    }
}

/// What came of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// What it demands holds.
    Satisfied,
    /// There is nothing for it to judge.
    Silent,
    /// What it demands does not hold.
    Found(Effect),
    /// It found something that an approved exception lifts.
    Excepted(Effect),
    /// It cannot be judged; counts as held, never as satisfied.
    Undecided,
}

/// A figure that a rule looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Input {
    /// What it is.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// An upper bound that an amount was put under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bound {
    /// What bounds.
    pub name: &'static str,
    /// The amount.
    pub amount: Money,
    /// Whether it is the lowest, and the first of the lowest.
    pub won: bool,
}

/// What a rule looked at on its way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The figures.
    pub inputs: Vec<Input>,
    /// The bounds, in the order in which they were tried.
    pub bounds: Vec<Bound>,
    /// How amounts were rounded; empty where none was.
    pub rounding: String,
    /// What it found alike in this claim and earlier ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<Pair>,
}

impl Told {
    pub(super) fn input(&mut self, name: &'static str, value: impl fmt::Display) {
        self.inputs.push(Input { name, value: value.to_string() });
    }

    /// Lists a pair, up to a bound.
    pub(super) fn pair(&mut self, pair: Pair) {
        if self.pairs.len() < pair::MOST {
            self.pairs.push(pair);
        }
    }

    /// Lists values, or says that there are none.
    pub(super) fn list<T: fmt::Display>(&mut self, name: &'static str, values: impl IntoIterator<Item = T>) {
        let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
        self.input(name, if values.is_empty() { "none".to_owned() } else { values.join(", ") });
    }

    /// The lowest of the bounds, marked as the one that won.
    pub(super) fn lowest(&mut self, bounds: Vec<(&'static str, Money)>) -> Option<(&'static str, Money)> {
        let won = bounds.iter().enumerate().min_by_key(|(at, (_, amount))| (amount.minor, *at)).map(|(at, _)| at);
        let tried = bounds.iter().enumerate();
        self.bounds = tried.map(|(at, (name, amount))| Bound { name, amount: *amount, won: won == Some(at) }).collect();
        won.and_then(|at| bounds.get(at).copied())
    }
}

/// Why a rule gives no ruling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stuck {
    /// There is nothing to judge.
    Nothing(&'static str),
    /// Something needed is not known.
    Unknown(String),
}

impl From<MoneyError> for Stuck {
    fn from(error: MoneyError) -> Stuck {
        Stuck::Unknown(error.to_string())
    }
}

impl From<OutOfReach> for Stuck {
    fn from(error: OutOfReach) -> Stuck {
        Stuck::Unknown(error.to_string())
    }
}

impl From<jiff::Error> for Stuck {
    fn from(error: jiff::Error) -> Stuck {
        Stuck::Unknown(error.to_string())
    }
}

/// What a rule says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ruling {
    pub outcome: Outcome,
    /// Where in the case.
    pub field: String,
    /// Why, with the figures compared.
    pub because: String,
    /// What to do about it; empty where there is nothing to do.
    pub remedy: String,
}

impl Ruling {
    pub fn satisfied(because: impl Into<String>) -> Ruling {
        Ruling { outcome: Outcome::Satisfied, field: String::new(), because: because.into(), remedy: String::new() }
    }

    pub fn found(
        effect: Effect,
        field: impl Into<String>,
        because: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Ruling {
        Ruling { outcome: Outcome::Found(effect), field: field.into(), because: because.into(), remedy: remedy.into() }
    }

    pub fn block(field: impl Into<String>, because: impl Into<String>, remedy: impl Into<String>) -> Ruling {
        Ruling::found(Effect::Block, field, because, remedy)
    }

    pub fn hold(field: impl Into<String>, because: impl Into<String>, remedy: impl Into<String>) -> Ruling {
        Ruling::found(Effect::Hold, field, because, remedy)
    }

    pub fn act(actions: Vec<Action>, field: impl Into<String>, because: impl Into<String>) -> Ruling {
        let remedy = actions.first().map_or("", |action| action.what.remedy());
        Ruling::found(Effect::Act { actions }, field, because, remedy)
    }

    pub fn approve(
        roles: impl IntoIterator<Item = RoleId>,
        field: impl Into<String>,
        because: impl Into<String>,
    ) -> Ruling {
        let roles: Vec<RoleId> = roles.into_iter().collect();
        let names: Vec<String> = roles.iter().map(|role| format!("`{role}`")).collect();
        let remedy = format!("have it approved by {}", names.join(", then "));
        Ruling::found(Effect::Approve { roles }, field, because, remedy)
    }
}

/// A rule's verdict on a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The rule.
    pub rule: RuleId,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Where in the case, as a JSON pointer; empty where it is about no field.
    pub field: String,
    /// Why, with the figures compared.
    pub because: String,
    /// What to do about it; empty where there is nothing to do.
    pub remedy: String,
    /// What the rule looked at.
    #[serde(flatten)]
    pub told: Told,
    /// Where the rule comes from.
    pub source: &'static str,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.rule, self.outcome.word(), self.because)?;
        if let Some(bound) = self.told.bounds.iter().find(|bound| bound.won) {
            write!(f, "; {} decides with {}", bound.name, bound.amount)?;
        }
        if !self.told.rounding.is_empty() {
            write!(f, "; {}", self.told.rounding)?;
        }
        if !self.remedy.is_empty() {
            write!(f, "; {}", self.remedy)?;
        }
        Ok(())
    }
}

impl Outcome {
    /// Whether it says something that anybody needs to hear.
    pub fn is_heard(&self) -> bool {
        !matches!(self, Outcome::Satisfied | Outcome::Silent)
    }

    /// The word for people.
    pub fn word(&self) -> &'static str {
        match self {
            Outcome::Satisfied => "satisfied",
            Outcome::Silent => "not concerned",
            Outcome::Excepted(_) => "excepted",
            Outcome::Undecided => "undecided",
            Outcome::Found(effect) => match effect {
                Effect::Block => "blocks",
                Effect::Reduce { .. } => "reduces",
                Effect::Warn => "warns",
                Effect::Approve { .. } => "asks for approval",
                Effect::Hold => "holds",
                Effect::Act { .. } => "acts",
                Effect::Contradict => "contradicted",
            },
        }
    }
}
