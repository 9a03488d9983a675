//! Rows 63, 64 and 65: whose vote counts, how often, and on what.

use entente_core::{
    chart::step::VOTE,
    context::funding::{ClaimPaper, PartnerPaper},
    event::Actor,
};
use entente_store::{Message, Verdict};
use serde_json::json;

use crate::{
    papers,
    vendor::{Started, Vendor, accepted, refused},
};

/// Somebody with every role that any policy here asks for, perhaps in the place of somebody else: what is refused is
/// refused for who it is.
fn with_every_role(person: &str, on_behalf_of: Option<&str>) -> Actor {
    let roles = ["claim_validator", "finance_approver", "treasurer", "fund_manager", "sales_director", "cfo"];
    Actor {
        person: person.parse().unwrap(),
        roles: roles.iter().map(|role| role.parse().unwrap()).collect(),
        on_behalf_of: on_behalf_of.map(|person| person.parse().unwrap()),
    }
}

/// A claim of pia's that asks for approval.
async fn claimed(vendor: &Vendor) -> Started {
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    vendor.pass_days(20).await;
    vendor.claimed(&[("pia", papers::claim(&request.label, 1, &[]))]).await.remove(0)
}

/// How each of these messages was decided.
async fn verdicts(vendor: &Vendor, messages: &[Message]) -> Vec<Verdict> {
    let mut all = Vec::new();
    for message in messages {
        all.push(vendor.verdict(&message.event.id).await);
    }
    all
}

fn counted(verdicts: &[Verdict]) -> usize {
    verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Accepted { .. })).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn row_63_a_vote_counts_once_however_often_and_by_however_many_it_is_cast_at_once() {
    let (vendor, _crew) = Vendor::open().await;
    let claim = claimed(&vendor).await;
    let row = vendor.row(claim.run).await;

    // A double click: the same message sixteen times, and the same vote under sixteen keys.
    let clicked = vendor.vote_message(vendor.actor("vera"), &row).await;
    let mut votes = vec![clicked.clone(); 16];
    for _ in 0..16 {
        votes.push(vendor.vote_message(vendor.actor("vera"), &row).await);
    }
    vendor.append_at_once(votes.clone()).await;
    let decided = verdicts(&vendor, &votes[15..]).await;
    assert_eq!(counted(&decided), 1, "{decided:?}");
    let round = vendor.row(claim.run).await.snapshot.approvals.unwrap();
    assert_eq!(round.votes.len(), 1);

    // Two people who could each give the last vote, at once: one counts, and the money is committed once.
    let row = vendor.row(claim.run).await;
    let both = vec![
        vendor.vote_message(vendor.actor("finn"), &row).await,
        vendor.vote_message(vendor.actor("flo"), &row).await,
    ];
    vendor.append_at_once(both.clone()).await;
    assert_eq!(counted(&verdicts(&vendor, &both).await), 1);
    vendor.state(claim.run, "payable").await;
    let entries = vendor.entries().await;
    let posted = entries.iter().filter(|entry| entry.posting.action == entente_core::ledger::PostingAction::Post);
    assert_eq!(posted.map(|entry| entry.journal).collect::<std::collections::BTreeSet<_>>().len(), 1);

    // Played again after the decision, it finds nothing to decide.
    let seq = vendor.row(claim.run).await.snapshot.seq;
    let late = vendor.vote_message(vendor.actor("vera"), &row).await;
    vendor.append(vec![late.clone(), clicked]).await;
    refused(vendor.verdict(&late.event.id).await);
    assert_eq!(vendor.row(claim.run).await.snapshot.seq, seq);
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_64_nobody_votes_on_what_he_asked_for_gains_by_or_has_another_duty_in() {
    let vendor = Vendor::new().await;
    let _crew = vendor.crew(3).await;
    vendor.partner("nordlicht", &[("[pia]", "[pia, pete]")]).await;
    vendor.fund(&papers::fund(&[])).await;
    vendor.pass_days(6).await;
    let request =
        vendor.submit_one::<entente_core::context::funding::RequestPaper>("REQ", "pia", papers::request(&[])).await;
    vendor.asks(request.run).await;
    // Whoever asks, whoever stands in for him, and his colleague at the partner.
    let partners_people = [("pia", None), ("sue", Some("pia")), ("pete", None), ("sue", Some("pete"))];
    for (person, on_behalf_of) in partners_people {
        no_vote(&vendor, &request, person, on_behalf_of).await;
    }
    vendor.agree(std::slice::from_ref(&request), &["fay"]).await;
    vendor.state(request.run, "granted").await;

    // pete, and not pia, submits the claim: the money is hers all the same.
    vendor.pass_days(20).await;
    let claim = vendor.claimed(&[("pete", papers::claim(&request.label, 1, &[]))]).await.remove(0);
    for (person, on_behalf_of) in partners_people {
        no_vote(&vendor, &claim, person, on_behalf_of).await;
    }
    // The validator has had his duty, and lends it to nobody.
    accepted(vendor.vote("vera", claim.run).await);
    for (person, on_behalf_of) in [("vera", None), ("sue", Some("vera"))] {
        no_vote(&vendor, &claim, person, on_behalf_of).await;
    }
    accepted(vendor.vote("finn", claim.run).await);
    vendor.state(claim.run, "payable").await;

    // mia entered the bank details, paula prepares the run; vera checked the claim and finn agreed to it.
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.asks(run.run).await;
    let concerned = ["mia", "paula", "vera", "finn"].map(|person| [(person, None), ("sue", Some(person))]);
    for (person, on_behalf_of) in concerned.into_iter().flatten().chain(partners_people) {
        no_vote(&vendor, &run, person, on_behalf_of).await;
    }
    accepted(vendor.vote("tess", run.run).await);
    for (person, on_behalf_of) in [("tess", None), ("sue", Some("tess"))] {
        no_vote(&vendor, &run, person, on_behalf_of).await;
    }
    accepted(vendor.vote("flo", run.run).await);
    vendor.state(run.run, "sent").await;
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_64_a_partner_is_taken_on_and_its_bank_details_confirmed_by_people_without_a_hand_in_them() {
    let (vendor, _crew) = Vendor::open().await;
    let text = papers::partner("bluepeak", &[("[pia]", "[ben]")]);
    let partner = vendor.submit_one::<PartnerPaper>("PTN", "mia", text).await;
    vendor.asks(partner.run).await;
    for (person, on_behalf_of) in [("mia", None), ("sue", Some("mia")), ("ben", None), ("finn", Some("ben"))] {
        no_vote(&vendor, &partner, person, on_behalf_of).await;
    }
    vendor.agree(std::slice::from_ref(&partner), &["sue", "finn"]).await;
    vendor.state(partner.run, "active").await;
    let hash = vendor.change_bank("ben", "bluepeak", &partner, papers::BANK).await;
    let seq = vendor.row(partner.run).await.snapshot.seq;
    // Whoever entered them, whoever stands in for him, and the partner's own people.
    for (person, on_behalf_of) in [("ben", None), ("paula", Some("ben"))] {
        let confirms = with_every_role(person, on_behalf_of);
        refused(vendor.ask(confirms, partner.run, "confirm_bank", json!({ "sha256": hash })).await);
        assert_eq!(vendor.row(partner.run).await.snapshot.seq, seq, "{person} for {on_behalf_of:?}");
    }
    accepted(vendor.ask(vendor.actor("paula"), partner.run, "confirm_bank", json!({ "sha256": hash })).await);
    let bank = vendor.sheet::<PartnerPaper>(partner.run).await.course.bank.unwrap();
    assert_eq!((bank.by.as_str(), bank.confirmed_by.unwrap().as_str()), ("ben", "paula"));
}

/// This person's vote is refused whatever roles he holds, changes nothing, and is kept with who sent it.
async fn no_vote(vendor: &Vendor, paper: &Started, person: &str, on_behalf_of: Option<&str>) {
    let whose = format!("{person} for {on_behalf_of:?} on {}", paper.label);
    let before = vendor.row(paper.run).await;
    let message = vendor.vote_message(with_every_role(person, on_behalf_of), &before).await;
    vendor.append(vec![message.clone()]).await;
    let (code, why) = match vendor.verdict(&message.event.id).await {
        Verdict::Refused { code, reason } => (code, reason),
        other => panic!("{whose}: {other:?}"),
    };
    assert_eq!(code, "vote_refused", "{whose}: {why}");
    let named = [Some(person), on_behalf_of].into_iter().flatten().any(|who| why.contains(&format!("`{who}`")));
    assert!(named, "{whose}: {why}");
    assert_eq!(vendor.row(paper.run).await.snapshot, before.snapshot, "{whose}");
    let kept = vendor.messages(paper.run, VOTE).await;
    let kept = kept.iter().find(|one| one.message.event.id == message.event.id).expect("it is kept");
    assert_eq!(kept.message.event.actor, message.event.actor, "{whose}");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_65_a_vote_on_what_somebody_no_longer_sees_does_not_count_and_old_votes_are_void() {
    let (vendor, _crew) = Vendor::open().await;
    let claim = claimed(&vendor).await;
    accepted(vendor.vote("vera", claim.run).await);
    let seen = vendor.row(claim.run).await;
    let stale = vendor.vote_message(vendor.actor("finn"), &seen).await;

    // Sent back and claimed again with another amount, while finn still has the old one before him.
    let data = json!({ "verdict": "send_back", "reason": "too much", "revision": seen.snapshot.approvals.unwrap().subject.revision });
    accepted(vendor.ask(vendor.actor("flo"), claim.run, VOTE, data).await);
    vendor.state(claim.run, "returned").await;
    let mut paper = vendor.sheet::<ClaimPaper>(claim.run).await.paper;
    paper.amount.minor = 150_000;
    accepted(vendor.ask(vendor.actor("pia"), claim.run, "revise", json!({ "paper": paper })).await);
    let asked = vendor.state(claim.run, "approvals").await;
    vendor.append(vec![stale.clone()]).await;
    let (_, why) = refused(vendor.verdict(&stale.event.id).await);
    assert!(why.contains("no longer the one to decide on"), "{why}");
    let round = vendor.row(claim.run).await.snapshot.approvals.unwrap();
    assert!(round.votes.iter().all(|vote| vote.void), "what vera agreed to is not this: {:?}", round.votes);
    assert_ne!(round.subject.revision, stale_revision(&stale));
    assert_eq!(asked.snapshot.state, "approvals");

    vendor.agree(std::slice::from_ref(&claim), &["vera", "finn"]).await;
    vendor.state(claim.run, "payable").await;
    assert_eq!(vendor.sheet::<ClaimPaper>(claim.run).await.course.approved.unwrap().minor, 150_000);
    vendor.verify().await;
}

fn stale_revision(vote: &Message) -> String {
    let entente_core::event::Body::Named { data, .. } = &vote.event.body else { panic!("it is no vote") };
    data["revision"].as_str().unwrap().to_owned()
}
