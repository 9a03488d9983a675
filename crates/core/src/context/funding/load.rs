//! Reading a paper that a person wrote: one clear error that names file, line, column and field.

use serde::de::DeserializeOwned;

use super::Paper;
use crate::{
    context::FieldError,
    offer::{DocumentError, source},
};

/// Reads a paper. The first defect is returned, with its place in the file.
///
/// # Errors
/// When it is no YAML within the budgets, lacks a field or has an unknown one, or says what cannot be.
pub fn load<P: Paper>(file: &str, text: &str) -> Result<P, DocumentError> {
    load_with(file, text, P::check)
}

/// As [`load`], for a paper that is checked otherwise because a part of it is filled in afterwards.
///
/// # Errors
/// As [`load`].
pub fn load_with<P: Paper>(
    file: &str,
    text: &str,
    check: impl Fn(&P) -> Result<(), FieldError>,
) -> Result<P, DocumentError> {
    source::made(file, text, |paper: P| check(&paper).map(|()| paper))
}

/// Reads a document that goes with a paper, such as a supplier's invoice.
///
/// # Errors
/// When it is no YAML within the budgets, lacks a field or has an unknown one.
pub fn load_document<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, DocumentError> {
    source::made(file, text, |document: T| Ok(document))
}
