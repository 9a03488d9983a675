//! `entente policy`: who must approve what, tried on the past before it counts.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use entente_core::{
    context::funding::{
        AccrualPaper, ClaimPaper, FundPaper, GrantPaper, OrderPaper, Paper as _, PartnerPaper, PayoutPaper,
        RequestPaper,
    },
    ids::{LegalEntityId, RoleId},
    money::Money,
    policy::Policy as Rules,
    scope::Scope,
};
use entente_store::{RunFilter, StoredDocument};
use jiff::Timestamp;
use serde_json::json;

use super::{
    exit::Exit,
    failure::Failure,
    funding::trial::{Difference, Trial},
    input,
    session::{Globals, Session},
};
use crate::{
    authz::Action,
    offers::{
        facts::a_year_before,
        simulation::{self, Judged},
    },
    workflows::POLICY_NAME,
};

/// Show, try and change who must approve what
#[derive(Debug, clap::Subcommand)]
pub enum Policy {
    /// Show a policy in force
    Show {
        /// The policy's name
        #[arg(value_name = "NAME", default_value = POLICY_NAME)]
        name: String,
    },
    /// Check a policy, and whether the people at hand can satisfy it
    Check {
        /// The policy; absent means all that are in force
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
    },
    /// Judge the offers of the last twelve months under another policy
    Simulate {
        /// The policy to try
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Since when offers count [default: twelve months ago]
        #[arg(long, value_name = "INSTANT")]
        since: Option<Timestamp>,
    },
    /// Try a pack of rules on fixtures: each says what the rules are to make of a case
    Test(Trial),
    /// Show which requests and claims another version of a pack would judge otherwise, and by how much
    Diff(Difference),
    /// Put a policy in force that has been simulated
    Activate {
        /// The policy
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// The id that `policy simulate` printed for it
        #[arg(long, value_name = "ID")]
        simulation: String,
    },
}

impl Policy {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        match self {
            Policy::Show { name } => show(&Session::open(globals).await?, &name).await,
            Policy::Check { file } => {
                let read = file.as_deref().map(read).transpose()?;
                check(&Session::open(globals).await?, read.map(|(policy, _)| policy)).await
            }
            Policy::Simulate { file, since } => {
                let (policy, _) = read(&file)?;
                simulate(&Session::open(globals).await?, &policy, since).await
            }
            Policy::Test(trial) => trial.run(&globals.out()),
            Policy::Diff(difference) => difference.run(globals).await,
            Policy::Activate { file, simulation } => {
                let (policy, text) = read(&file)?;
                activate(&Session::open(globals).await?, &policy, text, &simulation).await
            }
        }
    }
}

fn read(path: &Path) -> Result<(Rules, String), Failure> {
    let text = input::document(path)?;
    Ok((Rules::from_yaml(&input::name(path), &text)?, text))
}

async fn show(session: &Session, name: &str) -> Result<Exit, Failure> {
    let policy = in_force(session, name)?;
    let stored = session.app.store.document_by_hash("policy", &policy.sha256).await?;
    let rows = || policy.rows.iter().chain(&policy.default);
    if session.out.is_json() {
        let rows: Vec<_> = rows()
            .map(|row| json!({ "id": row.id, "when": row.when, "role": row.role, "quorum": row.quorum, "projection": row.projection }))
            .collect();
        let by = stored.as_ref().map(|document| &document.by);
        session.out.json(&json!({ "policy": policy.name, "version": policy.version, "sha256": policy.sha256, "by": by, "rows": rows }))?;
        return Ok(Exit::Ok);
    }
    session.out.fields(&[
        ("policy", policy.name.clone()),
        ("version", policy.version.to_string()),
        ("sha256", policy.sha256.clone()),
        ("activated by", stored.map_or_else(|| "built in".into(), |document| document.by)),
    ]);
    session.out.heading("Rows");
    let cells = rows().map(|row| {
        let when = row
            .when
            .iter()
            .map(|test| serde_json::to_string(test).unwrap_or_default())
            .collect::<Vec<_>>()
            .join(" and ");
        let escalates = row.escalate.as_ref().map_or_else(|| "-".to_owned(), |(_, role)| role.to_string());
        vec![
            row.id.clone(),
            if when.is_empty() { "always".into() } else { when },
            row.role.to_string(),
            row.quorum.to_string(),
            escalates,
        ]
    });
    session.out.table(&["row", "when", "role", "people", "escalates to"], &cells.collect::<Vec<_>>());
    Ok(Exit::Ok)
}

/// The policy of this name that is in force.
fn in_force(session: &Session, name: &str) -> Result<Rules, Failure> {
    let policies = session.app.world.borrow().policies.clone();
    let known = || policies.iter().map(|policy| format!("`{}`", policy.name)).collect::<Vec<_>>().join(", ");
    policies.named(name).cloned().ok_or_else(|| {
        Failure::usage(format!("field `policy`: `{name}` is no policy that is in force; the policies are {}", known()))
    })
}

/// Every legal entity that sells.
fn entities(session: &Session) -> Vec<LegalEntityId> {
    let mut entities: Vec<_> =
        session.app.connections.iter().map(|connection| connection.legal_entity.clone()).collect();
    entities.sort();
    entities.dedup();
    entities
}

/// What keeps the people at hand from satisfying a policy.
fn obstacles(session: &Session, policy: &Rules) -> Vec<String> {
    let found = entities(session).into_iter().flat_map(|entity| {
        policy.check(&session.app.people, &entity).into_iter().map(move |obstacle| format!("{entity}: {obstacle}"))
    });
    found.collect()
}

/// The policies that only funding needs.
const FUNDING: [&str; 8] = [
    FundPaper::NAME,
    RequestPaper::NAME,
    ClaimPaper::NAME,
    AccrualPaper::NAME,
    OrderPaper::NAME,
    PayoutPaper::NAME,
    PartnerPaper::NAME,
    GrantPaper::NAME,
];

/// Whether anybody has begun to use funds, or holds a role that nothing else needs. Before that, nobody needs the people for it.
async fn funds_are_used(session: &Session, policies: &[Rules]) -> Result<bool, Failure> {
    let roles = |of_funding: bool| -> BTreeSet<&RoleId> {
        let chosen = policies.iter().filter(move |policy| FUNDING.contains(&policy.name.as_str()) == of_funding);
        chosen.flat_map(|policy| policy.rows.iter().chain(&policy.default)).map(|row| &row.role).collect()
    };
    let (funding, others) = (roles(true), roles(false));
    let mut held = session.app.people.persons().flat_map(|person| &person.roles);
    if held.any(|role| funding.contains(role) && !others.contains(role)) {
        return Ok(true);
    }
    for chart in FUNDING {
        let filter = RunFilter { chart: Some(chart.into()), limit: 1, ..RunFilter::default() };
        if !session.app.store.runs(&Scope::vendor(), &filter).await?.rows.is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// One policy, or all that are in force. As data, one policy is an object and all of them are a list. What keeps people from
/// agreeing to funds is a note alone as long as there are none.
async fn check(session: &Session, policy: Option<Rules>) -> Result<Exit, Failure> {
    let one = policy.is_some();
    let policies = match policy {
        Some(policy) => vec![policy],
        None => session.app.world.borrow().policies.iter().cloned().collect(),
    };
    let checked: Vec<(&Rules, Vec<String>)> =
        policies.iter().map(|policy| (policy, obstacles(session, policy))).collect();
    let unused = !one && !funds_are_used(session, &policies).await?;
    let noted = |policy: &Rules| unused && FUNDING.contains(&policy.name.as_str());
    if session.out.is_json() {
        let rows: Vec<_> = checked.iter().map(|(policy, obstacles)| json!({ "policy": policy.name, "version": policy.version, "sha256": policy.sha256, "obstacles": obstacles, "needed": !noted(policy) })).collect();
        match rows.as_slice() {
            [row] if one => session.out.json(row)?,
            rows => session.out.json(&rows)?,
        }
    }
    for (policy, obstacles) in &checked {
        if noted(policy) && !obstacles.is_empty() {
            session.out.say(&format!("`{}`: not needed before there are funds: {}", policy.name, obstacles.join("; ")));
            continue;
        }
        if !session.out.is_json() {
            obstacles.iter().for_each(|obstacle| session.out.data(&format!("{}: {obstacle}", policy.name)));
        }
        if obstacles.is_empty() {
            let of = entities(session).len();
            session.out.say(&format!(
                "`{}` version {} can be satisfied by the people of {of} legal entities",
                policy.name, policy.version
            ));
        }
    }
    let sound = checked.iter().all(|(policy, obstacles)| obstacles.is_empty() || noted(policy));
    Ok(if sound { Exit::Ok } else { Exit::Differences })
}

async fn simulate(session: &Session, new: &Rules, since: Option<Timestamp>) -> Result<Exit, Failure> {
    let actor = session.act(Action::SimulatePolicy, "policy", &new.name)?;
    let store = session.app.store.as_ref();
    let now = session.app.clock.now();
    let old = in_force(session, &new.name)?;
    let judged = simulation::judge(store, &old, new, since.unwrap_or_else(|| a_year_before(now))).await?;
    simulation::keep(store, &judged, actor.person.as_str(), now).await?;
    if session.out.is_json() {
        session.out.json(&judged)?;
    } else {
        show_judged(session, &judged);
    }
    Ok(Exit::Ok)
}

fn show_judged(session: &Session, judged: &Judged) {
    let sums = |sums: &[Money]| sums.iter().map(Money::to_string).collect::<Vec<_>>().join(", ");
    let simulation = &judged.simulation;
    let asked = |asked: &[entente_core::policy::Asked]| {
        asked.iter().map(|asked| asked.row.clone()).collect::<Vec<_>>().join(", ")
    };
    let cells = simulation.differences.iter().map(|difference| {
        let value = judged.values.get(&difference.label).map(Money::to_string).unwrap_or_default();
        vec![difference.label.clone(), value, asked(&difference.newly), asked(&difference.no_longer)]
    });
    session.out.table(&["offer", "value", "newly asked", "no longer asked"], &cells.collect::<Vec<_>>());
    session.out.heading("Simulation");
    session.out.fields(&[
        ("simulation", simulation.id.clone()),
        ("offers judged", simulation.subjects.to_string()),
        ("offers that change", simulation.differences.len().to_string()),
        ("value asked more about", sums(&judged.asked_more)),
        ("value asked less about", sums(&judged.asked_less)),
    ]);
    session.out.say(&format!("put it in force with `entente policy activate <file> --simulation {}`", simulation.id));
}

async fn activate(session: &Session, policy: &Rules, text: String, id: &str) -> Result<Exit, Failure> {
    let actor = session.act(Action::ActivatePolicy, "policy", &policy.name)?;
    let store = session.app.store.as_ref();
    let current = in_force(session, &policy.name)?;
    let try_first = "judge the past first with `entente policy simulate <file>`";
    let compared = simulation::compared(store, id).await?;
    let (old, new) = compared
        .ok_or_else(|| Failure::new(Exit::NotFound, format!("there is no simulation `{id}`")).hint(try_first))?;
    if new != policy.sha256 {
        return Err(Failure::new(Exit::Conflict, format!("simulation `{id}` is about another text than this file"))
            .hint(try_first));
    }
    if old != current.sha256 {
        return Err(Failure::new(
            Exit::Conflict,
            format!("simulation `{id}` compares with a policy that is no longer in force"),
        )
        .hint(try_first));
    }
    if let Some(obstacle) = obstacles(session, policy).into_iter().next() {
        let hint = "give the role to more people, then see `entente policy check <file>`";
        return Err(Failure::new(Exit::Conflict, format!("nothing was activated: {obstacle}")).hint(hint));
    }
    let document = StoredDocument {
        kind: "policy".into(),
        name: policy.name.clone(),
        version: policy.version,
        sha256: policy.sha256.clone(),
        text,
        by: actor.person.to_string(),
        at: session.app.clock.now(),
        active: false,
    };
    if current.version >= policy.version {
        let message = format!(
            "version {} of `{}` is in force, and the file says version {}",
            current.version, policy.name, policy.version
        );
        return Err(Failure::new(Exit::Conflict, message).hint("raise `version` in the file, and simulate it again"));
    }
    store.put_document(&document).await?;
    store.activate_document("policy", &policy.name, policy.version).await?;
    session
        .out
        .say(&format!("`{}` version {} is in force for every approval asked from now on", policy.name, policy.version));
    Ok(Exit::Ok)
}
