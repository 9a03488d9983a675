//! Market development funds beside the offers: three partners are taken on and ask for money, and what becomes of their
//! claims.
//!
//! New bank details wait for five days of business time, and claims are made after the work. So the story has two parts: what
//! comes before these days, and what comes after them.

mod clawback;
mod papers;
mod partners;
mod payout;
mod plots;
mod proof;
mod requests;
mod table;

use std::{path::PathBuf, sync::Arc};

use anyhow::Context as _;
use entente_core::{
    context::funding::{ClaimPaper, RequestPaper},
    ids::{LegalEntityId, RunId},
    mdf::Pack,
};
use futures::future::{try_join, try_join_all};
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};

use self::{
    partners::PARTNERS,
    plots::{Fate, PLOTS},
};
pub use self::{
    plots::Ending,
    table::{commands, lines, table},
};
use super::teller::{Teller, run_under};
use crate::funding::{packs, stored};

/// The rules of the programme: the pack that is shipped to begin with.
const PACK: &str = include_str!("../../../programmes/starter.yaml");

/// The fund of the story.
pub const FUND: &str = "emea-mdf";

/// Whose money it is.
pub const ENTITY: &str = "acme-us";

/// How long new bank details wait, and an hour more.
const DETAILS_WAIT_HOURS: i64 = 5 * 24 + 1;

/// The part of the story that is about market development funds.
#[derive(Clone)]
pub struct Funding {
    teller: Arc<Teller>,
    folder: PathBuf,
}

impl Funding {
    /// Told by this teller; what partners and the bank are given goes into `folder`.
    pub fn new(teller: Arc<Teller>, folder: PathBuf) -> Funding {
        let funding = Funding { teller, folder };
        funding.teller.announce_more(titles());
        funding
    }

    /// Partners are taken on, a fund is opened, and what they ask for is granted.
    pub async fn ask(&self) -> anyhow::Result<()> {
        let app = self.teller.app();
        let pack = Pack::from_yaml("starter.yaml", PACK)?;
        packs::import(app.store.as_ref(), &pack, PACK, "fred", app.clock.now()).await?;
        // One after the other, so that they are numbered as they are told.
        for partner in &PARTNERS {
            self.apply(partner).await?;
        }
        try_join(self.open_fund(), try_join_all(PARTNERS.iter().map(|partner| self.take_on(partner)))).await?;
        for plot in &PLOTS {
            self.request(plot).await?;
        }
        try_join_all(PLOTS.iter().map(|plot| self.grant(plot))).await?;
        Ok(())
    }

    /// The work is done, and the bank details have waited: as many days pass as that takes, however often it is told.
    pub async fn let_days_pass(&self) -> anyhow::Result<()> {
        let ripe = self.ripe().await?;
        let now = self.teller.stage().now().await?;
        let missing = ripe.duration_since(now).as_secs();
        if missing > 0 {
            self.teller.stage().advance(&format!("PT{missing}S")).await?;
        }
        self.teller.until_it_is(ripe).await
    }

    /// Claims are made, judged and approved, paid by one file, and one of them is claimed back in part.
    pub async fn claim(&self) -> anyhow::Result<()> {
        let (again, first): (Vec<_>, Vec<_>) = PLOTS.iter().partition(|plot| plot.fate == Fate::Again);
        for plot in &PLOTS {
            self.enter(plot).await?;
        }
        try_join_all(first.iter().map(|plot| self.approve(plot))).await?;
        // The invoice must have been claimed before: which claim came first is what the rule looks at.
        try_join(self.pay(), try_join_all(again.iter().map(|plot| self.refuse(plot)))).await?;
        let back = PLOTS.iter().find(|plot| plot.fate == Fate::ClawedBack).context("one claim is clawed back")?;
        self.claw_back(back).await
    }

    /// When all work is over and all bank details have waited.
    async fn ripe(&self) -> anyhow::Result<Timestamp> {
        let store = self.teller.app().store.as_ref();
        let mut ripe = Timestamp::UNIX_EPOCH;
        for partner in &PARTNERS {
            let known = stored::partner(store, &partner.id.parse()?).await?;
            let confirmed = known.sheet.course.confirmed().and_then(|bank| bank.confirmed_at);
            let confirmed = confirmed.with_context(|| format!("nobody has confirmed the bank of {}", partner.id))?;
            ripe = ripe.max(confirmed.checked_add(DETAILS_WAIT_HOURS.hours())?);
        }
        for plot in &PLOTS {
            let asked: RequestPaper = self.paper(&plot.request_key()).await?;
            let over = asked.activity.end.tomorrow()?.to_zoned(TimeZone::UTC)?.timestamp();
            ripe = ripe.max(over.checked_add(1.hours())?);
        }
        Ok(ripe)
    }

    /// The sandbox's day.
    async fn today(&self) -> anyhow::Result<Date> {
        Ok(self.teller.stage().now().await?.to_zoned(TimeZone::UTC).date())
    }
}

/// What the runs of this part are in the summary and in what is told meanwhile.
fn titles() -> Vec<(RunId, &'static str)> {
    let partners = PARTNERS.iter().map(|partner| (run_under(&partner.key()), "a partner is taken on"));
    let asked = PLOTS.iter().map(|plot| (run_under(&plot.request_key()), plot.title));
    let claimed = PLOTS.iter().map(|plot| (run_under(&plot.claim_key()), plot.title));
    let others = [(run_under(partners::FUND_KEY), "a fund is opened"), (run_under(payout::KEY), payout::TITLE)];
    partners.chain(others).chain(asked).chain(claimed).collect()
}

/// Papers of this part, by chart and title, and the tag in which each must end.
pub fn endings() -> Vec<Ending> {
    plots::endings()
}

/// The partners of the story, by their ids.
pub fn partners() -> impl Iterator<Item = &'static str> {
    PARTNERS.iter().map(|partner| partner.id)
}

/// The legal entity of the story.
///
/// # Errors
/// When its id is none.
pub fn entity() -> anyhow::Result<LegalEntityId> {
    Ok(ENTITY.parse()?)
}

/// Every claim of the story, in its order.
///
/// # Errors
/// When the database cannot be read, or one is not there.
pub async fn claims(teller: &Teller) -> anyhow::Result<Vec<(&'static plots::Plot, stored::Stored<ClaimPaper>)>> {
    let mut claims = Vec::new();
    for plot in &PLOTS {
        let row = teller.row(run_under(&plot.claim_key())).await?;
        claims.push((plot, stored::typed(row.with_context(|| format!("there is no claim of `{}`", plot.title))?)?));
    }
    Ok(claims)
}
