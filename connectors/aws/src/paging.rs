//! Lists of the Agreement API, read to their end.

use entente_port::{Error, Result};

/// The most rows on one page of the service.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_marketplace-agreements_ListBillingAdjustmentRequests.html>
pub(crate) const PAGE: i32 = 50;

/// How often a list is begun anew when its page token expires.
const RESTARTS_MAX: usize = 3;

/// All rows of a list. A page token that has expired is refused; begun anew, the list loses nothing.
pub(crate) async fn all<T, F>(page: impl Fn(Option<String>) -> F) -> Result<Vec<T>>
where
    F: Future<Output = Result<(Vec<T>, Option<String>)>>,
{
    let mut restarts = 0;
    let mut token: Option<String> = None;
    let mut found = Vec::new();
    loop {
        match page(token.clone()).await {
            Ok((rows, next)) => {
                found.extend(rows);
                token = next.filter(|next| !next.is_empty());
                if token.is_none() {
                    return Ok(found);
                }
            }
            Err(Error::Rejected { .. } | Error::NotFound { .. }) if token.is_some() && restarts < RESTARTS_MAX => {
                (restarts, token) = (restarts + 1, None);
                found.clear();
            }
            Err(error) => return Err(error),
        }
    }
}
