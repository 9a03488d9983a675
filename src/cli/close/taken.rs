//! `entente close export|acknowledge`: giving a locked batch to the general ledger.

use serde_json::json;

use crate::{
    authz::Action,
    cli::{exit::Exit, failure::Failure, input, session::Session},
    close::months,
};

/// The longest reference of a general ledger.
const REFERENCE_MOST: usize = 128;

/// The form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A table
    Csv,
    /// Lines of JSON, with control totals at the end
    Jsonl,
    /// The control totals and hashes of both alone
    Control,
}

/// Print a locked batch
#[derive(Debug, clap::Args)]
pub struct Export {
    /// The batch, such as acme-us-2027-03
    #[arg(value_name = "BATCH")]
    batch: String,
    /// The form
    #[arg(long, value_enum, default_value = "csv")]
    format: Format,
    /// Do not note that it was exported
    #[arg(long)]
    dry_run: bool,
}

/// Note that the general ledger has taken a batch
#[derive(Debug, clap::Args)]
pub struct Acknowledge {
    /// The batch, such as acme-us-2027-03
    #[arg(value_name = "BATCH")]
    batch: String,
    /// The general ledger's own reference
    #[arg(long, value_name = "REFERENCE", value_parser = reference)]
    reference: String,
    /// Say whether it may be acknowledged so, and keep nothing
    #[arg(long)]
    dry_run: bool,
}

fn reference(text: &str) -> Result<String, String> {
    let said = input::said(text)?.trim().to_owned();
    let fits = said.chars().count() <= REFERENCE_MOST && !said.chars().any(char::is_control);
    fits.then_some(said).ok_or_else(|| format!("write at most {REFERENCE_MOST} characters in one line"))
}

impl Export {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (store, out) = (session.app.store.as_ref(), &session.out);
        let month = super::seen(session, &self.batch).await?;
        let exported = match self.dry_run {
            true => months::bytes(&month)?,
            false => {
                let by = session.act_for(Action::PrepareClose, super::KIND, &self.batch, &month.batch.entity)?.person;
                months::export(store, &month, &by, session.app.clock.now()).await?
            }
        };
        let (batch, manifest) = (&month.batch, &exported.manifest);
        let control = json!({
            "batch": batch.id, "entity": batch.entity, "period": batch.period, "lines": batch.lines.len(),
            "controls": batch.controls, "sha256": manifest,
        });
        match (self.format, out.is_json()) {
            // A carriage return is a part of the table, and each line is ended by it and a line feed.
            (Format::Csv, false) => out.bytes(&exported.csv),
            (Format::Jsonl, false) => out.bytes(&exported.json_lines),
            _ => out.json(&control)?,
        }
        for (currency, sum) in &batch.controls {
            let money = |minor| entente_core::money::Money { minor, currency: *currency };
            let (debits, credits) = (money(sum.debits), money(sum.credits));
            out.say(&format!("{} lines, {debits} debited, {credits} credited", sum.lines));
        }
        out.say(&format!("sha256 {} (csv), {} (jsonl)", manifest.csv, manifest.json_lines));
        Ok(Exit::Ok)
    }
}

impl Acknowledge {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (store, out) = (session.app.store.as_ref(), &session.out);
        let month = super::seen(session, &self.batch).await?;
        let by = session.act_for(Action::PrepareClose, super::KIND, &self.batch, &month.batch.entity)?.person;
        match self.dry_run {
            true => months::acknowledgeable(store, &month, &self.reference).await?,
            false => months::acknowledge(store, &month, &self.reference, &by, session.app.clock.now()).await?,
        }
        if out.is_json() {
            let (batch, reference) = (&self.batch, &self.reference);
            out.json(&json!({ "batch": batch, "reference": reference, "acknowledged": !self.dry_run }))?;
        }
        Ok(Exit::Ok)
    }
}
