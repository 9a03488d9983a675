//! Our key at the end of a description: `Two days without service [entente OFR-2026-00042 <run>:<invoke>]`.

use entente_port::{Result, StepKey};

use super::refused;
use crate::key::{change_set_name, step_key};

/// The description with our key, in at most `most` characters. It stays one line, which is what all of AWS's fields take.
pub(crate) fn marked(key: &StepKey, description: Option<&str>, most: usize) -> Result<String> {
    let mark = format!("[{}]", change_set_name(key));
    let said = description.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    if said.is_empty() {
        return Ok(mark);
    }
    let room = most.saturating_sub(mark.chars().count() + 1);
    let length = said.chars().count();
    if length > room {
        return Err(refused(
            "/description",
            format!("at most {room} characters fit, beside our key; there are {length}"),
        ));
    }
    Ok(format!("{said} {mark}"))
}

/// The key in a description that [`marked`] made; `None` for descriptions of other origin.
pub(crate) fn key_in(description: &str) -> Option<StepKey> {
    let (_, name) = description.trim_end().strip_suffix(']')?.rsplit_once('[')?;
    step_key(name)
}

#[cfg(test)]
mod tests {
    use entente_core::ids::{InvokeId, RunId};
    use uuid::Uuid;

    use super::*;

    fn key() -> StepKey {
        let run = RunId(Uuid::from_u128(0x42));
        StepKey { run, invoke: InvokeId { seq: 6, n: 1 }, label: "OFR-2026-00042".to_owned() }
    }

    #[test]
    fn a_description_gives_its_key_back() {
        for said in [None, Some(""), Some("Two days\nwithout service"), Some("[odd] brackets]"), Some("ends with [")] {
            let marked = marked(&key(), said, 500).unwrap();
            assert_eq!(key_in(&marked), Some(key()), "{marked}");
            assert!(!marked.contains('\n') && marked.chars().count() <= 500, "{marked}");
        }
        for other in ["", "no key", "[not ours]", "[entente x] and more"] {
            assert_eq!(key_in(other), None, "{other}");
        }
    }

    #[test]
    fn a_description_that_leaves_no_room_for_the_key_is_refused() {
        let room = 500 - marked(&key(), None, 500).unwrap().chars().count() - 1;
        assert_eq!(marked(&key(), Some(&"ü".repeat(room)), 500).unwrap().chars().count(), 500);
        let refused = marked(&key(), Some(&"ü".repeat(room + 1)), 500).unwrap_err();
        assert!(refused.to_string().contains(&format!("at most {room} characters")), "{refused}");
    }
}
