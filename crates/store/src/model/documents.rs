//! Versioned texts and small settings.

use async_trait::async_trait;

use super::{ModelStore, state::State};
use crate::{Documents, Error, Result, StoredDocument};

#[async_trait]
impl Documents for ModelStore {
    async fn put_document(&self, document: &StoredDocument) -> Result<()> {
        let mut state = self.state();
        let key = (document.kind.clone(), document.name.clone(), document.version);
        match state.documents.get(&key) {
            Some(stored) if stored.sha256 == document.sha256 => return Ok(()),
            Some(_) => {
                let id = format!("{} {} v{}", document.kind, document.name, document.version);
                return Err(Error::Conflict { kind: "document", id });
            }
            None => state.documents.insert(key, StoredDocument { active: false, ..document.clone() }),
        };
        if document.active { activate(&mut state, &document.kind, &document.name, document.version) } else { Ok(()) }
    }

    async fn activate_document(&self, kind: &str, name: &str, version: u32) -> Result<()> {
        activate(&mut self.state(), kind, name, version)
    }

    async fn documents(&self, kind: &str) -> Result<Vec<StoredDocument>> {
        Ok(self.state().documents.values().filter(|document| document.kind == kind).cloned().collect())
    }

    async fn document(&self, kind: &str, name: &str) -> Result<Option<StoredDocument>> {
        let state = self.state();
        let found = state.documents.values().find(|one| one.active && one.kind == kind && one.name == name);
        Ok(found.cloned())
    }

    async fn document_by_hash(&self, kind: &str, sha256: &str) -> Result<Option<StoredDocument>> {
        let state = self.state();
        Ok(state.documents.values().find(|document| document.kind == kind && document.sha256 == sha256).cloned())
    }

    async fn setting(&self, name: &str) -> Result<Option<String>> {
        Ok(self.state().settings.get(name).cloned())
    }

    async fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        self.state().settings.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    async fn replace_setting(&self, name: &str, read: Option<&str>, value: &str) -> Result<bool> {
        let mut state = self.state();
        let unchanged = state.settings.get(name).map(String::as_str) == read;
        if unchanged {
            state.settings.insert(name.to_owned(), value.to_owned());
        }
        Ok(unchanged)
    }
}

fn activate(state: &mut State, kind: &str, name: &str, version: u32) -> Result<()> {
    if !state.documents.contains_key(&(kind.to_owned(), name.to_owned(), version)) {
        return Err(Error::NotFound { kind: "document", id: format!("{kind} {name} v{version}") });
    }
    for document in state.documents.values_mut().filter(|document| document.kind == kind && document.name == name) {
        document.active = document.version == version;
    }
    Ok(())
}
