//! US-19: one activity that several funds pay, of any programmes, exact to the cent.

use entente_core::{
    context::funding::{ClaimPaper, PayoutPaper, RequestPaper},
    ledger::Account,
};
use serde_json::{Value, json};

use crate::{
    house::server::Server,
    papers,
    vendor::{Started, Vendor, accepted},
};

const REQUEST: &str = include_str!("../../examples/funding/joint-request.yaml");
const FUNDS: [&str; 3] = ["emea-2027-h1", "cloud-2027-h1", "data-2027-h1"];

/// Two partners in business, and three open funds: two of one programme, the third of another.
async fn three_funds() -> (Vendor, Vec<Server>) {
    let (vendor, crew) = Vendor::open().await;
    vendor.partner("bluepeak", &[("[pia]", "[ben]")]).await;
    let beside = |id: &str| papers::fund(&[("fund: emea-2027-h1", &format!("fund: {id}-2027-h1"))]);
    vendor.fund(&beside("cloud")).await;
    let programme = [("programme: emea-mdf", "programme: data-mdf"), ("name: emea-2027,", "name: data-2027,")];
    let text = programme.iter().fold(beside("data"), |text, (old, new)| text.replace(old, new));
    vendor.fund(&text).await;
    (vendor, crew)
}

/// The example, for an activity that two partners bear with the vendor.
fn request(activity: &str) -> String {
    let shares =
        "shares: { vendor: 50, partners: [{ partner: nordlicht, percent: 30 }, { partner: bluepeak, percent: 20 }] }";
    format!("{}{shares}\n", REQUEST.replace("frankfurt-summit", activity))
}

/// A claim on the whole, of what the example asks for.
async fn claim(vendor: &Vendor, request: &str, number: usize) -> String {
    let text = papers::claim(
        request,
        number,
        &[
            ("amount: \"2000.00 EUR\"", "amount: \"1000.01 EUR\""),
            ("3000.00 EUR", "1500.01 EUR"),
            ("\"1000.00 EUR\"", "\"500.01 EUR\""),
            ("4000.00 EUR", "2000.02 EUR"),
        ],
    );
    vendor.handed_in(&text).await
}

async fn say(vendor: &Vendor, person: &str, words: &[&str]) -> crate::vendor::Said {
    vendor.run(person, &[words, &["--wait", "60s"]].concat()).await
}

/// Enters something joint; its label, and its parts.
async fn entered(vendor: &Vendor, words: &[&str], file: (&str, &str)) -> (String, Vec<Started>) {
    let path = vendor.write(file.0, file.1);
    let said = say(vendor, "pia", &[words, &[path.as_str(), "--submit", "--json"]].concat()).await.json();
    let mut parts = Vec::new();
    for part in said["parts"].as_array().unwrap() {
        parts.push(vendor.labelled(part["label"].as_str().unwrap()).await);
    }
    (said["label"].as_str().unwrap().to_owned(), parts)
}

async fn decline(vendor: &Vendor, person: &str, request: &Started) {
    let revision = vendor.asks(request.run).await.snapshot.approvals.unwrap().subject.revision;
    let data = json!({ "verdict": "reject", "reason": "not this year", "revision": revision });
    accepted(vendor.ask(vendor.actor(person), request.run, entente_core::chart::step::VOTE, data).await);
    vendor.state(request.run, "declined").await;
}

async fn shown(vendor: &Vendor, person: &str, kind: &str, label: &str) -> Value {
    vendor.run(person, &[kind, "show", label, "--json"]).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn us19_three_funds_pay_one_event_and_two_partners_exactly_to_the_cent() {
    let (vendor, _crew) = three_funds().await;
    let create = ["request", "create", "--key", "summit"];
    let (whole, requests) = entered(&vendor, &create, ("request.yaml", &request("summit"))).await;
    assert_eq!((whole.as_str(), requests.len()), ("JNT-2027-00001", 3));
    // The same command again enters nothing.
    let again = entered(&vendor, &create, ("request.yaml", &request("summit"))).await;
    assert_eq!(again, (whole.clone(), requests.clone()));
    assert_eq!(vendor.runs("mdf_request").await.len(), 3);

    let other = papers::request(&[("hamburg-breakfast", "event-9")]);
    let other = vendor.granted(&[("pia", other)]).await.remove(0);

    // Nobody can claim before every fund has decided.
    vendor.agree(&requests[..2], &["fay"]).await;
    vendor.all_in(&requests[..2], "granted").await;
    vendor.asks(requests[2].run).await;
    let waits = shown(&vendor, "pia", "request", &whole).await;
    assert_eq!(waits["waits_for"].as_array().unwrap().len(), 1, "{waits}");
    assert!(waits["waits_for"][0].as_str().unwrap().starts_with(&requests[2].label), "{waits}");
    let file = vendor.write("claim.yaml", &claim(&vendor, &whole, 1).await);
    say(&vendor, "pia", &["claim", "create", &file]).await.refused(2, "waits for");
    assert_eq!(vendor.runs("mdf_claim").await.len(), 0);
    vendor.agree(&requests[2..], &["fay"]).await;
    vendor.all_in(&requests, "granted").await;
    let reserved = [50_001, 30_000, 20_000];
    for ((fund, minor), part) in FUNDS.iter().zip(reserved).zip(&requests) {
        let key = format!("request/{}", part.label);
        assert_eq!(vendor.stands(fund, Account::Reserved, Some(&key)).await, minor, "{fund}");
    }
    let told = shown(&vendor, "pia", "request", &whole).await;
    assert_eq!((&told["granted"]["minor"], &told["cost"]["minor"]), (&json!(100_001), &json!(200_002)), "{told}");

    // Each fund has its claim, on the same proof.
    vendor.pass_days(20).await;
    // A part alone is claimed by nobody.
    let text = claim(&vendor, &requests[0].label, 2).await;
    let alone = vendor.submit_one::<ClaimPaper>("CLM", "pia", text).await;
    vendor.state(alone.run, "returned").await;
    let why = vendor.sheet::<ClaimPaper>(alone.run).await.refusal.unwrap();
    assert_eq!(why.field.as_deref(), Some("/request"), "{why:?}");
    let (joint, claims) =
        entered(&vendor, &["claim", "create", "--key", "paid"], ("claim.yaml", &claim(&vendor, &whole, 1).await)).await;
    assert_eq!((joint.as_str(), claims.len()), ("JCL-2027-00001", 3));
    vendor.all_in(&claims, "approvals").await;
    let mut used = 0;
    for claim in &claims {
        used += vendor.sheet::<ClaimPaper>(claim.run).await.paper.invoices[0].claimed.minor;
    }
    assert_eq!(used, 200_002);
    vendor.agree(&claims, &["vera", "finn"]).await;
    vendor.all_in(&claims, "payable").await;
    for (fund, minor) in FUNDS.iter().zip(reserved) {
        assert_eq!(vendor.stands(fund, Account::Payable, None).await, minor, "{fund}");
    }

    // Everybody else's use of that invoice is found.
    let twice = claim(&vendor, &other.label, 3).await.replace("R-00003", "R-00001");
    let twice = vendor.submit_one::<ClaimPaper>("CLM", "pia", twice).await;
    vendor.state(twice.run, "returned").await;
    let why = vendor.sheet::<ClaimPaper>(twice.run).await.refusal.unwrap();
    assert_eq!(why.code.as_deref(), Some("F2"), "{why:?}");

    let run = vendor.sent().await;
    let items = vendor.sheet::<PayoutPaper>(run.run).await.course.items;
    let to = |payee: &str| {
        items.iter().filter(|one| one.item.payee.as_str() == payee).map(|one| one.item.amount.minor).sum::<i64>()
    };
    assert_eq!((to("nordlicht"), to("bluepeak")), (60_001, 40_000));
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn us19_where_one_fund_declines_the_others_pay_their_share_and_no_more() {
    let (vendor, _crew) = three_funds().await;
    let (whole, requests) = entered(&vendor, &["request", "create"], ("request.yaml", &request("summit"))).await;
    vendor.agree(&requests[..2], &["fay"]).await;
    decline(&vendor, "fay", &requests[2]).await;
    vendor.all_in(&requests[..2], "granted").await;
    assert_eq!(shown(&vendor, "pia", "request", &whole).await["waits_for"], json!([]));
    vendor.pass_days(20).await;
    let text = claim(&vendor, &whole, 1).await;
    let (joint, claims) = entered(&vendor, &["claim", "create"], ("claim.yaml", &text)).await;
    assert_eq!(claims.len(), 2);
    vendor.all_in(&claims, "approvals").await;
    // Taken back as a whole, and what the others have granted is given up as a whole.
    let reason = ["--reason", "it is claimed elsewhere"];
    say(&vendor, "pia", &[&["claim", "withdraw", &joint], &reason[..]].concat()).await.ok();
    vendor.all_in(&claims, "withdrawn").await;
    let cancelled = say(&vendor, "pia", &[&["request", "cancel", &whole], &reason[..]].concat()).await;
    for part in &requests[..2] {
        assert!(cancelled.words.contains(&part.label), "{cancelled:?}");
        vendor.state(part.run, "cancelled").await;
    }
    cancelled.ok();
    for fund in FUNDS {
        assert_eq!(vendor.stands(fund, Account::Reserved, None).await, 0, "{fund}");
    }
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn us19_what_cannot_be_shared_is_refused_by_field_and_nothing_is_written() {
    let (vendor, _crew) = three_funds().await;
    let mine = papers::fund(&[
        ("fund: emea-2027-h1", "fund: blue-2027-h1"),
        ("owner: ada", "owner: ada\npartners: [bluepeak]"),
    ]);
    vendor.fund(&mine).await;
    vendor.fund(&papers::fund_in("USD")).await;
    for (old, new, field) in [
        ("share: 20", "share: 21", "/funding"),
        ("cloud-2027-h1", "emea-2027-h1", "/funding/1/fund"),
        ("data-2027-h1", "no-such-fund", "/funding/2/fund"),
        ("data-2027-h1", "blue-2027-h1", "/funding/2/fund"),
        ("data-2027-h1", "emea-usd", "/funding/2/fund"),
        ("partner: nordlicht", "joint: {}\npartner: nordlicht", "/joint"),
    ] {
        let file = vendor.write("wrong.yaml", &REQUEST.replacen(old, new, 1));
        let said = say(&vendor, "pia", &["request", "create", &file]).await;
        said.refused(2, field);
    }
    assert_eq!(vendor.runs("mdf_request").await.len(), 0);

    // What is another partner's is not there.
    let (whole, requests) = entered(&vendor, &["request", "create"], ("request.yaml", REQUEST)).await;
    vendor.run("ben", &["request", "show", &whole]).await.refused(3, &whole);
    say(&vendor, "ben", &["request", "withdraw", &whole, "--reason", "x"]).await.refused(3, &whole);
    // Other shares among the same funds are asked for anew; a part is not changed alone.
    for part in &requests {
        let revision = vendor.asks(part.run).await.snapshot.approvals.unwrap().subject.revision;
        let data = json!({ "verdict": "send_back", "reason": "share it otherwise", "revision": revision });
        accepted(vendor.ask(vendor.actor("fay"), part.run, entente_core::chart::step::VOTE, data).await);
        vendor.state(part.run, "returned").await;
    }
    let other = REQUEST.replace("share: 50", "share: 40").replace("share: 20", "share: 30");
    let file = vendor.write("other.yaml", &other);
    say(&vendor, "pia", &["request", "revise", &requests[0].label, &file]).await.refused(2, "/funding");
    say(&vendor, "pia", &["request", "revise", &whole, &file]).await.ok();
    let mut sum = 0;
    for part in &requests {
        sum += vendor.sheet::<RequestPaper>(part.run).await.paper.amount.minor;
    }
    assert_eq!(sum, 100_001);
    assert_eq!(vendor.sheet::<RequestPaper>(requests[2].run).await.paper.amount.minor, 30_000);
    vendor.verify().await;
}
