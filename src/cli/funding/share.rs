//! `entente claim shares`: what other partners' claims owe to a partner, and a dispute of it by its own people.

use entente_core::{
    context::funding::{ClaimPaper, PayableStatus},
    event::Actor,
    ids::{PartyId, RunId},
};

use super::papers::{self, Spoken as _};
use crate::{
    cli::{
        exit::Exit,
        failure::Failure,
        session::{Globals, Session},
    },
    funding::share::{self, Share},
};

/// List what claims of other partners owe to one, with the rules that lowered them
#[derive(Debug, clap::Args)]
pub struct Shares {
    /// The claim; absent means all
    #[arg(value_name = "LABEL")]
    label: Option<String>,
    /// Whose shares; people of partners see their own
    #[arg(long, value_name = "PARTNER")]
    partner: Option<PartyId>,
}

impl Shares {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        papers::reach(&session, "claim", "shares")?;
        let payee = whose(&session, self.partner)?;
        let store = session.app.store.as_ref();
        let shares = match &self.label {
            Some(label) => vec![share::find(store, &payee, label).await?.1],
            None => share::of_payee(store, &payee).await?,
        };
        if session.out.is_json() {
            session.out.json(&shares)?;
            return Ok(Exit::Ok);
        }
        let heading = ["claim", "state", "part", "owed or paid", "stands", "lowered by", "disputed", "claimed back"];
        session.out.table(&heading, &shares.iter().map(row).collect::<Vec<_>>());
        if shares.is_empty() {
            session.out.say(&format!("no claim of another partner pays `{payee}`"));
        }
        Ok(Exit::Ok)
    }
}

/// Whose shares are meant.
fn whose(session: &Session, named: Option<PartyId>) -> Result<PartyId, Failure> {
    match (session.party(), named) {
        (Some(own), named) if named.as_ref().is_none_or(|named| named == own) => Ok(own.clone()),
        (Some(_), Some(other)) => Err(entente_store::Error::NotFound { kind: "partner", id: other.to_string() }.into()),
        (_, Some(named)) => Ok(named),
        (_, None) => Err(Failure::usage("it is not said whose shares").hint("add --partner")),
    }
}

fn row(share: &Share) -> Vec<String> {
    let stands = share.payable.as_ref().map(|payable| match payable.status {
        PayableStatus::Owed => "owed",
        PayableStatus::Scheduled => "in a payout run",
        PayableStatus::Paid => "paid",
    });
    let list = |all: Vec<String>| if all.is_empty() { "-".to_owned() } else { all.join(", ") };
    vec![
        share.claim.clone(),
        share.state.clone(),
        format!("{} of {}", share.weight, share.of),
        share.payable.as_ref().map_or_else(|| "-".into(), |payable| payable.amount.to_string()),
        stands.unwrap_or("-").to_owned(),
        list(share.lowered_by.iter().map(ToString::to_string).collect()),
        list(share.disputes.iter().map(|one| format!("{}: {} ({})", one.amount, one.reason, one.stands)).collect()),
        list(share.clawbacks.iter().map(|back| format!("{}: {}", back.amount, back.reason)).collect()),
    ]
}

/// Who disputes what of whom. People of a partner dispute what is owed to that partner: in its own claims, and in those of others.
/// The vendor's people do so for any payee.
pub(super) async fn disputes(
    session: &Session,
    label: &str,
    named: Option<PartyId>,
) -> Result<(RunId, Actor, PartyId), Failure> {
    let action = ClaimPaper::ACTION;
    let Some(own) = session.party().cloned() else {
        let claim = papers::find::<ClaimPaper>(session, label).await?;
        let home = &claim.row.snapshot.home;
        let actor = papers::actor::<ClaimPaper>(session, action, label, home)?;
        return Ok((claim.row.snapshot.run, actor, named.unwrap_or(claim.sheet.paper.partner)));
    };
    papers::reach(session, "claim", label)?;
    let store = session.app.store.as_ref();
    let claim = match papers::find::<ClaimPaper>(session, label).await {
        Ok(claim) => claim,
        Err(_) => share::find(store, &own, label).await?.0,
    };
    if let Some(other) = named.filter(|named| *named != own) {
        let message = format!("what is owed to `{other}` is disputed by `{other}` alone");
        return Err(Failure::new(Exit::Forbidden, message).hint("leave --payee out to dispute what is owed to you"));
    }
    let snapshot = &claim.row.snapshot;
    let actor = session.act_for(action, ClaimPaper::KIND, label, &snapshot.home.legal_entity)?;
    Ok((snapshot.run, actor, own))
}
