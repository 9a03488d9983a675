//! What approvals of a paper are about, the tasks that it asks of people, and what its notices tell.

use serde_json::{Map, Value, json};

use super::{Paper, Sheet, Task};
use crate::{
    context::EvalError,
    ids::RoleId,
    policy::approvals::{Projection, Subject},
    run::TaskSpec,
};

/// The task of whoever asked, when something has to be changed before it can go on.
pub(super) const FIX: &str = "fix_paper";

impl<P: Paper> Sheet<P> {
    /// What is to be approved. Every vote binds to all of it: an amount of money has no smaller part.
    pub(super) fn subject(&self) -> Result<Subject, EvalError> {
        let requester = self.requester.clone().ok_or_else(|| EvalError::Failed {
            what: "the approval subject".into(),
            why: "no person asked for it, so nobody asks for its approval".into(),
        })?;
        let parts = [Projection::Commercial, Projection::Legal, Projection::Administrative];
        let authors = self.authors.iter().cloned().chain(P::barred(self)).collect();
        Ok(Subject {
            revision: self.revision.clone(),
            projections: parts.into_iter().map(|part| (part, self.revision.clone())).collect(),
            requester,
            authors,
            hands: P::hands(self),
            facts: self.policy_facts(),
        })
    }

    /// The facts that policy rows test, and the words that approvers are shown.
    pub fn policy_facts(&self) -> Value {
        let mut facts = Map::new();
        facts.insert("legal_entity".into(), json!(self.paper.legal_entity()));
        facts.insert("what".into(), json!(P::at_hand(self).title()));
        facts.extend(self.paper.party().map(|party| ("party".into(), json!(party))));
        if let Some(value) = P::limited_by(self) {
            facts.insert("currency".into(), json!(value.currency));
            facts.insert("value_minor".into(), json!(value.minor));
        }
        if let Some(assessment) = self.current_assessment() {
            facts.insert("decision".into(), json!(assessment.decision));
            facts.insert("rules_ask".into(), json!(assessment.approvers));
            facts.insert("pack".into(), json!(assessment.pack.to_string()));
        }
        facts.extend(P::facts(self));
        Value::Object(facts)
    }

    /// A task for people.
    pub(super) fn task(&self, kind: &str) -> Result<TaskSpec, EvalError> {
        let unknown = || EvalError::Unknown { context: P::NAME.into(), kind: "task", name: kind.into() };
        if kind != FIX {
            let Task { title, role, assignee } = P::task(self, kind).ok_or_else(unknown)?;
            return Ok(TaskSpec {
                key: kind.to_owned(),
                kind: kind.to_owned(),
                title,
                role: role.parse::<RoleId>().map_err(|_| unknown())?,
                assignee,
                revision: None,
                due: None,
                detail: Value::Null,
            });
        }
        let why = self.refusal.as_ref().map_or("it was not approved in time", |refusal| refusal.message.as_str());
        Ok(TaskSpec {
            key: kind.to_owned(),
            kind: kind.to_owned(),
            title: format!("revise or withdraw {}: {why}", self.paper.title()),
            role: P::OWNER.parse::<RoleId>().map_err(|_| unknown())?,
            assignee: self.requester.clone(),
            revision: Some(self.revision.clone()),
            due: None,
            detail: json!(self.refusal),
        })
    }

    /// What a notice tells, and a message to another run.
    pub(super) fn notice(&self) -> Value {
        let mut notice = Map::new();
        notice.insert("label".into(), json!(self.label));
        notice.insert("what".into(), json!(self.paper.title()));
        notice.insert("party".into(), json!(self.paper.party()));
        notice.insert("revision".into(), json!(self.revision));
        notice.insert("amount".into(), json!(P::value(self)));
        notice.insert("reasons".into(), json!(self.assessment.as_ref().map(|assessment| &assessment.reasons)));
        notice.insert("refusal".into(), json!(self.refusal));
        notice.insert("withdrawal".into(), json!(self.withdrawal));
        notice.extend(P::told(self));
        Value::Object(notice)
    }
}
