//! The vendor's people: who holds which role, and who stands in for whom.

use entente_core::{people::People, settings::SettingsError};

/// Everybody with his roles.
pub const STAFF: [(&str, &[&str]); 8] = [
    ("ann", &["sales"]),
    ("ben", &["sales"]),
    ("cid", &["sales", "finance"]),
    ("dee", &["sales"]),
    ("fay", &["finance"]),
    ("gil", &["finance", "legal"]),
    ("kim", &[]),
    ("lea", &["legal"]),
];

/// Who does whose work in which role, and until when. One of them ends in the middle of most storms.
pub const STAND_INS: [(&str, &str, &str, &str); 3] = [
    ("ann", "ben", "sales", "2027-01-01T00:00:00Z"),
    ("dee", "cid", "sales", "2027-01-01T00:00:00Z"),
    ("lea", "gil", "legal", "2026-12-28T09:01:00Z"),
];

/// Whether somebody holds a role.
pub fn holds(person: &str, role: &str) -> bool {
    STAFF.iter().any(|(name, roles)| *name == person && roles.contains(&role))
}

/// Whether somebody stands in for somebody else in a role, at one time or another.
pub fn stands_in(person: &str, principal: &str, role: &str) -> bool {
    STAND_INS.iter().any(|(from, to, lent, _)| *from == principal && *to == person && *lent == role)
}

/// The people file that says the same.
///
/// # Errors
/// When it does not parse: a mistake of its author.
pub fn people() -> Result<People, SettingsError> {
    let persons = STAFF.iter().map(|(id, roles)| {
        format!("  - {{ id: {id}, name: {id}, email: {id}@acme.example, zone: UTC, roles: [{}] }}\n", roles.join(", "))
    });
    let delegations = STAND_INS.iter().map(|(from, to, role, until)| {
        format!("  - {{ from: {from}, to: {to}, role: {role}, since: 2026-01-01T00:00:00Z, until: {until} }}\n")
    });
    let (persons, delegations): (String, String) = (persons.collect(), delegations.collect());
    People::from_yaml("people.yaml", &format!("persons:\n{persons}delegations:\n{delegations}"))
}
