//! Payout runs that the bank answers, and money that is claimed back.

use entente_core::money::Money;
use serde_json::json;

use crate::{
    papers,
    vendor::{Started, Vendor, accepted, refused},
};

impl Vendor {
    /// A payout run of everything that is owed, agreed to and written.
    pub async fn sent(&self) -> Started {
        let run = self.payout(&papers::payout(&[])).await;
        self.agree(std::slice::from_ref(&run), &["tess", "flo"]).await;
        self.state(run.run, "sent").await;
        run
    }

    /// The bank's answer about the only payment of a run.
    pub async fn bank_says(&self, run: &Started, outcome: &str, day: &str) {
        let answers = json!({ format!("{}-0001", run.label): { "outcome": outcome, "on": day, "why": "" } });
        accepted(self.ask(self.actor("paula"), run.run, "answered", json!({ "answers": answers })).await);
        self.state(run.run, "answered").await;
    }

    /// Of two requests that were granted, one is claimed and paid; its claim, and the other request.
    pub async fn one_of_two_paid(&self) -> (Started, Started) {
        let other = papers::request(&[("hamburg-breakfast", "event-2")]);
        let mut requests = self.granted(&[("pia", papers::request(&[])), ("pia", other)]).await;
        self.pass_days(20).await;
        let claim = self.owed(&[("pia", papers::claim(&requests[0].label, 1, &[]))]).await.remove(0);
        let run = self.sent().await;
        self.bank_says(&run, "paid", "2027-04-05").await;
        self.state(claim.run, "paid").await;
        (claim, requests.remove(1))
    }

    /// A part of a paid claim is claimed back: whoever asks for that has no vote on it, and two others agree.
    pub async fn claimed_back(&self, claim: &Started, minor: i64) {
        let amount = Money { minor, currency: "EUR".parse().unwrap() };
        let back = json!({ "payee": "nordlicht", "amount": amount, "reason": "no event took place" });
        accepted(self.ask(self.actor("finn"), claim.run, "claw_back", back).await);
        self.asks(claim.run).await;
        refused(self.vote("finn", claim.run).await);
        self.agree(std::slice::from_ref(claim), &["vera"]).await;
        accepted(self.vote("flo", claim.run).await);
        self.state(claim.run, "recovering").await;
    }

    /// What the partner gives back by itself.
    pub async fn given_back(&self, claim: &Started, minor: i64) {
        let all = json!({ "amount": Money { minor, currency: "EUR".parse().unwrap() }, "how": "paid" });
        accepted(self.ask(self.actor("finn"), claim.run, "recovered", all).await);
    }
}
