//! Money that comes back after it was paid: asked for by one person, agreed to by two others.

use entente_core::{context::funding::ClaimPaper, money::Money, run::Snapshot};
use serde_json::json;

use super::{
    Funding,
    plots::{BACK, Plot, euros},
};
use crate::demo::teller::{run_under, tagged};

/// Who finds out that too much was paid.
const FINDER: &str = "fay";

/// The tags of a claim that is beyond the approvals of a clawback.
const CLAWED_BACK: [&str; 2] = ["recovering", "closed"];

/// Why it is claimed back.
pub const WHY: &str = "the supplier has credited a third of its invoice";

impl Funding {
    /// A part of a claim that was paid is claimed back, and comes.
    pub(super) async fn claw_back(&self, plot: &Plot) -> anyhow::Result<()> {
        let (key, run) = (plot.claim_key(), run_under(&plot.claim_key()));
        let amount: Money = euros(BACK).parse()?;
        let back = json!({ "payee": plot.partner.id, "amount": amount, "reason": WHY });
        self.teller.once(&format!("{key}/claw_back"), FINDER, run, "claw_back", back).await?;
        let asked = |snapshot: &Snapshot| tagged(snapshot, "awaiting_approval");
        let beyond = |snapshot: &Snapshot| CLAWED_BACK.iter().any(|tag| tagged(snapshot, tag));
        let row = self.teller.until(run, |snapshot| asked(snapshot) || beyond(snapshot)).await?;
        if asked(&row.snapshot) {
            // Whoever asks for it answers for money too, but not for this.
            self.refused_to_vote(&format!("{key}/own_vote"), FINDER, run, "money").await?;
        }
        self.agree(run, &format!("{key}/vote_back"), &CLAWED_BACK).await?;
        self.teller.until(run, beyond).await?;
        let come = json!({ "amount": amount, "how": "paid" });
        self.teller.once(&format!("{key}/recovered"), "finn", run, "recovered", come).await?;
        self.teller.until(run, |snapshot| tagged(snapshot, "closed")).await?;
        let clawed = self.stored::<ClaimPaper>(&key).await?.sheet.course.clawback;
        let all = clawed.is_some_and(|back| back.recovered == Some(back.amount));
        anyhow::ensure!(all, "not everything that was claimed back has come");
        Ok(())
    }
}
