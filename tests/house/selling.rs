//! An installation that sells on the sandbox.

use entente_core::ids::RunId;

use super::{
    House,
    offer::document,
    sandbox::{PRODUCT, Sandbox},
};

/// An installation connected to this sandbox.
pub async fn connected(sandbox: &Sandbox, more: &str) -> House {
    House::new(&format!("{}\n{more}", sandbox.connectors())).await
}

/// Stores the request to create an offer.
pub async fn submitted(sandbox: &Sandbox, house: &House, reference: &str) -> RunId {
    house.submit(&document("aws", PRODUCT, &sandbox.buyer(), reference, sandbox.now().await)).await
}

/// The run's readable label.
pub async fn label(house: &House, run: RunId) -> String {
    house.row(run).await.snapshot.label
}

/// The marketplace's id of the run's offer.
pub async fn offer_id(house: &House, run: RunId) -> String {
    house.row(run).await.snapshot.context["remote"]["offer_id"].as_str().unwrap().to_owned()
}
