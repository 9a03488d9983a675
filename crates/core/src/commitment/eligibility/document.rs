//! Rules as people write them.

use serde::Deserialize;

use super::rule::{Rule, Rules};
use crate::offer::{DocumentError, source};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    rules: Vec<Rule>,
}

/// The fields that a rule can lack.
const FIELDS: [&str; 7] = ["rule", "title", "tests", "known_from", "source", "precedence", "effect"];

fn exists(pattern: &str) -> bool {
    if let Some(field) = pattern.strip_prefix("/rules/*/source/") {
        return ["kind", "at", "read"].contains(&field);
    }
    match pattern.strip_prefix("/rules/*/") {
        Some(field) => FIELDS.contains(&field),
        None => pattern == "/rules",
    }
}

impl Rules {
    /// Reads rules. The first defect is returned with file, line, column and field, and with what to write instead.
    ///
    /// # Errors
    /// When it is no YAML within the budgets, a field is missing, unknown or of another type, or a rule's dates
    /// contradict each other.
    pub fn from_yaml(file: &str, text: &str) -> Result<Rules, DocumentError> {
        let (document, outline) = source::read::<Document>(file, text, &exists)?;
        let refuse = |field: String, message: &str| DocumentError {
            file: file.to_owned(),
            place: outline.place_of(&field),
            field,
            message: message.to_owned(),
        };
        for (at, rule) in document.rules.iter().enumerate() {
            if rule.title.trim().is_empty() {
                return Err(refuse(format!("/rules/{at}/title"), "is empty; say in a line what the rule says"));
            }
            if rule.source.at.trim().is_empty() {
                return Err(refuse(format!("/rules/{at}/source/at"), "is empty; write where it was read"));
            }
            if rule.valid_from.zip(rule.valid_through).is_some_and(|(from, through)| through < from) {
                return Err(refuse(format!("/rules/{at}/valid_through"), "comes before `valid_from`"));
            }
            if rule.known_from < rule.source.read {
                let message = "comes before the day on which the source was read; a rule is known once it was read";
                return Err(refuse(format!("/rules/{at}/known_from"), message));
            }
            if rule.withdrawn_from.is_some_and(|from| from < rule.known_from) {
                return Err(refuse(format!("/rules/{at}/withdrawn_from"), "comes before `known_from`"));
            }
        }
        Ok(Rules(document.rules))
    }
}
