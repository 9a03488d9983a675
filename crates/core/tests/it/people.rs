//! People, roles and delegations.

use entente_core::{event::Actor, people::People};

use crate::policy::now;

pub const PEOPLE: &str = r#"
persons:
  - { id: ada, name: Ada, email: ada@example.com, roles: [alliance, desk], zone: Europe/Berlin }
  - { id: bob, name: Bob, email: bob@example.com, roles: [desk], limits: { desk: { USD: 100 } }, zone: UTC }
  - { id: cy, name: Cy, email: cy@example.com, roles: [finance, legal, regional, cfo], zone: UTC }
  - { id: dee, name: Dee, email: dee@example.com, roles: [finance], legal_entities: [acme-us], zone: UTC }
delegations:
  - { from: ada, to: bob, role: desk, since: 2027-05-01T00:00:00Z, until: 2027-06-01T00:00:00Z }
"#;

pub fn people(text: &str) -> People {
    People::from_yaml("people.yaml", text).unwrap()
}

#[test]
fn who_holds_a_role_is_asked_for_an_instant() {
    let people = people(PEOPLE);
    let (ada, bob, dee) = ("ada".parse().unwrap(), "bob".parse().unwrap(), "dee".parse().unwrap());
    let (us, eu) = ("acme-us".parse().unwrap(), "acme-eu".parse().unwrap());
    let usd = |minor| Some(entente_core::money::Money { minor, currency: "USD".parse().unwrap() });
    let roles = |actor: Actor| actor.roles.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(roles(people.actor(&dee, None, &us, None, now()).unwrap()), ["finance"]);
    assert!(roles(people.actor(&dee, None, &eu, None, now()).unwrap()).is_empty(), "not for another legal entity");
    assert_eq!(roles(people.actor(&bob, None, &eu, usd(100), now()).unwrap()), ["desk"]);
    assert!(roles(people.actor(&bob, None, &eu, usd(101), now()).unwrap()).is_empty(), "above the personal limit");
    let for_ada = people.actor(&bob, Some(&ada), &eu, None, now()).unwrap();
    assert_eq!((roles(for_ada.clone()), for_ada.on_behalf_of), (vec!["desk".to_owned()], Some(ada.clone())));
    let later = "2027-06-01T00:00:00Z".parse().unwrap();
    let refusal = people.actor(&bob, Some(&ada), &eu, None, later).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "no delegation lets `bob` act for `ada` at 2027-06-01T00:00:00Z; add one or act in your own name"
    );
    let desk = "desk".parse().unwrap();
    assert_eq!(people.delegates(&ada, &desk, now()).map(|p| p.name.as_str()).collect::<Vec<_>>(), ["Bob"]);
    assert!(people.actor(&"eve".parse().unwrap(), None, &eu, None, now()).is_err());
}

#[test]
fn a_wrong_people_file_is_refused_with_its_place() {
    let said =
        |from: &str, to: &str| People::from_yaml("people.yaml", &PEOPLE.replacen(from, to, 1)).unwrap_err().to_string();
    let cases = [
        (
            "id: bob",
            "id: ada",
            "people.yaml:4:11: there is another person `ada`; ids are unique (field `persons[1].id`)",
        ),
        ("to: bob", "to: cy", "people.yaml:8:22: `cy` does not hold `desk`; both ends of a delegation hold its role"),
        ("to: bob", "to: eve", "people.yaml:8:22: there is no person `eve`"),
        ("to: bob", "to: ada", "people.yaml:8:22: nobody stands in for himself"),
        ("until: 2027-06-01", "until: 2026-06-01", "people.yaml:8:75: `until` must come after `since`"),
        ("limits: { desk:", "limits: { finance:", "people.yaml:4:92: `bob` does not hold `finance`"),
        ("ada@example.com", "nowhere", "people.yaml:3:34: `nowhere` is not an e-mail address"),
        ("zone: Europe/Berlin", "zone: Berlin", "people.yaml:3:82: `Berlin` is not an IANA zone"),
        ("name: Ada", "nick: Ada", "people.yaml:3:16: unknown field"),
    ];
    let wrong: Vec<_> = cases
        .iter()
        .map(|(from, to, start)| (said(from, to), start))
        .filter(|(said, start)| !said.starts_with(**start))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
