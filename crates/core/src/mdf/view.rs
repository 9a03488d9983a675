//! A case with everything around it that a rule may look at.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use super::{
    figures::Figures,
    model::{Approval, Case, Claim, ClaimKind, Fund, Payout, Request},
    parameter::Terms,
    rule::RuleId,
    ruling::Stuck,
};
use crate::{
    calendar::Calendar,
    ids::RoleId,
    money::{Money, MoneyError},
};

/// How many days are looked at before working time counts as beyond the calendar.
const MOST_DAYS: u32 = 4_000;

/// What a rule sees.
pub(super) struct View<'a> {
    pub case: &'a Case,
    pub terms: &'a Terms,
    pub zone: &'a TimeZone,
    pub calendar: &'a Calendar,
    /// The name of the pack, for what is drawn at random.
    pub pack: &'a str,
    /// What a claim's cost comes to; absent where there is no claim.
    pub figures: Option<Result<Figures, MoneyError>>,
}

impl<'a> View<'a> {
    pub fn fund(&self) -> Result<&'a Fund, Stuck> {
        self.case.fund.as_ref().ok_or(Stuck::Nothing("there is no fund"))
    }

    pub fn request(&self) -> Result<&'a Request, Stuck> {
        self.case.request.as_ref().ok_or(Stuck::Nothing("there is no request"))
    }

    pub fn approval(&self) -> Result<&'a Approval, Stuck> {
        self.request()?.approval.as_ref().ok_or(Stuck::Nothing("the request is not approved"))
    }

    pub fn claim(&self) -> Result<&'a Claim, Stuck> {
        self.case.claim.as_ref().ok_or(Stuck::Nothing("there is no claim"))
    }

    /// The claim, where it is one on what has been done: an advance is proven afterwards.
    pub fn done(&self) -> Result<&'a Claim, Stuck> {
        let claim = self.claim()?;
        match claim.kind {
            ClaimKind::Advance => Err(Stuck::Nothing("what is paid in advance is proven after the activity")),
            ClaimKind::Regular | ClaimKind::Milestone | ClaimKind::InKind => Ok(claim),
        }
    }

    /// When the claim was submitted.
    pub fn submitted(&self) -> Result<Timestamp, Stuck> {
        self.claim()?.submitted_at.ok_or(Stuck::Nothing("the claim is not submitted"))
    }

    pub fn payout(&self) -> Result<&'a Payout, Stuck> {
        self.case.payout.as_ref().ok_or(Stuck::Nothing("there is no payout"))
    }

    pub fn figures(&self) -> Result<&Figures, Stuck> {
        match &self.figures {
            None => Err(Stuck::Nothing("there is no claim")),
            Some(Ok(figures)) => Ok(figures),
            Some(Err(error)) => Err(error.clone().into()),
        }
    }

    pub fn enables(&self, rule: RuleId) -> bool {
        self.terms.enables(rule)
    }

    /// The day of an instant in the programme's zone.
    pub fn day(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    pub fn today(&self) -> Date {
        self.day(self.case.now)
    }

    /// What is asked for: by the claim, or else by the request.
    pub fn asked(&self) -> Result<Money, Stuck> {
        match &self.case.claim {
            Some(claim) => Ok(claim.amount),
            None => self.request().map(|request| request.amount),
        }
    }

    /// Whether somebody in the role voted for the claim or the request, and did not ask for it.
    pub fn approved_by(&self, role: &RoleId) -> bool {
        let requester = self.case.request.as_ref().map(|request| &request.requested_by);
        let claim = self.case.claim.iter().flat_map(|claim| &claim.votes);
        let request = self.case.request.iter().flat_map(|request| &request.votes);
        claim.chain(request).any(|vote| vote.role == *role && Some(&vote.person) != requester)
    }

    /// The last day from which so many working days remain before `day`.
    pub fn working_days_before(&self, day: Date, count: u32) -> Result<Date, Stuck> {
        self.walk(day, count, -1)
    }

    /// The day on which so many working days have passed since `day`.
    pub fn working_days_after(&self, day: Date, count: u32) -> Result<Date, Stuck> {
        self.walk(day, count, 1)
    }

    fn walk(&self, day: Date, count: u32, direction: i64) -> Result<Date, Stuck> {
        let (mut day, mut left) = (day, count);
        for _ in 0..MOST_DAYS {
            if left == 0 {
                return Ok(day);
            }
            day = day.checked_add(direction.days())?;
            if self.calendar.is_business_day(day) {
                left -= 1;
            }
        }
        Err(Stuck::Unknown(format!("calendar `{}` has too few working days around {day}", self.calendar.name)))
    }
}

/// A day so many days later.
pub(super) fn days_after(day: Date, days: u32) -> Result<Date, Stuck> {
    Ok(day.checked_add(i64::from(days).days())?)
}

/// The same day so many months later, or the last one of a shorter month.
pub(super) fn months_after(day: Date, months: u32) -> Result<Date, Stuck> {
    Ok(day.checked_add(i64::from(months).months())?)
}
