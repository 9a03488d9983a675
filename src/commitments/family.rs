//! A commitment among those that it follows and that follow it, each with what was spent of it: its figures on any day.

use std::collections::BTreeSet;

use entente_core::{
    commitment::{
        Commitment, Partition,
        drawdown::{Drawdown, Figures, Sequence, SequenceError, Share, Side, Start},
        rates::{Conversions, Foreign, FxMove, Rates, moves},
    },
    context::commitment::Contract,
    ids::CommitmentId,
    scope::{Home, Scope},
};
use entente_store::Store;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{
    CommitmentError,
    spent::spent,
    stored::{self, Stored},
};
use crate::{
    rates,
    spend::{self, Judge, Known, is_held_back},
};

/// A commitment with its sequence, as known on a day.
#[derive(Debug)]
pub struct Family {
    id: CommitmentId,
    known_on: Date,
    members: Vec<(Commitment, Drawdown)>,
    /// What was billed of the commitment itself in other currencies.
    foreign: Foreign,
    /// Partitions of the commitment itself that its buyer does not share.
    held_back: BTreeSet<Partition>,
    /// Partitions of the commitment itself that are judged otherwise than they would be now.
    judged_otherwise: BTreeSet<Partition>,
    rates: Rates,
    /// The days of the cloud's statements about the commitment itself.
    statements: Vec<Date>,
}

impl Family {
    /// Reads a commitment, those of its sequence and their sums, as they were known at the end of a day; as they are known now
    /// where that day is not over. All of a sequence are of one buyer and one legal entity.
    ///
    /// # Errors
    /// When the records cannot be read.
    pub async fn of(
        store: &dyn Store,
        stored: &Stored,
        known_on: Date,
        now: Timestamp,
    ) -> Result<Family, CommitmentError> {
        let home = &stored.row.snapshot.home;
        let scope = Scope::party(home.party.clone());
        let mut all: Vec<Stored> = stored::of_party(store, &scope, &stored.commitment.party).await?;
        all.retain(|one| one.row.snapshot.home == *home && one.commitment.id != stored.commitment.id);
        all.push(stored.clone());
        let until = end_of(&stored.commitment, known_on).filter(|end| *end < now);
        let rates = rates::known(store, until).await?;
        let (mut members, mut foreign, mut held_back, mut statements) =
            (Vec::new(), Foreign::default(), BTreeSet::new(), Vec::new());
        let linked = linked(&stored.commitment.id, all.iter().map(|one| &one.commitment));
        let linked: Vec<&Stored> = all.iter().filter(|one| linked.contains(&one.commitment.id)).collect();
        for one in linked {
            let commitment = one.contract.commitment_known_on(known_on)?;
            let stated = stated(&one.contract, &commitment, known_on);
            let without_daily_sums = is_held_back(store, &commitment).await?;
            let known = Known { until, on: known_on, rates: &rates, statements: &stated, without_daily_sums };
            let spent = spent(store, &scope, &commitment, known).await?;
            members.push((commitment, spent.drawdown));
            if one.commitment.id == stored.commitment.id {
                (foreign, held_back, statements) = (spent.foreign, spent.held_back, stated);
            }
        }
        // What was known before was judged by what was known then.
        let judged_otherwise = match until {
            Some(_) => BTreeSet::new(),
            None => {
                let (commitment, rules) = (&stored.commitment, spend::in_force(store).await?);
                let judge = Judge { commitment, rules: &rules, known_on: commitment.day_of(now) };
                spend::judged_otherwise(store, judge).await?
            }
        };
        let id = stored.commitment.id.clone();
        Ok(Family { id, known_on, members, foreign, held_back, judged_otherwise, rates, statements })
    }

    /// A commitment that stands alone.
    #[cfg(test)]
    pub(super) fn alone(commitment: Commitment, spent: Drawdown, known_on: Date) -> Family {
        Family {
            id: commitment.id.clone(),
            known_on,
            members: vec![(commitment, spent)],
            foreign: Foreign::default(),
            held_back: BTreeSet::new(),
            judged_otherwise: BTreeSet::new(),
            rates: Rates::default(),
            statements: Vec::new(),
        }
    }

    /// The commitment, with all spend in its scope.
    ///
    /// # Errors
    /// Never for a family that [`Family::of`] has made.
    pub fn own(&self) -> Result<(&Commitment, &Drawdown), CommitmentError> {
        let own = self.members.iter().find(|(commitment, _)| commitment.id == self.id);
        let missing = || entente_store::Error::NotFound { kind: stored::KIND, id: self.id.to_string() };
        Ok(own.map(|(commitment, spent)| (commitment, spent)).ok_or_else(missing)?)
    }

    /// What was billed in other currencies than the commitment's.
    pub fn foreign(&self) -> &Foreign {
        &self.foreign
    }

    /// The partitions of daily sums that the buyer does not share.
    pub fn held_back(&self) -> &BTreeSet<Partition> {
        &self.held_back
    }

    /// The partitions that were judged by other terms or rules than are known now: what is told of them is not yet what it would be.
    pub fn judged_otherwise(&self) -> &BTreeSet<Partition> {
        &self.judged_otherwise
    }

    /// How far the exchange rates that the contract watches stand on a day from their reference.
    ///
    /// # Errors
    /// As [`Family::own`].
    pub fn fx_moves(&self, day: Date) -> Result<Vec<FxMove>, CommitmentError> {
        let (commitment, _) = self.own()?;
        let (rates, statements, known_on) = (&self.rates, self.statements.as_slice(), self.known_on);
        Ok(moves(&Conversions { commitment, rates, statements, known_on }, day))
    }

    /// The day as of which it is known.
    pub fn known_on(&self) -> Date {
        self.known_on
    }

    /// Its figures at the end of a day.
    ///
    /// # Errors
    /// When the sequence is none, nothing was known about the day, or a sum is no longer exact.
    pub fn figures(&self, as_of: Date) -> Result<Figures, CommitmentError> {
        Ok(self.sequence()?.figures(&self.id, as_of, self.known_on)?)
    }

    /// Its share of what was spent in its scope, at either end of what is known.
    ///
    /// # Errors
    /// As [`Family::figures`].
    pub fn shares(&self, as_of: Date) -> Result<(Share, Share), CommitmentError> {
        Ok(self.sequence()?.shares(&self.id, as_of, self.known_on)?)
    }

    /// When spend begins to count for it.
    ///
    /// # Errors
    /// As [`Family::figures`].
    pub fn start(&self, as_of: Date) -> Result<Start, CommitmentError> {
        Ok(self.sequence()?.start(&self.id, as_of, self.known_on, Side::Least)?)
    }

    /// Those that follow it.
    pub fn after(&self) -> Vec<&Commitment> {
        let follows = |next: &&Commitment| next.succession.as_ref().is_some_and(|succession| succession.to == self.id);
        self.members.iter().map(|(commitment, _)| commitment).filter(follows).collect()
    }

    fn sequence(&self) -> Result<Sequence<'_>, CommitmentError> {
        Ok(Sequence::new(self.members.iter().map(|(commitment, spent)| (commitment, spent)))?)
    }
}

/// The days of the cloud's statements that were known at the end of a day, in their order.
fn stated(contract: &Contract, commitment: &Commitment, known_on: Date) -> Vec<Date> {
    let known = contract.statements.iter().filter(|stated| commitment.day_of(stated.at) <= known_on);
    let mut days: Vec<Date> = known.map(|stated| stated.statement.as_of).collect();
    days.sort_unstable();
    days
}

/// Refuses what would leave commitments without figures: a document, or the lack of a withdrawn one, that makes those which are
/// linked by succession no sequence. Where they are none already, whatever may mend it passes.
///
/// # Errors
/// Why they would be no sequence, or when the records cannot be read.
pub async fn keeps_sequence(
    store: &dyn Store,
    home: &Home,
    id: &CommitmentId,
    new: Option<&Commitment>,
) -> Result<(), CommitmentError> {
    let mut all = stored::of_party(store, &Scope::party(home.party.clone()), &home.party).await?;
    all.retain(|one| one.row.snapshot.home == *home);
    let before: Vec<&Commitment> = all.iter().map(|one| &one.commitment).collect();
    let others = before.iter().copied().filter(|one| one.id != *id);
    let after: Vec<&Commitment> = others.chain(new).collect();
    match (is_sequence(id, &before), is_sequence(id, &after)) {
        (Ok(()), Err(error)) => Err(error.into()),
        _ => Ok(()),
    }
}

/// Whether a commitment and those that it is linked with follow each other as they should, whatever was spent of them.
fn is_sequence(id: &CommitmentId, all: &[&Commitment]) -> Result<(), SequenceError> {
    let linked = linked(id, all.iter().copied());
    let members = all.iter().filter(|one| linked.contains(&one.id));
    let unspent: Vec<(&Commitment, Drawdown)> = members.map(|one| (*one, Drawdown::new(one))).collect();
    Sequence::new(unspent.iter().map(|(commitment, nothing)| (*commitment, nothing))).map(drop)
}

/// Those that a commitment is linked with by succession, itself included.
fn linked<'s>(id: &'s CommitmentId, all: impl Iterator<Item = &'s Commitment> + Clone) -> BTreeSet<&'s CommitmentId> {
    let mut reached: BTreeSet<&CommitmentId> = BTreeSet::from([id]);
    loop {
        let before = reached.len();
        for one in all.clone() {
            let former = one.succession.as_ref().map(|succession| &succession.to);
            if former.is_some_and(|former| reached.contains(former)) {
                reached.insert(&one.id);
            }
            if reached.contains(&one.id) {
                reached.extend(former);
            }
        }
        if reached.len() == before {
            return reached;
        }
    }
}

/// The instant at which a day ends, in the zone in which the contract's months are cut off.
pub fn end_of(commitment: &Commitment, day: Date) -> Option<Timestamp> {
    let zone = TimeZone::get(&commitment.basis.zone).unwrap_or(TimeZone::UTC);
    day.tomorrow().ok()?.to_zoned(zone).ok().map(|end| end.timestamp())
}

/// The day of the figures where none is named: today, or the term's last day once it is over.
///
/// # Errors
/// When the kept document cannot be read.
pub fn day_of(contract: &Contract, today: Date) -> Result<Date, CommitmentError> {
    let commitment = contract.commitment()?;
    Ok(commitment.terms(today, today).map_or(today, |terms| today.min(terms.ends())))
}
