//! Our key in AWS's words: the name of a change set, by which it can be listed.

use entente_core::ids::{InvokeId, RunId};
use entente_port::StepKey;

/// The longest name of a change set.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_StartChangeSet.html>
const NAME_MAX: usize = 100;

/// `entente <label> <run>:<invoke>`, at most 100 characters of those that the service allows (`\w`, space, `+ = . : @ -`).
/// The label gives way, because run and invocation are what tells two steps apart.
pub(crate) fn change_set_name(key: &StepKey) -> String {
    let id = format!("{}:{}", key.run, key.invoke);
    let room = NAME_MAX.saturating_sub("entente  ".len() + id.len());
    let allowed = |c: char| if c.is_ascii_alphanumeric() || " _+=.:@-".contains(c) { c } else { '-' };
    let label: String = key.label.chars().map(allowed).take(room).collect();
    match label.trim() {
        "" => format!("entente {id}"),
        label => format!("entente {label} {id}"),
    }
}

/// The key in a name that [`change_set_name`] made; `None` for names of other origin.
pub(crate) fn step_key(name: &str) -> Option<StepKey> {
    let (label, id) = match name.strip_prefix("entente ")?.rsplit_once(' ') {
        Some((label, id)) => (label, id),
        None => ("", name.strip_prefix("entente ")?),
    };
    let (run, invoke) = id.split_once(':')?;
    let (run, invoke): (RunId, InvokeId) = (run.parse().ok()?, invoke.parse().ok()?);
    Some(StepKey { run, invoke, label: label.to_owned() })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn key(label: &str) -> StepKey {
        StepKey { run: RunId(Uuid::from_u128(0x42)), invoke: InvokeId { seq: 6, n: 1 }, label: label.to_owned() }
    }

    #[test]
    fn a_name_gives_its_key_back() {
        for label in ["OFR-2026-00042", "two words", ""] {
            assert_eq!(step_key(&change_set_name(&key(label))), Some(key(label)), "{label}");
        }
        let long = step_key(&change_set_name(&key(&"long".repeat(40)))).unwrap();
        assert_eq!((long.run, long.invoke), (key("").run, key("").invoke));
    }

    #[test]
    fn names_of_other_origin_are_not_ours() {
        for name in ["", "entente", "entente ", "entente offer", "my own change", "entente a b:1.0"] {
            assert_eq!(step_key(name), None, "{name}");
        }
    }
}
