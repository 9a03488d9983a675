//! `entente tax`: what legal entities need of payees, and what they withhold, signed off by their tax owners.

use std::{collections::BTreeMap, path::PathBuf};

use entente_core::{
    context::funding::Payment,
    ids::LegalEntityId,
    mdf::{statement::Period, tax::TaxPack},
    money::{Currency, Money},
};
use serde_json::json;

use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        output::instant,
        session::{Globals, Session},
    },
    funding::{debt::Debt, tax},
};

/// Say what is needed of payees and withheld, country by country
#[derive(Debug, clap::Subcommand)]
pub enum Tax {
    /// Import a version of a legal entity's tax pack; another person signs it off
    Import {
        /// The pack
        #[arg(value_name = "PACK.YAML")]
        file: PathBuf,
    },
    /// Sign a tax pack off as the tax owner: payout runs keep to it from then on
    SignOff {
        /// Its name and version, such as acme-eu@1
        #[arg(value_name = "NAME@VERSION")]
        name: String,
    },
    /// List the tax packs, and who has signed them off
    List,
    /// Show a tax pack as it was imported
    Show {
        /// Its name and version, such as acme-eu@1
        #[arg(value_name = "NAME@VERSION")]
        name: String,
    },
    /// List what was withheld in a month, payment by payment
    Withheld {
        /// The legal entity
        #[arg(long, value_name = "ID")]
        entity: LegalEntityId,
        /// The month, such as 2027-03
        #[arg(long, value_name = "MONTH")]
        month: String,
    },
}

impl Tax {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        match self {
            Tax::Import { file } => import(&session, &file).await,
            Tax::SignOff { name } => sign_off(&session, &name).await,
            Tax::List => list(&session).await,
            Tax::Show { name } => {
                session.act(Action::ReadLedger, "tax pack", &name)?;
                session.out.data(tax::text(session.app.store.as_ref(), &name).await?.text.trim_end());
                Ok(Exit::Ok)
            }
            Tax::Withheld { entity, month } => withheld(&session, &entity, &month).await,
        }
    }
}

async fn import(session: &Session, file: &std::path::Path) -> Result<Exit, Failure> {
    let text = input::document(file)?;
    let pack = TaxPack::from_yaml(&input::name(file), &text)?;
    let named = format!("{}@{}", pack.name, pack.version);
    let actor = session.act_for(Action::ImportTaxPack, "tax pack", &named, &pack.legal_entity)?;
    let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
    tax::import(store, &pack, &text, actor.person.as_str(), now).await.map_err(|error| {
        let failure = Failure::from(error);
        match failure.exit {
            Exit::Conflict => failure.hint("a pack never changes; raise its `version` and import it again"),
            _ => failure,
        }
    })?;
    session.out.data(&named);
    session.out.say(&format!("it is in force once another person has said `entente tax sign-off {named}`"));
    Ok(Exit::Ok)
}

async fn sign_off(session: &Session, name: &str) -> Result<Exit, Failure> {
    let store = session.app.store.as_ref();
    let stored = tax::text(store, name).await?;
    let pack = TaxPack::from_yaml(name, &stored.text)?;
    let actor = session.act_for(Action::SignTaxPack, "tax pack", name, &pack.legal_entity)?;
    let voices = std::iter::once(&actor.person).chain(&actor.on_behalf_of);
    if voices.into_iter().any(|person| person.as_str() == stored.by) {
        let failure =
            Failure::new(Exit::Forbidden, format!("`{}` has imported `{name}` and cannot sign it off", stored.by));
        return Err(failure.hint("another person with the role `tax` has to"));
    }
    let all = tax::list(store).await?;
    let signed = all.iter().find(|(pack, _)| pack.sha256 == stored.sha256 && pack.name == stored.name);
    if let Some((_, Some(signed))) = signed {
        let failure = Failure::new(Exit::Conflict, format!("`{}` has signed `{name}` off already", signed.by));
        return Err(failure.hint("to go back to it, import its text under a higher `version` and sign that off"));
    }
    tax::sign_off(store, &stored, actor.person.as_str(), session.app.clock.now()).await?;
    session.out.say(&format!("payout runs of `{}` keep to `{name}` from now on", pack.legal_entity));
    Ok(Exit::Ok)
}

async fn list(session: &Session) -> Result<Exit, Failure> {
    session.act(Action::ReadLedger, "tax pack", "list")?;
    let packs = tax::list(session.app.store.as_ref()).await?;
    if session.out.is_json() {
        let rows = packs.iter().map(|(pack, signed)| {
            let signed = signed.as_ref().map(|signed| json!({ "by": signed.by, "at": signed.at }));
            json!({ "name": pack.name, "version": pack.version, "sha256": pack.sha256, "by": pack.by, "at": pack.at, "signed": signed })
        });
        session.out.json(&rows.collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    let cells = packs.iter().map(|(pack, signed)| {
        let signed = signed.as_ref().map(|signed| format!("{}, {}", signed.by, instant(signed.at)));
        vec![
            format!("{}@{}", pack.name, pack.version),
            format!("{}, {}", pack.by, instant(pack.at)),
            signed.unwrap_or_else(|| "nobody".into()),
        ]
    });
    session.out.table(&["tax pack", "imported by", "signed off by"], &cells.collect::<Vec<_>>());
    Ok(Exit::Ok)
}

async fn withheld(session: &Session, entity: &LegalEntityId, month: &str) -> Result<Exit, Failure> {
    session.act_for(Action::ReadLedger, "tax", month, entity)?;
    let period = Period::new(month, "UTC").map_err(|error| Failure::usage(error.to_string()))?;
    let debts = Debt::all(session.app.store.as_ref()).await?;
    let (mut rows, mut sums) = (Vec::new(), BTreeMap::<Currency, i64>::new());
    for claim in debts.iter().filter(|debt| debt.legal_entity() == entity) {
        for payable in claim.payables() {
            let of_month = |payment: &&Payment| payment.on.strftime("%Y-%m").to_string() == period.month();
            for payment in payable.payments.iter().filter(of_month) {
                let Some(withheld) = payment.withheld else { continue };
                let sum = sums.entry(withheld.currency).or_default();
                *sum = sum.saturating_add(withheld.minor);
                rows.push((claim.label().to_owned(), payable.payee.clone(), payment.clone(), withheld));
            }
        }
    }
    let sums: Vec<Money> = sums.into_iter().map(|(currency, minor)| Money { minor, currency }).collect();
    if session.out.is_json() {
        let payments = rows.iter().map(|(claim, payee, payment, withheld)| {
            json!({ "claim": claim, "payee": payee, "payout": payment.payout, "on": payment.on, "of": payment.amount, "withheld": withheld })
        });
        session.out.json(&json!({ "payments": payments.collect::<Vec<_>>(), "sums": sums }))?;
        return Ok(Exit::Ok);
    }
    let cells = rows.iter().map(|(claim, payee, payment, withheld)| {
        let (on, of) = (payment.on.to_string(), payment.amount.to_string());
        vec![claim.clone(), payee.to_string(), payment.payout.clone(), on, of, withheld.to_string()]
    });
    session.out.table(&["claim", "payee", "payout", "on", "of", "withheld"], &cells.collect::<Vec<_>>());
    for sum in sums {
        session.out.say(&format!("{sum} in all"));
    }
    Ok(Exit::Ok)
}
