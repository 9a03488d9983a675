//! Solutions: several products sold together. The sandbox lists them; offer sets refer to them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::product::Visibility;

/// A solution.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Solution {
    pub(crate) id: String,
    pub(crate) owner: String,
    pub(crate) title: String,
    pub(crate) visibility: Visibility,
    /// The products that it is made of.
    pub(crate) products: Vec<String>,
    pub(crate) modified_at: Timestamp,
}

impl Solution {
    /// An offer set can be released for a solution that buyers see.
    pub(crate) fn is_on_sale(&self) -> bool {
        matches!(self.visibility, Visibility::Limited | Visibility::Public)
    }
}

/// A solution as the control API takes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewSolution {
    pub(crate) id: String,
    /// Its id, when absent.
    title: Option<String>,
    #[serde(default)]
    visibility: Visibility,
    products: Vec<String>,
    /// The owning seller account; the default seller when absent.
    owner: Option<String>,
}

impl NewSolution {
    /// The solution to list.
    pub(crate) fn into_solution(self, seller: &str, now: Timestamp) -> Solution {
        Solution {
            title: self.title.unwrap_or_else(|| self.id.clone()),
            id: self.id,
            owner: self.owner.unwrap_or_else(|| seller.to_owned()),
            visibility: self.visibility,
            products: self.products,
            modified_at: now,
        }
    }
}
