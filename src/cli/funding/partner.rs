//! `entente partner`: taking partners on, their papers and where their money goes.

use std::path::PathBuf;

use entente_core::context::funding::PartnerPaper;
use serde::Deserialize as _;
use serde_json::json;

use super::{
    papers::{self, Act, Because, Create, History, Label, List, Revise, Spoken},
    returns::{By, Returns},
    shown::Part,
};
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        session::{Globals, Session},
        submit::Sending,
    },
    decision,
    funding::{
        bank::{self, BankDetails},
        standing::Standing,
    },
};

/// Take partners on, and keep their papers and bank details
#[derive(Debug, clap::Subcommand)]
pub enum Partner {
    /// Enter a partner's application
    Create(Create),
    /// List partners
    List(List),
    /// Show where a partner stands
    Show(Label),
    /// Show everything that happened to a partner
    History(History),
    /// Change a partner's papers; people look at them again
    Revise(Revise),
    /// Submit an application
    Submit(Act),
    /// Enter new bank details; somebody else confirms them
    ChangeBank(ChangeBank),
    /// Confirm bank details that somebody else has entered
    ConfirmBank(Act),
    /// Suspend a partner: nothing is granted or paid until it is reinstated
    Suspend(Because),
    /// Have a suspended partner looked at again
    Reinstate(Because),
    /// Show what the requests of a partner have brought for what was paid
    Returns(Returns),
    /// Record that a partner has left
    Leave(Because),
}

/// Enter new bank details; somebody else confirms them
#[derive(Debug, clap::Args)]
pub struct ChangeBank {
    #[command(flatten)]
    label: Label,
    /// A file with `holder`, `account` (an IBAN or number), `bic` and `country`; `-` reads standard input
    #[arg(value_name = "FILE.YAML")]
    file: PathBuf,
    #[command(flatten)]
    sending: Sending,
}

impl Partner {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        type P = PartnerPaper;
        let open = || Session::open(globals);
        match self {
            Partner::Create(create) => {
                let paper: P = papers::document(&create.file)?;
                let session = open().await?;
                let exit = papers::create(&session, &paper, create.submit, &create.sending).await?;
                say_mismatches(&session, &paper);
                Ok(exit)
            }
            Partner::Revise(revise) => {
                let paper: P = papers::document(&revise.file)?;
                let session = open().await?;
                let exit = papers::revise(&session, &revise, &paper).await?;
                say_mismatches(&session, &paper);
                Ok(exit)
            }
            Partner::ChangeBank(change) => change.run(globals).await,
            Partner::List(list) => papers::list::<P>(&open().await?, list).await,
            Partner::Show(label) => papers::show::<P>(&open().await?, &label.label).await,
            Partner::History(shown) => papers::tell::<P>(&open().await?, &shown).await,
            Partner::Submit(act) => papers::submit::<P>(&open().await?, &act).await,
            Partner::ConfirmBank(act) => confirm(&open().await?, &act).await,
            Partner::Suspend(because) => papers::because::<P>(&open().await?, &because, P::ACTION, "suspend").await,
            Partner::Reinstate(because) => papers::because::<P>(&open().await?, &because, P::ACTION, "reinstate").await,
            Partner::Returns(returns) => returns.run(&open().await?, By::Partner).await,
            Partner::Leave(because) => papers::because::<P>(&open().await?, &because, P::ACTION, "leave").await,
        }
    }
}

impl ChangeBank {
    async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let details = details(&self.file)?;
        let session = Session::open(globals).await?;
        let label = &self.label.label;
        let stored = papers::find::<PartnerPaper>(&session, label).await?;
        let home = &stored.row.snapshot.home;
        let actor = papers::actor::<PartnerPaper>(&session, Action::EnterBankDetails, label, home)?;
        let now = session.app.clock.now();
        let (store, partner) = (session.app.store.as_ref(), &stored.sheet.paper.partner);
        let sha256 = bank::put(store, partner, &details, actor.person.as_str(), now).await?;
        let data = json!({ "sha256": sha256, "shown": details.shown() });
        papers::send::<PartnerPaper>(&session, label, &self.sending, Action::EnterBankDetails, "change_bank", data)
            .await
    }
}

/// Says what of a partner's tax documents does not fit it, as soon as it is entered.
fn say_mismatches(session: &Session, paper: &PartnerPaper) {
    for (at, why) in paper.tax_mismatches() {
        session.out.say(&format!("`/tax_documents/{at}`: {why}; nothing is paid by it until one of them is corrected"));
    }
}

/// Reads bank details. What is wrong with them is said without repeating them.
fn details(file: &std::path::Path) -> Result<BankDetails, Failure> {
    let text = input::document(file)?;
    let name = input::name(file);
    let value: serde_json::Value =
        serde_saphyr::from_str(&text).map_err(|_| Failure::usage(format!("{name}: is not a YAML document")))?;
    let details = BankDetails::deserialize(&value).map_err(|_| {
        Failure::usage(format!(
            "{name}: bank details have `holder`, `account`, `country` and, where there is one, `bic`"
        ))
    })?;
    match details.problem() {
        Some(problem) => Err(Failure::usage(format!("{name}: {problem}"))),
        None => Ok(details),
    }
}

async fn confirm(session: &Session, act: &Act) -> Result<Exit, Failure> {
    let label = &act.label.label;
    let stored = papers::find::<PartnerPaper>(session, label).await?;
    let Some(entered) = stored.sheet.course.bank.as_ref() else {
        let failure = Failure::new(Exit::Conflict, format!("`{label}` has no bank details to confirm"));
        return Err(failure.hint(format!("enter them with `entente partner change-bank {label} FILE.YAML`")));
    };
    let data = json!({ "sha256": entered.sha256 });
    papers::send::<PartnerPaper>(
        session,
        label,
        &act.sending.sending(),
        Action::ConfirmBankDetails,
        "confirm_bank",
        data,
    )
    .await
}

impl Spoken for PartnerPaper {
    const KIND: &'static str = "partner";
    const SERIES: &'static str = decision::PARTNERS;
    const ACTION: Action = Action::ManagePartners;
    const COLUMNS: &'static [&'static str] = &["id", "name", "kind", "country"];

    fn columns(standing: &Standing<PartnerPaper>) -> Vec<String> {
        let paper = &standing.paper;
        vec![paper.partner.to_string(), paper.name.clone(), paper.kind.clone(), paper.country.clone()]
    }

    fn fields(standing: &Standing<PartnerPaper>) -> Vec<(&'static str, String)> {
        let (paper, course) = (&standing.paper, &standing.course);
        let bank = course.bank.as_ref().map(|bank| match &bank.confirmed_by {
            Some(by) => format!("{}, entered by {}, confirmed by {by}", bank.shown, bank.by),
            None => format!("{}, entered by {}, not confirmed", bank.shown, bank.by),
        });
        vec![
            ("id", paper.partner.to_string()),
            ("name", paper.name.clone()),
            ("kind", paper.kind.clone()),
            ("region", paper.region.clone()),
            ("country", paper.country.clone()),
            ("agreement", paper.agreement_signed_on.map(|day| day.to_string()).unwrap_or_default()),
            ("bank", bank.unwrap_or_default()),
            ("because", course.because.clone().unwrap_or_default()),
        ]
    }

    fn tables(standing: &Standing<PartnerPaper>) -> Vec<Part> {
        let paper = &standing.paper;
        let text = |value: Option<String>| value.unwrap_or_default();
        let rows = paper.tax_documents.iter().map(|document| {
            vec![
                document.kind.word().to_owned(),
                text(document.number.as_ref().map(ToString::to_string)),
                text(document.name.clone()),
                text(document.country.clone()),
                document.from.to_string(),
                text(document.until.map(|until| until.to_string())),
                if document.checked_by.is_some() { "yes" } else { "no" }.to_owned(),
                text(document.mismatch(paper)),
            ]
        });
        vec![Part {
            title: "Tax documents",
            columns: &["document", "number", "name", "country", "from", "until", "checked", "does not fit"],
            rows: rows.collect(),
        }]
    }
}
