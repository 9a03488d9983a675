//! The change types of products: two that do not depend on how a product is built.

use super::{AfterRelease, AnyWork, ChangeType, Step, Work};
use crate::aws::change::apply::product;
use crate::aws::change::shapes::product as shapes;
use crate::aws::entity::EntityKind::{AmiProduct, ContainerProduct, SaaSProduct};

/// All rows.
pub(super) static ROWS: &[ChangeType] = &[
    ChangeType {
        kinds: &[SaaSProduct, AmiProduct, ContainerProduct],
        name: "UpdateInformation",
        step: Step::Update,
        details: &shapes::INFORMATION,
        work: AnyWork::Product(Work {
            after_release: AfterRelease::Checked,
            apply: product::information,
            check: |_, _| (),
        }),
    },
    ChangeType {
        kinds: &[AmiProduct, ContainerProduct],
        name: "AddDeliveryOptions",
        step: Step::Update,
        details: &shapes::DELIVERY_OPTIONS,
        work: AnyWork::Product(Work {
            after_release: AfterRelease::Checked,
            apply: product::add_delivery_options,
            check: |_, _| (),
        }),
    },
];
