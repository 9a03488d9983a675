//! `entente claim put-off`: people are asked whether the proof of an advance may come later, once.

use entente_core::context::funding::{ClaimPaper, PutOff as Asked, RequestPaper};
use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use serde_json::json;

use super::papers::{self, Label, Spoken as _};
use crate::{
    cli::{exit::Exit, failure::Failure, input, session::Session, submit::Trying},
    funding::{
        packs,
        stored::{self, Stored},
    },
};

/// Ask to put the proof of an advance off, once. Two other people have to agree
#[derive(Debug, clap::Args)]
pub struct PutOff {
    #[command(flatten)]
    label: Label,
    /// The new last day of the proof, in the programme's zone
    #[arg(long, value_name = "DATE")]
    until: Date,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    #[command(flatten)]
    sending: Trying,
}

impl PutOff {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let PutOff { label: Label { label }, until, reason, sending } = self;
        let claim = papers::find::<ClaimPaper>(session, &label).await?;
        let conflict = |why: String| Failure::new(Exit::Conflict, format!("`{label}`: {why}"));
        let by = open_until(&claim).map_err(conflict)?;
        let prove_by = ends(session, &claim, until).await?;
        if prove_by <= by {
            return Err(Failure::usage(format!("it may be proven until {by} already; write a later day than {until}")));
        }
        let asked = stored::request(session.app.store.as_ref(), &claim.sheet.paper.request).await?;
        if let Some(last) = last_day(&asked).filter(|last| prove_by > *last) {
            let message = format!("its request may be claimed until {last}; write an earlier day than {until}");
            return Err(Failure::usage(message).hint("put the last day of the request off first"));
        }
        let data = json!(Asked { until, prove_by, reason });
        papers::send::<ClaimPaper>(session, &label, &sending.sending(), ClaimPaper::ACTION, "put_off", data).await
    }
}

/// Until when an advance is to be proven, where that may be put off.
fn open_until(claim: &Stored<ClaimPaper>) -> Result<Timestamp, String> {
    let Some(advance) = claim.sheet.course.open_advance() else {
        return Err("there is no advance that has yet to be proven".into());
    };
    if let Some(before) = &advance.put_off {
        return Err(format!("its proof was put off until {} already, and is put off once", before.until));
    }
    advance.prove_by.ok_or_else(|| "its proof has no last day".into())
}

/// The last instant of a day, in the zone of the pack that judges a claim.
async fn ends(session: &Session, claim: &Stored<ClaimPaper>, day: Date) -> Result<Timestamp, Failure> {
    let beyond = || Failure::usage(format!("{day} is beyond the calendar; write an earlier day"));
    let pin = claim.sheet.course.pack.as_ref().ok_or_else(beyond)?;
    let zone = packs::pinned(session.app.store.as_ref(), pin).await?.zone;
    let after = day.tomorrow().map_err(|_| beyond())?.to_datetime(Time::midnight());
    zone.to_timestamp(after).map_err(|_| beyond())
}

/// The last instant at which a request may be claimed, where something is held for it.
fn last_day(asked: &Stored<RequestPaper>) -> Option<Timestamp> {
    asked.sheet.course.claim_by
}
