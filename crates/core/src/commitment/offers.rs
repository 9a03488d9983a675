//! What to do about a gap: offers that would count, each with the share of the gap that it covers, and why.

use jiff::civil::Date;
use serde::Serialize;

use super::{
    amount::{Amount, AmountError},
    band::Band,
    drawdown::Figures,
    eligibility::{Line, Rules, Verdict, judge},
    forecast::Planned,
    model::Commitment,
    sums::Part,
};
use rust_decimal::Decimal;

/// An offer to a buyer, open or possible.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The offer's id, or a name for one that is only thought of.
    pub offer: String,
    /// The charges that it would bring.
    pub charges: Vec<Line>,
}

impl Candidate {
    /// What if: the same charge on several days, such as an amount each month from some month on.
    pub fn repeated(offer: &str, charge: &Line, days: impl IntoIterator<Item = Date>) -> Candidate {
        let dated = |day: Date| {
            let mut line = charge.clone();
            line.dates.charge = day;
            line.dates.invoice = Some(day);
            line
        };
        Candidate { offer: offer.to_owned(), charges: days.into_iter().map(dated).collect() }
    }
}

/// What an offer would do for a gap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Prospect {
    /// The offer.
    pub offer: String,
    /// Everything that it would bring within the period.
    pub brings: Amount,
    /// What would count of that, under the cap.
    pub counts: Band,
    /// What the cap would keep out.
    pub over_cap: Band,
    /// What falls on days after the period, or before today.
    pub outside: Amount,
    /// The share of the gap that it covers, in percent to two decimals, at most 100; `None` where there is no gap.
    pub covers: Option<(Decimal, Decimal)>,
    /// Why: the verdict on each charge within the period.
    pub why: Vec<Verdict>,
    /// What counts of each charge before the cap: what a forecast takes as planned.
    #[serde(flatten)]
    pub plans: Plans,
}

/// What counts of charges before the cap, at either end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Plans {
    /// At the least.
    #[serde(rename = "planned")]
    pub least: Vec<Planned>,
    /// At the most.
    #[serde(rename = "planned_at_most")]
    pub most: Vec<Planned>,
}

/// What each offer would do for the gap of the current period, the best first. Each is judged alone.
///
/// # Errors
/// When 28 digits do not hold a sum.
pub fn prospects(
    commitment: &Commitment,
    rules: &Rules,
    figures: &Figures,
    gap: Band,
    candidates: &[Candidate],
) -> Result<Vec<Prospect>, AmountError> {
    let mut prospects = Vec::new();
    for candidate in candidates {
        prospects.push(prospect(commitment, rules, figures, gap, candidate)?);
    }
    let rank = |prospect: &Prospect| (prospect.counts.least, prospect.counts.most);
    prospects.sort_by(|one, other| rank(other).cmp(&rank(one)).then_with(|| one.offer.cmp(&other.offer)));
    Ok(prospects)
}

fn prospect(
    commitment: &Commitment,
    rules: &Rules,
    figures: &Figures,
    gap: Band,
    candidate: &Candidate,
) -> Result<Prospect, AmountError> {
    let (mut cloud, mut marketplace) = (Band::ZERO, Band::ZERO);
    let (mut brings, mut outside) = (Amount::ZERO, Amount::ZERO);
    let (mut why, mut plans) = (Vec::new(), Plans::default());
    for charge in &candidate.charges {
        let verdict = judge(commitment, rules, figures.known_on, charge);
        if verdict.day <= figures.as_of || verdict.day > figures.period.through {
            outside = outside.plus(charge.amount)?;
            continue;
        }
        brings = brings.plus(charge.amount)?;
        let counts = verdict.weight.of(charge.amount)?;
        let bought = charge.channel.is_marketplace();
        let sum = if bought { &mut marketplace } else { &mut cloud };
        *sum = sum.plus(counts)?;
        let part = if bought { Part::Marketplace } else { Part::Cloud };
        plans.least.push(Planned { day: verdict.day, amount: counts.least, part });
        plans.most.push(Planned { day: verdict.day, amount: counts.most, part });
        why.push(verdict);
    }
    let (least_room, most_room) = figures.period.headroom.left;
    let within = |counts: Amount, room: Option<Amount>| room.map_or(counts, |room| counts.min(room));
    // Where as much as may be counts already, the room is the smaller one: more may count at the least than at the most.
    let under = (within(marketplace.least, least_room), within(marketplace.most, most_room));
    let counts = Band::between(cloud.least.plus(under.0)?, cloud.most.plus(under.1)?);
    Ok(Prospect {
        offer: candidate.offer.clone(),
        brings,
        over_cap: Band::between(marketplace.least.minus(under.0)?, marketplace.most.minus(under.1)?),
        counts,
        outside,
        // The least that counts against the widest gap, and the other way round.
        covers: percent(counts.least, gap.most).zip(percent(counts.most, smallest(gap))),
        why,
        plans,
    })
}

/// Where the gap may be nothing, its most is what an offer is measured by.
fn smallest(gap: Band) -> Amount {
    if gap.least.is_zero() { gap.most } else { gap.least }
}

fn percent(counts: Amount, gap: Amount) -> Option<Decimal> {
    let ratio = counts.ratio(gap)?.min(Decimal::ONE);
    Some((ratio * Decimal::ONE_HUNDRED).clamp(Decimal::ZERO, Decimal::ONE_HUNDRED).round_dp(2).normalize())
}
