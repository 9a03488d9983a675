//! Duplicates among made-up claims, in full size.

use crate::{command, workspace::Workspace};

/// The test that plays corpora and says what was found in them.
const TEST: &str = "finding::duplicates_are_found_in_twenty_corpora_and_little_else";

/// Plays so many corpora of so many claims, with seeds from `first`, and prints recall, precision and work per class.
///
/// # Errors
/// When the tests do not compile, or less is found, or more wrongly, than is demanded.
pub fn run(workspace: &Workspace, claims: u64, seeds: u64, first: u64) -> anyhow::Result<()> {
    let mut cargo = workspace.cargo("test");
    cargo.args(["--release", "--locked", "--package", "entente-claim-corpus", "--test", "it"]);
    cargo.env("ENTENTE_DUPLICATES", format!("{claims}x{seeds}")).env("ENTENTE_DUPLICATES_FIRST", first.to_string());
    command::run(cargo.args(["--", "--exact", "--nocapture", TEST]))
}
