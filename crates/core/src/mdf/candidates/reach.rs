//! How far apart two claims may be and still be compared.

use super::bands::MOST_BITS;
use crate::mdf::{
    cell::BasisPoints,
    pack::Pack,
    parameter::Terms,
    rules::near::{NEAR_AMOUNT, NEAR_DAYS, NEAR_PICTURE},
};

/// How far apart invoices and pictures may be, as F3 of a pack says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// By how much of the amount two invoices may differ.
    pub amount: BasisPoints,
    /// By how many days.
    pub days: u32,
    /// In how many bits two pictures may differ, at most 14.
    pub picture_bits: u32,
}

impl Reach {
    /// As a pack says, or by default where it does not enable F3.
    pub fn of(pack: &Pack) -> Reach {
        Reach::under(&pack.terms)
    }

    fn under(terms: &Terms) -> Reach {
        Reach {
            amount: NEAR_AMOUNT.of(terms),
            days: NEAR_DAYS.of(terms),
            picture_bits: NEAR_PICTURE.of(terms).min(MOST_BITS),
        }
    }
}

/// F3's defaults.
impl Default for Reach {
    fn default() -> Reach {
        Reach::under(&Terms::default())
    }
}
