//! The workflows that ship inside the binary.

use entente_core::{
    chart::{model::Chart, problem::Problem},
    policy::Policy,
};

use crate::next;

/// Name of the policy that private offers are approved under, and every workflow without one of its own.
pub const POLICY_NAME: &str = "private_offer";

/// Every version of every built-in chart: its file and its text. The newest of private offers comes first.
const CHARTS: [(&str, &str); 18] = [
    ("workflows/private_offer/v2.yaml", include_str!("../workflows/private_offer/v2.yaml")),
    ("workflows/private_offer/v1.yaml", include_str!("../workflows/private_offer/v1.yaml")),
    ("workflows/billing_adjustment/v1.yaml", include_str!("../workflows/billing_adjustment/v1.yaml")),
    ("workflows/agreement_cancellation/v1.yaml", include_str!("../workflows/agreement_cancellation/v1.yaml")),
    ("workflows/agreement_payment_request/v1.yaml", include_str!("../workflows/agreement_payment_request/v1.yaml")),
    ("workflows/partner_onboarding/v1.yaml", include_str!("../workflows/partner_onboarding/v1.yaml")),
    ("workflows/fund_period/v1.yaml", include_str!("../workflows/fund_period/v1.yaml")),
    ("workflows/mdf_request/v2.yaml", include_str!("../workflows/mdf_request/v2.yaml")),
    ("workflows/mdf_request/v1.yaml", include_str!("../workflows/mdf_request/v1.yaml")),
    ("workflows/mdf_claim/v3.yaml", include_str!("../workflows/mdf_claim/v3.yaml")),
    ("workflows/mdf_claim/v2.yaml", include_str!("../workflows/mdf_claim/v2.yaml")),
    ("workflows/mdf_claim/v1.yaml", include_str!("../workflows/mdf_claim/v1.yaml")),
    ("workflows/partner_funding/v1.yaml", include_str!("../workflows/partner_funding/v1.yaml")),
    ("workflows/payout_run/v1.yaml", include_str!("../workflows/payout_run/v1.yaml")),
    ("workflows/accrual_run/v1.yaml", include_str!("../workflows/accrual_run/v1.yaml")),
    ("workflows/supplier_order/v1.yaml", include_str!("../workflows/supplier_order/v1.yaml")),
    ("workflows/commitment/v1.yaml", include_str!("../workflows/commitment/v1.yaml")),
    ("workflows/commitment_card/v1.yaml", include_str!("../workflows/commitment_card/v1.yaml")),
];

/// Every built-in way from one version of a chart to another: its file and its text.
const MIGRATIONS: [(&str, &str); 4] = [
    ("workflows/private_offer/v1-to-v2.yaml", include_str!("../workflows/private_offer/v1-to-v2.yaml")),
    ("workflows/mdf_request/v1-to-v2.yaml", include_str!("../workflows/mdf_request/v1-to-v2.yaml")),
    ("workflows/mdf_claim/v1-to-v2.yaml", include_str!("../workflows/mdf_claim/v1-to-v2.yaml")),
    ("workflows/mdf_claim/v2-to-v3.yaml", include_str!("../workflows/mdf_claim/v2-to-v3.yaml")),
];

/// The built-in policies: the general one first.
const POLICIES: [(&str, &str); 14] = [
    ("workflows/private_offer/policy/v1.yaml", include_str!("../workflows/private_offer/policy/v1.yaml")),
    ("workflows/billing_adjustment/policy/v1.yaml", include_str!("../workflows/billing_adjustment/policy/v1.yaml")),
    (
        "workflows/agreement_cancellation/policy/v1.yaml",
        include_str!("../workflows/agreement_cancellation/policy/v1.yaml"),
    ),
    (
        "workflows/agreement_payment_request/policy/v1.yaml",
        include_str!("../workflows/agreement_payment_request/policy/v1.yaml"),
    ),
    ("workflows/partner_onboarding/policy/v1.yaml", include_str!("../workflows/partner_onboarding/policy/v1.yaml")),
    ("workflows/fund_period/policy/v1.yaml", include_str!("../workflows/fund_period/policy/v1.yaml")),
    ("workflows/mdf_request/policy/v1.yaml", include_str!("../workflows/mdf_request/policy/v1.yaml")),
    ("workflows/mdf_claim/policy/v1.yaml", include_str!("../workflows/mdf_claim/policy/v1.yaml")),
    ("workflows/partner_funding/policy/v1.yaml", include_str!("../workflows/partner_funding/policy/v1.yaml")),
    ("workflows/payout_run/policy/v1.yaml", include_str!("../workflows/payout_run/policy/v1.yaml")),
    ("workflows/accrual_run/policy/v1.yaml", include_str!("../workflows/accrual_run/policy/v1.yaml")),
    ("workflows/supplier_order/policy/v1.yaml", include_str!("../workflows/supplier_order/policy/v1.yaml")),
    ("workflows/commitment/policy/v1.yaml", include_str!("../workflows/commitment/policy/v1.yaml")),
    ("workflows/commitment_card/policy/v1.yaml", include_str!("../workflows/commitment_card/policy/v1.yaml")),
];

/// A built-in chart that this binary does not understand; the tests keep this from happening.
#[derive(Debug, thiserror::Error)]
#[error("the built-in workflow is not understood by this binary:\n{0}")]
pub struct BuiltIn(String);

/// Every version of every built-in chart.
///
/// # Errors
/// When one of them does not parse.
pub fn charts() -> Result<Vec<Chart>, BuiltIn> {
    let parse = |(file, text)| Chart::parse(file, text).map_err(|problems| BuiltIn(lines(&problems)));
    let mut charts: Vec<Chart> = CHARTS.into_iter().map(parse).collect::<Result<_, _>>()?;
    let newer = next::chart(CHARTS[0].1);
    charts.extend(newer.as_deref().map(|text| parse(("workflows/private_offer/v3.yaml", text))).transpose()?);
    Ok(charts)
}

/// The built-in way from one version of a chart to another, if there is one: its file and its text.
pub fn migration(chart: &str, from: u32, to: u32) -> Option<(&'static str, &'static str)> {
    let wanted = format!("workflows/{chart}/v{from}-to-v{to}.yaml");
    MIGRATIONS.into_iter().find(|(file, _)| *file == wanted)
}

/// The policies in force until people activate others, the general one first.
///
/// # Errors
/// When one of them does not parse.
pub fn policies() -> Result<Vec<Policy>, BuiltIn> {
    let parse = |(file, text)| Policy::from_yaml(file, text).map_err(|error| BuiltIn(error.to_string()));
    POLICIES.into_iter().map(parse).collect()
}

/// The policy of private offers in force until people activate another.
///
/// # Errors
/// When it does not parse.
pub fn policy() -> Result<Policy, BuiltIn> {
    policies()?.into_iter().next().ok_or_else(|| BuiltIn("there is no policy".into()))
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
