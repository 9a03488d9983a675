//! `entente offer create`.

use std::path::PathBuf;

use entente_core::offer::figures::figures;
use entente_port::{Finding, Severity};
use serde_json::json;

use super::{document, figures as shown};
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        output::Out,
        recovery::warn_of_lost,
        session::{Globals, Session},
        submit::Sending,
    },
    offers::{home_of, launch, preflight},
};

/// Create an offer from a document
///
/// The document is checked first. With --submit an error stops it before anything is written; without, a draft is kept. Says
/// what the offer is worth and how far it lies below list, dimension by dimension.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// The offer's document; `-` reads standard input
    #[arg(value_name = "OFFER.YAML")]
    file: PathBuf,
    /// Submit it for approval at once
    #[arg(long)]
    submit: bool,
    #[command(flatten)]
    sending: Sending,
}

impl Create {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let offer = document(&self.file)?;
        let session = Session::open(globals).await?;
        let actor = session.act_for(Action::CreateOffer, "offer", &offer.reference, &offer.legal_entity)?;
        let sender = self.sending.sender(&session, actor);
        let desk = session.desk();
        let known = desk.known(&offer, None).await?;
        warn_of_lost(&session).await?;
        let figures = figures(&offer, known.discounts.as_ref()).ok();
        let mut findings = Vec::new();
        if sender.earlier(desk.store.as_ref()).await?.is_none() {
            let home = home_of(&offer).map_err(crate::offers::DeskError::from)?;
            findings = preflight::findings_knowing(&desk.connections, &offer, &home, known, desk.now).await;
            report(&session.out, &self.file, &findings, self.submit)?;
        }
        let start = launch::start(desk.store.as_ref(), &sender, &offer).await?;
        let label = start.start.as_ref().map(|start| start.label.clone()).unwrap_or_default();
        let mut messages = vec![start.clone()];
        if self.submit {
            messages.push(desk.submit_new(&sender.also("submit"), &start, &offer).await?);
        }
        let also = json!({ "figures": figures, "findings": findings });
        session.send_with(&self.sending, &label, messages, also).await?;
        if let Some(figures) = &figures {
            shown::say(&session.out, figures);
        }
        Ok(Exit::Ok)
    }
}

/// Shows findings; an error among them stops what `stops` says.
pub fn report(out: &Out, file: &std::path::Path, findings: &[Finding], stops: bool) -> Result<(), Failure> {
    let name = crate::cli::input::name(file);
    let words = |finding: &Finding| {
        let Finding { rule, field, message, remedy, source, .. } = finding;
        format!("{name}: {rule} `{field}`: {message}; {remedy} ({source})")
    };
    let first = findings.iter().find(|finding| finding.severity == Severity::Error).filter(|_| stops);
    for finding in findings.iter().filter(|finding| first != Some(finding)) {
        out.warn(&words(finding));
    }
    match first {
        Some(finding) => {
            Err(Failure::usage(words(finding)).hint("nothing was written; see everything with `entente offer plan`"))
        }
        None => Ok(()),
    }
}
