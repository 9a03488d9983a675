//! Offer sets: several offers, one decision of the buyer.

use serde_json::{Value, json};

use crate::codes::hourly::{hourly, hourly_and};
use crate::desk::{Desk, change_of, contract, on_entity};

const SET: &str = "OfferSet@1.0";

fn offers(ids: &[&str]) -> Value {
    json!({ "Offers": ids.iter().map(|id| json!({ "OfferId": id })).collect::<Vec<_>>() })
}

/// One change that refers to a change of the same request by name.
fn named(name: &str, changes: Vec<Value>) -> Vec<Value> {
    let text = Value::Array(changes).to_string().replace("$Make.", &format!("${name}."));
    let mut changes: Vec<Value> = serde_json::from_str(&text).unwrap();
    changes[0]["ChangeName"] = name.into();
    changes
}

#[tokio::test]
async fn a_set_and_its_offers_are_made_and_released_in_one_request() {
    let desk = Desk::new().await;
    let mut seats = named("Seats", contract(desk.buyer()));
    let mut machines = named("Machines", hourly(hourly_and(&[]), "P90D"));
    for first in [&mut seats[0], &mut machines[0]] {
        first["DetailsDocument"]["OfferSetId"] = "$Set.Entity.Identifier".into();
    }
    let both = offers(&["$Seats.Entity.Identifier", "$Machines.Entity.Identifier"]);
    let set = vec![
        change_of(SET, "CreateOfferSet", json!({ "Name": "Everything" })),
        change_of(SET, "UpdateInformation", json!({ "BuyerNotes": "All in one." })),
        change_of(SET, "AssociateSolution", json!({ "SolutionId": "soln-nimbus0000001" })),
        change_of(SET, "AssociateOffers", both),
        change_of(SET, "ReleaseOfferSet", json!({})),
    ];
    let mut changes = named("Set", set);
    changes.extend(seats.into_iter().chain(machines));
    let id = desk.made(changes).await;
    let document = desk.describe_entity(&id).await.ok()["DetailsDocument"].clone();
    assert_eq!((&document["State"], &document["SolutionId"]), (&json!("Released"), &json!("soln-nimbus0000001")));
    let first = document["AssociatedOffers"][0]["OfferId"].as_str().unwrap();
    let agreement = desk.accepted(first).await;
    let described = desk.agreement("seller", "DescribeAgreement", json!({ "agreementId": agreement })).await.ok();
    assert_eq!(described["proposalSummary"]["offerSetId"], id.as_str());
    let events = desk.get("/aws/events").await;
    let told = events["events"].as_array().unwrap().iter().find(|event| event["detail-type"] == "OfferSet Released");
    let told = &told.unwrap()["detail"];
    assert_eq!((&told["offerSet"]["id"], &told["associatedOffers"][0]["offer"]["id"]), (&json!(id), &json!(first)));
}

#[tokio::test]
async fn associating_again_changes_nothing_and_disassociating_takes_away() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let set = desk.made(vec![change_of(SET, "CreateOfferSet", json!({ "Name": "Everything" }))]).await;
    let associated = async || desk.describe_entity(&set).await.ok()["DetailsDocument"]["AssociatedOffers"].clone();
    for _twice in 0..2 {
        desk.made(vec![on_entity(SET, &set, "AssociateOffers", offers(&[&offer]))]).await;
        assert_eq!(associated().await, json!([{ "OfferId": offer }]));
    }
    let solution = json!({ "SolutionId": "soln-nimbus0000001" });
    desk.made(vec![on_entity(SET, &set, "AssociateSolution", solution.clone())]).await;
    desk.made(vec![
        on_entity(SET, &set, "DisassociateOffers", offers(&[&offer])),
        on_entity(SET, &set, "DisassociateSolution", solution),
    ])
    .await;
    assert_eq!(associated().await, json!([]));
    assert_eq!(desk.describe_entity(&set).await.ok()["DetailsDocument"].get("SolutionId"), None);
}

#[tokio::test]
async fn sets_are_listed_by_their_own_fields() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    for name in ["One", "Two"] {
        desk.made(vec![
            change_of(SET, "CreateOfferSet", json!({ "Name": name })),
            change_of(SET, "AssociateOffers", offers(&[&offer])),
        ])
        .await;
    }
    let list = |filters: Value| {
        json!({ "Catalog": "AWSMarketplace", "EntityType": "OfferSet", "EntityTypeFilters": { "OfferSetFilters": filters },
            "EntityTypeSort": { "OfferSetSort": { "SortBy": "Name", "SortOrder": "ASCENDING" } } })
    };
    let names = async |filters: Value| {
        let listed = desk.catalog("ListEntities", list(filters)).await.ok();
        let rows = listed["EntitySummaryList"].as_array().unwrap().clone();
        rows.iter().map(|row| row["OfferSetSummary"]["Name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(json!({ "AssociatedOfferIds": { "ValueList": [offer] } })).await, ["One", "Two"]);
    assert_eq!(names(json!({ "Name": { "ValueList": ["Two"] } })).await, ["Two"]);
    assert_eq!(names(json!({ "State": { "ValueList": ["Released"] } })).await, Vec::<String>::new());
    let wild = list(json!({ "Name": { "WildCardValue": "T" } }));
    desk.catalog("ListEntities", wild).await.refused(422, "ValidationException");
}

#[tokio::test]
async fn a_set_takes_only_what_is_the_callers() {
    let desk = Desk::new().await;
    let ask = |kind: &str, details: Value| {
        vec![change_of(SET, "CreateOfferSet", json!({ "Name": "Everything" })), change_of(SET, kind, details)]
    };
    let nowhere = offers(&["offer-nowhere"]);
    desk.start(ask("AssociateOffers", nowhere)).await.refused(404, "ResourceNotFoundException");
    let unknown = json!({ "SolutionId": "soln-nowhere" });
    desk.start(ask("AssociateSolution", unknown)).await.refused(404, "ResourceNotFoundException");
    let offer = desk.released().await;
    let theirs = ask("AssociateOffers", offers(&[&offer]));
    desk.start_as("reseller", theirs).await.refused(403, "AccessDeniedException");
    desk.describe_entity("soln-nimbus0000001").await.refused(415, "ResourceNotSupportedException");
}
