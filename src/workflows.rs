//! The workflows that ship inside the binary.

use entente_core::{
    chart::{model::Chart, problem::Problem},
    policy::Policy,
};

/// Name of the policy that private offers are approved under.
pub const POLICY_NAME: &str = "private_offer";

const PRIVATE_OFFER_V1: &str = include_str!("../workflows/private_offer/v1.yaml");
const POLICY_V1: &str = include_str!("../workflows/private_offer/policy/v1.yaml");

/// A built-in chart that this binary does not understand; the tests keep this from happening.
#[derive(Debug, thiserror::Error)]
#[error("the built-in workflow is not understood by this binary:\n{0}")]
pub struct BuiltIn(String);

/// Every version of every built-in chart.
///
/// # Errors
/// When one of them does not parse.
pub fn charts() -> Result<Vec<Chart>, BuiltIn> {
    let sources = [("workflows/private_offer/v1.yaml", PRIVATE_OFFER_V1)];
    sources
        .into_iter()
        .map(|(file, text)| Chart::parse(file, text).map_err(|problems| BuiltIn(lines(&problems))))
        .collect()
}

/// The policy in force until people activate another.
///
/// # Errors
/// When it does not parse.
pub fn policy() -> Result<Policy, BuiltIn> {
    Policy::from_yaml("workflows/private_offer/policy/v1.yaml", POLICY_V1).map_err(|error| BuiltIn(error.to_string()))
}

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
