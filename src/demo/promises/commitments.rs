//! What the part about committed spend has left: where each customer ended, what the commands show, and where each sum comes from.

use std::path::Path;

use anyhow::Context as _;
use entente_core::{commitment::CommitmentId, scope::Scope};
use entente_documents::Digest;
use entente_store::{ReadingStatus, Store};
use serde_json::{Value, json};
use tokio::process::Command;

use super::Promise;
use crate::demo::{
    commitments::{CUSTOMERS, entered, lines, term},
    teller::Teller,
};

/// Every customer ended as told.
pub async fn told(teller: &Teller) -> anyhow::Result<Promise> {
    let lines = lines(teller).await?;
    let wrong: Vec<&str> = lines.iter().filter(|line| !line.is_as_told()).map(|line| line.customer.title).collect();
    Ok(Promise {
        name: "the commitments",
        held: wrong.is_empty() && lines.len() == CUSTOMERS.len(),
        figures: format!(
            "{} customers on {} clouds, {} ended otherwise than told{}{}",
            lines.len(),
            lines.iter().map(|line| line.customer.cloud).collect::<std::collections::BTreeSet<_>>().len(),
            wrong.len(),
            if wrong.is_empty() { "" } else { ": " },
            wrong.join(", ")
        ),
    })
}

/// What `entente commitment show` says counts is what the plot comes to by hand.
pub async fn shown(teller: &Teller, folder: &Path) -> anyhow::Result<Promise> {
    let program = std::env::current_exe().context("the path of this program is not known")?;
    let (mut figures, mut otherwise) = (0, 0);
    for customer in &CUSTOMERS {
        let today = term(&entered(teller, customer).await?.commitment)?.today;
        let mut command = Command::new(&program);
        command.arg("--config").arg(folder.join("entente.yaml")).args(["--actor", "ada", "commitment", "show"]);
        command.args([customer.commitment, "--json", "--as-of", &today.to_string()]);
        let output = command.kill_on_drop(true).output().await.context("a command cannot be started")?;
        let said: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("the command said {}", String::from_utf8_lossy(&output.stderr)))?;
        let exactly = |amount: i64| json!({ "least": amount.to_string(), "most": amount.to_string() });
        let (committed, counts) = (customer.committed(), customer.counts());
        for (field, expected) in [
            ("committed", json!(committed.to_string())),
            ("eligible", exactly(counts)),
            ("remaining", exactly(committed - counts)),
        ] {
            figures += 1;
            otherwise += usize::from(said.pointer(&format!("/figures/{field}")) != Some(&expected));
        }
    }
    Ok(Promise {
        name: "figures by hand",
        held: otherwise == 0 && figures > 0,
        figures: format!("{figures} figures that commands show, {otherwise} otherwise than worked out by hand"),
    })
}

/// Each daily sum names the rows of a file that is kept, and all rows of the file are in sums.
pub async fn traced(teller: &Teller) -> anyhow::Result<Promise> {
    let (store, scope): (&dyn Store, Scope) = (teller.app().store.as_ref(), Scope::vendor());
    let raw = teller.app().evidence.raw()?;
    let (mut files, mut sums, mut loose) = (0, 0, 0);
    for customer in &CUSTOMERS {
        let id: CommitmentId = customer.commitment.parse()?;
        let readings = store.readings(&scope, Some(&id)).await?;
        for reading in readings.iter().filter(|row| row.status == ReadingStatus::Current) {
            let digest: Digest = reading.new.file_sha256.parse()?;
            let kept = raw.get(&digest).await.is_ok();
            let of = store.spend_sums(&scope, std::slice::from_ref(&reading.new.id)).await?;
            let traced = |first: u64, last: u64, rows: u64| {
                kept && first > 0 && last <= reading.read_to && rows > 0 && rows <= last - first + 1
            };
            files += 1;
            sums += of.len();
            loose += of.iter().filter(|(_, sum)| !traced(sum.first_row, sum.last_row, sum.rows)).count();
            loose += usize::from(of.iter().map(|(_, sum)| sum.rows).sum::<u64>() != reading.rows);
        }
    }
    Ok(Promise {
        name: "every sum traced",
        held: loose == 0 && sums > 0,
        figures: format!("{sums} daily sums of {files} files that are kept, {loose} without their rows"),
    })
}
