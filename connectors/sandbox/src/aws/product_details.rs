//! The details documents of products, as `DescribeEntity` shows them.

use serde_json::{Map, Value, json};

use super::product::{Product, ProductKind, Visibility};

impl Product {
    /// The details document of `DescribeEntity`.
    pub(crate) fn details(&self) -> Value {
        let mut details = json!({
            "Description": self.description(),
            "PromotionalResources": {
                "LogoUrl": self.told("LogoUrl").unwrap_or_else(|| "https://s3.amazonaws.com/sandbox/logo.png".into()),
                "Videos": [],
                "AdditionalResources": self.told("AdditionalResources").unwrap_or_else(|| json!([])),
            },
            "SupportInformation": {
                "Description": self.told("SupportDescription").unwrap_or_else(|| "Support by mail on working days.".into()),
            },
            "Dimensions": self.shown_dimensions(),
            "Versions": self.shown_versions(),
            "Targeting": { "PositiveTargeting": { "BuyerAccounts": [] } },
        });
        if let (true, Value::Object(map)) = (self.kind == ProductKind::AmiProduct, &mut details) {
            let regions = json!({ "Regions": ["us-east-1", "eu-central-1"], "FutureRegionSupport": "All" });
            map.insert("RegionAvailability".to_owned(), regions);
        }
        details
    }

    /// The dimensions, as products and resale authorizations show them.
    pub(crate) fn shown_dimensions(&self) -> Vec<Value> {
        let shown = self.dimensions.iter().map(|dimension| {
            json!({
                "Name": dimension.name, "Description": dimension.description, "Key": dimension.key,
                "Unit": dimension.unit, "Types": dimension.types,
            })
        });
        shown.collect()
    }

    fn told(&self, key: &str) -> Option<Value> {
        self.information.get(key).cloned()
    }

    fn description(&self) -> Value {
        let state = if self.visibility == Visibility::Draft { "Draft" } else { "Active" };
        let or = |key: &str, default: Value| self.told(key).unwrap_or(default);
        let mut shown = Map::new();
        shown.insert("ProductTitle".to_owned(), self.title.clone().into());
        shown.insert("ProductCode".to_owned(), self.id.trim_start_matches("prod-").into());
        shown.insert("ShortDescription".to_owned(), or("ShortDescription", self.title.clone().into()));
        let long = format!("{}, listed in the sandbox.", self.title);
        shown.insert("LongDescription".to_owned(), or("LongDescription", long.into()));
        shown.insert("Highlights".to_owned(), or("Highlights", json!([self.title])));
        shown.insert("SearchKeywords".to_owned(), or("SearchKeywords", json!(["sandbox"])));
        shown.insert("Visibility".to_owned(), self.visibility.name().into());
        shown.insert("ProductState".to_owned(), state.into());
        shown.insert("Categories".to_owned(), or("Categories", json!(["Source Control"])));
        shown.extend(self.told("Sku").map(|sku| ("Sku".to_owned(), sku)));
        Value::Object(shown)
    }

    /// What the product was listed with, then what was added.
    fn shown_versions(&self) -> Vec<Value> {
        let code = self.id.trim_start_matches("prod-");
        let listed = match self.kind {
            ProductKind::AmiProduct => json!({
                "Id": format!("version-{code}"),
                "VersionTitle": "1.0",
                "ReleaseNotes": "First version.",
                "Sources": [{
                    "Type": "AmazonMachineImage",
                    "Id": format!("source-{code}"),
                    "Image": "ami-00000000000000000",
                    "Architecture": "x86_64",
                }],
                "DeliveryOptions": [{
                    "Type": "AmazonMachineImage",
                    "Id": format!("do-{code}"),
                    "Visibility": "Public",
                    "Recommendations": { "InstanceType": "m5.large" },
                }],
            }),
            ProductKind::ContainerProduct => json!({
                "Id": format!("version-{code}"),
                "VersionTitle": "1.0",
                "ReleaseNotes": "First version.",
                "Sources": [{ "Type": "DockerImages", "Id": format!("source-{code}"), "Images": [] }],
                "DeliveryOptions": [{ "Type": "HelmChart", "Id": format!("do-{code}"), "Visibility": "Public" }],
            }),
            _ => return self.versions.clone(),
        };
        std::iter::once(listed).chain(self.versions.iter().cloned()).collect()
    }
}
