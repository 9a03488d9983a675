//! Files are kept and counted as they have to be, whatever goes wrong or happens at the same time.

use std::path::PathBuf;

use entente::funding::evidence::{self, File, NotKept};
use entente_core::{context::funding::ClaimPaper, ids::PartyId};
use entente_documents::{Declared, Place, Scan};
use jiff::{Timestamp, ToSpan as _};
use serde_json::json;

use crate::{
    house::proof,
    papers,
    vault::{Says, granted, keeping},
    vendor::{Vendor, accepted},
};

/// Where a content lies.
pub fn place(vendor: &Vendor, sha256: &str) -> PathBuf {
    let settings = vendor.app.config.evidence(&vendor.app.database).unwrap();
    let Place::Folder(folder) = settings.place else { panic!("it is a folder") };
    folder.join(&sha256[..2]).join(sha256)
}

/// How many files count for nordlicht.
async fn counted(vendor: &Vendor) -> u32 {
    let said = vendor.store().setting("evidence.kept/nordlicht").await.unwrap();
    said.map_or(0, |said| said.split_once(' ').unwrap().1.parse().unwrap())
}

/// The files of nordlicht's claim, which it has given up, and a day on which the time of those that are kept for two months is over.
async fn given_up(vendor: &Vendor) -> (Vec<String>, Timestamp) {
    let request = granted(vendor).await;
    let claim = vendor.claimed(&[("pia", papers::claim(&request.label, 1, &[]))]).await.remove(0);
    let paper = vendor.sheet::<ClaimPaper>(claim.run).await.paper;
    accepted(vendor.ask(vendor.actor("pia"), claim.run, "withdraw", json!({ "reason": "given up" })).await);
    vendor.until(claim.run, "it has ended", |row| row.snapshot.ended).await;
    let files = paper.evidence.into_iter().map(|proof| proof.file).collect();
    (files, vendor.now().await + (70 * 24).hours())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_the_vault_has_lost_is_put_back_by_handing_it_in_again() {
    let vendor = Vendor::new().await;
    let vault = vendor.app.evidence.vault().unwrap();
    let kept = vendor.hand_in("nordlicht", "room.png").await;
    std::fs::remove_file(place(&vendor, &kept.sha256)).unwrap();
    assert_eq!(evidence::unsound(vendor.store(), &vault).await.unwrap().len(), 1);

    assert_eq!(vendor.hand_in("nordlicht", "room.png").await, kept, "its record is the same");
    assert_eq!(vault.get(&kept.sha256.parse().unwrap()).await.unwrap(), proof::bytes("room.png"));
    assert_eq!(counted(&vendor).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_counts_once_however_it_is_handed_in_and_not_at_all_where_it_is_not_kept() {
    let vendor = Vendor::new().await;
    // Nothing can be stored where a file stands in the place of a folder.
    let lies = place(&vendor, &entente_documents::Digest::of(&proof::bytes("room.png")).to_string());
    let folder = lies.parent().unwrap();
    vendor.app.evidence.vault().unwrap();
    std::fs::write(folder, "in the way").unwrap();
    let (vault, party, now) = (vendor.app.evidence.vault().unwrap(), "nordlicht".parse().unwrap(), vendor.now().await);
    let file = File { name: "room.png", bytes: proof::bytes("room.png"), class: "proof" };
    let refused = evidence::keep(vendor.store(), &vault, &Says(Scan::Clean), &party, file, now).await;
    assert!(matches!(refused, Err(NotKept::Vault(_))), "{refused:?}");
    assert_eq!(counted(&vendor).await, 0);
    std::fs::remove_file(folder).unwrap();

    tokio::join!(vendor.hand_in("nordlicht", "room.png"), vendor.hand_in("nordlicht", "room.png"));
    assert_eq!(counted(&vendor).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_missing_keeps_no_other_from_being_scanned() {
    let vendor = Vendor::new().await;
    let (vault, now) = (vendor.app.evidence.vault().unwrap(), vendor.now().await);
    let (lost, there): (PartyId, PartyId) = ("bluepeak".parse().unwrap(), "nordlicht".parse().unwrap());
    let mut hashes = Vec::new();
    for party in [&lost, &there] {
        let name = format!("{party}.png");
        let file = File { name: &name, bytes: proof::bytes(&name), class: "proof" };
        let kept = evidence::keep(vendor.store(), &vault, &Says(Scan::Pending), party, file, now).await.unwrap();
        hashes.push(kept.sha256);
    }
    std::fs::remove_file(place(&vendor, &hashes[0])).unwrap();

    let scanned = evidence::scan(vendor.store(), &vault, &Says(Scan::Clean), "omar", now).await.unwrap();
    assert_eq!(scanned.found.iter().map(|kept| &kept.party).collect::<Vec<_>>(), [&there]);
    let [(failed, NotKept::Vault(why))] = scanned.failed.as_slice() else { panic!("{scanned:?}") };
    assert_eq!((&failed.party, why.code()), (&lost, "evidence_missing"));
    let known = evidence::find(vendor.store(), &there, &hashes[1]).await.unwrap().unwrap();
    assert_eq!(known.scan, entente_core::mdf::model::Scan::Clean);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_is_kept_as_long_as_an_invoice_whatever_it_was_handed_in_as() {
    let (vendor, _crew) = keeping("months: 2, by_class: { invoice: 120 }").await;
    let (files, later) = given_up(&vendor).await;
    let party = "nordlicht".parse().unwrap();
    let invoice = evidence::find(vendor.store(), &party, &files[0]).await.unwrap().unwrap();
    assert_eq!((invoice.name.as_str(), invoice.class.as_str()), ("invoice-00001.pdf", "proof"));
    let due = async |at| {
        let due = evidence::due(vendor.store(), at).await.unwrap();
        let mut due: Vec<_> = due.into_iter().flat_map(|due| due.records).map(|kept| kept.sha256).collect();
        due.sort();
        due
    };
    let sorted = |files: &[String]| {
        let mut files = files.to_vec();
        files.sort();
        files
    };
    assert_eq!(due(later).await, sorted(&files[1..]));
    assert_eq!(due(later + (10 * 366 * 24).hours()).await, sorted(&files));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_content_that_somebody_hands_in_while_it_is_removed_stays_and_one_that_was_left_behind_goes() {
    let (vendor, _crew) = keeping("months: 2").await;
    let (files, later) = given_up(&vendor).await;
    let (vault, party) = (vendor.app.evidence.vault().unwrap(), "nordlicht".parse().unwrap());
    let over = evidence::due(vendor.store(), later).await.unwrap();
    assert_eq!(over.len(), 3);
    // What is due was looked at, and now bluepeak hands one of the files in.
    vendor.hand_in("bluepeak", "room-00001.png").await;
    for due in &over {
        evidence::remove(vendor.store(), &vault, due, "omar", later).await.unwrap();
    }
    for (file, there) in files.iter().zip([false, true, false]) {
        assert_eq!(vault.exists(&file.parse().unwrap()).await.unwrap(), there, "{file}");
        assert!(evidence::find(vendor.store(), &party, file).await.unwrap().unwrap().removed_on.is_some());
    }
    assert_eq!(counted(&vendor).await, 0);

    // A process that ends before the content is out leaves it there: as here, with its record of the removal.
    let declared = Declared { name: "attendees-00001.csv", media_type: None };
    vault.put(&vault.admit(proof::bytes("attendees-00001.csv"), &declared).unwrap()).await.unwrap();
    let left = evidence::left_behind(vendor.store(), &vault, later).await.unwrap();
    let [left] = left.as_slice() else { panic!("{} are left behind", left.len()) };
    assert_eq!(left.records[0].sha256, files[2]);
    evidence::remove(vendor.store(), &vault, left, "omar", later).await.unwrap();
    assert!(!vault.exists(&files[2].parse().unwrap()).await.unwrap());
    assert!(evidence::left_behind(vendor.store(), &vault, later).await.unwrap().is_empty());
    let trail = evidence::trail(vendor.store(), &party, &files[2]).await.unwrap();
    assert_eq!(trail.len(), 2, "it was removed once");
    assert_eq!(counted(&vendor).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_to_be_kept_no_longer_is_removed_at_night_without_anybody_asking() {
    let (vendor, _crew) = keeping("months: 2").await;
    let (files, _) = given_up(&vendor).await;
    let (vault, party) = (vendor.app.evidence.vault().unwrap(), "nordlicht".parse().unwrap());
    vendor.hand_in("nordlicht", "unnamed.png").await;
    let left = async || {
        let mut left = 0;
        for file in &files {
            left += u32::from(vault.exists(&file.parse().unwrap()).await.unwrap());
        }
        left
    };
    vendor.pass_days(30).await;
    assert_eq!(left().await, 3, "their time is not over");
    vendor.pass_days(40).await;
    let gone = async {
        while left().await > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(crate::house::server::HANG, gone).await.expect("the night removes them");
    assert!(evidence::find(vendor.store(), &party, &files[0]).await.unwrap().unwrap().removed_on.is_some());
    let trail = evidence::trail(vendor.store(), &party, &files[0]).await.unwrap();
    assert_eq!(trail.last().map(|(document, _)| document.by.as_str()), Some("job/evidence"));
    let ended = async {
        while vendor.store().occurrences("evidence", 1).await.unwrap()[0].ended_at.is_none() {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(crate::house::server::HANG, ended).await.expect("it ends");
    assert_eq!(counted(&vendor).await, 1, "what no claim names stays");
}
