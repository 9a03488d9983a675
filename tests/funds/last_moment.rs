//! US-18: until when claims may be handed in is told as the reader's own clock shows it, and as the programme counts it.

use serde_json::json;

use crate::{papers, vendor::Vendor};

#[tokio::test(flavor = "multi_thread")]
async fn us18_the_last_moment_for_claims_is_told_in_the_zone_of_whoever_asks_and_in_the_programmes() {
    let (vendor, _crew) = Vendor::open().await;
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    let abroad = papers::PEOPLE.replace("party: nordlicht, zone: UTC", "party: nordlicht, zone: Asia/Tokyo");
    vendor.write("people.yaml", &abroad);
    let shown = vendor.run("pia", &["request", "show", &request.label, "--json"]).await.json();
    let (at, programme) = ("2027-06-18T23:59:59Z", "2027-06-18 23:59:59 UTC");
    let expected = json!({ "at": at, "programme": programme, "yours": "2027-06-19 08:59:59 Asia/Tokyo" });
    assert_eq!(shown["last_moment"], expected);
    for (person, line) in [
        ("pia", format!("last moment\t2027-06-19 08:59:59 Asia/Tokyo for you, {programme} for the programme")),
        ("finn", format!("last moment\t{programme}")),
    ] {
        let words = vendor.run(person, &["request", "show", &request.label]).await.ok();
        assert!(words.lines().any(|told| told == line), "`{line}` is not in {words}");
    }
}
