//! What of the days counts for a commitment among those of its sequence.

use std::borrow::Cow;

use jiff::civil::Date;
use serde::Serialize;

use super::{Counted, Side};
use crate::commitment::{
    amount::{Amount, AmountError},
    band::Band,
};

/// Which days count for a commitment among those of its sequence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// The first day that counts wholly; `None` where it is the commitment's own first day.
    pub from: Option<Date>,
    /// The last day.
    pub through: Option<Date>,
    /// The day on which the former was used up: the part of it that the former did not need counts here.
    pub opening: Option<Split>,
    /// The day on which this one is used up: only the part of it that this one needs counts here.
    pub closing: Option<Split>,
    /// Whether another has replaced it after the last day.
    pub superseded: bool,
}

/// Whether anything is due of a commitment on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Not yet: it waits for the former.
    Waiting,
    /// It is.
    Running,
    /// No longer: another has replaced it.
    Replaced,
}

impl Share {
    /// The first day of which anything counts; `None` where it is the commitment's own first day.
    pub(super) fn begins(&self) -> Option<Date> {
        self.opening.map(|split| split.day).or(self.from)
    }

    /// Where it stands at the end of a day.
    pub(super) fn standing(&self, day: Date) -> Standing {
        if self.superseded && self.through.is_some_and(|through| through < day) {
            return Standing::Replaced;
        }
        if self.begins().is_some_and(|begins| day < begins) { Standing::Waiting } else { Standing::Running }
    }

    /// Whether what lacks on the last day of a period or milestone is owed.
    pub(super) fn owes(&self, through: Date) -> bool {
        self.standing(through) == Standing::Running
    }

    /// What counts here of what was counted on a day.
    pub(in crate::commitment) fn of<'c>(
        &self,
        day: Date,
        counted: &'c Counted,
        side: Side,
    ) -> Result<Option<Cow<'c, Counted>>, AmountError> {
        let opens = self.opening.filter(|split| split.day == day);
        let begun = opens.is_some() || self.from.is_none_or(|from| from <= day);
        if !begun || self.through.is_some_and(|through| through < day) {
            return Ok(None);
        }
        let mut counts = Cow::Borrowed(counted);
        if let Some(split) = opens {
            counts = Cow::Owned(split.rest(&counts, side)?);
        }
        if let Some(split) = self.closing.filter(|split| split.day == day) {
            counts = Cow::Owned(split.needed(&counts, side)?);
        }
        Ok(Some(counts))
    }
}

/// A day that two commitments share: the part of it that used the former up, and the rest. Each takes its part of what it
/// counts itself, so that neither the former's accounts and shares nor its cap concern the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Split {
    /// The day.
    pub day: Date,
    /// What the former needed …
    pub part: Amount,
    /// … of so much.
    pub whole: Amount,
}

impl Split {
    /// How much of a day it took to use a commitment up that needed `needed` more. Of purchases no more than `room` counts.
    pub(super) fn of(
        day: Date,
        needed: Amount,
        (cloud, bought): (Amount, Amount),
        room: Option<Amount>,
    ) -> Result<Split, AmountError> {
        let all = cloud.plus(bought)?;
        let even = Split { day, part: needed.min(all).floor(), whole: all };
        let Some(room) = room.filter(|_| cloud > Amount::ZERO) else { return Ok(even) };
        // Where purchases reach the cap within that part of the day, the cloud's own services bring what then still lacks.
        match bought.portion(even.part, all)? > room {
            true => Ok(Split { day, part: needed.minus(room)?.min(cloud).floor(), whole: cloud }),
            false => Ok(even),
        }
    }

    /// The part that used the former up.
    fn needed(&self, counted: &Counted, side: Side) -> Result<Counted, AmountError> {
        let part = |amount: Amount| amount.portion(self.part, self.whole);
        let (cloud, bought) = (side.of(counted.cloud), side.of(counted.marketplace));
        // Purchases are the rest of the sum, so that nothing is lost by rounding.
        let (all, own) = (part(cloud.plus(bought)?)?, part(cloud)?);
        let mut needed = Counted {
            spent: all,
            cloud: Band::exactly(own),
            marketplace: Band::exactly(all.minus(own)?),
            ..Counted::default()
        };
        for (reason, band) in &counted.left_out {
            let left_out = part(side.of(*band))?;
            needed.spent = needed.spent.plus(left_out)?;
            needed.left_out.insert(reason.clone(), Band::exactly(left_out));
        }
        Ok(needed)
    }

    /// The rest.
    fn rest(&self, counted: &Counted, side: Side) -> Result<Counted, AmountError> {
        let needed = self.needed(counted, side)?;
        let less = |all: Band, part: Band| Ok::<_, AmountError>(Band::exactly(side.of(all).minus(side.of(part))?));
        let mut rest = Counted {
            spent: counted.spent.minus(needed.spent)?,
            cloud: less(counted.cloud, needed.cloud)?,
            marketplace: less(counted.marketplace, needed.marketplace)?,
            ..Counted::default()
        };
        for (reason, band) in &counted.left_out {
            let taken = needed.left_out.get(reason).copied().unwrap_or_default();
            rest.left_out.insert(reason.clone(), less(*band, taken)?);
        }
        Ok(rest)
    }
}
