//! Commitments that follow each other: which days count for which, by the contract's own field.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};
use serde::Serialize;

use super::{Agreed, Drawdown, DrawdownError, Figures, Share, Side, Split, course::Walk};
use crate::commitment::model::{Commitment, CommitmentId, How};

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
    /// Spend of the one cannot go on to the other.
    #[error(
        "spend of `{former}` cannot go on to `{follower}` ({}); a commitment that follows is in the same terms, or is `parallel`",
        differences.join("; ")
    )]
    Differs {
        /// The follower.
        follower: CommitmentId,
        /// The one before it.
        former: CommitmentId,
        /// Where they differ, the former's first.
        differences: Vec<String>,
    },
    /// The same spend would go on to two.
    #[error(
        "`{one}` and `{other}` both come after `{former}`, and its spend would count twice; let one come after the other"
    )]
    TwoFollowers {
        /// The one before them.
        former: CommitmentId,
        /// A follower.
        one: CommitmentId,
        /// Another.
        other: CommitmentId,
    },
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
    /// When one follows another that is not there, or itself; when one comes after another in whose spend it cannot be
    /// counted, or beside which another does.
    pub fn new(all: impl IntoIterator<Item = (&'c Commitment, &'c Drawdown)>) -> Result<Sequence<'c>, SequenceError> {
        let members: BTreeMap<_, _> = all.into_iter().map(|member| (&member.0.id, member)).collect();
        let sequence = Sequence { members };
        for (commitment, _) in sequence.members.values() {
            let (mut at, mut steps) = (*commitment, 0);
            while let Some(succession) = &at.succession {
                let lost = || SequenceError::NoFormer { follower: at.id.clone(), former: succession.to.clone() };
                at = sequence.members.get(&succession.to).ok_or_else(lost)?.0;
                steps += 1;
                if steps > sequence.members.len() {
                    return Err(SequenceError::Circle(commitment.id.clone()));
                }
            }
            sequence.takes_over(commitment)?;
        }
        Ok(sequence)
    }

    /// Whether spend can go on from a commitment to the one that comes after it.
    fn takes_over(&self, former: &Commitment) -> Result<(), SequenceError> {
        let followers = self.following(&former.id, How::After);
        if let [one, other, ..] = followers.as_slice() {
            let (one, other) = (one.id.clone(), other.id.clone());
            return Err(SequenceError::TwoFollowers { former: former.id.clone(), one, other });
        }
        let Some(follower) = followers.first() else { return Ok(()) };
        let mut differences = former.basis.differences(&follower.basis);
        if former.cloud != follower.cloud {
            differences.push(format!("cloud: {}, not {}", former.cloud, follower.cloud));
        }
        if former.currency != follower.currency {
            differences.push(format!("currency: {}, not {}", former.currency, follower.currency));
        }
        if differences.is_empty() {
            return Ok(());
        }
        Err(SequenceError::Differs { follower: follower.id.clone(), former: former.id.clone(), differences })
    }

    fn following(&self, id: &CommitmentId, how: How) -> Vec<&'c Commitment> {
        let so = |next: &&Commitment| next.succession.as_ref().is_some_and(|succession| succession.how == how);
        self.after(id).into_iter().filter(so).collect()
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
        Ok(drawdown.figures_within(commitment, as_of, known_on, self.shares(id, as_of, known_on)?)?)
    }

    /// A member's share at either end of what is known.
    ///
    /// # Errors
    /// As [`Sequence::figures`].
    pub fn shares(&self, id: &CommitmentId, as_of: Date, known_on: Date) -> Result<(Share, Share), SequenceError> {
        let (commitment, _) = self.member(id)?;
        let share = |side| self.until_used_up(commitment, as_of, known_on, side);
        Ok((share(Side::Least)?, share(Side::Most)?))
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
        let waits =
            self.following(&commitment.id, How::After).into_iter().filter_map(|next| next.starts(known_on)).min();
        if let (Some(first), End::UsedUp(split)) = (waits, self.end(commitment, as_of, known_on, side)?) {
            // Before the next one's first day there is nothing that could take what is beyond.
            let taken = split.day >= first;
            share.closing = taken.then_some(split);
            let until = if taken { Some(split.day) } else { first.checked_sub(1.day()).ok() };
            share.through = [share.through, until].into_iter().flatten().min();
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
        let until = |next: &Commitment| next.starts(known_on).and_then(|start| start.checked_sub(1.day()).ok());
        let replaced = self.following(&commitment.id, How::Supersede).into_iter().filter_map(until).min();
        let mut share = Share { through: replaced, superseded: replaced.is_some(), ..Share::default() };
        let Some(succession) = commitment.succession.as_ref().filter(|succession| succession.how == How::After) else {
            return Ok((share, Start::Own(own)));
        };
        let (former, _) = self.member(&succession.to)?;
        let (from, start) = match self.end(former, as_of, known_on, side)? {
            End::UsedUp(split) if split.day >= own => {
                share.opening = Some(split);
                (split.day.tomorrow().unwrap_or(Date::MAX), Start::FormerUsedUp(split.day))
            }
            End::UsedUp(_) => (own, Start::Own(own)),
            End::Ended(day) => {
                let next = day.tomorrow().unwrap_or(Date::MAX).max(own);
                (next, if next == own { Start::Own(own) } else { Start::FormerEnded(day) })
            }
            End::Runs => (Date::MAX, Start::Waiting),
        };
        share.from = Some(from);
        Ok((share, start))
    }

    /// How a member ends by a day: walked day by day, so that what is beyond it goes to the next to the cent.
    fn end(&self, member: &Commitment, as_of: Date, known_on: Date, side: Side) -> Result<End, SequenceError> {
        let (_, drawdown) = self.member(&member.id)?;
        let no_terms = || DrawdownError::NoTerms { commitment: member.id.clone(), day: as_of, known_on };
        let agreed = Agreed::on(member, as_of, known_on).ok_or_else(no_terms)?;
        let share = self.share(member, as_of, known_on, side)?.0;
        let mut walk = Walk::new(&agreed, side, share).map_err(DrawdownError::from)?;
        let last = share.through.map_or(agreed.terms.ends(), |day| day.min(agreed.terms.ends()));
        for (day, counted) in drawdown.days().range(..=as_of.min(last)) {
            let Some(counts) = share.of(*day, counted, side).map_err(DrawdownError::from)? else { continue };
            if let Some(split) = walk.use_up(*day, &counts).map_err(DrawdownError::from)? {
                return Ok(End::UsedUp(split));
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
    /// It was used up, within this day.
    UsedUp(Split),
}
