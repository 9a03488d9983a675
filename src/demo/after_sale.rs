//! What happens after the sale: an agreement that is amended, and one on which money goes back.

use std::time::Duration;

use anyhow::Context as _;
use entente_core::{context::billing_adjustment::Refund, ids::RunId, money::Money};
use entente_port::{Invoice, InvoiceKind};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

use super::{
    stories::{self, AMENDMENT, AMENDMENT_TITLE, Fate, Story},
    teller::{Teller, run_under, tagged},
};
use crate::{agreements::launch, decision::REFUNDS, offers::Desk};

/// The part of the invoice that goes back: so little that finance alone is asked.
const PART: i64 = 10;

/// What the refund is, in the summary.
const REFUND_TITLE: &str = "a tenth of it goes back";

/// How often a marketplace is asked whether it has billed.
const LOOKS_MAX: u32 = 600;

/// The run that follows from a story without being one of those told from the start, and what it is.
pub(super) fn follows(story: &Story) -> Option<(RunId, &'static str)> {
    match story.fate {
        Fate::Amended => Some((run_under(&format!("{AMENDMENT}/start")), AMENDMENT_TITLE)),
        Fate::Refunded => Some((run_under(&format!("{}/refund", story.no)), REFUND_TITLE)),
        _ => None,
    }
}

impl Teller {
    /// The agreement runs, and another offer takes its place: the first one ends with that.
    pub(super) async fn amended(&self, story: &Story, run: RunId) -> anyhow::Result<()> {
        let over = self.row(run).await?.is_some_and(|row| row.snapshot.ended);
        if !over {
            self.approve(story, run, 1).await?;
            self.accept(story, run).await?;
        }
        let (agreement, ends) = self.agreement(run).await?;
        let ends = ends.context("a contract for a year has an end")?.to_zoned(TimeZone::UTC).date();
        let amendment = stories::amendment(self, story, &agreement, ends).await?;
        self.open(&amendment).await?;
        Box::pin(self.play(amendment)).await?;
        self.until(run, |snapshot| snapshot.ended).await.map(drop)
    }

    /// Somebody asks for a tenth of the invoice back, finance agrees, and the marketplace pays.
    pub(super) async fn refunded(&self, story: &Story, run: RunId) -> anyhow::Result<()> {
        let sender = self.sender(&format!("{}/refund", story.no), "ada")?;
        let refund = sender.run();
        if !self.made(story, "refund").await? {
            let (agreement, _) = self.agreement(run).await?;
            let desk = Desk::of(self.app());
            let whose = desk.whose(&agreement, None).await?;
            let invoice = self.billed(&desk, &agreement).await?;
            let ask = Refund {
                marketplace: whose.connection.marketplace.id(),
                legal_entity: whose.home.legal_entity.clone(),
                agreement_id: agreement,
                invoice_id: invoice.id,
                amount: Money { minor: invoice.amount.minor / PART, ..invoice.amount },
                reason: "incorrect_metering".into(),
                description: None,
                justification: Some("five seats were never used".into()),
            };
            let message = launch::start(desk.store.as_ref(), &sender, REFUNDS, &whose.home, &ask).await?;
            self.send(message).await?;
        }
        self.vote(story, refund, "approve", 1).await?;
        let row = self.until(refund, |snapshot| snapshot.ended).await?;
        anyhow::ensure!(tagged(&row.snapshot, "success"), "the refund ended in `{}`", row.snapshot.state);
        Ok(())
    }

    /// The agreement that an offer has made, and when it ends.
    async fn agreement(&self, run: RunId) -> anyhow::Result<(String, Option<Timestamp>)> {
        let row = self.row(run).await?.context("the offer has been started")?;
        let known = row.snapshot.context.get("agreements").and_then(Value::as_object);
        let (id, agreement) =
            known.and_then(|known| known.iter().next()).context("an accepted offer has an agreement")?;
        let ends = agreement.get("ends_at").and_then(Value::as_str).map(str::parse).transpose()?;
        Ok((id.clone(), ends))
    }

    /// The first invoice of an agreement, once the marketplace has written it.
    async fn billed(&self, desk: &Desk, agreement: &str) -> anyhow::Result<Invoice> {
        for _ in 0..LOOKS_MAX {
            let whose = desk.whose(agreement, None).await?;
            let page = whose.connection.marketplace.invoices_of(agreement).await?;
            if let Some(invoice) = page.invoices.into_iter().find(|paper| paper.kind == InvoiceKind::Invoice) {
                return Ok(invoice);
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        anyhow::bail!("nothing was billed on agreement `{agreement}`")
    }
}
