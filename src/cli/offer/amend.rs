//! `entente offer amend|keep`: what may change of an offer once it is released, and leaving it as it is.

use std::path::PathBuf;

use entente_core::{
    context::private_offer::Expiry,
    offer::{Offer, revision},
};

use super::{
    change::{actor, live},
    create::report,
    document,
    dry_run::dry_run,
    show::difference_rows,
};
use crate::{
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        session::{Globals, Session},
        submit::Sending,
    },
    offers::{
        amend::{can_be_amended, write},
        change::reason,
        preflight,
        stored::StoredOffer,
    },
};

/// Change an offer that is released and not yet accepted
///
/// The marketplace changes some of it only: name, description, how long the agreement lasts, and a later last day. What prices
/// or licences were approved for is approved again.
#[derive(Debug, clap::Args)]
pub struct Amend {
    /// The offer, such as OFR-2026-00042
    label: String,
    /// The document as it shall be; `-` reads standard input
    #[arg(long, value_name = "OFFER.YAML")]
    file: PathBuf,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: Option<String>,
    /// Print what would change and the exact remote calls, and send nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    sending: Sending,
}

/// Leave a released offer as it is: its amendment is no longer wanted
#[derive(Debug, clap::Args)]
pub struct Keep {
    /// The offer, such as OFR-2026-00042
    label: String,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    #[command(flatten)]
    sending: Sending,
}

impl Amend {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let offer = document(&self.file)?;
        let session = &Session::open(globals).await?;
        let stored = session.offer(&self.label).await?;
        if self.dry_run {
            self.judge(session, &stored, &offer).await?;
            let standing = stored.offer.standing();
            if !session.out.is_json() {
                session.out.heading(&format!("Differs from `{}`", self.label));
                let changes = revision::differences(&standing, &offer);
                session.out.table(&["field", "there", "here"], &difference_rows(&changes));
            }
            return dry_run(session, &stored, &[write(live(&stored)?, &standing, &offer)]);
        }
        let sender = self.sending.sender(session, actor(session, &stored)?);
        let desk = session.desk();
        // Repeated under its key, an amendment that was made gets the answer that it got.
        if sender.earlier(desk.store.as_ref()).await?.is_none() {
            self.judge(session, &stored, &offer).await?;
        }
        let message = desk.amend(&sender, &stored, &offer, self.reason.clone()).await?;
        session.send(&self.sending, &self.label, vec![message]).await?;
        Ok(Exit::Ok)
    }

    /// Refuses to change an offer that somebody else has changed: what stands there is not what people approved.
    async fn undisturbed(&self, session: &Session, stored: &StoredOffer, standing: &Offer) -> Result<(), Failure> {
        let live = session.desk().differs_from_live(standing, stored).await?.unwrap_or_default();
        let Some(first) = live.first() else { return Ok(()) };
        let message = format!(
            "`{}` differs at the marketplace: field `{}` is {} there, and {} here",
            self.label, first.field, first.theirs, first.ours
        );
        Err(Failure::new(Exit::Conflict, message).hint("nothing was written; decide first which side is right"))
    }

    /// Refuses what the marketplace would refuse, and what it does not change any more.
    async fn judge(&self, session: &Session, stored: &StoredOffer, offer: &Offer) -> Result<(), Failure> {
        live(stored)?;
        if !can_be_amended(stored) {
            let chart = &stored.row.snapshot.chart;
            let message =
                format!("`{}` runs on version {} of its chart, which knows no amendments", self.label, chart.version);
            return Err(Failure::new(Exit::Conflict, message).hint(format!(
                "move it with `entente chart migrate {} --from v{} --to v2 --label {}`",
                chart.name, chart.version, self.label
            )));
        }
        let desk = session.desk();
        let home = session.home(stored);
        let standing = stored.offer.standing();
        let frozen = preflight::frozen(&desk.connections, &standing, offer, home);
        report(&session.out, &self.file, &frozen, false)?;
        let last_moment = desk.last_moment(&standing, offer.expires_on)?;
        let expiry = Expiry { last_day: offer.expires_on, last_moment };
        if let Some((field, why)) = stored.offer.amendment_refused(offer, &expiry) {
            let file = input::name(&self.file);
            let failure = Failure::usage(format!("{file}: field `{field}`: {why}"));
            return Err(failure.hint("nothing was written; see `entente offer reissue` and `entente offer withdraw`"));
        }
        self.undisturbed(session, stored, &standing).await?;
        let known = desk.known(offer, Some(stored.row.snapshot.run)).await?;
        let findings = preflight::findings_knowing(&desk.connections, offer, home, known, desk.now).await;
        report(&session.out, &self.file, &findings, false)
    }
}

impl Keep {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = session.offer(&self.label).await?;
        let sender = self.sending.sender(session, actor(session, &stored)?);
        let message = sender.named(stored.row.snapshot.run, "keep", reason(&self.reason));
        session.send(&self.sending, &self.label, vec![message]).await?;
        Ok(Exit::Ok)
    }
}
