//! What a policy asks for a subject, row by row, each with its reason.

use jiff::Timestamp;

use super::{Policy, Row};
use crate::{
    calendar::{Calendars, OutOfReach},
    chart::model::WorkingTime,
    ids::RoleId,
    policy::approvals::{Projection, Requirement, Subject},
    scope::Home,
};

/// What one row says about a subject.
#[derive(Debug, Clone, PartialEq)]
pub struct RowVerdict<'a> {
    /// The row.
    pub row: &'a Row,
    /// Whether it asks for approval.
    pub applies: bool,
    /// The figures compared.
    pub because: String,
}

impl Policy {
    /// What every row says about the facts, the default row last.
    pub fn explain(&self, subject: &Subject) -> Vec<RowVerdict<'_>> {
        let mut verdicts: Vec<RowVerdict<'_>> = self.rows.iter().map(|row| judge(row, subject)).collect();
        if let Some(row) = &self.default {
            let applies = !verdicts.iter().any(|verdict| verdict.applies);
            let because = if applies { "no other row applies" } else { "another row applies" };
            verdicts.push(RowVerdict { row, applies, because: because.into() });
        }
        verdicts
    }

    /// Who must approve the subject, with reminders and escalations counted in each role's own working time from `now`.
    pub fn evaluate(
        &self,
        subject: &Subject,
        calendars: &Calendars,
        home: &Home,
        now: Timestamp,
    ) -> Result<Vec<Requirement>, OutOfReach> {
        let applying = self.explain(subject).into_iter().filter(|verdict| verdict.applies);
        let requirements = applying.map(|verdict| requirement(verdict, calendars, home, now));
        let mut requirements: Vec<Requirement> = requirements.collect::<Result<_, _>>()?;
        for role in asked_by_rules(subject) {
            if !requirements.iter().any(|requirement| requirement.role == role) {
                requirements.push(for_rules(role));
            }
        }
        Ok(requirements)
    }

    /// Why a role may not decide on a subject of this value: its limit in the subject's currency, `None` when it may.
    /// A role with limits has no authority over a subject whose value or currency is unknown.
    pub(super) fn beyond(&self, role: &RoleId, subject: &Subject) -> Option<String> {
        let limits = self.limits.get(role)?;
        let value = subject.facts.get("value_minor").and_then(serde_json::Value::as_i64);
        let currency = subject.facts.get("currency").and_then(serde_json::Value::as_str);
        let (Some(value), Some(currency)) = (value, currency) else {
            return Some("the value to decide on is not known".into());
        };
        match limits.iter().find(|(known, _)| known.code() == currency) {
            Some((_, limit)) if value <= *limit => None,
            Some((_, limit)) => Some(format!("{value} is above its limit of {limit} minor units of {currency}")),
            None => Some(format!("it has no limit in {currency}")),
        }
    }
}

/// The roles that the rules of a programme ask for, whatever the policy's rows say: the fact `rules_ask`.
fn asked_by_rules(subject: &Subject) -> Vec<RoleId> {
    let asked = subject.facts.get("rules_ask").and_then(serde_json::Value::as_array);
    let roles = asked.into_iter().flatten().filter_map(|role| role.as_str()?.parse().ok());
    roles.collect()
}

fn for_rules(role: RoleId) -> Requirement {
    Requirement {
        row: format!("rules-{role}"),
        because: "rules of the programme ask for it".into(),
        role,
        quorum: 1,
        projection: Projection::Commercial,
        remind_at: None,
        escalate_at: None,
        escalate_to: None,
        escalated: false,
    }
}

fn judge<'a>(row: &'a Row, subject: &Subject) -> RowVerdict<'a> {
    if row.when.is_empty() {
        return RowVerdict { row, applies: true, because: "the row always applies".into() };
    }
    let answers: Vec<_> = row.when.iter().map(|test| test.ask(&subject.facts)).collect();
    let because = match answers.iter().find(|answer| !answer.holds) {
        Some(answer) => answer.because.clone(),
        None => answers.iter().map(|answer| answer.because.as_str()).collect::<Vec<_>>().join(" and "),
    };
    RowVerdict { row, applies: answers.iter().all(|answer| answer.holds), because }
}

fn requirement(
    verdict: RowVerdict<'_>,
    calendars: &Calendars,
    home: &Home,
    now: Timestamp,
) -> Result<Requirement, OutOfReach> {
    let row = verdict.row;
    let calendar = calendars.of_role(&row.role, &home.legal_entity);
    let after = |amount: WorkingTime| calendar.add_working(now, amount);
    Ok(Requirement {
        row: row.id.clone(),
        because: verdict.because,
        role: row.role.clone(),
        quorum: row.quorum,
        projection: row.projection,
        remind_at: row.remind.map(after).transpose()?,
        escalate_at: row.escalate.as_ref().map(|(amount, _)| after(*amount)).transpose()?,
        escalate_to: row.escalate.as_ref().map(|(_, role)| role.clone()),
        escalated: false,
    })
}
