//! Commitments that follow each other: which days count for which, by the contract's own field.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use serde::Serialize;

use super::{Drawdown, DrawdownError, Figures, Share, Side, course::Walk};
use crate::commitment::{
    amount::Amount,
    model::{Commitment, CommitmentId, How},
};

/// Why commitments are no sequence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SequenceError {
    /// One follows another that is not there.
    #[error("`{follower}` follows `{former}`, which is not among the commitments; add it or remove `succession`")]
    NoFormer {
        /// The follower.
        follower: CommitmentId,
        /// The one that is not there.
        former: CommitmentId,
    },
    /// They follow each other in a circle.
    #[error("`{0}` follows itself through others; correct `succession` of one of them")]
    Circle(CommitmentId),
    /// A drawdown that cannot be computed.
    #[error(transparent)]
    Drawdown(#[from] DrawdownError),
}

/// When spend begins to count for a commitment, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// On its own first day.
    Own(Date),
    /// When the former ended.
    FormerEnded(Date),
    /// When the former was used up, on that very day.
    FormerUsedUp(Date),
    /// It has not begun: the former is neither used up nor ended.
    Waiting,
}

/// Commitments with what follows from their order.
#[derive(Debug)]
pub struct Sequence<'c> {
    members: BTreeMap<&'c CommitmentId, (&'c Commitment, &'c Drawdown)>,
}

impl<'c> Sequence<'c> {
    /// Commitments, each with the drawdown of all spend in its scope.
    ///
    /// # Errors
    /// When one follows another that is not there, or itself.
    pub fn new(all: impl IntoIterator<Item = (&'c Commitment, &'c Drawdown)>) -> Result<Sequence<'c>, SequenceError> {
        let members: BTreeMap<_, _> = all.into_iter().map(|member| (&member.0.id, member)).collect();
        for (commitment, _) in members.values() {
            let (mut at, mut steps) = (*commitment, 0);
            while let Some(succession) = &at.succession {
                let lost = || SequenceError::NoFormer { follower: at.id.clone(), former: succession.to.clone() };
                at = members.get(&succession.to).ok_or_else(lost)?.0;
                steps += 1;
                if steps > members.len() {
                    return Err(SequenceError::Circle(commitment.id.clone()));
                }
            }
        }
        Ok(Sequence { members })
    }

    /// The commitments that follow one.
    pub fn after(&self, id: &CommitmentId) -> Vec<&'c Commitment> {
        let follows = |next: &&Commitment| next.succession.as_ref().is_some_and(|succession| succession.to == *id);
        self.members.values().map(|(commitment, _)| *commitment).filter(follows).collect()
    }

    /// The figures of a member on a day.
    ///
    /// # Errors
    /// When it is no member, nothing was known about the day, or a sum is no longer exact.
    pub fn figures(&self, id: &CommitmentId, as_of: Date, known_on: Date) -> Result<Figures, SequenceError> {
        let (commitment, drawdown) = self.member(id)?;
        let least = self.until_used_up(commitment, as_of, known_on, Side::Least)?;
        let most = self.until_used_up(commitment, as_of, known_on, Side::Most)?;
        Ok(drawdown.figures_within(commitment, as_of, known_on, (least, most))?)
    }

    /// When spend begins to count for a member, at one end of what is known.
    ///
    /// # Errors
    /// As [`Sequence::figures`].
    pub fn start(&self, id: &CommitmentId, as_of: Date, known_on: Date, side: Side) -> Result<Start, SequenceError> {
        let (commitment, _) = self.member(id)?;
        Ok(self.share(commitment, as_of, known_on, side)?.1)
    }

    /// Its share; where another waits for it, no more than what it takes to use it up.
    fn until_used_up(
        &self,
        commitment: &Commitment,
        as_of: Date,
        known_on: Date,
        side: Side,
    ) -> Result<Share, SequenceError> {
        let mut share = self.share(commitment, as_of, known_on, side)?.0;
        let waits = |next: &Commitment| {
            let after = next.succession.as_ref().is_some_and(|succession| succession.how == How::After);
            after.then(|| next.starts(known_on)).flatten()
        };
        let first = self.after(&commitment.id).into_iter().filter_map(waits).min();
        if let (Some(first), End::UsedUp(day, beyond)) = (first, self.end(commitment, as_of, known_on, side)?) {
            // Before the next one's first day there is nothing that could take what is beyond.
            match day >= first {
                true => (share.through, share.closing) = (Some(day), beyond),
                false => share.through = first.checked_sub(1.day()).ok(),
            }
        }
        Ok(share)
    }

    fn member(&self, id: &CommitmentId) -> Result<(&'c Commitment, &'c Drawdown), SequenceError> {
        let lost = || SequenceError::NoFormer { follower: id.clone(), former: id.clone() };
        self.members.get(id).copied().ok_or_else(lost)
    }

    fn share(
        &self,
        commitment: &Commitment,
        as_of: Date,
        known_on: Date,
        side: Side,
    ) -> Result<(Share, Start), SequenceError> {
        let own = commitment.starts(known_on).unwrap_or(as_of);
        let superseded = self.after(&commitment.id).into_iter().filter_map(|next| {
            let supersedes = next.succession.as_ref().is_some_and(|succession| succession.how == How::Supersede);
            next.starts(known_on).filter(|_| supersedes).and_then(|start| start.checked_sub(1.day()).ok())
        });
        let mut share = Share { through: superseded.min(), ..Share::default() };
        let Some(succession) = commitment.succession.as_ref().filter(|succession| succession.how == How::After) else {
            return Ok((share, Start::Own(own)));
        };
        let (former, _) = self.member(&succession.to)?;
        let (from, opening, start) = match self.end(former, as_of, known_on, side)? {
            End::UsedUp(day, beyond) if day >= own => (day.checked_add(1.day()), beyond, Start::FormerUsedUp(day)),
            End::UsedUp(..) => (Ok(own), Amount::ZERO, Start::Own(own)),
            End::Ended(day) => {
                let next = day.checked_add(1.day()).unwrap_or(Date::MAX).max(own);
                (Ok(next), Amount::ZERO, if next == own { Start::Own(own) } else { Start::FormerEnded(day) })
            }
            End::Runs => (Ok(Date::MAX), Amount::ZERO, Start::Waiting),
        };
        (share.from, share.opening) = (Some(from.unwrap_or(Date::MAX)), opening);
        Ok((share, start))
    }

    /// How a member ends by a day: walked day by day, so that what is beyond it goes to the next to the cent.
    fn end(&self, member: &Commitment, as_of: Date, known_on: Date, side: Side) -> Result<End, SequenceError> {
        let (_, drawdown) = self.member(&member.id)?;
        let no_terms = || DrawdownError::NoTerms { commitment: member.id.clone(), day: as_of, known_on };
        let terms = member.terms(as_of, known_on).ok_or_else(no_terms)?;
        let share = self.share(member, as_of, known_on, side)?.0;
        let mut walk = Walk::new(terms, side, share.opening).map_err(DrawdownError::from)?;
        let last = share.through.map_or(terms.ends(), |day| day.min(terms.ends()));
        for (day, counted) in drawdown.days().range(..=as_of.min(last)).filter(|(day, _)| share.has(**day)) {
            walk.add(*day, counted).map_err(DrawdownError::from)?;
            let (remaining, beyond) = walk.remaining().map_err(DrawdownError::from)?;
            if remaining.is_zero() {
                return Ok(End::UsedUp(*day, beyond));
            }
        }
        Ok(if last < as_of { End::Ended(last) } else { End::Runs })
    }
}

/// How a commitment ends by a day.
enum End {
    /// It does not.
    Runs,
    /// Its last day has passed.
    Ended(Date),
    /// It was used up on this day, with what is beyond it.
    UsedUp(Date, Amount),
}
