//! Which commitment programmes could cover a charge, as FOCUS 1.4 tells it in `CommitmentProgramEligibilityDetails`.

use serde::Deserialize;

use super::{Row, Understanding};
use crate::columns::Role;

#[derive(Deserialize)]
struct Details {
    #[serde(rename = "CommitmentPrograms", default)]
    programs: Vec<Program>,
}

#[derive(Deserialize)]
struct Program {
    #[serde(rename = "ProgramType")]
    kind: Option<String>,
}

impl Understanding {
    /// Whether the provider names the commitment among the programmes that could cover a charge. What cannot be read names none: it is
    /// no reason to leave the charge out.
    pub(super) fn could_cover(&self, row: &Row<'_>) -> bool {
        let cell = row.texts.get(Role::Programs as usize).copied().unwrap_or_default().trim_ascii();
        if self.programs.is_empty() || cell.is_empty() {
            return false;
        }
        let Ok(details) = serde_json::from_slice::<Details>(cell) else { return false };
        let mut named = details.programs.into_iter().filter_map(|program| program.kind);
        named.any(|kind| self.programs.contains(&kind.trim().to_lowercase()))
    }
}
