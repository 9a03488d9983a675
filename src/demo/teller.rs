//! Telling one story: the people's and the buyer's moves, each under a key of its own, so that telling twice changes nothing.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use entente_core::{
    event::Body,
    ids::{RunId, derived},
    offer::Offer,
    run::Snapshot,
    scope::Scope,
};
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use entente_sandbox::Director;

use super::{
    after_sale,
    moves::Say,
    stories::{Fate, GAP_TITLE, Story},
};
use crate::{
    app::App,
    offers::{
        Desk,
        launch::{self, Sender},
        stored::{self, StoredOffer},
    },
    runner::Shared,
};

/// How long a move may take before the story counts as stuck.
pub(super) const PATIENCE: Duration = Duration::from_secs(180);

/// How often a verdict is looked for that another process comes to.
pub(super) const LOOK_EVERY: Duration = Duration::from_millis(40);

/// After so many steps of four days the offer must expire.
const STEPS_OF_TIME: u32 = 12;

/// How long processes may take to see that the sandbox's time has moved.
const CLOCKS_FOLLOW: Duration = Duration::from_millis(400);

/// The channel of every move.
pub(super) const SOURCE: &str = "demo";

/// Who keeps the demo's installation running.
pub(super) const OPERATOR: &str = "omar";

/// The tags of an offer that is beyond its approvals.
const PAST_APPROVAL: [&str; 5] = ["live", "accepted", "closed", "editable", "sent"];

/// How the teller's messages reach the engine.
pub enum Door {
    /// It runs in this process.
    Here(Arc<Shared>),
    /// Other processes find them in the inbox.
    Inbox,
}

/// Who tells the stories.
pub struct Teller {
    pub(super) app: Arc<App>,
    pub(super) door: Door,
    stage: Director,
    titles: Mutex<BTreeMap<RunId, &'static str>>,
}

impl Teller {
    /// A teller on this stage.
    pub fn new(app: Arc<App>, door: Door, stage: Director) -> Teller {
        Teller { app, door, stage, titles: Mutex::default() }
    }

    /// The sandbox.
    pub fn stage(&self) -> &Director {
        &self.stage
    }

    /// The installation.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// What each run's story is.
    pub fn titles(&self) -> BTreeMap<RunId, &'static str> {
        self.titles.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The document of a story that has begun.
    pub async fn begun(&self, no: u32) -> anyhow::Result<Option<Offer>> {
        let earlier = self.app.store.message(&Scope::vendor(), SOURCE, &format!("{no}/start")).await?;
        match earlier.map(|earlier| earlier.message.event.body) {
            Some(Body::Started { input }) => Ok(Some(Offer::from_json(&input)?)),
            _ => Ok(None),
        }
    }

    /// Waits until this installation's clock has come to an instant.
    pub(super) async fn until_it_is(&self, instant: Timestamp) -> anyhow::Result<()> {
        let began = tokio::time::Instant::now();
        while self.app.clock.now() < instant {
            anyhow::ensure!(began.elapsed() < PATIENCE, "time stands at {}", self.app.clock.now());
            tokio::time::sleep(LOOK_EVERY).await;
        }
        // The clocks of other processes follow the sandbox's as closely.
        tokio::time::sleep(CLOCKS_FOLLOW).await;
        Ok(())
    }

    /// Notes which runs tell which part of another story.
    pub fn announce_more(&self, titles: impl IntoIterator<Item = (RunId, &'static str)>) {
        self.titles.lock().unwrap_or_else(PoisonError::into_inner).extend(titles);
    }

    /// Notes which run tells which story.
    pub fn announce(&self, stories: &[Story]) {
        let own = stories.iter().map(|story| (run_of(story), story.title));
        let later = stories.iter().filter_map(after_sale::follows);
        self.titles.lock().unwrap_or_else(PoisonError::into_inner).extend(own.chain(later));
    }

    /// Opens a story: its offer is drafted, unless that has happened before.
    pub async fn open(&self, story: &Story) -> anyhow::Result<()> {
        let run = run_of(story);
        if self.row(run).await?.is_none() {
            let sender = self.sender(&format!("{}/start", story.no), "ada")?;
            let message = launch::start(self.app.store.as_ref(), &sender, &story.offer).await?;
            self.send(message).await?;
        }
        Ok(())
    }

    /// Tells one story to its end, or to where time must pass.
    pub async fn play(&self, story: Story) -> anyhow::Result<()> {
        let run = run_of(&story);
        self.submit(&story, run).await?;
        match story.fate {
            Fate::Declined => self.vote(&story, run, "reject", 1).await,
            Fate::SentBack => {
                self.vote(&story, run, "send_back", 1).await?;
                self.resubmit(&story, run).await?;
                self.approve(&story, run, 2).await?;
                self.accept(&story, run).await
            }
            Fate::Refused => {
                self.approve(&story, run, 1).await?;
                self.until(run, |snapshot| tagged(snapshot, "refused") || snapshot.ended).await?;
                self.named(&story, run, "cancel", "cancel", json!({ "reason": "the buyer's account does not exist" }))
                    .await
            }
            Fate::Withdrawn => {
                self.published(&story, run).await?;
                self.named(&story, run, "withdraw", "withdraw", json!({ "reason": "the budget was cut" })).await?;
                self.until(run, |snapshot| snapshot.ended).await.map(drop)
            }
            Fate::Extended => self.extended(&story, run).await,
            Fate::Reissued => self.reissued(&story, run).await,
            // A story that was stopped while time passed has an offer that is no longer before its buyer.
            Fate::Expired if self.row(run).await?.is_some_and(|row| offer_id(&row.snapshot).is_some()) => Ok(()),
            Fate::Expired | Fate::Standing => self.published(&story, run).await,
            Fate::Accepted | Fate::AnswerLost => {
                self.approve(&story, run, 1).await?;
                self.accept(&story, run).await
            }
            Fate::Amended => self.amended(&story, run).await,
            Fate::Refunded => {
                self.approve(&story, run, 1).await?;
                self.accept(&story, run).await?;
                self.refunded(&story, run).await
            }
        }
    }

    /// A month passes: the offer that nobody accepted expires, a day after its last moment.
    pub async fn let_time_pass(&self) -> anyhow::Result<()> {
        let began = tokio::time::Instant::now();
        for step in 0.. {
            let open = stored::offers(self.app.store.as_ref(), Default::default()).await?;
            let over = |offer: &StoredOffer| offer.row.snapshot.ended || tagged(&offer.row.snapshot, "accepted");
            if open.iter().all(|offer| over(offer) || self.stands(&offer.row.snapshot)) {
                return Ok(());
            }
            anyhow::ensure!(began.elapsed() < PATIENCE, "an offer that nobody accepted has not expired");
            if step < STEPS_OF_TIME {
                self.stage.advance("PT96H").await?;
            }
            tokio::time::sleep(Duration::from_millis(700)).await;
        }
        Ok(())
    }

    /// Whether an offer is the one that is before its buyer still when the story ends.
    fn stands(&self, snapshot: &Snapshot) -> bool {
        tagged(snapshot, "live") && self.titles().get(&snapshot.run) == Some(&GAP_TITLE)
    }

    /// Prints every move of every run.
    pub async fn watch(self: Arc<Self>) {
        let mut seen: BTreeMap<RunId, u64> = BTreeMap::new();
        loop {
            if let Ok(runs) = stored::runs(self.app.store.as_ref(), Default::default()).await {
                for row in runs {
                    let snapshot = &row.snapshot;
                    if seen.insert(snapshot.run, snapshot.seq) != Some(snapshot.seq) {
                        let title = self.titles().get(&snapshot.run).copied().unwrap_or_default();
                        let parked = snapshot
                            .incident
                            .as_ref()
                            .map(|incident| format!("  PARKED: {}", incident.message))
                            .unwrap_or_default();
                        eprintln!("{}  {:<30} {}{parked}", snapshot.label, title, snapshot.state);
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(120)).await;
        }
    }

    async fn submit(&self, story: &Story, run: RunId) -> anyhow::Result<()> {
        if self.made(story, "submit").await? {
            return Ok(());
        }
        if story.fate == Fate::AnswerLost {
            self.stage.lose_next_answer().await?;
        }
        let (desk, sender, stored) = self.move_of(story, run, "submit").await?;
        self.send(desk.submit(&sender, &stored).await?).await
    }

    /// The approvers agree, whoever the policy asks.
    pub(super) async fn approve(&self, story: &Story, run: RunId, round: u32) -> anyhow::Result<()> {
        self.vote(story, run, "approve", round).await
    }

    pub(super) async fn vote(&self, story: &Story, run: RunId, verdict: &str, round: u32) -> anyhow::Result<()> {
        let why = if verdict == "approve" { "" } else { "not at this price" };
        self.say(run, &Say { key: format!("{}/vote/{round}", story.no), verdict, why, past: &PAST_APPROVAL }).await
    }

    async fn resubmit(&self, story: &Story, run: RunId) -> anyhow::Result<()> {
        let mut better = story.offer.clone();
        better.justification = Some("a reference customer in its industry".into());
        if !self.made(story, "revise").await? {
            self.until(run, past_approval).await?;
            let (desk, sender, stored) = self.move_of(story, run, "revise").await?;
            self.send(desk.revise(&sender, &stored, &better).await?).await?;
        }
        if self.made(story, "resubmit").await? {
            return Ok(());
        }
        let (desk, sender, stored) = self.move_of(story, run, "resubmit").await?;
        self.send(desk.submit(&sender, &stored).await?).await
    }

    async fn published(&self, story: &Story, run: RunId) -> anyhow::Result<()> {
        self.approve(story, run, 1).await?;
        self.until(run, |snapshot| {
            tagged(snapshot, "live") || tagged(snapshot, "closed") || tagged(snapshot, "accepted")
        })
        .await
        .map(drop)
    }

    async fn extended(&self, story: &Story, run: RunId) -> anyhow::Result<()> {
        self.published(story, run).await?;
        let until = story.offer.expires_on.checked_add(15.days())?;
        if !self.made(story, "extend").await? {
            let (desk, sender, stored) = self.move_of(story, run, "extend").await?;
            let why = Some("the buyer's lawyers need two weeks".into());
            self.send(desk.extend(&sender, &stored, until, why)?).await?;
        }
        let extended = |snapshot: &Snapshot| {
            let shown = snapshot.context.pointer("/expiry/last_day").and_then(Value::as_str);
            shown == Some(until.to_string().as_str()) || tagged(snapshot, "accepted")
        };
        self.until(run, extended).await?;
        self.accept(story, run).await
    }

    async fn reissued(&self, story: &Story, run: RunId) -> anyhow::Result<()> {
        // Once it is made, the first approvals and the first publication are history.
        if !self.made(story, "reissue").await? {
            self.published(story, run).await?;
            let (desk, sender, stored) = self.move_of(story, run, "reissue").await?;
            let why = Some("it named the parent company's account".into());
            self.send(desk.reissue(&sender, &stored, &story.accepter, why).await?).await?;
        }
        self.until(run, |snapshot| snapshot.context.pointer("/remote/earlier/0").is_some()).await?;
        self.approve(story, run, 2).await?;
        self.accept(story, run).await
    }

    /// The buyer accepts, and the run hears of it by the connector's own ways.
    pub(super) async fn accept(&self, story: &Story, run: RunId) -> anyhow::Result<()> {
        let row = self.until(run, |snapshot| tagged(snapshot, "awaiting_buyer") || was_accepted(snapshot)).await?;
        if was_accepted(&row.snapshot) {
            return Ok(());
        }
        let offer_id = offer_id(&row.snapshot).context("a published offer has an id at the marketplace")?;
        if !self.stage.accepted(offer_id).await? {
            self.stage.accept(&story.accepter, offer_id, &story.quantities).await?;
        }
        self.until(run, was_accepted).await.map(drop)
    }

    async fn named(&self, story: &Story, run: RunId, key: &str, event: &str, data: Value) -> anyhow::Result<()> {
        self.once(&format!("{}/{key}", story.no), "ada", run, event, data).await
    }

    pub(super) async fn made(&self, story: &Story, key: &str) -> anyhow::Result<bool> {
        self.was_made(&format!("{}/{key}", story.no)).await
    }

    /// The desk, the sender and the offer as stored: what a move of the alliance manager begins with.
    async fn move_of(&self, story: &Story, run: RunId, key: &str) -> anyhow::Result<(Desk, Sender, StoredOffer)> {
        let sender = self.sender(&format!("{}/{key}", story.no), "ada")?;
        let stored = stored::typed(self.row(run).await?.context("the offer has been started")?)?;
        Ok((Desk::of(&self.app), sender, stored))
    }
}

/// Whether a buyer has accepted: the agreement may have ended meanwhile, when another has taken its place.
fn was_accepted(snapshot: &Snapshot) -> bool {
    tagged(snapshot, "accepted") || tagged(snapshot, "success")
}

pub(super) fn tagged(snapshot: &Snapshot, tag: &str) -> bool {
    snapshot.tags.iter().any(|other| other == tag)
}

/// Whether a story that is told again is already beyond its approvals; one that was sent back is open to changes.
fn past_approval(snapshot: &Snapshot) -> bool {
    PAST_APPROVAL.iter().any(|tag| tagged(snapshot, tag))
}

/// The id of the offer that stands at the marketplace.
fn offer_id(snapshot: &Snapshot) -> Option<&str> {
    snapshot.context.pointer("/remote/offer_id").and_then(Value::as_str)
}

/// The run of a story's offer, the same whenever the story is told.
pub(super) fn run_of(story: &Story) -> RunId {
    run_under(&format!("{}/start", story.no))
}

/// The run that a key of the story starts.
pub(super) fn run_under(key: &str) -> RunId {
    RunId(derived(&["start", SOURCE, key]))
}
