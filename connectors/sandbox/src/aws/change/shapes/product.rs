//! The documents of products. Only their outer form is checked: how a product is built is not what
//! this sandbox is about.

use super::{object_name, text};
use crate::aws::shape::{Shape, any_text, may, needs};

const TEXTS: Shape = Shape::List { min: 0, max: 15, item: &text(1, 1000, any_text) };

pub(in crate::aws::change) const INFORMATION: Shape = Shape::AnyOf(&[
    may("ProductTitle", text(1, 72, object_name)),
    may("ShortDescription", text(1, 1000, any_text)),
    may("LongDescription", text(1, 5000, any_text)),
    may("Sku", text(1, 100, any_text)),
    may("LogoUrl", text(1, 2000, any_text)),
    may("Highlights", TEXTS),
    may("Categories", TEXTS),
    may("SearchKeywords", TEXTS),
    may("SupportDescription", text(1, 2000, any_text)),
]);

pub(in crate::aws::change) const DELIVERY_OPTIONS: Shape = Shape::Record(&[
    needs(
        "Version",
        Shape::Record(&[
            needs("VersionTitle", text(1, 255, any_text)),
            needs("ReleaseNotes", text(1, 30_000, any_text)),
        ]),
    ),
    needs(
        "DeliveryOptions",
        Shape::List {
            min: 1,
            max: 10,
            item: &Shape::Record(&[
                may("DeliveryOptionTitle", text(1, 255, any_text)),
                needs("Details", Shape::Document),
            ]),
        },
    ),
]);
