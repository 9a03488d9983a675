//! Requests and claims: what partners' people write, and who agrees to it.

use entente_core::{
    context::funding::{ClaimPaper, RequestPaper},
    ids::RunId,
    run::Snapshot,
};
use jiff::ToSpan as _;
use serde_json::json;

use super::{
    ENTITY, FUND, Funding, PARTNERS,
    papers::paper,
    plots::{Fate, Plot, euros},
};
use crate::{
    decision,
    demo::teller::{run_under, tagged},
};

/// The tags of a claim that has been approved.
const APPROVED: [&str; 4] = ["payable", "paid", "recovering", "closed"];

impl Funding {
    /// A partner's person asks for money before the work begins.
    pub(super) async fn request(&self, plot: &'static Plot) -> anyhow::Result<RunId> {
        let write = async || {
            let day = self.today().await?.checked_add(3.days())?;
            paper::<RequestPaper>(json!({
                "partner": plot.partner.id, "legal_entity": ENTITY, "fund": FUND,
                "activity": {
                    "id": format!("ACT-{}", plot.key), "kind": plot.kind, "start": day, "end": day,
                    "place": plot.place, "audience": "end_customers", "form": "in person",
                },
                "play": "cloud-migration", "category": "demand_generation",
                "goals": [{ "name": "leads", "target": 40 }, { "name": "pipeline", "target": 150_000 }],
                "target_audience": "Heads of infrastructure of companies with 500 people and more",
                "items": [{ "what": "Room, equipment and catering", "amount": euros(plot.planned) }],
                "cost": euros(plot.planned), "amount": euros(plot.asked),
            }))
        };
        self.start(&plot.request_key(), plot.partner.person, decision::FUND_REQUESTS, write).await
    }

    /// It is submitted, and who has to agree does: the money is held.
    pub(super) async fn grant(&self, plot: &Plot) -> anyhow::Result<()> {
        self.submit(&plot.request_key(), plot.partner.person).await?;
        self.agreed(&plot.request_key()).await
    }

    /// After the work, its cost is claimed with the proof of it.
    pub(super) async fn enter(&self, plot: &'static Plot) -> anyhow::Result<RunId> {
        let write = async || {
            let asked = self.stored::<RequestPaper>(&plot.request_key()).await?;
            let day = asked.sheet.paper.activity.end;
            let payees = PARTNERS.iter().filter(|_| plot.fate == Fate::Shared);
            let payees: Vec<_> = payees.map(|partner| json!({ "payee": partner.id, "weight": 1 })).collect();
            paper::<ClaimPaper>(json!({
                "request": asked.label(), "partner": plot.partner.id, "legal_entity": ENTITY,
                "kind": "regular", "closing": true, "currency": "EUR", "amount": euros(plot.asked),
                "lines": [{
                    "what": "Room, equipment and catering", "kind": "venue", "amount": euros(plot.cost),
                    "from": day, "until": day,
                }],
                "payees": payees,
                "invoices": [{
                    "supplier": {
                        "name": "Hafenhaus GmbH", "tax_id": "DE811234567",
                        "address": "Am Sandtorkai 1, 20457 Hamburg",
                    },
                    "number": plot.invoice, "date": day, "lines": 1,
                    "total": euros(plot.cost), "claimed": euros(plot.cost),
                }],
                "evidence": self.proof(plot).await?,
                "leads_recorded": 43, "metrics": { "leads": 43 },
            }))
        };
        self.start(&plot.claim_key(), plot.partner.person, decision::CLAIMS, write).await
    }

    /// The rules let it go on, one person checks the proof, and another answers for the money.
    pub(super) async fn approve(&self, plot: &Plot) -> anyhow::Result<()> {
        let key = plot.claim_key();
        self.submit(&key, plot.partner.person).await?;
        self.agreed(&key).await?;
        let approved = |snapshot: &Snapshot| APPROVED.iter().any(|tag| tagged(snapshot, tag));
        self.teller.until(run_under(&key), approved).await.map(drop)
    }

    /// The rules refuse it, and give it back to the partner.
    pub(super) async fn refuse(&self, plot: &Plot) -> anyhow::Result<()> {
        let key = plot.claim_key();
        self.submit(&key, plot.partner.person).await?;
        self.teller.until(run_under(&key), |snapshot| tagged(snapshot, "editable")).await?;
        let refusal = self.stored::<ClaimPaper>(&key).await?.sheet.refusal;
        let code = refusal.as_ref().and_then(|refusal| refusal.code.as_deref());
        anyhow::ensure!(code == Some("F2"), "it was not refused for its invoice: {refusal:?}");
        Ok(())
    }
}
