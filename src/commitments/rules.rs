//! The rules by which charges are judged: what ships with the program, and an organisation's own.

use entente_core::{commitment::eligibility::Rules, offer::DocumentError};

/// What ships with the program.
const BUILT_IN: &str = include_str!("../../eligibility/rules.yaml");

/// What ships with the program.
///
/// # Errors
/// When it cannot be read, which the tests keep from happening.
pub fn built_in() -> Result<Rules, DocumentError> {
    Rules::from_yaml("eligibility/rules.yaml", BUILT_IN)
}
