//! Working time where nobody wrote a calendar.

use serde_json::{Value, json};

use crate::installation::Installation;

fn calendar(installation: &Installation) -> Value {
    let span = ["--from", "2027-05-03", "--days", "7"];
    installation.run(&[&["calendar", "show", "--entity", "acme-us", "--json"][..], &span].concat()).ok().json()
}

#[test]
fn without_a_calendars_file_everybody_works_office_hours_in_the_configured_zone() {
    let shown = calendar(&Installation::new());
    assert_eq!((&shown["calendar"], &shown["zone"]), (&json!("office-hours"), &json!("America/New_York")));
    let days: Vec<&str> = shown["days"].as_array().unwrap().iter().map(|day| day["day"].as_str().unwrap()).collect();
    assert_eq!(days, ["2027-05-08", "2027-05-09"], "the weekend, and nothing else");
    let plain = Installation::with_config("connectors:\n  fake/acme-us: { kind: fake, legal_entity: acme-us }");
    assert_eq!(calendar(&plain)["zone"], "UTC");
    let wrong = Installation::with_config("zone: Mars/Olympus");
    let said = wrong.run(&["offer", "list"]);
    assert!(said.code == 2 && said.words.contains("`Mars/Olympus` is not an IANA zone"), "{said:?}");
}
