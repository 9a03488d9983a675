//! The asynchronous half of validation: what only shows once an entity is seen as a whole.
//!
//! Codes and rules: AWS Marketplace Catalog API, "Work with private offers", "Work with channel partner
//! private offers", "Work with resale authorizations", "Work with offer sets". Where the documentation
//! names a code but not its exact condition, the condition here is the narrowest reading; it is stated
//! beside the check.

pub(super) mod authorization;
pub(super) mod offer;
pub(super) mod offer_set;
mod seller;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;

use super::ErrorDetail;
use super::evaluate::Drafts;
use crate::aws::Aws;
use crate::aws::entity::Entity;
use crate::period::{self, Period};

/// An account that AWS cannot have issued: it stands for one that does not exist.
const NO_SUCH_ACCOUNT: &str = "000000000000";

/// What a check sees.
pub(super) struct View<'a, E> {
    pub(super) aws: &'a Aws,
    pub(super) now: Timestamp,
    /// All entities of the change set, as they would be after it.
    pub(super) drafts: &'a Drafts,
    /// The entity as it would be after the whole change set.
    pub(super) subject: &'a E,
    /// The entity as it is, when it exists.
    pub(super) before: Option<&'a E>,
    pub(super) details: &'a Value,
    /// The codes that earlier changes of the set gave for the same entity.
    pub(super) reported: &'a [String],
}

/// The longest agreement that the sandbox takes. The documentation gives no number for private
/// offers; five years is the longest that the seller console offers.
const AGREEMENT_YEARS_MAX: &str = "P5Y";

impl<E: Entity> View<'_, E> {
    pub(super) fn today(&self) -> Date {
        period::day_of(self.now)
    }

    /// Whether the entity was released before this change set.
    pub(super) fn is_released(&self) -> bool {
        self.before.is_some_and(Entity::is_released)
    }

    /// Whether a period is longer than an agreement may be.
    pub(super) fn is_too_long(&self, duration: &Period) -> bool {
        let longest = Period::try_from(AGREEMENT_YEARS_MAX.to_owned()).map(|period| period.after(self.now));
        longest.is_ok_and(|longest| duration.after(self.now) > longest)
    }
}

/// One rule, over an entity as it would be after the whole change set.
type Check<E> = fn(&View<'_, E>, &mut Vec<ErrorDetail>);

/// Judges an entity as a whole at its release. A rule that only the change which carries its term
/// checks could be broken by a later change set; here whatever no change of this set has reported yet
/// is reported under a code that the release documents, or not at all where that gives none.
fn add_as_whole<E>(
    view: &View<'_, E>,
    checks: &[Check<E>],
    documented: fn(&str) -> Option<&str>,
    errors: &mut Vec<ErrorDetail>,
) {
    let mut found = Vec::new();
    checks.iter().for_each(|check| check(view, &mut found));
    for error in found.into_iter().filter(|error| !view.reported.contains(&error.error_code)) {
        let Some(code) = documented(&error.error_code) else { continue };
        let error = ErrorDetail::new(code, error.error_message);
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
}

/// Notes an error.
fn add(errors: &mut Vec<ErrorDetail>, code: &str, message: impl Into<String>) {
    errors.push(ErrorDetail::new(code, message));
}
