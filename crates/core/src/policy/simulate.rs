//! What a changed policy would have asked of the past. Activating a policy requires such a simulation's id.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::Policy;
use crate::{
    ids::RoleId,
    policy::approvals::{Projection, Subject},
};

/// One approval that a policy asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// The row.
    pub row: String,
    /// Who may vote.
    pub role: RoleId,
    /// How many distinct people.
    pub quorum: u32,
    /// What votes bind to.
    pub projection: Projection,
    /// Why the row applies.
    pub because: String,
}

impl Asked {
    fn same(&self, other: &Asked) -> bool {
        (&self.row, &self.role, self.quorum, self.projection)
            == (&other.row, &other.role, other.quorum, other.projection)
    }
}

/// A past subject on which the two policies differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The subject's readable name.
    pub label: String,
    /// What only the old policy asks for.
    pub no_longer: Vec<Asked>,
    /// What only the new policy asks for.
    pub newly: Vec<Asked>,
}

/// What a changed policy would have asked of the past.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Simulation {
    /// SHA-256 over both policies and every subject: the same inputs always give the same id.
    pub id: String,
    /// SHA-256 of the old policy.
    pub old: String,
    /// SHA-256 of the new policy.
    pub new: String,
    /// How many subjects were judged.
    pub subjects: usize,
    /// Those on which the two differ.
    pub differences: Vec<Difference>,
}

impl Simulation {
    /// Judges past subjects, each with its readable name, under both policies.
    pub fn run<'a>(old: &Policy, new: &Policy, past: impl IntoIterator<Item = (&'a str, &'a Subject)>) -> Simulation {
        let mut hasher = Sha256::new();
        let mut hash = |part: &[u8]| {
            hasher.update((part.len() as u64).to_be_bytes());
            hasher.update(part);
        };
        hash(old.sha256.as_bytes());
        hash(new.sha256.as_bytes());
        let mut simulation = Simulation {
            id: String::new(),
            old: old.sha256.clone(),
            new: new.sha256.clone(),
            subjects: 0,
            differences: Vec::new(),
        };
        for (label, subject) in past {
            hash(label.as_bytes());
            hash(canonical(subject).as_bytes());
            simulation.subjects += 1;
            let (before, after) = (asked(old, subject), asked(new, subject));
            let missing = |from: &[Asked], other: &[Asked]| -> Vec<Asked> {
                from.iter().filter(|asked| !other.iter().any(|same| same.same(asked))).cloned().collect()
            };
            let (no_longer, newly) = (missing(&before, &after), missing(&after, &before));
            if !(no_longer.is_empty() && newly.is_empty()) {
                simulation.differences.push(Difference { label: label.to_owned(), no_longer, newly });
            }
        }
        simulation.id = hex::encode(hasher.finalize());
        simulation
    }
}

fn asked(policy: &Policy, subject: &Subject) -> Vec<Asked> {
    let applying = policy.explain(subject).into_iter().filter(|verdict| verdict.applies);
    let asked = applying.map(|verdict| Asked {
        row: verdict.row.id.clone(),
        role: verdict.row.role.clone(),
        quorum: verdict.row.quorum,
        projection: verdict.row.projection,
        because: verdict.because,
    });
    asked.collect()
}

/// JSON with sorted keys, whatever order they came in.
fn canonical(subject: &Subject) -> String {
    fn sorted(value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                let mut fields: Vec<(String, Value)> = fields.into_iter().collect();
                fields.sort_by(|(left, _), (right, _)| left.cmp(right));
                fields.into_iter().map(|(key, value)| (key, sorted(value))).collect()
            }
            Value::Array(items) => items.into_iter().map(sorted).collect(),
            plain => plain,
        }
    }
    sorted(serde_json::to_value(subject).unwrap_or_default()).to_string()
}
