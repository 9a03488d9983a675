//! What makes two messages under one idempotency key the same request.

use entente_core::{
    event::Body,
    ids::{PersonId, RunId},
    scope::Home,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::rows::Message;

/// The parts of a message that its sender chose. Left out: the instant of acceptance, the roles held at that moment and
/// the label of a new run, because they are ours and differ when the sender repeats itself.
#[derive(Serialize)]
struct Request<'a> {
    run: RunId,
    person: Option<&'a PersonId>,
    on_behalf_of: Option<&'a PersonId>,
    body: &'a Body,
    start: Option<(&'a str, Option<u32>, &'a Home, Option<RunId>)>,
    expect_seq: Option<u64>,
    expect_revision: Option<&'a str>,
}

impl Message {
    /// SHA-256 over what the sender asked for: the same key with another fingerprint is refused.
    pub fn fingerprint(&self) -> [u8; 32] {
        let actor = self.event.actor.as_ref();
        let request = Request {
            run: self.run,
            person: actor.map(|actor| &actor.person),
            on_behalf_of: actor.and_then(|actor| actor.on_behalf_of.as_ref()),
            body: &self.event.body,
            start: self.start.as_ref().map(|start| (start.chart.as_str(), start.version, &start.home, start.parent)),
            expect_seq: self.expect_seq,
            expect_revision: self.expect_revision.as_deref(),
        };
        let mut hasher = Hasher(Sha256::new());
        // Neither step can fail: maps have text keys, and the hasher takes every byte. Were it otherwise, the part that
        // was hashed still tells messages apart.
        let _ = serde_json::to_value(&request).and_then(|value| serde_json::to_writer(&mut hasher, &value));
        hasher.0.finalize().into()
    }
}

struct Hasher(Sha256);

impl std::io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
