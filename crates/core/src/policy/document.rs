//! A policy as people write it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{Op, Policy, Row, Test, test::Operand};
use crate::{
    calendar::parse_working_time,
    chart::model::WorkingTime,
    ids::RoleId,
    money::Currency,
    policy::approvals::Projection,
    settings::{SettingsError, Source},
};

/// The most people one row may ask for.
const MAX_QUORUM: u32 = 20;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    policy: String,
    version: u32,
    rows: Vec<RowDocument>,
    #[serde(default)]
    default: Option<RowDocument>,
    #[serde(default)]
    limits: BTreeMap<RoleId, BTreeMap<Currency, Spanned<i64>>>,
    #[serde(default)]
    requested_by: Vec<RoleId>,
    #[serde(default)]
    distinct_people: bool,
    #[serde(default)]
    terms: BTreeMap<String, Operand>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowDocument {
    id: Spanned<String>,
    #[serde(default)]
    when: Vec<TestDocument>,
    role: RoleId,
    #[serde(default = "one")]
    quorum: Spanned<u32>,
    projection: Projection,
    #[serde(default)]
    remind: Option<Spanned<String>>,
    #[serde(default)]
    escalate_after: Option<Spanned<String>>,
    #[serde(default)]
    escalate_to: Option<RoleId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TestDocument {
    fact: Spanned<String>,
    op: Op,
    value: Operand,
}

fn one() -> Spanned<u32> {
    Spanned { value: 1, referenced: serde_saphyr::Location::UNKNOWN, defined: serde_saphyr::Location::UNKNOWN }
}

impl Policy {
    /// Reads a policy file; an error names file, line, column and field.
    pub fn from_yaml(file: &str, text: &str) -> Result<Policy, SettingsError> {
        let source = Source { file, text };
        let document: Document = source.read()?;
        let mut seen = BTreeSet::new();
        let mut rows = Vec::new();
        for (at, row) in document.rows.into_iter().enumerate() {
            rows.push(row.read(source, &format!("rows[{at}]"), &mut seen)?);
        }
        let default = document.default.map(|row| default_row(source, row, &mut seen)).transpose()?;
        for (role, limits) in &document.limits {
            for (currency, limit) in limits {
                if limit.value < 0 {
                    let field = format!("limits.{role}.{currency}");
                    return Err(source.wrong(limit, field, "a limit is zero or more minor units"));
                }
            }
        }
        let plain =
            |limits: BTreeMap<Currency, Spanned<i64>>| limits.into_iter().map(|(c, limit)| (c, limit.value)).collect();
        Ok(Policy {
            name: document.policy,
            version: document.version,
            sha256: source.sha256(),
            rows,
            default,
            limits: document.limits.into_iter().map(|(role, limits)| (role, plain(limits))).collect(),
            requesters: document.requested_by,
            distinct_people: document.distinct_people,
            terms: document.terms,
        })
    }
}

fn default_row(source: Source<'_>, row: RowDocument, seen: &mut BTreeSet<String>) -> Result<Row, SettingsError> {
    if !row.when.is_empty() {
        return Err(source.wrong(
            &row.id,
            "default.when",
            "the default row applies where no other does; it has no tests",
        ));
    }
    row.read(source, "default", seen)
}

impl RowDocument {
    fn read(self, source: Source<'_>, field: &str, seen: &mut BTreeSet<String>) -> Result<Row, SettingsError> {
        let id = &self.id.value;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        if id.is_empty() || id.len() > 64 || !id.chars().all(plain) {
            let message = "a row's id has 1 to 64 characters out of lower-case letters, digits, `_` and `-`";
            return Err(source.wrong(&self.id, format!("{field}.id"), message));
        }
        if !seen.insert(id.clone()) {
            return Err(source.wrong(
                &self.id,
                format!("{field}.id"),
                format!("another row is called `{id}` as well; rename one"),
            ));
        }
        if !(1..=MAX_QUORUM).contains(&self.quorum.value) {
            let message = format!("a quorum is a number from 1 to {MAX_QUORUM}");
            return Err(source.wrong(&self.quorum, format!("{field}.quorum"), message));
        }
        let remind = self.remind.as_ref().map(|text| working(source, text, format!("{field}.remind"))).transpose()?;
        let after = self
            .escalate_after
            .as_ref()
            .map(|text| working(source, text, format!("{field}.escalate_after")))
            .transpose()?;
        let escalate = match (after, self.escalate_to) {
            (Some(after), Some(to)) => Some((after, to)),
            (None, None) => None,
            _ => {
                let message = "`escalate_after` and `escalate_to` go together; write both or none";
                return Err(source.wrong(&self.id, format!("{field}.escalate_to"), message));
            }
        };
        let mut when = Vec::new();
        for (at, test) in self.when.into_iter().enumerate() {
            when.push(test.read(source, &format!("{field}.when[{at}]"))?);
        }
        Ok(Row {
            id: self.id.value,
            when,
            role: self.role,
            quorum: self.quorum.value,
            projection: self.projection,
            remind,
            escalate,
        })
    }
}

impl TestDocument {
    fn read(self, source: Source<'_>, field: &str) -> Result<Test, SettingsError> {
        let test = Test { fact: self.fact.value.clone(), op: self.op, value: self.value };
        match test.problem() {
            Some(problem) => Err(source.wrong(&self.fact, field, problem)),
            None => Ok(test),
        }
    }
}

fn working(source: Source<'_>, text: &Spanned<String>, field: String) -> Result<WorkingTime, SettingsError> {
    parse_working_time(&text.value).ok_or_else(|| {
        let message = format!("`{}` is not working time; write `4 working hours` or `2 working days`", text.value);
        source.wrong(text, field, message)
    })
}
