//! What the run asks of activities and people, what approvals are about, and the keys under which the run is found.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Ask, Request};
use crate::{
    context::{EvalError, Key},
    ids::RoleId,
    policy::approvals::{Projection, Subject},
    run::TaskSpec,
};

/// The activity that waits until the marketplace has worked a request off.
pub const AWAIT: &str = "marketplace.await_change";

/// The task of whoever asked, when something has to be changed before it can go on.
pub(super) const FIX: &str = "fix_request";

/// The role that looks after agreements.
const OWNER: &str = "alliance_manager";

impl<A: Ask> Request<A> {
    /// The request of an activity. Every request says which marketplace, and for which legal entity.
    pub(super) fn request(&self, activity: &str) -> Result<Value, EvalError> {
        let mut request = Map::new();
        request.insert("marketplace".into(), json!(self.ask.marketplace()));
        request.insert("legal_entity".into(), json!(self.ask.legal_entity()));
        if activity == A::CHECK {
            request.insert("ask".into(), json!(self.ask));
            request.insert("revision".into(), json!(self.revision));
            return Ok(Value::Object(request));
        }
        request.extend(self.ask.sent());
        if activity == A::WRITE {
            request.insert("revision".into(), json!(self.revision));
            return Ok(Value::Object(request));
        }
        let undoes = A::UNDO == Some(activity);
        if activity != AWAIT && !undoes {
            return Err(EvalError::Unknown { context: A::NAME.into(), kind: "request", name: activity.into() });
        }
        let change = self.change.as_ref().ok_or_else(|| EvalError::Failed {
            what: format!("the request of `{activity}`"),
            why: "the context has no request under way at the marketplace".into(),
        })?;
        request.insert("change_id".into(), json!(change.id));
        if undoes {
            return Ok(Value::Object(request));
        }
        request.insert("what".into(), json!(A::WRITE));
        if !change.key.is_null() {
            request.insert("key".into(), change.key.clone());
        }
        Ok(Value::Object(request))
    }

    /// What is to be approved. Every vote binds to all of it: money that leaves, or an agreement that ends, has no smaller part.
    pub(super) fn subject(&self) -> Result<Subject, EvalError> {
        let requester = self.requester.clone().ok_or_else(|| EvalError::Failed {
            what: "the approval subject".into(),
            why: "no person asked for it, so nobody asks for its approval".into(),
        })?;
        let parts = [Projection::Commercial, Projection::Legal, Projection::Administrative];
        Ok(Subject {
            revision: self.revision.clone(),
            projections: parts.into_iter().map(|part| (part, self.revision.clone())).collect(),
            requester,
            authors: self.authors.clone(),
            hands: BTreeMap::new(),
            facts: self.policy_facts(),
        })
    }

    /// The facts that policy rows test, and the words that approvers are shown.
    pub fn policy_facts(&self) -> Value {
        let mut facts = Map::new();
        facts.insert("marketplace".into(), json!(self.ask.marketplace()));
        facts.insert("legal_entity".into(), json!(self.ask.legal_entity()));
        facts.insert("agreement".into(), json!(self.ask.agreement_id()));
        facts.insert("what".into(), json!(self.ask.title()));
        facts.extend(self.ask.justification().map(|words| ("justification".into(), json!(words))));
        facts.extend(self.ask.facts(self.current_figures()));
        Value::Object(facts)
    }

    /// The keys under which the run is found.
    pub(super) fn keys(&self) -> Vec<Key> {
        self.ask.keys()
    }

    /// A task for people.
    pub(super) fn task(&self, kind: &str) -> Result<TaskSpec, EvalError> {
        let unknown = || EvalError::Unknown { context: A::NAME.into(), kind: "task", name: kind.into() };
        if kind != FIX {
            return Err(unknown());
        }
        let why = self.refusal.as_ref().map_or("it was not approved in time", |refusal| refusal.message.as_str());
        Ok(TaskSpec {
            key: kind.to_owned(),
            kind: kind.to_owned(),
            title: format!("revise or withdraw {}: {why}", self.ask.title()),
            role: OWNER.parse::<RoleId>().map_err(|_| unknown())?,
            assignee: self.requester.clone(),
            revision: Some(self.revision.clone()),
            due: None,
            detail: json!(self.refusal),
        })
    }

    /// What a notice tells.
    pub(super) fn notice(&self) -> Value {
        let figures = self.figures.as_ref();
        let mut notice = self.ask.sent();
        notice.insert("label".into(), json!(self.label));
        notice.insert("what".into(), json!(self.ask.title()));
        notice.insert("marketplace".into(), json!(self.ask.marketplace()));
        notice.insert("buyer".into(), json!(figures.and_then(|figures| figures.buyer.as_ref())));
        notice.insert("offer".into(), json!(figures.and_then(|figures| figures.offer.as_ref())));
        notice.insert("revision".into(), json!(self.revision));
        notice.insert("change_id".into(), json!(self.change.as_ref().map(|change| &change.id)));
        notice.insert("refusal".into(), json!(self.refusal));
        notice.insert("withdrawal".into(), json!(self.withdrawal));
        Value::Object(notice)
    }
}
