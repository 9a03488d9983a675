//! A commitment card: what is said about a buyer's commitment where nobody has the bill.
//!
//! Every field says who told it, how sure they were, whether it may be used and until when. An amount is a range that
//! widens while its source ages, and what is too old for how sure it was is asked again. Nothing is forecast from a card.

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use super::{amount::AmountError, band::Band, model::Cloud};
use crate::{
    ids::{PartyId, PersonId},
    money::Currency,
};

/// What is said about a buyer's commitment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// The buyer.
    pub buyer: PartyId,
    /// Everything that was ever said, by either side.
    pub facts: Vec<Fact>,
    /// Whether the buyer shares its daily sums.
    #[serde(default)]
    pub shares_daily_sums: bool,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Whose field it is.
    pub side: Owner,
    /// What was said.
    pub says: Says,
    /// Who told it.
    pub told_by: String,
    /// Where it is from, such as a call or a slide.
    pub source: String,
    /// The day that it is about.
    pub as_of: Date,
    /// How sure it is.
    pub confidence: Confidence,
    /// Whether it may be used.
    pub consent: Consent,
    /// The last day on which it may be relied on.
    pub expires: Date,
    /// Who asks again when it has expired.
    pub ask_again: PersonId,
}

/// Whose field it is: neither side sees the other's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The seller's.
    Seller,
    /// The buyer's.
    Buyer,
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// With which cloud.
    Cloud(Cloud),
    /// What is committed, as a range.
    Amount(AmountSaid),
    /// What remains of it, as a range.
    Remaining(AmountSaid),
    /// When it ends.
    Ends(Date),
}

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// With which cloud.
    Cloud,
    /// What is committed.
    Amount,
    /// What remains of it.
    Remaining,
    /// When it ends.
    Ends,
}

impl Topic {
    /// Every topic, as views show them.
    pub const ALL: [Topic; 4] = [Topic::Cloud, Topic::Amount, Topic::Remaining, Topic::Ends];

    /// The topic as people read it.
    pub fn words(self) -> &'static str {
        match self {
            Topic::Cloud => "the cloud",
            Topic::Amount => "the amount",
            Topic::Remaining => "what remains",
            Topic::Ends => "the end",
        }
    }
}

impl Says {
    /// What it is about.
    pub fn topic(&self) -> Topic {
        match self {
            Says::Cloud(_) => Topic::Cloud,
            Says::Amount(_) => Topic::Amount,
            Says::Remaining(_) => Topic::Remaining,
            Says::Ends(_) => Topic::Ends,
        }
    }
}

/// A range of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AmountSaid {
    /// Between these.
    pub band: Band,
    /// In this currency.
    pub currency: Currency,
}

/// How sure something is. The surer, the narrower the range and the slower it widens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A guess.
    Guessed,
    /// Heard from somebody who may know.
    Heard,
    /// Told by the buyer.
    Told,
    /// Read in the contract.
    Read,
}

impl Confidence {
    /// By how many percent an amount is widened at once, and with each month of age.
    fn widening(self) -> (i64, i64) {
        match self {
            Confidence::Guessed => (30, 5),
            Confidence::Heard => (15, 4),
            Confidence::Told => (5, 2),
            Confidence::Read => (0, 1),
        }
    }

    /// After how many months its source is too old, and it is asked again.
    fn patience(self) -> i64 {
        match self {
            Confidence::Guessed => 3,
            Confidence::Heard => 6,
            Confidence::Told => 12,
            Confidence::Read => 24,
        }
    }

    /// The first day on which something of this confidence is asked again: after its last day, or when its source has become
    /// too old.
    pub fn asked_from(self, as_of: Date, expires: Date) -> Date {
        let over = expires.tomorrow().unwrap_or(expires);
        as_of.checked_add(self.patience().months()).map_or(over, |old| old.min(over))
    }
}

/// Whether something may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// The one who told it agreed.
    Given,
    /// Nobody asked; it is public or the side's own.
    NotNeeded,
    /// The one who told it no longer agrees.
    Withdrawn,
}

/// No widening goes beyond this many percent.
const WIDEST: i64 = 90;

/// A side's view of a card on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// The buyer.
    pub buyer: PartyId,
    /// What is relied on: of each topic the surest fact, of equally sure ones the youngest.
    pub shown: Vec<Shown>,
    /// What has expired or is too old, and who is to ask.
    pub ask: Vec<Ask>,
    /// Whether daily sums are there to be counted.
    pub daily_sums: bool,
}

/// A fact as a view shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The fact.
    pub fact: Fact,
    /// Of an amount, the range that it has become.
    pub range: Option<Band>,
    /// Its age in whole months.
    pub months: i64,
}

/// A question to be asked again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ask {
    /// Who asks.
    pub who: PersonId,
    /// Whom.
    pub whom: String,
    /// About what was said.
    pub about: Says,
    /// Since when it is due.
    pub since: Date,
}

impl Card {
    /// What a side sees on a day. The other side's facts are not in it, not even as a gap.
    ///
    /// # Errors
    /// When an amount is too large to be widened exactly.
    pub fn view(&self, side: Owner, on: Date) -> Result<View, AmountError> {
        let usable = |fact: &&Fact| fact.side == side && fact.consent != Consent::Withdrawn && fact.as_of <= on;
        let mut shown: Vec<Shown> = Vec::new();
        let mut ask = Vec::new();
        for topic in Topic::ALL {
            let about = || self.facts.iter().filter(usable).filter(move |fact| fact.says.topic() == topic);
            let valid = about().filter(|fact| on <= fact.expires);
            if let Some(fact) = valid.max_by_key(|fact| (fact.confidence, fact.as_of)) {
                shown.push(fact.shown(on)?);
            }
            let last = about().max_by_key(|fact| fact.asked_from());
            ask.extend(last.filter(|fact| fact.asked_from() <= on).map(Fact::asked_again));
        }
        let daily_sums = side == Owner::Buyer || self.shares_daily_sums;
        Ok(View { buyer: self.buyer.clone(), shown, ask, daily_sums })
    }
}

impl Fact {
    fn shown(&self, on: Date) -> Result<Shown, AmountError> {
        let months = months_between(self.as_of, on);
        let range = match &self.says {
            Says::Amount(said) | Says::Remaining(said) => Some(widened(said.band, self.confidence, months)?),
            Says::Cloud(_) | Says::Ends(_) => None,
        };
        Ok(Shown { fact: self.clone(), range, months })
    }

    fn asked_from(&self) -> Date {
        self.confidence.asked_from(self.as_of, self.expires)
    }

    fn asked_again(&self) -> Ask {
        Ask {
            who: self.ask_again.clone(),
            whom: self.told_by.clone(),
            about: self.says.clone(),
            since: self.asked_from(),
        }
    }
}

fn widened(band: Band, confidence: Confidence, months: i64) -> Result<Band, AmountError> {
    let (at_once, each) = confidence.widening();
    let percent = each.saturating_mul(months).saturating_add(at_once).min(WIDEST);
    Ok(Band { least: band.least.part(100 - percent, 100)?, most: band.most.part(100 + percent, 100)? })
}

fn months_between(from: Date, to: Date) -> i64 {
    let months = |day: Date| i64::from(day.year()) * 12 + i64::from(day.month());
    let whole = months(to) - months(from);
    let over = from.checked_add(whole.months()).is_ok_and(|day| day <= to);
    if over { whole } else { whole - 1 }.max(0)
}
