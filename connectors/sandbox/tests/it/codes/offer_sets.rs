//! Codes of offer sets.

use serde_json::{Value, json};

use super::Witness;
use super::documents::edited;
use super::hourly::{hourly, hourly_and};
use crate::desk::{change_of, contract, fixed, instalments, on_entity, pricing, schedule, with, without};

const SET: &str = "OfferSet@1.0";
const SOLUTION: &str = "soln-nimbus0000001";

fn offers(ids: &[&str]) -> Value {
    json!({ "Offers": ids.iter().map(|id| json!({ "OfferId": id })).collect::<Vec<_>>() })
}

/// A complete set of these offers.
fn set_of(ids: &[&str]) -> Vec<Value> {
    vec![
        change_of(SET, "CreateOfferSet", json!({ "Name": "Everything" })),
        change_of(SET, "UpdateInformation", json!({ "BuyerNotes": "All in one." })),
        change_of(SET, "AssociateOffers", offers(ids)),
        change_of(SET, "ReleaseOfferSet", json!({})),
    ]
}

pub async fn run(witness: &mut Witness) {
    let seats = witness.desk.released().await;
    let machine = witness.desk.made(hourly(hourly_and(&[]), "P90D")).await;
    releases(witness, &seats, &machine).await;
    associations(witness, &seats, &machine).await;
    solutions(witness, &seats, &machine).await;
    after_the_release(witness, &seats, &machine).await;
}

async fn releases(witness: &mut Witness, seats: &str, machine: &str) {
    let set = set_of(&[seats, machine]);
    witness.gives("ReleaseOfferSet", "MISSING_BUYER_NOTES", without(set.clone(), "UpdateInformation")).await;
    witness.gives("ReleaseOfferSet", "MISSING_OFFERS", without(set, "AssociateOffers")).await;
    witness.gives("ReleaseOfferSet", "MISSING_OFFERS", set_of(&[seats])).await;
    let twin = witness.desk.released().await;
    witness.gives("ReleaseOfferSet", "TOO_MANY_OFFERS_PER_PRODUCT", set_of(&[seats, &twin])).await;
    let euros = |term: Value, pointer: &str| edited(term, pointer, json!("EUR"));
    let term = euros(fixed("0.0", Some("P12M")), "/CurrencyCode");
    let plan = euros(schedule(&[("2031-11-15", "1")]), "/Terms/0/CurrencyCode");
    let paid = with(instalments("530000000001"), "UpdatePricingTerms", pricing("Contract", json!([term])));
    let paid = witness.desk.made(with(paid, "UpdatePaymentScheduleTerms", plan)).await;
    witness.gives("ReleaseOfferSet", "INCONSISTENT_OFFER_CURRENCY_CODE", set_of(&[&paid, machine])).await;
    let until = json!({ "AvailabilityEndDate": "2031-07-31" });
    let longer = witness.desk.made(with(contract("530000000001"), "UpdateAvailability", until)).await;
    witness.gives("ReleaseOfferSet", "INCONSISTENT_OFFER_AVAILABILITY_END_DATE", set_of(&[&longer, machine])).await;
    let other = witness.desk.made(contract("530000000002")).await;
    witness.gives("ReleaseOfferSet", "INCONSISTENT_OFFER_TARGETING_RULE", set_of(&[&other, machine])).await;
    let german = json!({ "PositiveTargeting": { "BuyerAccounts": ["530000000001"], "CountryCodes": ["DE"] } });
    let german = witness.desk.made(with(contract("530000000001"), "UpdateTargeting", german)).await;
    witness.gives("ReleaseOfferSet", "INCOMPATIBLE_OFFER_TARGETING_RULE", set_of(&[&german, machine])).await;
    let draft = witness.desk.made(without(contract("530000000001"), "ReleaseOffer")).await;
    witness.gives("ReleaseOfferSet", "DRAFT_OFFERS", set_of(&[&draft, machine])).await;
    let ended = json!({ "AvailabilityEndDate": "2031-04-01" });
    witness.desk.made(vec![on_entity("Offer@1.0", &longer, "UpdateAvailability", ended)]).await;
    witness.gives("ReleaseOfferSet", "EXPIRED_OFFERS", set_of(&[&longer, machine])).await;
}

async fn associations(witness: &mut Witness, seats: &str, machine: &str) {
    let another = witness.desk.made(vec![change_of(SET, "CreateOfferSet", json!({ "Name": "Another" }))]).await;
    let mut bound = contract("530000000001");
    bound[0]["DetailsDocument"]["OfferSetId"] = another.clone().into();
    let bound = witness.desk.made(bound).await;
    let foreign = set_of(&[&bound, machine]);
    witness.gives("AssociateOffers", "INCOMPATIBLE_OFFER_SET_REFERENCE", foreign).await;
    let mut many = Vec::new();
    for _ in 0..6 {
        many.push(witness.desk.released().await);
    }
    let seven: Vec<&str> = many.iter().map(String::as_str).chain([machine]).collect();
    let full = witness.desk.made(without(set_of(&seven), "ReleaseOfferSet")).await;
    let eighth = vec![on_entity(SET, &full, "AssociateOffers", offers(&[seats]))];
    witness.gives("AssociateOffers", "TOO_MANY_OFFERS", eighth).await;
    let stranger = vec![on_entity(SET, &full, "DisassociateOffers", offers(&[seats]))];
    witness.gives("DisassociateOffers", "INVALID_UPDATE_REQUEST", stranger).await;
}

async fn solutions(witness: &mut Witness, seats: &str, machine: &str) {
    let with_solution = |id: &str| with(set_of(&[seats, machine]), "AssociateSolution", json!({ "SolutionId": id }));
    let other = json!({ "id": "soln-other", "products": ["prod-cont000000001"] });
    witness.desk.post("/aws/solutions", other).await.ok();
    witness.gives("AssociateSolution", "INCOMPATIBLE_SOLUTION_ASSOCIATION", with_solution("soln-other")).await;
    let products = json!(["prod-saas000000001", "prod-ami0000000001"]);
    let draft = json!({ "id": "soln-draft", "visibility": "Draft", "products": products });
    witness.desk.post("/aws/solutions", draft).await.ok();
    witness.gives("ReleaseOfferSet", "INCOMPATIBLE_SOLUTION_STATE", with_solution("soln-draft")).await;
}

async fn after_the_release(witness: &mut Witness, seats: &str, machine: &str) {
    let named = json!({ "SolutionId": SOLUTION });
    let set = with(set_of(&[seats, machine]), "AssociateSolution", named.clone());
    let released = witness.desk.made(set).await;
    for (kind, details) in [
        ("AssociateOffers", offers(&[seats])),
        ("DisassociateOffers", offers(&[seats])),
        ("AssociateSolution", named.clone()),
        ("DisassociateSolution", named),
        ("ReleaseOfferSet", json!({})),
    ] {
        witness.gives(kind, "INVALID_UPDATE_REQUEST", vec![on_entity(SET, &released, kind, details)]).await;
    }
}
