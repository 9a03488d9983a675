//! `entente connector`: what each connection may do, and whether it can.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::money::{Currency, Money};
use entente_port::{Caps, Grants, Mode};
use serde_json::json;

use super::{
    exit::Exit,
    failure::Failure,
    input,
    session::{Globals, Session},
    withheld,
};
use crate::{authz::Action, connectors::Connection};

/// See and set what each connection may do
#[derive(Debug, clap::Subcommand)]
pub enum Connector {
    /// List the connector accounts and what they may do
    List,
    /// Check a connection, reading only
    Check {
        /// The account, such as aws/acme-us; absent means all
        account: Option<String>,
    },
    /// Print the least grant that a mode needs, in the marketplace's own policy language
    Policy {
        /// The account, such as aws/acme-us
        account: String,
        /// The mode
        #[arg(long, value_enum, default_value = "live")]
        mode: ModeWord,
    },
    /// Set a connection's mode; raising it takes two people, each with the same command
    Mode(SetMode),
    /// List the writes that are held back, and what people did in their place
    Withheld {
        /// The account, such as aws/acme-us; absent means all
        account: Option<String>,
    },
    /// Stop all writes of a connection, at once
    Stop {
        /// The account, such as aws/acme-us
        account: String,
    },
    /// Let a stopped connection write again; takes two people
    Resume {
        /// The account, such as aws/acme-us
        account: String,
    },
}

/// Set a connection's mode
#[derive(Debug, clap::Args)]
pub struct SetMode {
    /// The account, such as aws/acme-us
    account: String,
    /// The mode
    #[arg(value_enum)]
    mode: ModeWord,
    /// The most offers created in a day (UTC)
    #[arg(long, value_name = "NUMBER")]
    offers_per_day: Option<u32>,
    /// The most value offered, given back and asked for in a day (UTC), such as USD=250000; may be given several times
    #[arg(long, value_name = "CURRENCY=AMOUNT", value_parser = input::pair)]
    value_per_day: Vec<(String, String)>,
    /// The most given back in a day (UTC), such as USD=5000; may be given several times
    #[arg(long, value_name = "CURRENCY=AMOUNT", value_parser = input::pair)]
    refunds_per_day: Vec<(String, String)>,
    /// The only buyer accounts that may be offered to, and whose agreements may be changed; may be given several times
    #[arg(long, value_name = "ID")]
    buyer: Vec<String>,
}

/// The modes as the command line writes them.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum ModeWord {
    /// Reads only.
    Observe,
    /// Reads, and records what it would write.
    Shadow,
    /// Writes, within its caps.
    Live,
}

impl ModeWord {
    fn mode(self) -> Mode {
        match self {
            ModeWord::Observe => Mode::Observe,
            ModeWord::Shadow => Mode::Shadow,
            ModeWord::Live => Mode::Live,
        }
    }
}

impl Connector {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        match self {
            Connector::List => list(&session).await,
            Connector::Check { account } => check(&session, account.as_deref()).await,
            Connector::Policy { account, mode } => {
                let grant = find(&session, &account)?.marketplace.least_privilege(mode.mode());
                session.out.data(&serde_json::to_string_pretty(&grant).unwrap_or_default());
                Ok(Exit::Ok)
            }
            Connector::Mode(mode) => mode.run(&session).await,
            Connector::Withheld { account } => {
                let only = account.as_deref().map(|account| find(&session, account)).transpose()?;
                withheld::list(&session, only).await
            }
            Connector::Stop { account } => {
                propose(&session, Action::StopConnection, &account, |now| Grants { stopped: true, ..now.clone() }).await
            }
            Connector::Resume { account } => {
                propose(&session, Action::GrantConnection, &account, |now| Grants { stopped: false, ..now.clone() })
                    .await
            }
        }
    }
}

impl SetMode {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let value_per_day = amounts("--value-per-day", &self.value_per_day)?;
        let refunds_per_day = amounts("--refunds-per-day", &self.refunds_per_day)?;
        let named = self.offers_per_day.is_some()
            || !(value_per_day.is_empty() && refunds_per_day.is_empty() && self.buyer.is_empty());
        let caps = Caps {
            offers_per_day: self.offers_per_day,
            value_per_day,
            refunds_per_day,
            buyers: self.buyer.into_iter().collect::<BTreeSet<_>>(),
        };
        let mode = self.mode.mode();
        let asked = |now: &Grants| Grants { mode, caps: if named { &caps } else { &now.caps }.clone(), ..now.clone() };
        propose(session, Action::GrantConnection, &self.account, asked).await
    }
}

/// Amounts by currency, in minor units, as an option gives them.
fn amounts(option: &str, given: &[(String, String)]) -> Result<BTreeMap<Currency, i64>, Failure> {
    let parsed = given.iter().map(|(currency, amount)| {
        let wrong =
            |error: entente_core::money::MoneyError| Failure::usage(format!("{option} {currency}={amount}: {error}"));
        let currency: Currency = currency.parse().map_err(wrong)?;
        Ok((currency, Money::parse(amount, currency).map_err(wrong)?.minor))
    });
    parsed.collect()
}

fn find<'a>(session: &'a Session, account: &str) -> Result<&'a Connection, Failure> {
    session.app.connections.get(account).ok_or_else(|| {
        Failure::from(entente_store::Error::NotFound { kind: "connector account", id: account.to_owned() })
            .hint("list them with `entente connector list`; they are configured in entente.yaml")
    })
}

async fn granted(connection: &Connection) -> Result<Grants, Failure> {
    connection.allowance.current().await.map_err(|reason| Failure::new(Exit::Error, reason))
}

async fn propose(
    session: &Session,
    action: Action,
    account: &str,
    asked: impl Fn(&Grants) -> Grants + Send + Sync,
) -> Result<Exit, Failure> {
    let connection = find(session, account)?;
    let actor = session.act_for(action, "connector account", account, &connection.legal_entity)?;
    let changed = connection.allowance.change(&actor.person, asked).await;
    let (grants, in_force) =
        changed.map_err(|reason| Failure::new(Exit::Forbidden, format!("`{account}`: {reason}")))?;
    if session.out.is_json() {
        session.out.json(&json!({ "account": account, "in_force": in_force, "grants": grants }))?;
    }
    let stopped = if grants.stopped { ", all writes stopped" } else { "" };
    session.out.say(&match in_force {
        true => format!("`{account}` is in {:?} mode{stopped}", grants.mode).to_lowercase(),
        false => format!("proposed for `{account}`: a second person must give the same command before it counts"),
    });
    if in_force && grants.mode == Mode::Live && !grants.stopped {
        withheld::let_leave(session, &actor).await?;
    }
    Ok(Exit::Ok)
}

async fn list(session: &Session) -> Result<Exit, Failure> {
    let mut rows = Vec::new();
    for connection in session.app.connections.iter() {
        rows.push((connection, granted(connection).await?));
    }
    if session.out.is_json() {
        let named = |(connection, grants): &(&Connection, Grants)| json!({ "account": connection.account, "marketplace": connection.marketplace.id(), "legal_entity": connection.legal_entity, "grants": grants });
        session.out.json(&rows.iter().map(named).collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    let cells = rows.iter().map(|(connection, grants)| {
        let caps = serde_json::to_string(&grants.caps).unwrap_or_default();
        let mode = format!("{:?}", grants.mode).to_lowercase();
        let mode = if grants.stopped { format!("{mode}, stopped") } else { mode };
        vec![
            connection.account.to_string(),
            connection.marketplace.id().to_string(),
            connection.legal_entity.to_string(),
            mode,
            caps,
        ]
    });
    session.out.table(&["account", "marketplace", "legal entity", "mode", "caps"], &cells.collect::<Vec<_>>());
    Ok(Exit::Ok)
}

async fn check(session: &Session, account: Option<&str>) -> Result<Exit, Failure> {
    let chosen: Vec<&Connection> = match account {
        Some(account) => vec![find(session, account)?],
        None => session.app.connections.iter().collect(),
    };
    let mut rows = Vec::new();
    for connection in chosen {
        let mode = granted(connection).await?.mode;
        let items = connection.marketplace.check(mode).await;
        rows.extend(items.into_iter().map(|item| (connection.account.to_string(), item)));
    }
    if session.out.is_json() {
        session.out.json(
            &rows.iter().map(|(account, item)| json!({ "account": account, "item": item })).collect::<Vec<_>>(),
        )?;
    } else {
        let cells = rows.iter().map(|(account, item)| {
            vec![
                account.clone(),
                if item.ok { "ok" } else { "not ok" }.to_owned(),
                item.what.clone(),
                item.detail.clone(),
            ]
        });
        session.out.table(&["account", "is", "what", "detail"], &cells.collect::<Vec<_>>());
    }
    Ok(if rows.iter().all(|(_, item)| item.ok) { Exit::Ok } else { Exit::Differences })
}
