//! `entente policy test|diff`: a pack of rules tried on fixtures, and on what it would have made of the past.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use entente_core::{
    calendar::Calendars,
    mdf::{Case, Decision, Judgement, Outcome, Pack, RuleId, judge},
    money::Money,
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        output::Out,
        session::{Globals, Session},
    },
    funding::{comparison, packs},
};

/// The role by whose calendar working days are counted.
const CALENDAR_OF: &str = "finance_approver";

/// Try a pack of rules on fixtures
///
/// A fixture is a YAML file with `name`, `case` (what `entente explain --case` prints) and `expect`: the `decision`, the
/// `payable` amount, and for rules by id whether each is `satisfied`, `found`, `undecided` or `silent`. Ends with 1 when one
/// does not come out as it says. Rules that no fixture has heard from are listed.
#[derive(Debug, clap::Args)]
pub struct Trial {
    /// The pack
    #[arg(value_name = "PACK.YAML")]
    pack: PathBuf,
    /// Fixtures, or folders of them
    #[arg(value_name = "FIXTURE", required = true)]
    fixtures: Vec<PathBuf>,
}

/// Show which requests and claims another version of a pack would judge otherwise, and by how much
#[derive(Debug, clap::Args)]
pub struct Difference {
    /// The pack as it is to be
    #[arg(value_name = "PACK.YAML")]
    pack: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    name: String,
    case: Case,
    expect: Expected,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    decision: Decision,
    #[serde(default)]
    payable: Option<Money>,
    #[serde(default)]
    rules: BTreeMap<RuleId, String>,
}

impl Trial {
    pub(in crate::cli) fn run(self, out: &Out) -> Result<Exit, Failure> {
        let text = input::document(&self.pack)?;
        let pack = Pack::from_yaml(&input::name(&self.pack), &text)?;
        let mut files = Vec::new();
        for path in &self.fixtures {
            files.extend(input::files(path, &|file| file.extension().is_some_and(|ending| ending == "yaml"))?);
        }
        // Fixtures are the same everywhere: working days are Monday to Friday in the pack's own zone.
        let calendars = Calendars::office_hours("fixtures", pack.zone.clone());
        let (mut wrong, mut heard) = (Vec::new(), BTreeSet::new());
        for file in &files {
            let name = input::name(file);
            let fixture: Fixture = serde_saphyr::from_str(&input::document(file)?)
                .map_err(|error| Failure::usage(format!("{name}: {error}")))?;
            let entity = "fixtures".parse().map_err(anyhow::Error::from)?;
            let role = CALENDAR_OF.parse().map_err(anyhow::Error::from)?;
            let judged = judge(&fixture.case, &pack, calendars.of_role(&role, &entity))
                .map_err(|error| Failure::usage(format!("{name}: {error}")))?;
            heard.extend(
                judged.verdicts.iter().filter(|verdict| verdict.outcome.is_heard()).map(|verdict| verdict.rule),
            );
            wrong.extend(
                fixture.expect.misses(&judged).into_iter().map(|miss| format!("{name} ({}): {miss}", fixture.name)),
            );
        }
        let silent: Vec<RuleId> = pack.rules().map(|rule| rule.id).filter(|rule| !heard.contains(rule)).collect();
        if out.is_json() {
            out.json(&json!({ "fixtures": files.len(), "wrong": wrong, "never_heard": silent }))?;
        } else {
            wrong.iter().for_each(|miss| out.data(miss));
            let silent: Vec<String> = silent.iter().map(ToString::to_string).collect();
            let rest = if silent.is_empty() { String::new() } else { format!("; never heard: {}", silent.join(", ")) };
            out.say(&format!(
                "{} of {} fixtures come out as they say{rest}",
                files.len() - wrong.len().min(files.len()),
                files.len()
            ));
        }
        Ok(if wrong.is_empty() { Exit::Ok } else { Exit::Error })
    }
}

impl Expected {
    /// What does not come out as expected.
    fn misses(&self, judged: &Judgement) -> Vec<String> {
        let mut misses = Vec::new();
        let word = |decision: Decision| json!(decision).as_str().unwrap_or_default().to_owned();
        if judged.decision != self.decision {
            misses.push(format!("the decision is `{}`, and not `{}`", word(judged.decision), word(self.decision)));
        }
        if let Some(expected) = self.payable.filter(|expected| judged.payable != Some(*expected)) {
            let found = judged.payable.map_or_else(|| "nothing".into(), |payable| payable.to_string());
            misses.push(format!("{found} is payable, and not {expected}"));
        }
        for (rule, expected) in &self.rules {
            let found = match judged.verdict(*rule).map(|verdict| &verdict.outcome) {
                Some(Outcome::Satisfied) => "satisfied",
                Some(Outcome::Found(_) | Outcome::Excepted(_)) => "found",
                Some(Outcome::Undecided) => "undecided",
                Some(Outcome::Silent) => "silent",
                None => "inactive",
            };
            if found != expected {
                misses.push(format!("rule {rule} is `{found}`, and not `{expected}`"));
            }
        }
        misses
    }
}

impl Difference {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let text = input::document(&self.pack)?;
        let new = Pack::from_yaml(&input::name(&self.pack), &text)?;
        let session = Session::open(globals).await?;
        let actor = session.act(Action::ImportRules, "pack", &new.name)?;
        let store = session.app.store.as_ref();
        let Some(old) = packs::newest(store, &new.name).await? else {
            let failure = Failure::new(Exit::NotFound, format!("no version of pack `{}` is in use", new.name));
            return Err(failure.hint("import it: nothing was judged by it yet"));
        };
        let world = session.app.world.borrow().clone();
        let (role, entity) =
            (CALENDAR_OF.parse().map_err(anyhow::Error::from)?, new.name.parse().map_err(anyhow::Error::from)?);
        let compared = comparison::judge(store, &old, &new, world.calendars.of_role(&role, &entity)).await?;
        comparison::keep(store, &compared, actor.person.as_str(), session.app.clock.now()).await?;
        if session.out.is_json() {
            session.out.json(&compared)?;
            return Ok(Exit::Ok);
        }
        let money = |amount: Option<Money>| amount.map_or_else(|| "-".into(), |amount| amount.to_string());
        let word = |decision: Decision| json!(decision).as_str().unwrap_or_default().to_owned();
        let rows = compared.changes.iter().map(|change| {
            let rules: Vec<String> = change.rules.iter().map(|rule| rule.rule.to_string()).collect();
            vec![
                change.label.clone(),
                format!("{} {}", word(change.was.decision), money(change.was.payable)),
                format!("{} {}", word(change.now.decision), money(change.now.payable)),
                money(change.difference),
                rules.join(", "),
            ]
        });
        session.out.table(&["paper", "was", "would be", "difference", "rules"], &rows.collect::<Vec<_>>());
        let totals: Vec<String> = compared.totals.values().map(ToString::to_string).collect();
        let worth = if totals.is_empty() { String::new() } else { format!(", {} in all", totals.join(" and ")) };
        session.out.say(&format!(
            "{} of {} would change{worth}; import it with --comparison {}",
            compared.changes.len(),
            compared.cases,
            compared.id
        ));
        Ok(Exit::Ok)
    }
}
