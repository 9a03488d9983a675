//! Rules about prices, quantities and dimensions.

use std::collections::BTreeSet;

use super::{Defect, PreflightFacts, Rule, Severity};
use crate::{
    money::Money,
    offer::{Offer, Period, discount::DiscountError, totals::contract_total},
};

const DIMENSIONS: &str = "marketplace seller guides: pricing dimensions of a product";
const PRICE_BOOK: &str = "the vendor's price book";

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "OF-020",
        severity: Severity::Error,
        title: "every quantity is at least one",
        source: DIMENSIONS,
        check: positive_quantities,
    },
    Rule {
        id: "OF-021",
        severity: Severity::Error,
        title: "no dimension is priced twice",
        source: DIMENSIONS,
        check: distinct_dimensions,
    },
    Rule {
        id: "OF-022",
        severity: Severity::Error,
        title: "the product has every dimension that the offer prices",
        source: DIMENSIONS,
        check: known_dimensions,
    },
    Rule {
        id: "OF-023",
        severity: Severity::Error,
        title: "private offers can be made for the product",
        source: "marketplace seller guides: products that take private offers",
        check: offerable_product,
    },
    Rule {
        id: "OF-024",
        severity: Severity::Error,
        title: "no price lies below the price book's floor",
        source: PRICE_BOOK,
        check: above_floor,
    },
    Rule {
        id: "OF-025",
        severity: Severity::Error,
        title: "the price book has a price for everything that the offer prices",
        source: PRICE_BOOK,
        check: listed_prices,
    },
    Rule {
        id: "OF-026",
        severity: Severity::Error,
        title: "the total as stated is the total as computed",
        source: "arithmetic of the document; rounding half-even to the currency's minor unit (ISO 4217)",
        check: stated_total,
    },
    Rule {
        id: "OF-027",
        severity: Severity::Warning,
        title: "a contract that follows no other is worth something",
        source: "experience: a total of zero is nearly always a forgotten price",
        check: worth_something,
    },
    Rule {
        id: "OF-028",
        severity: Severity::Error,
        title: "the price rise of an automatic renewal is at most 100 percent",
        source: "marketplace seller guides: renewal terms",
        check: bounded_rise,
    },
    Rule {
        id: "OF-029",
        severity: Severity::Error,
        title: "each duration that the buyer can choose is another one",
        source: "marketplace seller guides: contracts with several durations",
        check: distinct_durations,
    },
];

/// Every priced dimension: section, position, key.
fn dimensions(offer: &Offer) -> Vec<(&'static str, usize, &str)> {
    let contract = offer.pricing.contract.iter().flat_map(|contract| contract.dimensions.iter().enumerate());
    let usage = offer.pricing.usage.iter().flat_map(|usage| usage.dimensions.iter().enumerate());
    let contract = contract.map(|(at, dimension)| ("contract", at, dimension.key.as_str()));
    contract.chain(usage.map(|(at, dimension)| ("usage", at, dimension.key.as_str()))).collect()
}

fn positive_quantities(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    let contract = offer.pricing.contract.as_ref()?;
    for (at, dimension) in contract.dimensions.iter().enumerate() {
        let field = format!("/pricing/contract/dimensions/{at}");
        if dimension.quantity == 0 {
            return Defect::at(
                format!("{field}/quantity"),
                format!("`{}` is bought 0 times", dimension.key),
                "write how many, or leave it out",
            );
        }
        if let Some(step) = dimension.ramp.iter().position(|step| step.quantity == 0) {
            let message = format!("`{}` ramps down to 0", dimension.key);
            return Defect::at(
                format!("{field}/ramp/{step}/quantity"),
                message,
                "write how many remain, or shorten the contract",
            );
        }
    }
    None
}

fn distinct_dimensions(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    let mut seen = BTreeSet::new();
    let all = dimensions(offer);
    let (section, at, key) =
        all.iter().find(|(section, _, key)| !seen.insert((*section, offer.marketplace_key(key))))?;
    Defect::at(
        format!("/pricing/{section}/dimensions/{at}/key"),
        format!("`{key}` is priced twice in `{section}`"),
        "add up the quantities, or correct the key",
    )
}

fn known_dimensions(offer: &Offer, facts: &PreflightFacts) -> Option<Defect> {
    let product = facts.product.as_ref()?;
    let known =
        |section: &str| if section == "contract" { &product.contract_dimensions } else { &product.usage_dimensions };
    let all = dimensions(offer);
    let (section, at, key) =
        all.iter().find(|(section, _, key)| !known(section).contains(offer.marketplace_key(key)))?;
    let listed: Vec<&str> = known(section).iter().map(String::as_str).collect();
    let listed = if listed.is_empty() { "none".to_owned() } else { listed.join(", ") };
    Defect::at(
        format!("/pricing/{section}/dimensions/{at}/key"),
        format!(
            "product `{}` has no {section} dimension `{}`; it has {listed}",
            offer.product.id,
            offer.marketplace_key(key)
        ),
        "use one of these keys, or map the key in `product.dimensions`",
    )
}

fn offerable_product(offer: &Offer, facts: &PreflightFacts) -> Option<Defect> {
    facts.product.as_ref().filter(|product| !product.offerable)?;
    Defect::at(
        "/product/id",
        format!("product `{}` is not listed in a way that allows private offers", offer.product.id),
        "publish the product first, or name another",
    )
}

fn above_floor(offer: &Offer, facts: &PreflightFacts) -> Option<Defect> {
    let discounts = facts.discounts.as_ref()?.as_ref().ok()?;
    let row = discounts.dimensions.iter().find(|row| row.below_floor)?;
    let floor = row.listed.floor.unwrap_or_default().normalize();
    let effective = row.effective.round_dp(4).normalize();
    Defect::at(
        row.field.clone(),
        format!(
            "`{}` costs {effective} {} per unit, below the floor of {floor} ({})",
            row.key, offer.currency, row.listed.because
        ),
        "raise the price, or ask for a new price book",
    )
}

fn listed_prices(_: &Offer, facts: &PreflightFacts) -> Option<Defect> {
    match facts.discounts.as_ref()?.as_ref().err()? {
        DiscountError::NoPrice { field, source } => Defect::at(
            field.clone(),
            source.to_string(),
            "correct the `sku`, or ask for a new version of the price book",
        ),
        DiscountError::Money(error) => Defect::at("/pricing", error.to_string(), "check prices and quantities"),
    }
}

fn stated_total(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    let stated = offer.pricing.contract.as_ref()?.total?;
    let computed = contract_total(offer).ok()?;
    match Money::exact(stated.decimal(), offer.currency) {
        Ok(stated) if stated == computed => None,
        Ok(stated) => Defect::at(
            "/pricing/contract/total",
            format!("{stated} is stated, and {computed} follows from prices and quantities"),
            "correct the one that is wrong",
        ),
        Err(error) => Defect::at("/pricing/contract/total", error.to_string(), "write whole minor units"),
    }
}

fn worth_something(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    offer.pricing.contract.as_ref().filter(|_| offer.renewal.is_none())?;
    contract_total(offer).ok().filter(|total| total.minor == 0)?;
    Defect::at("/pricing/contract/dimensions", "the contract's total is zero", "check the unit prices")
}

fn bounded_rise(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    let rise = offer.auto_renewal.as_ref()?.price_increase_percent;
    if rise.decimal() <= rust_decimal::Decimal::ONE_HUNDRED {
        return None;
    }
    Defect::at(
        "/auto_renewal/price_increase_percent",
        format!("`{rise}` is more than 100"),
        "write percent, such as 5 for five percent",
    )
}

fn distinct_durations(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    let durations: Vec<_> = offer.pricing.contract.as_ref()?.durations().collect();
    let same = |one: Period, two: Period| {
        one == two || one.whole_months().is_some_and(|months| two.whole_months() == Some(months))
    };
    for (at, duration) in durations.iter().enumerate().skip(1) {
        if durations.iter().take(at).any(|earlier| same(*earlier, *duration)) {
            return Defect::at(
                format!("/pricing/contract/alternatives/{}/duration", at - 1),
                format!("`{duration}` can be chosen already"),
                "remove one of the two, or correct the duration",
            );
        }
    }
    None
}
