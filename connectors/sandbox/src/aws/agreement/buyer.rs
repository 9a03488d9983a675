//! What a buyer does without a call of his own.

use jiff::Timestamp;

use super::cancellation::{self, RequestStatus};
use super::payment::{self, PaymentStatus};
use crate::aws::Aws;
use crate::ids::IdSource;

/// Answers a cancellation or payment request; its status afterwards.
pub(crate) fn answer_for_buyer(
    aws: &mut Aws,
    ids: &mut IdSource,
    at: Timestamp,
    request_id: &str,
    yes: bool,
    reason: Option<String>,
) -> Result<&'static str, String> {
    let not_pending =
        |status: &str| Err(format!("the request `{request_id}` is {status}, so there is nothing to answer"));
    if let Some(request) = aws.cancellations.get(request_id) {
        if request.status != RequestStatus::PendingApproval {
            return not_pending(request.status.name());
        }
        let status = if yes { RequestStatus::Approved } else { RequestStatus::Rejected };
        cancellation::conclude(aws, ids, request_id, at, status, reason);
        return Ok(status.name());
    }
    if let Some(request) = aws.payment_requests.get(request_id) {
        if request.status != PaymentStatus::PendingApproval {
            return not_pending(request.status.name());
        }
        let status = if yes { PaymentStatus::Approved } else { PaymentStatus::Rejected };
        payment::conclude(aws, ids, request_id, at, status, reason);
        return Ok(status.name());
    }
    Err(format!("no cancellation or payment request `{request_id}` exists"))
}
