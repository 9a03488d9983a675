//! The service's errors. All of its own come with HTTP 400, so that their codes alone tell them apart.

use aws_sdk_partnercentralbenefits::{config::http::HttpResponse, error::SdkError, types::error::ValidationException};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use entente_port::Error;

use crate::failure::{OPEN_REQUESTS_WAIT, Purpose, fault};

/// The code of a caller who may not do this.
pub(super) const DENIED: &str = "AccessDeniedException";

/// What the fields of a request are called in the document that it was made from.
const MEMBERS: [(&str, &str); 6] = [
    ("BenefitIdentifier", "/benefit"),
    ("Name", "/name"),
    ("Description", "/description"),
    ("AssociatedResources", "/resources"),
    ("FileDetails", "/files"),
    ("BenefitApplicationDetails", "/details"),
];

/// The error of a call about `object`.
///
/// Somebody who sells on the marketplace need not be allowed to apply for funding: such a refusal is about this request, and
/// never pauses the connection.
pub(super) fn failed<E>(error: &SdkError<E, HttpResponse>, purpose: Purpose, object: &str) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let mapped = fault(error, purpose, object);
    let said = error.as_service_error().map(|error| (error.code(), error.message().unwrap_or_default()));
    let Some((Some(code), message)) = said else { return mapped };
    match code {
        DENIED => {
            let grant = "grant the actions of `partnercentral-benefits` that `entente connector policy` lists";
            super::refused("", format!("{message}: {grant}")).with_code(DENIED)
        }
        "ConflictException" => Error::Conflict { object: object.to_owned(), reason: message.to_owned() },
        "ResourceNotFoundException" => Error::NotFound { object: object.to_owned() },
        "ServiceQuotaExceededException" => {
            Error::Transient { retry_after: Some(OPEN_REQUESTS_WAIT), reason: message.to_owned() }
        }
        _ => mapped,
    }
}

/// The same with the field that was refused, and the service's words about it.
pub(super) fn explained(mapped: Error, refused: Option<&ValidationException>) -> Error {
    let (Some(refused), Error::Rejected { marketplace, reason, .. }) = (refused, &mapped) else { return mapped };
    let fields = refused.field_list();
    let Some(first) = fields.first() else { return mapped };
    let told: Vec<String> = fields.iter().map(|field| format!("`{}` {}", field.name(), field.message())).collect();
    let code = first.code().map(|code| code.as_str()).unwrap_or(refused.reason().as_str());
    Error::Rejected {
        marketplace,
        field: field_of(first.name()),
        code: Some(code.to_owned()),
        reason: format!("{reason}: {}", told.join("; ")),
    }
}

/// `BenefitApplicationDetails.StartDate` is `/details/StartDate`.
fn field_of(name: &str) -> Option<String> {
    let (member, rest) = name.split_once('.').map_or((name, None), |(member, rest)| (member, Some(rest)));
    let (_, field) = MEMBERS.iter().find(|(known, _)| *known == member)?;
    Some(rest.map_or((*field).to_owned(), |rest| format!("{field}/{}", rest.replace('.', "/"))))
}

/// A refusal with a code.
trait WithCode {
    fn with_code(self, code: &str) -> Error;
}

impl WithCode for Error {
    fn with_code(self, word: &str) -> Error {
        match self {
            Error::Rejected { marketplace, field, reason, .. } => {
                let field = field.filter(|field| !field.is_empty());
                Error::Rejected { marketplace, field, code: Some(word.to_owned()), reason }
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_brought_back_to_the_field_it_was_written_from() {
        let cases = [
            ("BenefitApplicationDetails.StartDate", Some("/details/StartDate")),
            ("BenefitApplicationDetails.Countries.0", Some("/details/Countries/0")),
            ("FileDetails.3", Some("/files/3")),
            ("Name", Some("/name")),
            ("Identifier", None),
        ];
        for (member, field) in cases {
            assert_eq!(field_of(member).as_deref(), field, "{member}");
        }
    }
}
