//! `UpdateLegalTerms` and `UpdateSupportTerms`.

use super::{Scene, add};
use crate::aws::change::ErrorDetail;
use crate::aws::product::ProductKind;
use crate::aws::term::{LegalDocument, STANDARD_EULA_VERSION, Term};

/// The sandbox, which fetches nothing, knows a document that is too large by the beginning of its name.
const OVERSIZED: &str = "too-large";

pub(in crate::aws::change) fn check(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let documents = scene.subject.terms.iter().flat_map(|term| match term {
        Term::LegalTerm(term) => term.documents.as_slice(),
        _ => &[],
    });
    for document in documents {
        if let Some(message) = refusal(document) {
            add(errors, "INVALID_LEGAL_DOCUMENTS", message);
        }
        let name = document.url.as_deref().and_then(|url| url.rsplit('/').next()).unwrap_or_default();
        if name.starts_with(OVERSIZED) {
            add(errors, "LIMIT_EXCEEDED_LEGAL_DOCUMENT_SIZE", format!("The document `{name}` is too large."));
        }
    }
}

/// The service fetches a custom licence from S3; the sandbox, which fetches nothing, asks for an
/// HTTPS URL of S3.
pub(in crate::aws::change::check) fn refusal(document: &LegalDocument) -> Option<String> {
    if document.kind == "StandardEula" {
        let version = document.version.as_deref().unwrap_or_default();
        let accepted = STANDARD_EULA_VERSION;
        return (version != accepted)
            .then(|| format!("The standard EULA version `{version}` is not accepted; use `{accepted}`."));
    }
    if !document.kind.starts_with("Custom") {
        return None;
    }
    let url = document.url.as_deref().unwrap_or_default();
    let host = url.strip_prefix("https://").and_then(|rest| rest.split(['/', '?']).next()).unwrap_or_default();
    let reachable = host.ends_with(".amazonaws.com");
    (!reachable).then(|| format!("The EULA at `{url}` is not accessible; use a public or presigned S3 URL."))
}

/// The documentation refuses support terms in private offers of some product types without naming
/// them; here those are machine learning models.
pub(in crate::aws::change) fn check_support(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let kind = scene.product().map(|product| product.kind);
    if kind == Some(ProductKind::MachineLearningProduct) && !scene.subject.is_public() {
        add(errors, "INCOMPATIBLE_PRODUCT", "Private offers of this product type carry no support terms.");
    }
}
