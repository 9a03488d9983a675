//! What the faces of contexts have in common: reading the typed context, writing it, and saying what is not known.

use std::marker::PhantomData;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{EvalError, FieldError, Type};

/// The plain part of a face: a context type of this name and version, stored as the JSON of a `T`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain<T> {
    /// The name that charts use.
    pub(super) name: &'static str,
    /// The version of its schema.
    pub(super) version: u32,
    typed: PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Plain<T> {
    /// The plain part of a face.
    pub(super) const fn new(name: &'static str, version: u32) -> Plain<T> {
        Plain { name, version, typed: PhantomData }
    }

    /// The typed context; `what` is what it is read for.
    pub(super) fn read(&self, what: &str, context: &Value) -> Result<T, EvalError> {
        T::deserialize(context).map_err(|error| EvalError::Failed {
            what: what.to_owned(),
            why: format!("the context is not one of `{}` version {}: {error}", self.name, self.version),
        })
    }

    /// A context as it is stored.
    pub(super) fn first(&self, typed: &T) -> Result<Value, FieldError> {
        serde_json::to_value(typed).map_err(|error| FieldError { field: String::new(), message: error.to_string() })
    }

    /// A context after something was done to it; as it was where it cannot be understood.
    pub(super) fn after(&self, context: &Value, change: impl FnOnce(&mut T)) -> Value {
        let Ok(mut typed) = self.read("apply", context) else { return context.clone() };
        change(&mut typed);
        serde_json::to_value(&typed).unwrap_or_else(|_| context.clone())
    }

    /// A context of the only version that there is.
    pub(super) fn only_version(&self, from: u32, context: Value) -> Result<Value, FieldError> {
        if from == self.version {
            return Ok(context);
        }
        let Plain { name, version, .. } = self;
        let message = format!("context `{name}` has no version {from}; this binary knows version {version}");
        Err(FieldError { field: String::new(), message })
    }

    /// The context type has nothing of this kind and name.
    pub(super) fn unknown(&self, kind: &'static str, name: &str) -> EvalError {
        EvalError::Unknown { context: self.name.into(), kind, name: name.into() }
    }
}

/// A type with these fields.
pub(super) fn object<const N: usize>(fields: [(&str, Type); N]) -> Type {
    Type::Object(fields.into_iter().map(|(name, kind)| (name.to_owned(), kind)).collect())
}
