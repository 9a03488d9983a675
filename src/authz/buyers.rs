//! What is open to people of buyers.

/// The commands that people of buyers may give, each for what is their buyer's own. Every other one, and every new one, is closed to
/// them.
const BUYERS: [&str; 18] = [
    "card ask",
    "card close",
    "card create",
    "card fact add",
    "card fact unknown",
    "card fact withdraw",
    "card history",
    "card list",
    "card share",
    "card show",
    "commitment draw",
    "commitment forecast",
    "commitment list",
    "commitment show",
    "inbox",
    "token create",
    "token list",
    "token revoke",
];

/// Whether people of buyers may give a command, by its words.
pub fn is_open_to_buyers(command: &str) -> bool {
    BUYERS.contains(&command)
}

/// The commands that people of buyers may give, by their words.
pub fn open_to_buyers() -> impl Iterator<Item = &'static str> {
    BUYERS.into_iter()
}
