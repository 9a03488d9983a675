//! Who bears what of the cost of an activity that several pay for: the vendor, and partners. What the vendor's fund pays of it is
//! paid to these partners in proportion, so that each has borne its share in the end.

use std::collections::BTreeSet;

use rust_decimal::{Decimal, prelude::ToPrimitive as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;

use crate::{
    context::{
        FieldError,
        funding::{Payee, check_at},
    },
    ids::PartyId,
    mdf::{BasisPoints, shares},
    money::Money,
};

/// A part of a whole in percent, exact to a hundredth: `50`, or `"33.34"` as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percent(pub BasisPoints);

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Decimal::new(i64::from(self.0.0), 2).to_string().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Percent, D::Error> {
        let text = match Value::deserialize(source)? {
            Value::Number(number) if number.is_u64() => number.to_string(),
            Value::String(text) => text,
            _ => String::new(),
        };
        let points = Decimal::from_str_exact(&text).ok().and_then(|percent| percent.checked_mul(Decimal::ONE_HUNDRED));
        let points = points.filter(|points| points.fract().is_zero()).and_then(|points| points.to_u32());
        let within = points.filter(|points| *points <= BasisPoints::WHOLE.0);
        within
            .map(|points| Percent(BasisPoints(points)))
            .ok_or_else(|| D::Error::custom("is no percentage to a hundredth; write `50`, or `\"33.34\"` in quotes"))
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} %", Decimal::new(i64::from(self.0.0), 2))
    }
}

/// Who bears what of the cost; all of it is 100.00 %.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    /// What the vendor bears: no more than this is asked of its fund.
    pub vendor: Percent,
    /// What partners bear. They are the payees of every claim on the request.
    pub partners: Vec<Share>,
}

/// What one partner bears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Who.
    pub partner: PartyId,
    /// How much of the cost.
    pub percent: Percent,
}

impl Shares {
    /// Whether they are shares of all that an activity costs, among others of who asks, and no more than the vendor's is asked for.
    ///
    /// # Errors
    /// When they are not; the error names the field.
    pub fn check(&self, asks: &PartyId, cost: Money, amount: Money) -> Result<(), FieldError> {
        let points = |percent: Percent| percent.0.0;
        check_at(points(self.vendor) > 0, "/shares/vendor", "is nothing, and then nothing is asked of the vendor")?;
        let mut named = BTreeSet::new();
        for (at, share) in self.partners.iter().enumerate() {
            let field = |name: &str| format!("/shares/partners/{at}/{name}");
            check_at(points(share.percent) > 0, &field("percent"), "is nothing; leave the partner out")?;
            let once = named.insert(&share.partner);
            check_at(once, &field("partner"), "is named twice; write one share for each partner")?;
        }
        let asks_too = format!("do not name `{asks}`, who asks; write its share as well");
        check_at(named.contains(asks), "/shares/partners", asks_too)?;
        let partners = self.partners.iter().map(|share| u64::from(points(share.percent)));
        let sum = partners.fold(u64::from(points(self.vendor)), u64::saturating_add);
        let whole = u64::from(BasisPoints::WHOLE.0);
        let adds_up = || {
            let sum = Decimal::new(i64::try_from(sum).unwrap_or(i64::MAX), 2);
            format!("add up to {sum} %, and not to 100.00 %; correct one of them")
        };
        check_at(sum == whole, "/shares", adds_up())?;
        let vendor = self.vendors_part(cost);
        let within = vendor.is_some_and(|vendor| amount.minor <= vendor.minor);
        let most = vendor.map_or_else(String::new, |vendor| format!(" of {vendor}"));
        check_at(within, "/amount", format!("is more than the vendor's share{most}; ask for less, or share otherwise"))
    }

    /// What each bears of a cost, first the vendor, then the partners in their order: to the last minor unit, by largest remainder.
    pub fn parts(&self, cost: Money) -> Option<Vec<Money>> {
        let partners = self.partners.iter().map(|share| share.percent);
        let weights: Vec<u64> = std::iter::once(self.vendor).chain(partners).map(|one| u64::from(one.0.0)).collect();
        shares(cost, &weights)
    }

    fn vendors_part(&self, cost: Money) -> Option<Money> {
        self.parts(cost)?.first().copied()
    }

    /// The payees of every claim, each with its part of what is paid.
    pub fn payees(&self) -> Vec<Payee> {
        let payee = |share: &Share| Payee { payee: share.partner.clone(), weight: u64::from(share.percent.0.0) };
        self.partners.iter().map(payee).collect()
    }

    /// Whether these are the payees that were agreed, in any order and with any weights of the same proportions.
    pub fn are_of(&self, payees: &[Payee]) -> bool {
        let agreed = self.payees();
        let sum = |all: &[Payee]| all.iter().map(|one| u128::from(one.weight)).sum::<u128>();
        let (all, theirs) = (sum(&agreed), sum(payees));
        let weight = |one: &Payee| payees.iter().find(|other| other.payee == one.payee).map(|other| other.weight);
        let same =
            |one: &Payee| weight(one).is_some_and(|weight| u128::from(weight) * all == u128::from(one.weight) * theirs);
        agreed.len() == payees.len() && agreed.iter().all(same)
    }
}
