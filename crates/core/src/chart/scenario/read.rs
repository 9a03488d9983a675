//! Scenarios as people write them.

use jiff::{Span, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use serde_saphyr::Spanned;

use super::{Act, Scenario, Scene, Values};
use crate::{
    event::{Actor, Failure, FailureClass, Resolution},
    ids::{PersonId, RoleId},
    policy::approvals::Verdict,
    run::IncidentCode,
    scope::Home,
    settings::{SettingsError, Source},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    scenario: String,
    chart: String,
    #[serde(default = "first")]
    since: u32,
    starts: Timestamp,
    home: Home,
    by: Option<PersonId>,
    input: Spanned<Value>,
    steps: Vec<Spanned<StepDocument>>,
}

/// A story that says nothing else can be told of every version.
fn first() -> u32 {
    1
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepDocument {
    event: Option<String>,
    #[serde(default)]
    data: Value,
    vote: Option<Verdict>,
    row: Option<String>,
    done: Option<String>,
    #[serde(default)]
    output: Value,
    failed: Option<String>,
    class: Option<FailureClass>,
    field: Option<String>,
    code: Option<String>,
    #[serde(default)]
    evidence: Value,
    after: Option<String>,
    ledger_refused: Option<String>,
    wait: Option<Span>,
    resolve: Option<Resolution>,
    #[serde(default)]
    reason: String,
    by: Option<PersonId>,
    #[serde(default)]
    roles: Vec<RoleId>,
    on_behalf_of: Option<PersonId>,
    expect: Option<String>,
    commands: Option<Vec<String>>,
    #[serde(default)]
    refused: bool,
    parked: Option<IncidentCode>,
}

impl Scenario {
    /// Reads a scenario; an error names file, line, column and field.
    pub fn from_yaml(file: &str, text: &str, values: &Values) -> Result<Scenario, SettingsError> {
        let source = Source { file, text };
        let document: Document = source.read()?;
        let mut input = document.input.value.clone();
        if let Err(name) = fill(&mut input, values) {
            return Err(source.wrong(&document.input, "input", unknown(&name, values)));
        }
        let mut steps = Vec::new();
        for (at, step) in document.steps.into_iter().enumerate() {
            let line = u32::try_from(step.referenced.line()).unwrap_or(u32::MAX);
            let place = Spanned { value: (), referenced: step.referenced, defined: step.defined };
            let scene = step.value.scene(line, values);
            steps.push(scene.map_err(|message| source.wrong(&place, format!("steps[{at}]"), message))?);
        }
        Ok(Scenario {
            title: document.scenario,
            chart: document.chart,
            since: document.since,
            starts: document.starts,
            home: document.home,
            by: document.by,
            input,
            steps,
        })
    }
}

/// Reads the documents that scenarios share.
pub fn values(file: &str, text: &str) -> Result<Values, SettingsError> {
    Source { file, text }.read()
}

impl StepDocument {
    fn scene(self, line: u32, values: &Values) -> Result<Scene, String> {
        let actor = self.by.clone().map(|person| Actor {
            person,
            roles: self.roles.clone(),
            on_behalf_of: self.on_behalf_of.clone(),
        });
        let (expect, commands) = (self.expect.clone(), self.commands.clone());
        let (refused, parked) = (self.refused, self.parked);
        let act = self.act(values)?;
        Ok(Scene { line, act, actor, expect, commands, refused, parked })
    }

    fn act(mut self, values: &Values) -> Result<Act, String> {
        for data in [&mut self.data, &mut self.output, &mut self.evidence] {
            fill(data, values).map_err(|name| unknown(&name, values))?;
        }
        let failure = self.class.map(|class| Failure {
            class,
            message: self.reason.clone(),
            field: self.field.clone(),
            code: self.code.clone(),
            evidence: self.evidence.clone(),
        });
        let acts = [
            self.event.map(|name| Ok(Act::Event { name, data: self.data })),
            self.vote.map(|verdict| Ok(Act::Vote { verdict, row: self.row, reason: self.reason })),
            self.done.map(|activity| Ok(Act::Done { activity, output: self.output })),
            self.failed.map(|activity| {
                let failure = failure.ok_or_else(|| format!("`failed: {activity}` needs a `class`"))?;
                Ok(Act::Failed { activity, failure })
            }),
            self.after.map(|deadline| Ok(Act::After(deadline))),
            self.ledger_refused.map(|reason| Ok(Act::LedgerRefused(reason))),
            self.wait.map(|span| Ok(Act::Wait(span.fieldwise()))),
            self.resolve.map(|decision| Ok(Act::Resolve(decision))),
        ];
        let mut acts = acts.into_iter().flatten();
        match (acts.next(), acts.next()) {
            (Some(act), None) => act,
            _ => Err("a step is exactly one of `event`, `vote`, `done`, `failed`, `after`, `ledger_refused`, `wait` or `resolve`".into()),
        }
    }
}

fn unknown(name: &str, values: &Values) -> String {
    let known: Vec<String> = values.keys().map(|name| format!("`${name}`")).collect();
    let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    format!("there is no shared value `{name}`; the shared values are {known}")
}

/// Puts shared values in the place of their names; the error is a name that is not known.
fn fill(value: &mut Value, values: &Values) -> Result<(), String> {
    match value {
        Value::String(text) if text.starts_with('$') => {
            let known = text.strip_prefix('$').and_then(|name| values.get(name));
            *value = known.cloned().ok_or_else(|| text.clone())?;
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| fill(item, values)),
        Value::Object(fields) => fields.values_mut().try_for_each(|field| fill(field, values)),
        _ => Ok(()),
    }
}
