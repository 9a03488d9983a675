//! A buyer who has accepted: the installation, the agreement, and what was billed on it.

use serde_json::{Value, json};

use crate::{
    installation::Installation,
    sandbox::{Sandbox, answered, pass, world},
};

/// Everybody of the other stories, and finance.
pub const FINANCE: &str = "
persons:
  - { id: mia, name: Mia, email: mia@acme.example, roles: [alliance_manager], zone: America/New_York }
  - { id: dan, name: Dan, email: dan@acme.example, roles: [deal_desk], zone: America/New_York }
  - { id: sue, name: Sue, email: sue@acme.example, roles: [sales_director], zone: America/New_York }
  - { id: carl, name: Carl, email: carl@acme.example, roles: [cfo], zone: America/New_York }
  - { id: finn, name: Finn, email: finn@acme.example, roles: [finance_approver], zone: America/New_York }
  - { id: ann, name: Ann, email: ann@acme.example, roles: [admin], zone: America/New_York }
  - { id: abe, name: Abe, email: abe@acme.example, roles: [admin], zone: America/New_York }
  - { id: vic, name: Vic, email: vic@acme.example, roles: [viewer], zone: America/New_York }
";

/// A JSON text as it is.
#[track_caller]
pub fn word(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

/// The marketplace's side, ours, and an agreement between a buyer and us.
pub struct World {
    /// The marketplace.
    pub sandbox: Sandbox,
    /// Our side.
    pub installation: Installation,
    /// The label of the offer.
    pub offer: String,
    /// The marketplace's id of the agreement.
    pub agreement: String,
}

impl World {
    /// An offer that was approved, published and accepted, and billed.
    pub fn accepted() -> World {
        let (sandbox, installation) = world();
        installation.write("people.yaml", FINANCE);
        let offer = answered(&sandbox, &installation, "900.00");
        installation.until(&offer, "approvals");
        let revision = installation.revision(&offer);
        let shown = installation.show(&offer);
        for asked in shown["approvals"].as_array().unwrap() {
            let person = asked["candidates"][0].as_str().unwrap();
            installation
                .act(person, &["approve", &offer, "--revision", &revision, "--row", asked["row"].as_str().unwrap()])
                .ok();
        }
        let published = pass(&sandbox, &installation, &offer, "published");
        let buyer = word(&sandbox.account("buyer")["account_id"]);
        let id = &published["remote"]["offer_id"];
        sandbox.post(&format!("/aws/buyers/{buyer}/accept"), &json!({ "offer_id": id }));
        let accepted = pass(&sandbox, &installation, &offer, "active");
        let agreement = accepted["agreements"].as_object().unwrap().keys().next().unwrap().clone();
        World { sandbox, installation, offer, agreement }
    }

    /// What was billed and given back.
    pub fn invoices(&self) -> Vec<Value> {
        let said = self.installation.run(&["agreement", "invoices", &self.agreement, "--json"]).ok().json();
        said["invoices"].as_array().unwrap().clone()
    }

    /// The first paper that bills.
    pub fn invoice(&self) -> Value {
        let papers = self.invoices();
        papers.into_iter().find(|paper| paper["kind"] == "invoice").expect("something was billed")
    }

    /// The refunds that the marketplace was asked for.
    pub fn adjustments(&self) -> Vec<Value> {
        self.requests("adjustments")
    }

    /// The requests of a kind that the marketplace has.
    pub fn requests(&self, kind: &str) -> Vec<Value> {
        self.sandbox.get("/aws/agreement-requests")[kind].as_array().unwrap().clone()
    }

    /// A request as its command shows it.
    #[track_caller]
    pub fn request(&self, kind: &str, label: &str) -> Value {
        self.installation.run(&[kind, "show", label, "--json"]).ok().json()
    }

    /// Lets virtual time pass until a request is where it should be; the request then.
    #[track_caller]
    pub fn until(&self, kind: &str, label: &str, state: &str) -> Value {
        self.until_it(kind, label, |request| request["state"] == state)
    }

    /// Lets virtual time pass until something holds of a request; the request then.
    #[track_caller]
    pub fn until_it(&self, kind: &str, label: &str, holds: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..400 {
            let request = self.request(kind, label);
            if holds(&request) {
                return request;
            }
            let incident = &request["incident"];
            // What is withheld leaves by itself; nobody has to resume it.
            assert!(incident.is_null() || incident["code"] == "withheld", "`{label}` is parked: {request:#}");
            self.sandbox.advance("PT20S");
            crate::installation::a_moment();
        }
        panic!("`{label}` never came to be as wished: {:#}", self.request(kind, label));
    }
}
