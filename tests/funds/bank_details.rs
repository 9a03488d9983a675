//! Row 85: bank details that are changed just before a payout.

use entente_core::context::funding::PayoutPaper;
use serde_json::json;

use crate::{
    papers,
    vendor::{Started, Vendor, accepted},
};

const THIEF: &str = "holder: Nordlicht Cloud GmbH\naccount: GB33BUKB20201555555555\nbic: BUKBGB22\ncountry: GB\n";

/// The account of the details that two people have checked.
const OLD: &str = "DE89370400440532013000";

/// A vendor that owes a partner 2,000.00.
async fn owing() -> (Vendor, Vec<crate::house::server::Server>, Started) {
    let vendor = Vendor::new().await;
    let crew = vendor.crew(3).await;
    let partner = vendor.partner("nordlicht", &[]).await;
    vendor.fund(&papers::fund(&[])).await;
    vendor.pass_days(6).await;
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    vendor.pass_days(20).await;
    vendor.owed(&[("pia", papers::claim(&request.label, 1, &[]))]).await;
    (vendor, crew, partner)
}

/// Every payment file that was ever written.
async fn files(vendor: &Vendor) -> Vec<String> {
    let all = vendor.store().documents("payment_file").await.unwrap();
    all.into_iter().map(|file| file.text).collect()
}

/// A run that pays nothing; why it left its payable out.
async fn pays_nothing(vendor: &Vendor) -> String {
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.state(run.run, "withdrawn").await;
    let course = vendor.sheet::<PayoutPaper>(run.run).await.course;
    assert!(course.items.is_empty() && course.file.is_none());
    course.left_out[0].why.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn row_85_money_waits_for_a_second_person_and_five_days_and_whoever_knew_the_old_details_is_told() {
    let (vendor, _crew, partner) = owing().await;
    let hash = vendor.change_bank("pia", "nordlicht", &partner, papers::BANK_ELSEWHERE).await;
    assert!(pays_nothing(&vendor).await.contains("not confirmed by a second person"));

    // Who entered and confirmed the old ones, and the partner's people, are told of it by name.
    let notices = vendor.store().notices(&entente_core::scope::Scope::vendor(), Some(partner.run)).await.unwrap();
    let told: Vec<_> = notices.iter().filter(|notice| notice.name == "bank_changed").collect();
    let last = &told.iter().find(|notice| !notice.data["former_bank"].is_null()).expect("the second change").data;
    assert_eq!(last["former_bank"], "DE…3000");
    assert_eq!(last["tell"], json!(["mia", "paula", "pia"]), "{last}");

    accepted(vendor.ask(vendor.actor("paula"), partner.run, "confirm_bank", json!({ "sha256": hash })).await);
    assert!(pays_nothing(&vendor).await.contains("wait for 5 days"));
    vendor.pass("PT119H").await;
    assert!(pays_nothing(&vendor).await.contains("wait for 5 days"));
    assert!(files(&vendor).await.is_empty());
    vendor.pass("PT2H").await;
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.agree(std::slice::from_ref(&run), &["tess", "flo"]).await;
    vendor.state(run.run, "sent").await;
    let files = files(&vendor).await;
    assert!(files.len() == 1 && files[0].contains("DE75512108001245126199") && !files[0].contains(OLD), "{files:?}");
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_85_details_changed_between_gathering_and_writing_stop_the_file_and_give_the_payable_back() {
    let (vendor, _crew, partner) = owing().await;
    for (name, confirmed) in [("entered", false), ("entered and confirmed", true)] {
        let run = vendor.payout(&papers::payout(&[])).await;
        vendor.asks(run.run).await;
        accepted(vendor.vote("tess", run.run).await);
        let hash = vendor
            .change_bank("pia", "nordlicht", &partner, if confirmed { papers::BANK_ELSEWHERE } else { THIEF })
            .await;
        if confirmed {
            accepted(vendor.ask(vendor.actor("paula"), partner.run, "confirm_bank", json!({ "sha256": hash })).await);
        }
        accepted(vendor.vote("flo", run.run).await);
        vendor.state(run.run, "withdrawn").await;
        let notices = vendor.store().notices(&entente_core::scope::Scope::vendor(), Some(run.run)).await.unwrap();
        let failed = notices.iter().find(|notice| notice.name == "payout_failed").expect("whoever pays is told");
        assert!(
            failed.data["refusal"]["message"].as_str().unwrap().contains("have changed since"),
            "{name}: {failed:?}"
        );
        assert!(files(&vendor).await.is_empty(), "{name}: no file with either account");
        // The old ones are checked again, so that the next round begins as the first one did.
        let hash = vendor.change_bank("mia", "nordlicht", &partner, papers::BANK).await;
        accepted(vendor.ask(vendor.actor("paula"), partner.run, "confirm_bank", json!({ "sha256": hash })).await);
        vendor.pass_days(6).await;
    }
    // The payable is free again, and paid once to what two people checked.
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.agree(std::slice::from_ref(&run), &["tess", "flo"]).await;
    vendor.state(run.run, "sent").await;
    let files = files(&vendor).await;
    assert!(files.len() == 1 && files[0].contains(OLD), "{files:?}");
    assert!(!files[0].contains("GB33BUKB20201555555555"));
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_85_details_changed_after_the_last_vote_and_before_the_file_is_written_stop_it() {
    let (vendor, crew, partner) = owing().await;
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.asks(run.run).await;
    accepted(vendor.vote("tess", run.run).await);
    for process in crew {
        process.kill().await;
    }
    // The process dies where the file would be written next, and again until the change has been taken meanwhile.
    let last = vendor.vote_message(vendor.actor("flo"), &vendor.row(run.run).await).await;
    vendor.append(vec![last]).await;
    vendor.start_server("serve", Some("K4:payout.write_file")).await.died().await;
    assert_eq!(vendor.row(run.run).await.snapshot.state, "writing");
    let change = vendor.entered("pia", "nordlicht", THIEF).await;
    let change = vendor.sender(vendor.actor("pia")).await.named(partner.run, "change_bank", change);
    vendor.append(vec![change.clone()]).await;
    if !vendor.is_decided(&change.event.id).await {
        vendor.start_server("serve", Some("K4:payout.write_file")).await.died().await;
    }
    let changed_first = vendor.is_decided(&change.event.id).await;
    let _server = vendor.start_server("serve", None).await;
    let over = |row: &entente_store::RunRow| row.snapshot.ended || row.snapshot.state == "sent";
    let row = vendor.until(run.run, "it has ended, or its file is written", over).await;
    let files = files(&vendor).await;
    assert!(files.iter().all(|file| file.contains(OLD) && !file.contains("GB33BUKB20201555555555")), "{files:?}");
    assert_eq!(row.snapshot.state == "sent", files.len() == 1);
    if changed_first {
        assert_eq!((row.snapshot.state.as_str(), files.len()), ("withdrawn", 0), "nobody agreed to the new ones");
    }
    vendor.verify().await;
}
