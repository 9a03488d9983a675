//! `entente funding`: what marketplaces pay towards the vendor's own marketing.

use entente_core::{
    context::funding::{AmendedField, GRANT_FUND_KEY, GrantPaper},
    form,
    ids::{ConnectorId, LegalEntityId},
    money::Money,
    scope::{Home, Scope},
};
use entente_port::{FundingApplication, Write};
use serde_json::json;

use super::{
    papers::{self, Act, Because, Create, History, Label, List, Revise, Spoken},
    shown::Part,
};
use crate::{
    agreements::dry_run,
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        offer::dry_run::show_calls,
        output::instant,
        session::{Globals, Session},
        submit::Sending,
    },
    connectors::Connection,
    decision,
    funding::{standing, stored},
    offers::{DeskError, VENDOR},
};

/// Apply for what marketplaces pay towards marketing
#[derive(Debug, clap::Subcommand)]
pub enum Funding {
    /// List what a marketplace funds
    Benefits(Account),
    /// Show what an application for a benefit has to say
    Schema(Schema),
    /// List what a marketplace has granted: wallets, grants, credits
    Allocations(Account),
    /// Enter an application
    Create(Enter),
    /// List applications
    List(List),
    /// Show where an application stands, and what was granted
    Show(Label),
    /// Show everything that happened to an application
    History(History),
    /// Change an application that is not being reviewed, and ask again
    Revise(Revise),
    /// Submit an application: people decide, then the marketplace reviews it
    Submit(Act),
    /// Change fields of an application while the marketplace reviews it
    Amend(Amend),
    /// Take an application back from its review, to change it
    Recall(Because),
    /// Give an application up
    Withdraw(Because),
}

/// Which connection to ask.
#[derive(Debug, clap::Args)]
pub struct Account {
    /// The connection, such as fake/acme-us
    #[arg(value_name = "ACCOUNT")]
    connector: String,
}

/// Show what an application for a benefit has to say
#[derive(Debug, clap::Args)]
pub struct Schema {
    #[command(flatten)]
    account: Account,
    /// The marketplace's id of the benefit
    benefit: String,
    /// Print an empty form to fill in, as JSON
    #[arg(long)]
    blank: bool,
}

/// Enter an application
#[derive(Debug, clap::Args)]
pub struct Enter {
    #[command(flatten)]
    create: Create,
    /// Print the exact remote calls and send nothing
    #[arg(long)]
    dry_run: bool,
}

/// Change fields of an application while the marketplace reviews it
#[derive(Debug, clap::Args)]
pub struct Amend {
    #[command(flatten)]
    label: Label,
    /// A field of the details and its new value, such as /ExpectedLeads=60; may be given several times
    #[arg(long = "set", value_name = "FIELD=VALUE", required = true, value_parser = field)]
    fields: Vec<AmendedField>,
    /// Why; the marketplace reads it
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    #[command(flatten)]
    sending: Sending,
}

fn field(text: &str) -> Result<AmendedField, String> {
    match text.split_once('=') {
        Some((field, value)) if field.starts_with('/') && field.len() > 1 => {
            Ok(AmendedField { field: field.to_owned(), value: value.to_owned() })
        }
        _ => Err("write a field and its value, such as /ExpectedLeads=60".into()),
    }
}

impl Funding {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        type P = GrantPaper;
        let session = Session::open(globals);
        match self {
            Funding::Benefits(account) => benefits(&session.await?, &account).await,
            Funding::Schema(schema) => schema.run(&session.await?).await,
            Funding::Allocations(account) => allocations(&session.await?, &account).await,
            Funding::Create(enter) => enter.run(&session.await?).await,
            Funding::List(list) => papers::list::<P>(&session.await?, list).await,
            Funding::Show(label) => papers::show::<P>(&session.await?, &label.label).await,
            Funding::History(shown) => papers::tell::<P>(&session.await?, &shown).await,
            Funding::Revise(revise) => {
                let paper: P = papers::document(&revise.file)?;
                papers::revise(&session.await?, &revise, &paper).await
            }
            Funding::Submit(act) => papers::submit::<P>(&session.await?, &act).await,
            Funding::Amend(amend) => {
                let data = json!({ "reason": amend.reason, "fields": amend.fields });
                let label = &amend.label.label;
                papers::send::<P>(&session.await?, label, &amend.sending, P::ACTION, "amend", data).await
            }
            Funding::Recall(because) => papers::because::<P>(&session.await?, &because, P::ACTION, "recall").await,
            Funding::Withdraw(because) => papers::because::<P>(&session.await?, &because, P::ACTION, "withdraw").await,
        }
    }
}

impl Account {
    /// The connection, for those who may see what is funded.
    fn connection<'a>(&self, session: &'a Session) -> Result<&'a Connection, Failure> {
        let scope = session.reach(Action::ReadGrants, "connector account", &self.connector)?;
        let not_found = || entente_store::Error::NotFound { kind: "connector account", id: self.connector.clone() };
        let connection = session.app.connections.get(&self.connector).ok_or_else(not_found)?;
        let (_, entity) = self.connector.split_once('/').ok_or_else(not_found)?;
        within(&scope, entity.parse().map_err(DeskError::from)?).ok_or_else(not_found)?;
        Ok(connection)
    }
}

async fn benefits(session: &Session, account: &Account) -> Result<Exit, Failure> {
    let marketplace = &account.connection(session)?.marketplace;
    let all = marketplace.benefits().await.map_err(DeskError::Marketplace)?;
    if session.out.is_json() {
        session.out.json(&all)?;
        return Ok(Exit::Ok);
    }
    let rows = all.iter().map(|one| {
        let open = if one.active { "open" } else { "closed" };
        vec![one.id.clone(), open.to_owned(), one.kinds.join(", "), one.programmes.join(", "), one.name.clone()]
    });
    session.out.table(&["benefit", "state", "given as", "programmes", "name"], &rows.collect::<Vec<_>>());
    Ok(Exit::Ok)
}

async fn allocations(session: &Session, account: &Account) -> Result<Exit, Failure> {
    let marketplace = &account.connection(session)?.marketplace;
    let all = marketplace.allocations().await.map_err(DeskError::Marketplace)?;
    if session.out.is_json() {
        session.out.json(&all)?;
        return Ok(Exit::Ok);
    }
    let money = |amount: Option<Money>| amount.map_or_else(|| "-".into(), |it| it.to_string());
    let rows = all.iter().map(|one| {
        let until = one.expires_at.map(instant).unwrap_or_default();
        let amounts = [one.granted, one.used, one.left].map(money);
        let named = [one.name.clone(), one.kind.clone()];
        named.into_iter().chain(amounts).chain([until, one.reference.clone()]).collect::<Vec<_>>()
    });
    let heading = ["allocation", "given as", "granted", "used", "left", "until", "reference"];
    session.out.table(&heading, &rows.collect::<Vec<_>>());
    Ok(Exit::Ok)
}

impl Schema {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let marketplace = &self.account.connection(session)?.marketplace;
        let benefit = marketplace.benefit(&self.benefit).await.map_err(DeskError::Marketplace)?;
        let schema = benefit.schema.unwrap_or_default();
        if self.blank {
            session.out.json(&form::blank(&schema))?;
            return Ok(Exit::Ok);
        }
        if session.out.is_json() {
            session.out.json(&schema)?;
            return Ok(Exit::Ok);
        }
        let rows = form::fields(&schema).into_iter().map(|field| {
            let needed = if field.required { "required" } else { "" };
            vec![field.field, field.kind, needed.to_owned(), field.bounds, field.title.unwrap_or_default()]
        });
        session.out.table(&["field", "kind", "", "bounds", "title"], &rows.collect::<Vec<_>>());
        Ok(Exit::Ok)
    }
}

impl Enter {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let paper: GrantPaper = papers::document(&self.create.file)?;
        if !self.dry_run {
            return papers::create(session, &paper, self.create.submit, &self.create.sending).await;
        }
        let connection = connection_of(session, &paper.marketplace, &paper.legal_entity)?;
        let application: FundingApplication = serde_json::from_value(paper.application())
            .map_err(|error| Failure::usage(format!("the application cannot be written: {error}")))?;
        let write = Write::ApplyForFunding { application: Box::new(application) };
        let calls = dry_run::planned(connection, &format!("{}-0000-00000", decision::GRANTS), &write)?;
        match session.out.is_json() {
            true => session.out.json(&calls)?,
            false => show_calls(&session.out, &calls),
        }
        session.out.say("nothing was sent");
        Ok(Exit::Ok)
    }
}

fn connection_of<'a>(
    session: &'a Session,
    marketplace: &ConnectorId,
    entity: &LegalEntityId,
) -> Result<&'a Connection, Failure> {
    let name = format!("{marketplace}/{entity}");
    let scope = session.reach(Action::ReadGrants, "connector account", &name)?;
    let home = Home { legal_entity: entity.clone(), party: VENDOR.parse().map_err(DeskError::from)? };
    let not_found = || entente_store::Error::NotFound { kind: "connector account", id: name.clone() };
    within(&scope, entity.clone()).ok_or_else(not_found)?;
    Ok(session.app.connections.of(marketplace.as_str(), &home).ok_or_else(not_found)?)
}

/// Whether a legal entity is one that somebody works for.
fn within(scope: &Scope, entity: LegalEntityId) -> Option<()> {
    let party = VENDOR.parse().ok()?;
    scope.reaches(&Home { legal_entity: entity, party }).then_some(())
}

impl Spoken for GrantPaper {
    const KIND: &'static str = "funding";
    const SERIES: &'static str = decision::GRANTS;
    const ACTION: Action = Action::ApplyForGrants;
    const READ: Action = Action::ReadGrants;
    const COLUMNS: &'static [&'static str] = &["benefit", "amount", "granted", "paid", "name"];

    fn columns(standing: &standing::Standing<GrantPaper>) -> Vec<String> {
        let (paper, there) = (&standing.paper, standing.course.standing.as_ref());
        let money = |amount: Option<Money>| amount.map_or_else(|| "-".into(), |it| it.to_string());
        let (granted, used) = (there.and_then(|there| there.granted), there.and_then(|there| there.used));
        vec![paper.benefit.clone(), paper.amount.to_string(), money(granted), money(used), paper.name.clone()]
    }

    fn fields(standing: &standing::Standing<GrantPaper>) -> Vec<(&'static str, String)> {
        let (paper, course) = (&standing.paper, &standing.course);
        let there = course.standing.as_ref();
        let money = |amount: Option<Money>| amount.map(|it| it.to_string()).unwrap_or_default();
        vec![
            ("name", paper.name.clone()),
            ("benefit", format!("{} on {}", paper.benefit, paper.marketplace)),
            ("asked for", format!("{}, as {}", paper.amount, paper.kind)),
            ("activity", format!("{} to {}", paper.start, paper.end)),
            ("draws on", paper.draws_on.clone().unwrap_or_default()),
            ("claims", paper.claims.clone().unwrap_or_default()),
            ("fund", paper.fund.as_ref().map(ToString::to_string).unwrap_or_default()),
            ("marketplace id", course.application.clone().unwrap_or_default()),
            ("stands there", there.map(|there| there.status.to_string()).unwrap_or_default()),
            ("stage", there.and_then(|there| there.stage.clone()).unwrap_or_default()),
            ("because", there.and_then(|there| there.reason.clone()).unwrap_or_default()),
            ("granted", money(there.and_then(|there| there.granted))),
            ("paid or used", money(there.and_then(|there| there.used))),
            ("usable until", there.and_then(|there| there.expires_at).map(instant).unwrap_or_default()),
            ("claim by", course.claim_by.map(instant).unwrap_or_default()),
        ]
    }

    fn tables(standing: &standing::Standing<GrantPaper>) -> Vec<Part> {
        let rows = |references: &[String]| references.iter().map(|one| vec![one.clone()]).collect();
        let granted = standing.course.standing.as_ref().map(|there| rows(&there.allocations)).unwrap_or_default();
        vec![Part { title: "Granted", columns: &["reference"], rows: granted }]
    }
}

/// What marketplaces pay beside a fund: never part of its figures, and shown to those alone who may see applications; to others,
/// nothing is said of it.
pub(super) async fn beside(
    session: &Session,
    fund: &str,
) -> Result<Option<Vec<standing::Standing<GrantPaper>>>, Failure> {
    if session.party().is_some() {
        return Ok(None);
    }
    let Ok(scope) = session.reach(GrantPaper::READ, GrantPaper::KIND, fund) else { return Ok(None) };
    let store = session.app.store.as_ref();
    let mut grants = stored::by_key::<GrantPaper>(store, GRANT_FUND_KEY, fund).await?;
    grants.retain(|grant| scope.reaches(&grant.row.snapshot.home));
    Ok(Some(grants.iter().map(standing::summary).collect()))
}

/// Tells of what marketplaces pay beside a fund.
pub(super) fn tell_beside(session: &Session, grants: &[standing::Standing<GrantPaper>]) {
    if grants.is_empty() {
        return;
    }
    let rows = grants.iter().map(|standing| {
        let first = [standing.label.clone(), standing.state.clone()];
        first.into_iter().chain(GrantPaper::columns(standing)).collect::<Vec<_>>()
    });
    session.out.heading("Co-funded by marketplaces, not booked in the fund");
    let heading: Vec<&str> = ["funding", "state"].iter().chain(GrantPaper::COLUMNS).copied().collect();
    session.out.table(&heading, &rows.collect::<Vec<_>>());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_by_its_place_and_has_a_value() {
        assert_eq!(field("/Leads=60").unwrap(), AmendedField { field: "/Leads".into(), value: "60".into() });
        assert_eq!(field("/Name=a=b").unwrap().value, "a=b");
        for wrong in ["Leads=60", "/=1", "/Leads", ""] {
            assert!(field(wrong).is_err(), "{wrong}");
        }
    }
}
