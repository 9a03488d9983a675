//! US-15: approvals that came very soon are sampled, and looked at again by somebody else.

use entente::funding::review::{self, Drawn, Sampling};
use entente_core::scope::Scope;

use crate::{papers, vendor::Vendor};

async fn drawn(vendor: &Vendor, share: u8) -> Vec<Drawn> {
    let sampling = Sampling { within_seconds: 3_600, share };
    review::drawn(vendor.store(), &Scope::vendor(), sampling).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn us15_an_approval_that_came_very_soon_is_looked_at_again_by_somebody_who_had_no_hand_in_it() {
    let (vendor, _crew) = Vendor::open().await;
    let slow =
        vendor.submit_one::<entente_core::context::funding::RequestPaper>("REQ", "pia", papers::request(&[])).await;
    vendor.asks(slow.run).await;
    vendor.pass_days(1).await;
    vendor.agree(std::slice::from_ref(&slow), &["fay"]).await;
    vendor.state(slow.run, "granted").await;
    let other = papers::request(&[("hamburg-breakfast", "event-2")]);
    let fast = vendor.granted(&[("pia", other)]).await.remove(0);

    let of = |votes: &[Drawn], label: &str| votes.iter().filter(|vote| vote.label == label).count();
    let all = drawn(&vendor, 100).await;
    assert_eq!((of(&all, &slow.label), of(&all, &fast.label)), (0, 1), "{all:?}");
    assert!(drawn(&vendor, 0).await.is_empty());
    assert_eq!(drawn(&vendor, 40).await, drawn(&vendor, 40).await, "nothing is drawn twice");

    let config = std::fs::read_to_string(vendor.path("entente.yaml")).unwrap();
    vendor.write("entente.yaml", &format!("{config}review: {{ within_seconds: 3600, share: 100 }}\n"));
    let id = all.iter().find(|vote| vote.label == fast.label).unwrap().id.clone();
    let sound = ["review", "sound", &id, "--reason", "the event took place as planned"];
    for (person, code) in [("pia", 4), ("fay", 4), ("vera", 4)] {
        assert_eq!(vendor.run(person, &sound).await.code, code, "{person}");
    }
    vendor.run("finn", &sound).await.ok();
    assert_eq!(vendor.run("finn", &["review", "unsound", &id, "--reason", "no"]).await.code, 5, "it stays");
    let listed = vendor.run("finn", &["review", "list", "--json"]).await.json();
    let waits: Vec<&str> = listed.as_array().unwrap().iter().map(|vote| vote["id"].as_str().unwrap()).collect();
    assert!(!waits.contains(&id.as_str()), "{listed:#}");
    let kept = drawn(&vendor, 100).await.into_iter().find(|vote| vote.id == id).unwrap().review.unwrap();
    assert_eq!((kept.by.as_str(), kept.finding), ("finn", review::Finding::Sound));
}

#[tokio::test(flavor = "multi_thread")]
async fn us15_whoever_agreed_to_the_same_paper_does_not_look_at_the_others_vote() {
    let (vendor, _crew) = Vendor::open().await;
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    vendor.pass_days(20).await;
    let claim = vendor.owed(&[("pia", papers::claim(&request.label, 1, &[]))]).await.remove(0);
    let votes: Vec<Drawn> = drawn(&vendor, 100).await.into_iter().filter(|vote| vote.label == claim.label).collect();
    assert_eq!(votes.len(), 2, "{votes:?}");
    let first = votes.iter().find(|vote| vote.by.as_str() == "vera").unwrap();

    let config = std::fs::read_to_string(vendor.path("entente.yaml")).unwrap();
    vendor.write("entente.yaml", &format!("{config}review: {{ within_seconds: 3600, share: 100 }}\n"));
    let sound = ["review", "sound", &first.id, "--reason", "the event took place as planned"];
    assert_eq!(vendor.run("finn", &sound).await.code, 4, "finn's own vote rests on it");
    vendor.run("flo", &sound).await.ok();
}
