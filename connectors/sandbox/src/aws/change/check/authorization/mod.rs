//! The checks of `ResaleAuthorization@1.0`.

pub(in crate::aws::change) mod general;
pub(in crate::aws::change) mod pricing;
pub(in crate::aws::change) mod release;

use super::{View, add};
use crate::aws::product::Product;
use crate::aws::resale::ResaleAuthorization;

/// What a check of an authorization sees.
pub(in crate::aws::change) type Scene<'a> = View<'a, ResaleAuthorization>;

impl<'a> View<'a, ResaleAuthorization> {
    fn product(&self) -> Option<&'a Product> {
        self.aws.products.get(&self.subject.product_id)
    }
}
