//! US-08: who must agree to what, who may not, and what a changed document voids.

use serde_json::Value;

use crate::{
    installation::Installation,
    sandbox::{answered, world},
};

/// The rows that an offer's approvals ask for, and whether each has the votes it needs.
fn rows(offer: &Value) -> Vec<(String, bool)> {
    let rows = offer["approvals"].as_array().unwrap().iter();
    rows.map(|asked| (asked["row"].as_str().unwrap().to_owned(), asked["settled"] == true)).collect()
}

fn open(offer: &Value) -> Vec<String> {
    rows(offer).into_iter().filter(|(_, settled)| !settled).map(|(row, _)| row).collect()
}

#[test]
fn discount_and_licence_decide_who_is_asked() {
    let installation = Installation::served();
    let price = |price: &str| ("900.00".to_owned(), price.to_owned());
    let custom = "eula: { custom: { url: 'https://a.example/e.pdf', sha256: 3f7a0d7a4f8cbb6f4ff1d1c5b9a0f6f0a4b67e1a1d3c5e7f9012a3b4c5d6e7f8 } }";
    let own_text = ("eula: { standard: { version: '2022-07-14' } }".to_owned(), custom.to_owned());
    let large = ("quantity: 200".to_owned(), "quantity: 2000".to_owned());
    let table = [
        (vec![price("900.00")], vec!["second_look"]),
        (vec![price("899.99")], vec!["discount_over_20"]),
        (vec![price("675.00")], vec!["discount_over_20"]),
        (vec![price("674.99")], vec!["discount_over_20", "discount_over_40_finance", "discount_over_40_legal"]),
        (vec![own_text.clone()], vec!["eula_not_on_approved_list"]),
        (vec![large.clone()], vec!["value_over_1m_finance", "value_over_1m_legal"]),
        (
            vec![large, price("562.50"), own_text],
            vec![
                "discount_over_20",
                "discount_over_40_finance",
                "discount_over_40_legal",
                "value_over_1m_finance",
                "value_over_1m_legal",
                "eula_not_on_approved_list",
            ],
        ),
    ];
    for (at, (changes, expected)) in table.iter().enumerate() {
        let name = format!("ACME-{}", at + 10);
        let buyer = format!("name: Buyer{at}");
        let account = format!("{:012}", at + 1);
        let mut all = vec![("ACME-1", name.as_str()), ("name: Globex", &buyer), ("111122223333", &account)];
        all.extend(changes.iter().map(|(old, new)| (old.as_str(), new.as_str())));
        let label = installation.submitted("mia", "offer.yaml", &all);
        let offer = installation.until(&label, "approvals");
        let asked: Vec<String> = rows(&offer).into_iter().map(|(row, _)| row).collect();
        assert_eq!(asked, *expected, "{changes:?}");
    }
}

#[test]
fn whoever_asks_never_votes_himself_through_a_delegate_or_with_another_role() {
    let installation = Installation::served();
    // Max holds the role that is asked, and asks himself.
    let label = installation.submitted("max", "offer.yaml", &[("900.00", "800.00")]);
    installation.until(&label, "approvals");
    let revision = installation.revision(&label);
    let approve = ["approve", &label, "--revision", &revision];
    let said = installation.act("max", &approve);
    assert_eq!(said.code, 4, "{said:?}");
    let said = installation.act("sam", &[&approve[..], &["--on-behalf-of", "max"]].concat());
    assert_eq!(said.code, 4, "{said:?}");
    assert_eq!(open(&installation.show(&label)), ["discount_over_20"]);
    // A delegate of somebody else votes with the authority that he holds himself.
    installation.act("sam", &[&approve[..], &["--on-behalf-of", "sue"]].concat()).ok();
    let offer = installation.until_it(&label, "approved", |offer| open(offer).is_empty());
    let vote = &offer["approvals"][0]["votes"][0];
    assert_eq!((&vote["person"], &vote["on_behalf_of"]), (&"sam".into(), &"sue".into()));
}

#[test]
fn a_vote_needs_the_role_the_revision_shown_and_counts_once() {
    let installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[("900.00", "600.00")]);
    installation.until(&label, "approvals");
    let revision = installation.revision(&label);
    let vote = |person: &str, revision: &str| installation.act(person, &["approve", &label, "--revision", revision]);
    assert_eq!(vote("carl", "0123456789ab").code, 5, "another revision than the one shown");
    assert_eq!(vote("carl", "0123").code, 2, "too short to mean one revision");
    assert_eq!(vote("dan", &revision).code, 4, "a role that nobody asks");
    vote("carl", &revision[..10]).ok();
    assert_eq!(vote("cleo", &revision).code, 4, "nothing is left for this role");
    assert_eq!(open(&installation.show(&label)), ["discount_over_20", "discount_over_40_legal"]);
}

#[test]
fn a_changed_document_voids_exactly_the_votes_whose_part_changed() {
    let installation = Installation::served();
    let cheap = ("900.00", "600.00");
    let label = installation.submitted("mia", "offer.yaml", &[cheap]);
    installation.until(&label, "approvals");
    let revision = installation.revision(&label);
    installation.act("carl", &["approve", &label, "--revision", &revision]).ok();
    installation.act("lea", &["approve", &label, "--revision", &revision]).ok();
    let revise = |name: &str, changes: &[(&str, &str)]| {
        installation.offer(name, changes);
        installation.act("mia", &["offer", "revise", &label, name]).ok();
        installation.show(&label)
    };
    let offer = revise("note.yaml", &[cheap, ("price_book: acme@1", "price_book: acme@1\nnotes: call Hank")]);
    assert_eq!(open(&offer), ["discount_over_20"], "a note voids no vote on price or law");
    let offer = revise("price.yaml", &[cheap, ("quantity: 200", "quantity: 220")]);
    assert_eq!(open(&offer), ["discount_over_20", "discount_over_40_finance"], "legal agreed to the same law");
    let offer = revise("party.yaml", &[cheap, ("quantity: 200", "quantity: 220"), ("country: US", "country: CA")]);
    assert_eq!(open(&offer), ["discount_over_20", "discount_over_40_finance", "discount_over_40_legal"]);
    assert_eq!(
        installation.act("sue", &["approve", &label, "--revision", &revision]).code,
        5,
        "the old revision is gone"
    );
}

#[test]
fn an_offer_sent_back_is_mended_and_one_that_is_rejected_is_over() {
    let installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[]);
    installation.until(&label, "approvals");
    let revision = installation.revision(&label);
    let said = installation.run(&["--actor", "dan", "send-back", &label, "--revision", &revision]);
    assert_eq!(said.code, 2, "a reason is needed: {said:?}");
    installation.act("dan", &["send-back", &label, "--revision", &revision, "--reason", "which region?"]).ok();
    let offer = installation.until(&label, "draft");
    assert!(offer["refusal"]["message"].as_str().unwrap().contains("which region?"), "{offer}");
    installation.act("mia", &["offer", "submit", &label]).ok();
    installation.until(&label, "approvals");
    installation.act("dan", &["reject", &label, "--revision", &revision, "--reason", "wrong buyer"]).ok();
    let offer = installation.until(&label, "declined");
    assert_eq!((&offer["ended"], &offer["waiting_on"]), (&true.into(), &Value::Null));
    assert_eq!(installation.act("mia", &["offer", "submit", &label]).code, 5);
}

#[test]
fn after_eight_working_hours_others_may_vote_too_and_time_alone_never_approves() {
    let (sandbox, installation) = world();
    let label = answered(&sandbox, &installation, "800.00");
    installation.until(&label, "approvals");
    let revision = installation.revision(&label);
    let approve = ["approve", &label, "--revision", &revision];
    assert_eq!(installation.act("carl", &approve).code, 4, "not yet");
    let notices = |offer: &Value, name: &str| {
        let sent = offer["timeline"].as_array().unwrap().iter().flat_map(|entry| entry["notices"].as_array().unwrap());
        sent.filter(|notice| *notice == name).count()
    };
    // Monday evening in New York: the day had seven working hours left.
    sandbox.advance("PT9H");
    let offer = installation.until_it(&label, "reminder", |offer| notices(offer, "approval.reminder") == 1);
    assert_eq!((notices(&offer, "approval.escalated"), installation.act("carl", &approve).code), (0, 4), "nor now");
    sandbox.advance("PT16H");
    let offer = installation.until_it(&label, "escalation", |offer| notices(offer, "approval.escalated") == 1);
    assert_eq!(notices(&offer, "approval.reminder"), 1);
    assert_eq!((&offer["state"], open(&offer)), (&"approvals".into(), vec!["discount_over_20".to_owned()]));
    let tasks = installation.run(&["inbox", "--actor", "carl", "--json"]).ok().json();
    assert_eq!(tasks[0]["label"], label.as_str());
    installation.act("carl", &approve).ok();
    assert_eq!(open(&installation.show(&label)), Vec::<String>::new());
}

#[test]
fn many_are_approved_at_once_each_on_the_revision_that_was_seen() {
    let installation = Installation::served();
    let names: Vec<String> = (0..3).map(|at| format!("ACME-{}", 30 + at)).collect();
    let mut items = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let (buyer, account) = (format!("name: Buyer{at}"), format!("{:012}", at + 1));
        let changes = [("ACME-1", name.as_str()), ("name: Globex", &buyer), ("111122223333", &account)];
        let label = installation.submitted("mia", "offer.yaml", &changes);
        installation.until(&label, "approvals");
        items.push(format!("{label}@{}", installation.revision(&label)));
    }
    let label = |item: &str| item.split('@').next().unwrap().to_owned();
    items[1] = format!("{}@0123456789ab", label(&items[1]));
    let approve: Vec<&str> = ["approve"].into_iter().chain(items.iter().map(String::as_str)).collect();
    let said = installation.act("dan", &approve);
    assert_eq!(said.code, 5, "one was looked at in another revision: {said:?}");
    assert!(said.words.contains(&label(&items[1])), "{said:?}");
    let left: Vec<bool> = items.iter().map(|item| open(&installation.show(&label(item))).is_empty()).collect();
    assert_eq!(left, [true, false, true], "the others counted");

    let twice = [items[0].as_str(), items[0].as_str()];
    assert_eq!(installation.act("dan", &[&["approve"], &twice[..]].concat()).code, 2, "twice in one command");
    assert_eq!(installation.act("dan", &["approve", &label(&items[1])]).code, 2, "no revision");
    let many: Vec<String> = (0..51).map(|at| format!("OFR-2027-{at:05}@0123456789ab")).collect();
    let many: Vec<&str> = ["approve"].into_iter().chain(many.iter().map(String::as_str)).collect();
    assert_eq!(installation.act("dan", &many).code, 2, "more than fifty");

    let paces = installation.run(&["inbox", "--decided", "--kind", "approval", "--json"]).ok().json();
    let closed: u64 = paces.as_array().unwrap().iter().map(|pace| pace["closed"].as_u64().unwrap()).sum();
    assert_eq!(closed, 2, "{paces}");
}
