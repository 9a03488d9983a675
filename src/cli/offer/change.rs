//! `entente offer submit|revise|extend|withdraw|reissue`: what changes an offer's course.

use std::path::PathBuf;

use entente_core::{context::private_offer::Expiry, event::Actor};
use entente_port::Write;
use jiff::civil::Date;

use super::{create::report, document, dry_run::dry_run};
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        session::{Globals, Session},
        submit::Sending,
    },
    offers::{change::reason, preflight, stored::StoredOffer},
};

/// Submit an offer for approval
#[derive(Debug, clap::Args)]
pub struct Submit {
    /// The offer, such as OFR-2026-00042
    label: String,
    #[command(flatten)]
    sending: Sending,
}

/// Replace an offer's document
///
/// Votes bind to the part of the document they are about: only those whose part changed are asked for again.
#[derive(Debug, clap::Args)]
pub struct Revise {
    /// The offer, such as OFR-2026-00042
    label: String,
    /// The new document; `-` reads standard input
    #[arg(value_name = "OFFER.YAML")]
    file: PathBuf,
    #[command(flatten)]
    sending: Sending,
}

/// Give the buyer more time
#[derive(Debug, clap::Args)]
pub struct Extend {
    /// The offer, such as OFR-2026-00042
    label: String,
    /// The new last day to accept, in the marketplace's zone
    #[arg(long, value_name = "DAY")]
    until: Date,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Print the exact remote calls and send nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    sending: Sending,
}

/// Withdraw an offer
#[derive(Debug, clap::Args)]
pub struct Withdraw {
    /// The offer, such as OFR-2026-00042
    label: String,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    /// Print the exact remote calls and send nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    sending: Sending,
}

/// Withdraw an offer and offer the same to another account
#[derive(Debug, clap::Args)]
pub struct Reissue {
    /// The offer, such as OFR-2026-00042
    label: String,
    /// The account that shall accept
    #[arg(long, value_name = "ID")]
    account: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Print the exact remote calls and send nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    sending: Sending,
}

impl Submit {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = session.offer(&self.label).await?;
        let sender = self.sending.sender(session, actor(session, &stored)?);
        let message = session.desk().submit(&sender, &stored).await?;
        session.send(&self.sending, &self.label, vec![message]).await?;
        Ok(Exit::Ok)
    }
}

impl Revise {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let offer = document(&self.file)?;
        let session = &Session::open(globals).await?;
        let stored = session.offer(&self.label).await?;
        let sender = self.sending.sender(session, actor(session, &stored)?);
        let home = session.home(&stored);
        if offer.legal_entity != home.legal_entity {
            let (file, ours, theirs) = (input::name(&self.file), &home.legal_entity, &offer.legal_entity);
            let message = format!(
                "{file}: field `/legal_entity`: `{theirs}` differs from `{ours}`, to which `{}` belongs",
                self.label
            );
            return Err(Failure::usage(message).hint("withdraw the offer and create another one"));
        }
        let desk = session.desk();
        if sender.earlier(desk.store.as_ref()).await?.is_none() {
            let known = desk.known(&offer, Some(stored.row.snapshot.run)).await?;
            let findings = preflight::findings_knowing(&desk.connections, &offer, home, known, desk.now).await;
            report(&session.out, &self.file, &findings, false)?;
        }
        let message = desk.revise(&sender, &stored, &offer).await?;
        session.send(&self.sending, &self.label, vec![message]).await?;
        Ok(Exit::Ok)
    }
}

impl Extend {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = session.offer(&self.label).await?;
        let desk = session.desk();
        let last_moment = desk.last_moment(&stored.offer.offer, self.until)?;
        let refused = stored.offer.extension_refused(&Expiry { last_day: self.until, last_moment });
        let refused = refused.map_or(Ok(()), |why| {
            Err(Failure::new(Exit::Conflict, format!("`{}` cannot be extended: {why}", self.label)))
        });
        if self.dry_run {
            refused?;
            let offer = Box::new(stored.offer.offer.clone());
            let write = Write::ExtendOffer { offer_id: live(&stored)?, expires_on: self.until, offer };
            return dry_run(session, &stored, &[write]);
        }
        let sender = self.sending.sender(session, actor(session, &stored)?);
        // Repeated under its key, an extension that was made gets the answer that it got.
        if sender.earlier(desk.store.as_ref()).await?.is_none() {
            refused?;
        }
        let message = desk.extend(&sender, &stored, self.until, self.reason)?;
        session.send(&self.sending, &self.label, vec![message]).await?;
        Ok(Exit::Ok)
    }
}

impl Withdraw {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = session.offer(&self.label).await?;
        if self.dry_run {
            return dry_run(session, &stored, &[Write::WithdrawOffer { offer_id: live(&stored)? }]);
        }
        let sender = self.sending.sender(session, actor(session, &stored)?);
        let message = sender.named(stored.row.snapshot.run, "withdraw", reason(&self.reason));
        session.send(&self.sending, &self.label, vec![message]).await?;
        Ok(Exit::Ok)
    }
}

impl Reissue {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = session.offer(&self.label).await?;
        if self.dry_run {
            let offer = Box::new(stored.offer.reissued(&self.account));
            return dry_run(
                session,
                &stored,
                &[Write::WithdrawOffer { offer_id: live(&stored)? }, Write::CreateOffer { offer }],
            );
        }
        let sender = self.sending.sender(session, actor(session, &stored)?);
        let desk = session.desk();
        // The live offer is withdrawn first: what could not be offered again is refused before that.
        if sender.earlier(desk.store.as_ref()).await?.is_none() {
            let (run, offer) = (stored.row.snapshot.run, stored.offer.reissued(&self.account));
            if stored.offer.is_for(&self.account) {
                let message = format!("`{}` is for account `{}` already", self.label, self.account);
                return Err(Failure::new(Exit::Conflict, message));
            }
            let known = desk.known(&offer, Some(run)).await?;
            let home = session.home(&stored);
            let findings = preflight::findings_knowing(&desk.connections, &offer, home, known, desk.now).await;
            report(&session.out, std::path::Path::new(&self.label), &findings, true)?;
        }
        let message = desk.reissue(&sender, &stored, &self.account, self.reason).await?;
        session.send(&self.sending, &self.label, vec![message]).await?;
        Ok(Exit::Ok)
    }
}

pub(super) fn actor(session: &Session, stored: &StoredOffer) -> Result<Actor, Failure> {
    let snapshot = &stored.row.snapshot;
    session.act_for(Action::ChangeOffer, "offer", &snapshot.label, &snapshot.home.legal_entity)
}

/// The marketplace's id of the offer that is live.
pub(super) fn live(stored: &StoredOffer) -> Result<String, Failure> {
    let snapshot = &stored.row.snapshot;
    stored.offer.remote.offer_id.clone().ok_or_else(|| {
        Failure::new(
            Exit::Conflict,
            format!("`{}` is in `{}`, and nothing of it is at the marketplace", snapshot.label, snapshot.state),
        )
    })
}
