//! Page tokens: opaque to the client, bound to the request that they continue.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Why a page cannot be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageError {
    /// `MaxResults` is out of bounds.
    Size,
    /// The token is not one of ours, or belongs to another request.
    Token,
}

/// One page of a list.
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next_token: Option<String>,
}

/// The names and bounds of an operation's paging members.
pub(crate) struct Paging {
    pub(crate) size_key: &'static str,
    pub(crate) token_key: &'static str,
    pub(crate) size_default: usize,
    pub(crate) size_max: usize,
}

impl Paging {
    /// The Catalog API's member names.
    pub(crate) const fn catalog(size_default: usize, size_max: usize) -> Self {
        Self { size_key: "MaxResults", token_key: "NextToken", size_default, size_max }
    }

    /// The Agreement API's member names and bounds.
    pub(crate) const AGREEMENT: Self =
        Self { size_key: "maxResults", token_key: "nextToken", size_default: 50, size_max: 50 };

    /// `ListAgreementRequests` gives twenty unless asked for more.
    pub(crate) const AGREEMENT_REQUESTS: Self = Self { size_default: 20, ..Self::AGREEMENT };

    /// Cuts the page that `input` asks for. Offsets count from the start of the list as it is now, so
    /// items may shift between pages, as they do in the service.
    pub(crate) fn cut<T>(&self, operation: &str, input: &Value, items: Vec<T>) -> Result<Page<T>, PageError> {
        let size = match input.get(self.size_key) {
            None => self.size_default,
            Some(size) => size
                .as_u64()
                .and_then(|size| usize::try_from(size).ok())
                .filter(|size| (1..=self.size_max).contains(size))
                .ok_or(PageError::Size)?,
        };
        let stamp = self.stamp(operation, input);
        let offset = match input.get(self.token_key) {
            None => 0,
            Some(token) => token.as_str().and_then(|token| offset_of(token, &stamp)).ok_or(PageError::Token)?,
        };
        let total = items.len();
        let items: Vec<T> = items.into_iter().skip(offset).take(size).collect();
        let end = offset + items.len();
        let next_token = (end < total).then(|| format!("{stamp}-{end}"));
        Ok(Page { items, next_token })
    }

    fn stamp(&self, operation: &str, input: &Value) -> String {
        let mut asked = input.clone();
        if let Value::Object(map) = &mut asked {
            map.remove(self.token_key);
            map.remove(self.size_key);
        }
        let digest = Sha256::digest(format!("{operation} {}", super::token::canonical(&asked)));
        hex::encode(digest.get(..8).unwrap_or_default())
    }
}

fn offset_of(token: &str, stamp: &str) -> Option<usize> {
    let (issued_for, offset) = token.split_once('-')?;
    if issued_for == stamp { offset.parse().ok() } else { None }
}
