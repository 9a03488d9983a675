//! The demo's files: a configuration, people, calendars and prices that its visitor may read and change.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use entente_sandbox::Director;

const PEOPLE: &str = include_str!("../../examples/people.yaml");

/// The demo's price book: no end of validity, whatever day it is.
pub const PRICE_BOOK: &str = "\
sku,currency,term,volume_from,volume_to,valid_from,valid_to,list,floor,partner_wholesale
Seats,USD,P12M,1,,2020-01-01,,400.00,280.00,320.00
Premium,USD,P12M,1,,2020-01-01,,12000.00,,
Events,USD,,1,,2020-01-01,,0.05,0.03,0.04
Hours,USD,,1,,2020-01-01,,1.20,0.80,1.00
";

/// The name under which offers count their discount against it.
pub const PRICE_BOOK_ID: &str = "demo@1";

/// Says that the folder's story was told to its end.
const TOLD: &str = "told";

/// Makes the folder: empty for a new story, as it was for one that was stopped in the middle.
pub fn prepare(folder: &Path, fresh: bool) -> anyhow::Result<PathBuf> {
    let ours = folder.join("sandbox.json");
    if (fresh || folder.join(TOLD).exists()) && folder.exists() {
        let empty = fs::read_dir(folder)?.next().is_none();
        anyhow::ensure!(
            empty || ours.exists(),
            "`{}` is not a demo's folder: name another one with --dir, nothing was removed",
            folder.display()
        );
        fs::remove_dir_all(folder).with_context(|| format!("`{}` cannot be removed", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
    fs::canonicalize(folder).with_context(|| format!("`{}` cannot be found", folder.display()))
}

/// Notes that the story was told: the next demo begins anew.
pub fn told(folder: &Path) -> anyhow::Result<()> {
    fs::write(folder.join(TOLD), "").context("the end of the story cannot be noted")
}

/// Writes the configuration for this sandbox; returns its path.
pub fn write(folder: &Path, aws_url: &str, control_url: &str, stage: &Director) -> anyhow::Result<PathBuf> {
    let seller = stage.seller();
    let config = format!(
        "# Written by `entente demo` at every start.
database: entente.db
listen: 127.0.0.1:0
people: people.yaml
zone: America/New_York
sandbox_clock: {control_url}
notices:
  file: notices.jsonl
jobs:
  drift: {{ cron: '*/5 * * * *' }}
connectors:
  aws/acme-us:
    kind: aws
    legal_entity: acme-us
    endpoint: {aws_url}
    credentials: {{ sandbox: {{ key_id: {}, secret: {} }} }}
",
        seller.access_key, seller.secret_key
    );
    let path = folder.join("entente.yaml");
    for (path, text) in [
        (path.clone(), config.as_str()),
        (folder.join("people.yaml"), PEOPLE),
        (folder.join("price-book.csv"), PRICE_BOOK),
    ] {
        fs::write(&path, text).with_context(|| format!("`{}` cannot be written", path.display()))?;
    }
    Ok(path)
}
