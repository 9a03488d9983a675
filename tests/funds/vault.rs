//! A claim stands on files of the vault: on its own party's, clean, and as they were handed in.

use async_trait::async_trait;
use entente::funding::{
    evidence::{self, File, Hold},
    packs, record,
};
use entente_core::{
    context::funding::ClaimPaper,
    event::{Body, Resolution},
    ledger::Account,
    mdf::Pack,
    run::IncidentCode,
};
use entente_documents::{Evidence, Scan, Scanner};
use jiff::ToSpan as _;
use serde_json::{Value, json};

use crate::{
    house::{proof, server::Server},
    papers,
    vendor::{Vendor, accepted},
};

/// A scanner that always says the same.
pub struct Says(pub Scan);

#[async_trait]
impl Scanner for Says {
    async fn scan(&self, _: &Evidence) -> entente_documents::Result<Scan> {
        Ok(self.0)
    }
}

/// A granted request of nordlicht's, after its event.
pub async fn granted(vendor: &Vendor) -> crate::vendor::Started {
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    vendor.pass_days(20).await;
    request
}

/// A vendor with a fund whose files are kept as rule D10 says here.
pub async fn keeping(rule: &str) -> (Vendor, Vec<Server>) {
    let vendor = Vendor::new().await;
    let crew = vendor.crew(1).await;
    let rule = format!("  D10: {{ {rule} }}\n  D11: {{}}\n");
    let text = papers::PACK.replace("pack: starter", "pack: kept").replace("  D11: {}\n", &rule);
    let pack = Pack::from_yaml("pack.yaml", &text).unwrap();
    packs::import(vendor.store(), &pack, &text, "fay", vendor.now().await).await.unwrap();
    vendor.partner("nordlicht", &[]).await;
    vendor.fund(&papers::fund(&[("starter@1", "kept@1")])).await;
    vendor.pass_days(6).await;
    (vendor, crew)
}

/// What a claim comes to that names this in the place of its photo: its state, the refusal's field and words.
async fn with_photo(vendor: &Vendor, request: &str, number: usize, hash: &str) -> (String, String, String) {
    let photo = format!("room-{number:05}.png");
    let text = papers::claim(request, number, &[(photo.as_str(), hash)]);
    let claim = vendor.submit_one::<ClaimPaper>("CLM", "pia", text).await;
    let over = ["returned", "held", "approvals"];
    let row = vendor.until(claim.run, "it is judged", |row| over.contains(&row.snapshot.state.as_str())).await;
    let refusal = vendor.sheet::<ClaimPaper>(claim.run).await.refusal;
    let (field, words) = refusal.map(|why| (why.field.unwrap_or_default(), why.message)).unwrap_or_default();
    accepted(vendor.ask(vendor.actor("pia"), claim.run, "withdraw", json!({ "reason": "seen" })).await);
    (row.snapshot.state, field, words)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_cannot_stand_on_what_its_partner_has_not_handed_in_and_learns_nothing_of_others() {
    let (vendor, _crew) = Vendor::open().await;
    let request = granted(&vendor).await;
    let theirs = vendor.hand_in("bluepeak", "theirs.png").await.sha256;
    let nobodys = "5".repeat(64);
    let (state, field, words) = with_photo(&vendor, &request.label, 1, &theirs).await;
    assert_eq!((state.as_str(), field.as_str()), ("returned", "/evidence/1/file"), "{words}");
    let unknown = with_photo(&vendor, &request.label, 2, &nobodys).await;
    assert_eq!((state, field, words.replace(&theirs, "X")), (unknown.0, unknown.1, unknown.2.replace(&nobodys, "X")));
    // The same content, once it is handed in by the partner itself, is the partner's own.
    assert_eq!(vendor.hand_in("nordlicht", "theirs.png").await.sha256, theirs);
    assert_eq!(with_photo(&vendor, &request.label, 3, &theirs).await.0, "approvals");
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_harmful_file_is_refused_and_one_that_is_not_scanned_is_waited_for() {
    let (vendor, _crew) = Vendor::open().await;
    let request = granted(&vendor).await;
    let (vault, party, now) = (vendor.app.evidence.vault().unwrap(), "nordlicht".parse().unwrap(), vendor.now().await);
    let hand_in = async |name: &str, found: Scan| {
        let file = File { name, bytes: proof::bytes(name), class: "proof" };
        evidence::keep(vendor.store(), &vault, &Says(found), &party, file, now).await.unwrap().sha256
    };
    let harmful = hand_in("harmful.png", Scan::Infected).await;
    let (state, field, words) = with_photo(&vendor, &request.label, 1, &harmful).await;
    assert_eq!((state.as_str(), field.as_str()), ("returned", "/evidence/1/file"));
    assert!(words.contains("harmful"), "{words}");

    let unseen = hand_in("unseen.png", Scan::Pending).await;
    let text = papers::claim(&request.label, 2, &[("room-00002.png", &unseen)]);
    let claim = vendor.submit_one::<ClaimPaper>("CLM", "pia", text).await;
    vendor.state(claim.run, "held").await;
    let why = vendor.sheet::<ClaimPaper>(claim.run).await.refusal.unwrap();
    assert!(why.message.contains("not scanned") && why.field.as_deref() == Some("/evidence/1/file"), "{why:?}");
    let scanned = evidence::scan(vendor.store(), &vault, &Says(Scan::Clean), "finn", now).await.unwrap();
    assert_eq!((scanned.found.len(), scanned.failed.len()), (1, 0));
    accepted(vendor.ask(vendor.actor("pia"), claim.run, "submit", Value::Null).await);
    vendor.state(claim.run, "approvals").await;

    // What the rules read is what the vault has recorded.
    let assessment = vendor.sheet::<ClaimPaper>(claim.run).await.assessment.unwrap();
    let case = record::get(vendor.store(), &assessment.record).await.unwrap();
    let photo = &case["case"]["claim"]["evidence"][1];
    assert_eq!(photo["bytes"], proof::bytes("unseen.png").len());
    assert_eq!(
        (&photo["media"], &photo["scan"], &photo["name"]),
        (&"png".into(), &"clean".into(), &"unseen.png".into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_owed_on_a_file_that_was_changed_after_it_was_approved() {
    let (vendor, _crew) = Vendor::open().await;
    let request = granted(&vendor).await;
    let claim = vendor.claimed(&[("pia", papers::claim(&request.label, 1, &[]))]).await.remove(0);
    let photo = vendor.sheet::<ClaimPaper>(claim.run).await.paper.evidence[1].file.clone();
    let settings = vendor.app.config.evidence(&vendor.app.database).unwrap();
    let entente_documents::Place::Folder(folder) = settings.place else { panic!("it is a folder") };
    let lies = folder.join(&photo[..2]).join(&photo);
    let original = std::fs::read(&lies).unwrap();
    let mut changed = original.clone();
    changed[40] ^= 1;
    std::fs::write(&lies, changed).unwrap();

    vendor.agree(std::slice::from_ref(&claim), &["vera", "finn"]).await;
    let row = vendor.until(claim.run, "it is parked", |row| row.snapshot.incident.is_some()).await;
    let incident = row.snapshot.incident.unwrap();
    assert_eq!((row.snapshot.state.as_str(), incident.code), ("confirming", IncidentCode::AttemptsExhausted));
    assert_eq!(incident.evidence["code"], "evidence_changed");
    assert!(incident.message.contains(&photo), "{}", incident.message);
    let owed = async || {
        let (payable, posted) = (Account::Payable, Account::Posted);
        vendor.stands("emea-2027-h1", payable, None).await + vendor.stands("emea-2027-h1", posted, None).await
    };
    assert_eq!(owed().await, 0);

    // With the original in its place again, it goes on where it stood.
    std::fs::write(&lies, original).unwrap();
    let body = Body::Resolve { decision: Resolution::Retry, reason: "the original was put back".into() };
    let retry = vendor.sender(vendor.actor("finn")).await.message(claim.run, body);
    vendor.append(vec![retry]).await;
    vendor.until(claim.run, "it is payable", |row| row.snapshot.state == "payable").await;
    assert_eq!(owed().await, 200_000);
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_removed_once_its_time_is_over_no_open_claim_names_it_and_nobody_holds_it() {
    let (vendor, _crew) = keeping("months: 2").await;
    let request = granted(&vendor).await;
    let claim = vendor.claimed(&[("pia", papers::claim(&request.label, 1, &[]))]).await.remove(0);
    let files: Vec<String> =
        vendor.sheet::<ClaimPaper>(claim.run).await.paper.evidence.into_iter().map(|proof| proof.file).collect();
    let party = "nordlicht".parse().unwrap();
    let later = vendor.now().await + (70 * 24).hours();
    let due = async |at| {
        let due = evidence::due(vendor.store(), at).await.unwrap();
        due.into_iter().flat_map(|due| due.records).map(|kept| kept.sha256).collect::<Vec<_>>()
    };
    assert!(due(later).await.is_empty(), "its claim is open");
    accepted(vendor.ask(vendor.actor("pia"), claim.run, "withdraw", json!({ "reason": "given up" })).await);
    vendor.until(claim.run, "it has ended", |row| row.snapshot.ended).await;
    assert!(due(vendor.now().await).await.is_empty(), "its time is not over");
    assert_eq!(due(later).await.len(), 3);

    // One is held, and another partner has handed the same content in as another: both stay.
    let because = ("finn", "an audit");
    evidence::hold(vendor.store(), (&party, &files[0]), Hold::Begin, because, later).await.unwrap();
    vendor.hand_in("bluepeak", "room-00001.png").await;
    assert_eq!(due(later).await, [files[2].clone()]);

    let vault = vendor.app.evidence.vault().unwrap();
    let over = evidence::due(vendor.store(), later).await.unwrap();
    for due in &over {
        evidence::remove(vendor.store(), &vault, due, "finn", later).await.unwrap();
    }
    for (file, there) in [(&files[0], true), (&files[1], true), (&files[2], false)] {
        assert_eq!(vault.exists(&file.parse().unwrap()).await.unwrap(), there, "{file}");
        let record = evidence::find(vendor.store(), &party, file).await.unwrap().unwrap();
        assert_eq!(record.removed_on.is_none(), there, "its record stays");
    }
    assert!(due(later).await.is_empty());
    assert_eq!(evidence::unsound(vendor.store(), &vault).await.unwrap().len(), 0, "what was removed is not missing");

    // Released, the held one may go as well; every change of its record is there.
    evidence::hold(vendor.store(), (&party, &files[0]), Hold::End, ("flo", "it is over"), later).await.unwrap();
    assert_eq!(due(later).await, [files[0].clone()]);
    let trail = evidence::trail(vendor.store(), &party, &files[0]).await.unwrap();
    let by: Vec<&str> = trail.iter().map(|(version, _)| version.by.as_str()).collect();
    assert_eq!(by, ["nordlicht", "finn", "flo"]);

    // A claim that names what was removed says so, and the same file may be handed in again.
    let (state, field, words) = with_photo(&vendor, &request.label, 2, &files[2]).await;
    assert_eq!((state.as_str(), field.as_str()), ("returned", "/evidence/1/file"));
    assert!(words.contains("was removed"), "{words}");
    let again = vendor.hand_in("nordlicht", "attendees-00001.csv").await;
    assert_eq!((again.sha256.as_str(), again.removed_on), (files[2].as_str(), None));
    assert!(vault.exists(&files[2].parse().unwrap()).await.unwrap());
}
