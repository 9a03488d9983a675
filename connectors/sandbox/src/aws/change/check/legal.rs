//! `UpdateLegalTerms` and `UpdateSupportTerms`.

use super::{Scene, add};
use crate::aws::change::ErrorDetail;
use crate::aws::product::ProductKind;
use crate::aws::term::{LegalDocument, Term};

/// The version of the standard licence that new offers may carry.
const STANDARD_VERSION: &str = "2022-07-14";

pub(in crate::aws::change) fn check(scene: &Scene<'_>, errors: &mut Vec<ErrorDetail>) {
    let documents = scene.offer.terms.iter().flat_map(|term| match term {
        Term::LegalTerm(term) => term.documents.as_slice(),
        _ => &[],
    });
    for document in documents {
        if let Some(message) = refusal(document) {
            add(errors, "INVALID_LEGAL_DOCUMENTS", message);
        }
    }
}

/// The service fetches a custom licence from S3; the sandbox, which fetches nothing, asks for an
/// HTTPS URL of S3.
fn refusal(document: &LegalDocument) -> Option<String> {
    if document.kind == "StandardEula" {
        let version = document.version.as_deref().unwrap_or_default();
        return (version != STANDARD_VERSION)
            .then(|| format!("The standard EULA version `{version}` is not accepted; use `{STANDARD_VERSION}`."));
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
    if kind == Some(ProductKind::MachineLearningProduct) && !scene.offer.is_public() {
        add(errors, "INCOMPATIBLE_PRODUCT", "Private offers of this product type carry no support terms.");
    }
}
