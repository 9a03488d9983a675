//! One payout run for everything that is owed: its file, and what the bank says to it.

use std::{collections::BTreeSet, fmt::Write as _, fs};

use anyhow::Context as _;
use entente_core::context::funding::PayoutPaper;
use jiff::tz::TimeZone;
use serde_json::json;

use super::{ENTITY, Funding, PLOTS, entity, papers::paper, plots::Fate};
use crate::{
    activities::funding::FILE,
    decision,
    demo::teller::{run_under, tagged},
    funding::{answers, owed, stored::Stored},
};

/// The key that starts the run.
pub const KEY: &str = "funds/payout";

/// What it is, in what is told meanwhile.
pub const TITLE: &str = "everything is paid by one file";

/// The folder for what the bank is given and what it says.
const FOLDER: &str = "payments";

impl Funding {
    /// Accounts payable prepares the run, finance and treasury agree, and the bank answers.
    pub(super) async fn pay(&self) -> anyhow::Result<()> {
        let write = async || {
            let app = self.teller.app();
            let items = owed::items(app.store.as_ref(), &entity()?, &BTreeSet::new(), app.clock.now()).await?;
            paper::<PayoutPaper>(json!({
                "legal_entity": ENTITY,
                "execute_on": app.clock.now().to_zoned(TimeZone::UTC).date(),
                "format": "pain.001.001.09",
                "debtors": { "EUR": { "name": "Acme Inc", "account": "DE02120300000000202051", "bic": "BYLADEM1001" } },
                "items": items,
            }))
        };
        let run = self.start(KEY, "paula", decision::PAYOUTS, write).await?;
        self.submit(KEY, "paula").await?;
        self.agreed(KEY).await?;
        self.teller.until(run, |snapshot| snapshot.context.pointer("/course/file").is_some()).await?;
        self.bank_answers().await?;
        self.teller.until(run, |snapshot| tagged(snapshot, "answered")).await?;
        for plot in PLOTS.iter().filter(|plot| plot.fate != Fate::Again) {
            let paid = ["paid", "recovering", "closed"];
            let run = run_under(&plot.claim_key());
            self.teller.until(run, |snapshot| paid.iter().any(|tag| tagged(snapshot, tag))).await?;
        }
        Ok(())
    }

    /// The bank has paid everything, and its file is read.
    async fn bank_answers(&self) -> anyhow::Result<()> {
        let key = format!("{KEY}/answered");
        if self.teller.was_made(&key).await? {
            return Ok(());
        }
        let stored = self.stored::<PayoutPaper>(KEY).await?;
        let text = self.written(&stored).await?;
        let said = self.remittance(&stored)?;
        let answers = answers::read(said.as_bytes(), Some(&text), &stored.sheet)?;
        self.teller.once(&key, "paula", run_under(KEY), "answered", json!({ "answers": answers })).await
    }

    /// The file for the bank, laid beside the database for whoever looks on.
    async fn written(&self, run: &Stored<PayoutPaper>) -> anyhow::Result<String> {
        let file = run.sheet.course.file.as_ref().context("a run that was sent has a file")?;
        let kept = self.teller.app().store.document_by_hash(FILE, &file.sha256).await?;
        let text = kept.context("the file of a run is kept")?.text;
        let folder = self.folder.join(FOLDER);
        fs::create_dir_all(&folder).with_context(|| format!("`{}` cannot be made", folder.display()))?;
        fs::write(folder.join(&file.name), &text).with_context(|| format!("`{}` cannot be written", file.name))?;
        Ok(text)
    }

    /// What the bank says: it has paid every one of them.
    fn remittance(&self, run: &Stored<PayoutPaper>) -> anyhow::Result<String> {
        let on = run.sheet.paper.execute_on;
        let mut text = String::from("end_to_end_id,status,amount,currency,date,reason\n");
        for gathered in &run.sheet.course.items {
            let net = gathered.item.net()?;
            writeln!(text, "{},settled,{},{},{on},", gathered.end_to_end_id, net.decimal(), net.currency)?;
        }
        let path = self.folder.join(FOLDER).join("answer.csv");
        fs::write(&path, &text).with_context(|| format!("`{}` cannot be written", path.display()))?;
        Ok(text)
    }
}
