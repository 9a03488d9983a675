//! Everything that the run of a paper knows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Assessment, Paper};
use crate::{
    context::private_offer::{Refusal, Withdrawal},
    ids::PersonId,
    mdf::Decision,
};

/// Everything that the run of a paper knows. Guards, requests and postings are functions of this and nothing else.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound = "P: Paper")]
pub struct Sheet<P: Paper> {
    /// The run's readable name.
    pub label: String,
    /// What people wrote.
    pub paper: P,
    /// SHA-256 of everything that approvers are shown: approvals bind to it.
    pub revision: String,
    /// Who asked for it last; may not approve it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requester: Option<PersonId>,
    /// Everybody whose hand is in it, in their own name or for somebody; none may approve it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub authors: BTreeSet<PersonId>,
    /// What the rules of its programme say about it, as it stood when they were asked last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Assessment>,
    /// What became of it.
    #[serde(default = "P::Course::default")]
    pub course: P::Course,
    /// Why the last attempt did not get through: the rules, the ledger or an approver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Refusal>,
    /// That somebody no longer wants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
}

impl<P: Paper> Sheet<P> {
    /// The first context of a run.
    pub fn new(paper: P, label: &str) -> Sheet<P> {
        let mut sheet = Sheet {
            label: label.to_owned(),
            paper,
            revision: String::new(),
            requester: None,
            authors: BTreeSet::new(),
            assessment: None,
            course: P::Course::default(),
            refusal: None,
            withdrawal: None,
        };
        sheet.revise();
        sheet
    }

    /// Computes the revision anew: of the paper, of what it is worth by the rules, and of what it shows besides.
    pub(super) fn revise(&mut self) {
        let granted = self.assessment.as_ref().map(|assessment| &assessment.payable);
        let all = json!({ "paper": self.paper, "granted": granted, "shown": P::shown(self) });
        self.revision = hex::encode(Sha256::digest(all.to_string().as_bytes()));
    }

    /// The assessment, where it is about the paper as it stands now.
    pub fn current_assessment(&self) -> Option<&Assessment> {
        self.assessment.as_ref().filter(|assessment| assessment.paper == self.paper_hash())
    }

    /// Whether the rules hold it as it stands: submitted again, it is looked at sooner and came when it came.
    pub(super) fn is_held_as_it_stands(&self) -> bool {
        self.current_assessment().is_some_and(|assessment| assessment.decision == Decision::Held)
    }

    /// SHA-256 of what is judged and approved now: an assessment of another paper counts for nothing.
    pub fn paper_hash(&self) -> String {
        let paper = serde_json::to_value(P::at_hand(self)).unwrap_or(Value::Null);
        hex::encode(Sha256::digest(paper.to_string().as_bytes()))
    }
}
