//! The documents of `OfferSet@1.0`.

use super::{NAME, id, solution, text};
use crate::aws::shape::{Shape, any_text, may, needs};

pub(in crate::aws::change) const EMPTY: Shape = super::EMPTY;

pub(in crate::aws::change) const CREATE: Shape = Shape::Record(&[needs("Name", NAME)]);

pub(in crate::aws::change) const INFORMATION: Shape =
    Shape::AnyOf(&[may("Name", NAME), may("BuyerNotes", text(1, 1000, any_text))]);

pub(in crate::aws::change) const OFFERS: Shape = Shape::Record(&[needs(
    "Offers",
    Shape::List { min: 1, max: 7, item: &Shape::Record(&[needs("OfferId", text(1, 36, id))]) },
)]);

pub(in crate::aws::change) const SOLUTION: Shape = Shape::Record(&[needs("SolutionId", text(1, 50, solution))]);
