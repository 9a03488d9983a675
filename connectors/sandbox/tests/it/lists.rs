//! `ListChangeSets`, `ListEntities`, `BatchDescribeEntities`, tags and policies.

use reqwest::Method;
use serde_json::{Value, json};

use crate::desk::{Desk, PRODUCT, change, contract};

async fn drafts(desk: &Desk, count: usize) {
    for n in 0..count {
        let create = change("CreateOffer", json!({ "ProductId": PRODUCT, "Name": format!("Draft {n}") }));
        let ask = json!({ "Catalog": "AWSMarketplace", "ChangeSet": [create], "ChangeSetName": format!("step {n}") });
        desk.catalog("StartChangeSet", ask).await.ok();
        desk.advance("PT1M").await;
    }
}

async fn sets(desk: &Desk, extra: Value) -> Vec<String> {
    let mut ask = json!({ "Catalog": "AWSMarketplace" });
    ask.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let answer = desk.catalog("ListChangeSets", ask).await.ok();
    let rows = answer["ChangeSetSummaryList"].as_array().unwrap();
    rows.iter().map(|row| row["ChangeSetName"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn change_sets_are_filtered_and_sorted() {
    let desk = Desk::new().await;
    drafts(&desk, 3).await;
    assert_eq!(sets(&desk, json!({})).await, ["step 2", "step 1", "step 0"]);
    assert_eq!(
        sets(&desk, json!({ "Sort": { "SortBy": "EndTime", "SortOrder": "ASCENDING" } })).await,
        ["step 0", "step 1", "step 2"]
    );
    let filter = |name: &str, value: &str| json!({ "FilterList": [{ "Name": name, "ValueList": [value] }] });
    assert_eq!(sets(&desk, filter("ChangeSetName", "step 1")).await, ["step 1"]);
    assert_eq!(sets(&desk, filter("Status", "FAILED")).await, Vec::<String>::new());
    assert_eq!(sets(&desk, filter("AfterStartTime", "2031-05-01T08:00:30Z")).await, ["step 2", "step 1"]);
    assert_eq!(sets(&desk, filter("BeforeEndTime", "2031-05-01T08:00:30Z")).await, ["step 0"]);
    let answer = desk.catalog("ListChangeSets", json!({ "Catalog": "AWSMarketplace" })).await.ok();
    let entity = answer["ChangeSetSummaryList"][0]["EntityIdList"][0].as_str().unwrap().to_owned();
    assert_eq!(sets(&desk, filter("EntityId", &entity)).await, ["step 2"]);
    let unknown = json!({ "Catalog": "AWSMarketplace", "FilterList": [{ "Name": "Colour", "ValueList": ["red"] }] });
    desk.catalog("ListChangeSets", unknown).await.refused(422, "ValidationException");
}

#[tokio::test]
async fn pages_lead_through_the_whole_list() {
    let desk = Desk::new().await;
    drafts(&desk, 5).await;
    let mut names = Vec::new();
    let mut token = Value::Null;
    for _ in 0..3 {
        let ask = json!({ "Catalog": "AWSMarketplace", "MaxResults": 2, "NextToken": token });
        let page = desk.catalog("ListChangeSets", ask).await.ok();
        names.extend(page["ChangeSetSummaryList"].as_array().unwrap().iter().map(|row| row["ChangeSetName"].clone()));
        token = page["NextToken"].clone();
    }
    assert_eq!(names, ["step 4", "step 3", "step 2", "step 1", "step 0"]);
    assert_eq!(token, Value::Null);
}

#[tokio::test]
async fn a_page_token_belongs_to_its_request() {
    let desk = Desk::new().await;
    drafts(&desk, 3).await;
    let page = desk.catalog("ListChangeSets", json!({ "Catalog": "AWSMarketplace", "MaxResults": 1 })).await.ok();
    let other = json!({ "Catalog": "AWSMarketplace", "MaxResults": 1, "NextToken": page["NextToken"],
        "FilterList": [{ "Name": "Status", "ValueList": ["FAILED"] }] });
    desk.catalog("ListChangeSets", other).await.refused(422, "ValidationException");
    let size = json!({ "Catalog": "AWSMarketplace", "MaxResults": 21 });
    desk.catalog("ListChangeSets", size).await.refused(422, "ValidationException");
}

async fn offers(desk: &Desk, filters: Value) -> Vec<String> {
    let ask = json!({ "Catalog": "AWSMarketplace", "EntityType": "Offer",
        "EntityTypeFilters": { "OfferFilters": filters },
        "EntityTypeSort": { "OfferSort": { "SortBy": "Name", "SortOrder": "ASCENDING" } } });
    let answer = desk.catalog("ListEntities", ask).await.ok();
    answer["EntitySummaryList"].as_array().unwrap().iter().map(|row| row["Name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn offers_are_filtered_by_what_they_are() {
    let desk = Desk::new().await;
    drafts(&desk, 2).await;
    desk.made(contract(desk.buyer())).await;
    let both = ["Draft 0".to_owned(), "Draft 1".to_owned()];
    let private = ["Observability for Alder".to_owned()];
    assert_eq!(offers(&desk, json!({ "State": { "ValueList": ["Draft"] } })).await, both);
    assert_eq!(offers(&desk, json!({ "Name": { "WildCardValue": "Draft" } })).await, both);
    assert_eq!(offers(&desk, json!({ "Targeting": { "ValueList": ["BuyerAccounts"] } })).await, private);
    assert_eq!(offers(&desk, json!({ "BuyerAccounts": { "WildCardValue": "530000000001" } })).await, private);
    let june = json!({ "AvailabilityEndDate": { "DateRange": { "AfterValue": "2031-06-01T00:00:00Z", "BeforeValue": "2031-07-01T00:00:00Z" } } });
    assert_eq!(offers(&desk, june).await, private);
    let combined = json!({ "ProductId": { "ValueList": [PRODUCT] }, "State": { "ValueList": ["Released"] }, "Targeting": { "ValueList": ["None"] } });
    assert_eq!(offers(&desk, combined).await, ["Nimbus Observability (SaaS): public offer"]);
}

#[tokio::test]
async fn every_kind_of_product_is_listed_with_its_public_offer() {
    let desk = Desk::new().await;
    for kind in ["SaaSProduct", "AmiProduct", "ContainerProduct", "DataProduct", "MachineLearningProduct"] {
        let ask = |kind: &str| json!({ "Catalog": "AWSMarketplace", "EntityType": kind });
        let products = desk.catalog("ListEntities", ask(kind)).await.ok();
        let row = &products["EntitySummaryList"][0];
        assert_eq!(row[format!("{kind}Summary")]["Visibility"], "Public");
        let id = row["EntityId"].as_str().unwrap();
        assert_eq!(offers(&desk, json!({ "ProductId": { "ValueList": [id] } })).await.len(), 1);
        let theirs = desk.catalog_as("reseller", "ListEntities", ask(kind)).await.ok();
        assert_eq!(theirs["EntitySummaryList"], json!([]));
    }
    desk.catalog("ListEntities", json!({ "Catalog": "AWSMarketplace", "EntityType": "Gadget" }))
        .await
        .refused(404, "ResourceNotFoundException");
}

#[tokio::test]
async fn each_field_is_filtered_in_its_own_ways_only() {
    let desk = Desk::new().await;
    let ask = |kind: &str, filters: Value| json!({ "Catalog": "AWSMarketplace", "EntityType": kind, "EntityTypeFilters": filters });
    let dates = json!({ "DateRange": { "AfterValue": "2031-01-01" } });
    for (kind, filters) in [
        ("Offer", json!({ "OfferFilters": { "State": { "ValueList": ["Draft", "Released", "Gone"] } } })),
        ("Offer", json!({ "OfferFilters": { "ProductId": { "WildCardValue": "prod" } } })),
        ("Offer", json!({ "OfferFilters": { "BuyerAccounts": { "ValueList": ["530000000001"] } } })),
        ("Offer", json!({ "OfferFilters": { "ReleaseDate": { "ValueList": ["2031-01-01T00:00:00Z"] } } })),
        ("Offer", json!({ "OfferFilters": { "ReleaseDate": dates } })),
        ("Offer", json!({ "OfferFilters": { "Colour": { "ValueList": ["red"] } } })),
        ("Offer", json!({ "OfferSetFilters": {} })),
        ("AmiProduct", json!({ "AmiProductFilters": { "ProductTitle": { "ValueList": vec!["x"; 11] } } })),
        ("ResaleAuthorization", json!({ "ResaleAuthorizationFilters": { "Status": { "WildCardValue": "Act" } } })),
    ] {
        let body = desk.catalog("ListEntities", ask(kind, filters.clone())).await.refused(422, "ValidationException");
        assert!(body["Message"].is_string(), "{kind}: {filters}");
    }
    let sorted = |by: &str| json!({ "Catalog": "AWSMarketplace", "EntityType": "OfferSet", "EntityTypeSort": { "OfferSetSort": { "SortBy": by } } });
    desk.catalog("ListEntities", sorted("AssociatedOfferIds")).await.refused(422, "ValidationException");
    desk.catalog("ListEntities", sorted("SolutionId")).await.ok();
}

#[tokio::test]
async fn authorizations_are_filtered_by_who_gave_what_to_whom() {
    let desk = Desk::new().await;
    let open = desk.made(crate::resale_desk::authorization()).await;
    let paid = desk.made(crate::resale_desk::instalment_authorization()).await;
    let found = async |filters: Value| {
        let ask = json!({ "Catalog": "AWSMarketplace", "EntityType": "ResaleAuthorization",
            "EntityTypeFilters": { "ResaleAuthorizationFilters": filters },
            "EntityTypeSort": { "ResaleAuthorizationSort": { "SortBy": "CreatedDate", "SortOrder": "ASCENDING" } } });
        let answer = desk.catalog("ListEntities", ask).await.ok();
        let rows = answer["EntitySummaryList"].as_array().unwrap().clone();
        rows.iter().map(|row| row["EntityId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let both = [open.clone(), paid.clone()];
    assert_eq!(found(json!({ "ResellerAccountID": { "ValueList": ["520000000001"] } })).await, both);
    assert_eq!(found(json!({ "ProductName": { "WildCardValue": "Observability" } })).await, both);
    assert_eq!(
        found(json!({ "OfferExtendedStatus": { "ValueList": ["Completed-Used"] } })).await,
        Vec::<String>::new()
    );
    let year = json!({ "AvailabilityEndDate": { "DateRange": { "BeforeValue": "2032-01-01T00:00:00Z" } } });
    assert_eq!(found(year).await, [paid]);
    assert_eq!(found(json!({ "Status": { "ValueList": ["Draft"] } })).await, Vec::<String>::new());
}

#[tokio::test]
async fn new_entities_are_tagged_when_they_are_made() {
    let desk = Desk::new().await;
    let mut create = change("CreateOffer", json!({ "ProductId": PRODUCT }));
    create["EntityTags"] = json!([{ "Key": "deal", "Value": "alder" }]);
    let offer = desk.made(vec![create]).await;
    let arn = desk.describe_entity(&offer).await.ok()["EntityArn"].clone();
    let listed = desk.catalog("ListTagsForResource", json!({ "ResourceArn": arn })).await.ok();
    assert_eq!(listed["Tags"], json!([{ "Key": "deal", "Value": "alder" }]));
}

#[tokio::test]
async fn a_batch_answers_each_entity_for_itself() {
    let desk = Desk::new().await;
    let ask = |id: &str| json!({ "Catalog": "AWSMarketplace", "EntityId": id });
    let batch = json!({ "EntityRequestList": [ask(PRODUCT), ask("offer-nowhere")] });
    let answer = desk.catalog("BatchDescribeEntities", batch).await.ok();
    assert_eq!(answer["EntityDetails"][PRODUCT]["EntityType"], "SaaSProduct@1.0");
    assert_eq!(answer["Errors"]["offer-nowhere"]["ErrorCode"], "ResourceNotFoundException");
}

#[tokio::test]
async fn tags_and_policies_belong_to_an_arn() {
    let desk = Desk::new().await;
    let offer = desk.released().await;
    let arn = desk.describe_entity(&offer).await.ok()["EntityArn"].clone();
    let tag = |key: &str| json!({ "Key": key, "Value": "v" });
    desk.catalog("TagResource", json!({ "ResourceArn": arn, "Tags": [tag("a"), tag("b")] })).await.ok();
    desk.catalog("UntagResource", json!({ "ResourceArn": arn, "TagKeys": ["a"] })).await.ok();
    let listed = desk.catalog("ListTagsForResource", json!({ "ResourceArn": arn })).await.ok();
    assert_eq!(listed["Tags"], json!([tag("b")]));
    let foreign = json!({ "ResourceArn": arn, "Tags": [tag("a")] });
    desk.catalog_as("reseller", "TagResource", foreign).await.refused(403, "AccessDeniedException");
    let query = async |method: Method, operation: &str| {
        desk.query(method, operation, "resourceArn", arn.as_str().unwrap()).await
    };
    query(Method::GET, "GetResourcePolicy").await.refused(404, "ResourceNotFoundException");
    desk.catalog("PutResourcePolicy", json!({ "ResourceArn": arn, "Policy": "{}" })).await.ok();
    assert_eq!(query(Method::GET, "GetResourcePolicy").await.ok(), json!({ "Policy": "{}" }));
    query(Method::DELETE, "DeleteResourcePolicy").await.ok();
}
