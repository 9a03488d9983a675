//! What partners are given: a signed statement each, verified offline, and found when a digit of it is changed.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use entente_core::{mdf::statement, run::Command};
use jiff::tz::TimeZone;

use super::Promise;
use crate::{
    audit::key::{SealKey, Trust},
    demo::{
        funding::{self, entity, partners},
        teller::Teller,
    },
    funding::statement::of_month,
    offers::timeline,
};

/// The folder of the statements.
const FOLDER: &str = "statements";

/// Signs a statement for every partner and month with movements, and verifies each with its file and the key alone.
pub async fn verified(teller: &Teller, folder: &Path) -> anyhow::Result<Promise> {
    let app = teller.app();
    let folder = folder.join(FOLDER);
    fs::create_dir_all(&folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
    let key = SealKey::beside(app.database.beside())?;
    write(&folder.join("key.txt"), key.public().as_bytes())?;
    let (mut signed, mut lines, mut wrong, mut unnoticed, mut owing) = (0, 0, 0, 0, 0);
    let months = months(teller).await?;
    for partner in partners() {
        for month in &months {
            let id = partner.parse()?;
            let (entity, now) = (entity()?, app.clock.now());
            let of = (month.as_str(), app.config.zone.as_str());
            let made = of_month(app.store.as_ref(), (&id, &entity), of, now).await?;
            let file = folder.join(format!("{partner}-{month}.ndjson"));
            write(&file, &made.sign(&key.public(), |bytes| key.sign(bytes)))?;
            // From here on as a stranger would: the file, and the key in another one.
            let trust = Trust(Some(String::from_utf8_lossy(&read(&folder.join("key.txt"))?).into_owned()));
            let bytes = read(&file)?;
            let report = statement::verify(&bytes, &trust)?;
            wrong += usize::from(!report.findings.is_empty() || report.statement.is_none());
            let moved: Vec<_> = report.statement.iter().flat_map(|statement| statement.sections().to_vec()).collect();
            lines += moved.iter().map(|section| section.lines.len()).sum::<usize>();
            if Some(month) == months.last() {
                owing += moved.iter().filter(|section| section.closing.minor != 0).count();
            }
            if let Some(altered) = altered(&bytes) {
                unnoticed +=
                    usize::from(statement::verify(&altered, &trust).is_ok_and(|report| report.findings.is_empty()));
            }
            signed += 1;
        }
    }
    Ok(Promise {
        name: "statements verify",
        held: signed > 0 && lines > 0 && wrong + unnoticed + owing == 0,
        figures: format!(
            "{signed} signed, {lines} movements, {wrong} do not verify, {unnoticed} with a changed amount do, {owing} owe still"
        ),
    })
}

/// The months in which claims were booked, in the installation's zone.
async fn months(teller: &Teller) -> anyhow::Result<BTreeSet<String>> {
    let app = teller.app();
    let zone = TimeZone::get(&app.config.zone)?;
    let mut months = BTreeSet::new();
    for (_, claim) in funding::claims(teller).await? {
        let records = timeline::records(app.store.as_ref(), claim.row.snapshot.run).await?;
        let booked =
            records.iter().filter(|record| record.commands.iter().any(|done| matches!(done, Command::Post { .. })));
        months.extend(booked.map(|record| record.at.to_zoned(zone.clone()).strftime("%Y-%m").to_string()));
    }
    Ok(months)
}

/// The same file with one cent more in its first amount; nothing where it has none.
fn altered(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(bytes);
    let (before, after) = text.split_once("\"amount\":")?;
    let at = after.find(|digit: char| digit.is_ascii_digit() && digit != '9')?;
    let (start, rest) = after.split_at(at);
    let digit = rest.chars().next()?.to_digit(10)? + 1;
    Some(format!("{before}\"amount\":{start}{digit}{}", rest.get(1..)?).into_bytes())
}

fn write(path: &PathBuf, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| format!("`{}` cannot be written", path.display()))
}

fn read(path: &PathBuf) -> anyhow::Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))
}
