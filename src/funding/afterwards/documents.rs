//! Whether a claim is paid on the documents that were approved (rule Y2): its paper, and each of its files as the vault holds it now.

use entente_core::context::funding::ClaimPaper;
use sha2::{Digest as _, Sha256};

use super::Sight;
use crate::{
    funding::{
        evidence::{self, Kept, NotRead, Room},
        stored::Stored,
    },
    offers::DeskError,
};

/// The documents behind a claim, as two hashes that are equal where nothing has changed.
pub(super) struct Documents {
    /// Of what was approved; empty where nothing is.
    pub approved: String,
    /// Of what is paid on.
    pub paid: String,
    /// What is not as it was.
    differs: Vec<String>,
}

impl Documents {
    /// What is not as it was, in words that follow the rule's.
    pub(super) fn told(&self) -> String {
        if self.differs.is_empty() { String::new() } else { format!(": {}", self.differs.join("; ")) }
    }
}

/// Reads the documents of a claim back. A file that was removed because its time was over is as it was.
pub(super) async fn of(sight: Sight<'_>, claim: &Stored<ClaimPaper>) -> Result<Documents, DeskError> {
    let sheet = &claim.sheet;
    // What is paid in advance was agreed to before there was proof: a proof that is handed in later changes nothing of it.
    let advance = sheet.course.open_advance().is_some();
    let agreed = if advance { Some(&sheet.revision) } else { sheet.course.approved_revision.as_ref() };
    let (mut approved, mut paid, mut differs) =
        (agreed.map(|agreed| vec![agreed.clone()]), vec![sheet.revision.clone()], Vec::new());
    if agreed != Some(&sheet.revision) {
        differs.push("what the claim says was not approved".to_owned());
    }
    if !sheet.is_proving() {
        let records = evidence::recorded(sight.store, &sheet.paper).await?;
        for (proof, record) in sheet.paper.evidence.iter().zip(&records) {
            approved.iter_mut().for_each(|approved| approved.push(proof.file.clone()));
            match unlike(sight.room, &proof.file, record.as_ref()).await {
                None => paid.push(proof.file.clone()),
                Some(why) => {
                    let name = record.as_ref().map_or(proof.file.as_str(), |record| record.name.as_str());
                    paid.push(format!("not {}", proof.file));
                    differs.push(format!("`{name}`: {why}"));
                }
            }
        }
    }
    Ok(Documents { approved: approved.map(|approved| hash(&approved)).unwrap_or_default(), paid: hash(&paid), differs })
}

/// Why a file is not as it was handed in, or cannot be read now.
async fn unlike(room: &Room, file: &str, record: Option<&Kept>) -> Option<String> {
    if record.is_some_and(|record| record.removed_on.is_some()) {
        return None;
    }
    let read = async {
        let digest = file.parse()?;
        room.vault()?.check(&digest).await?;
        Ok::<(), NotRead>(())
    };
    read.await.err().map(|error| error.to_string())
}

fn hash(documents: &[String]) -> String {
    hex::encode(Sha256::digest(documents.join("\n").as_bytes()))
}
