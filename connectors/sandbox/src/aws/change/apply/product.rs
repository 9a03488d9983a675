//! The documents of products.

use serde_json::{Value, json};

use super::optional;
use crate::aws::change::types::Site;
use crate::aws::product::Product;
use crate::aws::text;

type Applied = Result<(), String>;

pub(in crate::aws::change) fn information(product: &mut Product, details: &Value, _: &Site<'_>) -> Applied {
    if let Some(title) = optional(details, "ProductTitle") {
        product.title = title;
    }
    let told = details.as_object().into_iter().flatten().filter(|(key, _)| *key != "ProductTitle");
    product.information.extend(told.map(|(key, value)| (key.clone(), value.clone())));
    Ok(())
}

/// A new version with its ways of delivery.
pub(in crate::aws::change) fn add_delivery_options(product: &mut Product, details: &Value, site: &Site<'_>) -> Applied {
    let number = product.versions.len() + 2;
    let code = product.id.trim_start_matches("prod-");
    let version = details.get("Version").cloned().unwrap_or_default();
    let options = details.get("DeliveryOptions").and_then(Value::as_array).into_iter().flatten();
    let shown: Vec<Value> = options
        .enumerate()
        .map(|(index, option)| {
            json!({
                "Id": format!("do-{code}-{number}-{index}"),
                "Title": option.get("DeliveryOptionTitle"),
                "Visibility": "Public",
                "Details": option.get("Details"),
            })
        })
        .collect();
    product.versions.push(json!({
        "Id": format!("version-{code}-{number}"),
        "VersionTitle": text(&version, "VersionTitle"),
        "ReleaseNotes": text(&version, "ReleaseNotes"),
        "CreationDate": crate::aws::catalog_time(site.now),
        "DeliveryOptions": shown,
    }));
    Ok(())
}
