//! Money that comes back after it was paid: asked for by one person, agreed to by two others.

use entente_core::{context::funding::ClaimPaper, money::Money, run::Snapshot};
use serde_json::{Value, json};

use super::{
    Funding,
    plots::{BACK, Plot, euros},
};
use crate::demo::teller::{run_under, tagged};

/// Who finds out that too much was paid.
const FINDER: &str = "fay";

/// The tag of a claim whose money is to come back.
const RECOVERING: &str = "recovering";

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
        let row = self.teller.until(run, |snapshot| asked(snapshot) || is_clawed_back(snapshot)).await?;
        if !is_clawed_back(&row.snapshot) {
            // Whoever asks for it answers for money too, but not for this.
            self.refused_to_vote(&format!("{key}/own_vote"), FINDER, run, "money").await?;
            self.agree(run, &format!("{key}/vote_back"), &[RECOVERING]).await?;
            self.teller.until(run, is_clawed_back).await?;
        }
        let come = json!({ "amount": amount, "how": "paid" });
        self.teller.once(&format!("{key}/recovered"), "finn", run, "recovered", come).await?;
        self.teller.until(run, |snapshot| tagged(snapshot, "paid") && is_clawed_back(snapshot)).await?;
        let clawed = self.stored::<ClaimPaper>(&key).await?.sheet.course.clawbacks;
        let all = clawed.iter().all(|back| back.recovered == Some(back.amount));
        anyhow::ensure!(all, "not everything that was claimed back has come");
        Ok(())
    }
}

/// Whether people have agreed to claim money back.
fn is_clawed_back(snapshot: &Snapshot) -> bool {
    let clawbacks = snapshot.context.pointer("/course/clawbacks").and_then(Value::as_array);
    clawbacks.is_some_and(|clawbacks| !clawbacks.is_empty())
}
