//! Reading a context that an older program wrote.

use std::borrow::Cow;

use serde_json::Value;

use super::{ContextType, FieldError};
use crate::run::Snapshot;

/// A stored context that cannot be brought to the version that this program knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RaiseError {
    /// A newer program wrote it.
    #[error("its context is `{context}` version {stored}, this program knows version {known}; use the newer program")]
    Newer {
        /// The context type.
        context: String,
        /// The version that is stored.
        stored: u32,
        /// The newest version that this program knows.
        known: u32,
    },
    /// An upcaster refused it.
    #[error("its context could not be raised to `{context}` version {version}: {why}")]
    Upcast {
        /// The context type.
        context: String,
        /// The version aimed at.
        version: u32,
        /// What is wrong with it.
        why: FieldError,
    },
}

/// A run's context in the newest version of its type. What is stored stays as it is: the run's next step writes the
/// raised one, as a part of its own change.
///
/// # Errors
/// When a newer program wrote it, or an upcaster refuses it.
pub fn raised<'a>(of: &dyn ContextType, run: &'a Snapshot) -> Result<Cow<'a, Value>, RaiseError> {
    let (stored, known) = (run.context_version, of.version());
    if stored == known {
        return Ok(Cow::Borrowed(&run.context));
    }
    if stored > known {
        return Err(RaiseError::Newer { context: of.name().into(), stored, known });
    }
    let mut context = run.context.clone();
    for version in stored..known {
        context = of.upcast(version, context).map_err(|why| RaiseError::Upcast {
            context: of.name().into(),
            version: version.saturating_add(1),
            why,
        })?;
    }
    Ok(Cow::Owned(context))
}
