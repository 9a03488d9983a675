//! P12, US-18: whatever people of a partner ask for, they read no word of another partner, of what the vendor's people note and
//! decide among themselves, or of what runs the installation. Every marker that is planted begins with `canary`.

use std::collections::BTreeSet;

use entente::authz::open_to_partners;
use entente_core::context::funding::{ClaimPaper, RequestPaper};
use serde_json::json;

use crate::{
    house::server::Server,
    papers,
    vendor::{Said, Started, Vendor, accepted},
};

/// Another partner's person, and one of the first partner who was given every role that the vendor's own people hold.
const ROLES: &str = "
  - { id: pax, name: Pax, email: pax@nordlicht.example, roles: [partner_user, partner_manager, alliance_manager, deal_desk,
      fund_manager, claim_validator, finance_approver, accounts_payable, auditor, operator, admin, legal, tax, finops, cfo,
      treasurer, sales_director], party: nordlicht, zone: UTC }
";

/// What nobody of nordlicht may read: names and words of bluepeak, of the vendor's people, and of rules and payments.
const MARKS: [&str; 4] = ["bluepeak", "canary", "R-00001", "claimed before"];

/// Two partners with claims that are alike, and everything that the vendor's people have said of them.
struct Both {
    vendor: Vendor,
    _crew: Vec<Server>,
    partner: Started,
    /// Nordlicht's: its request, and claims that are returned, held, and owed.
    request: Started,
    beyond: Started,
    held: Started,
    owed: Started,
    /// Bluepeak's.
    theirs: [Started; 3],
}

impl Both {
    async fn new() -> Both {
        let vendor = Vendor::new().await;
        vendor.write("people.yaml", &format!("{}{ROLES}", papers::PEOPLE.trim_end()));
        let crew = vendor.crew(3).await;
        let partner = vendor.partner("nordlicht", &[]).await;
        vendor.fund(&papers::fund(&[])).await;
        let blue = [("[pia]", "[ben]"), ("name: Nordlicht", "name: canary-name"), ("Hafenstr.", "canary-street")];
        let them = vendor.partner("bluepeak", &blue).await;
        vendor.pass_days(6).await;
        let own = |number: usize| papers::request(&[("hamburg-breakfast", &format!("event-{number}"))]);
        let blue = [
            ("partner: nordlicht", "partner: bluepeak"),
            ("hamburg-breakfast", "canary-event"),
            ("Heads of infrastructure", "canary-audience"),
        ];
        let all = [("pia", own(1)), ("pia", own(2)), ("pia", own(3)), ("ben", papers::request(&blue))];
        let requests = vendor.granted(&all).await;
        vendor.pass_days(20).await;
        let used =
            [("partner: nordlicht", "partner: bluepeak"), ("claimed: \"4000.00 EUR\"", "claimed: \"3000.00 EUR\"")];
        let first = vendor.claimed(&[("ben", papers::claim(&requests[3].label, 1, &used))]).await.remove(0);

        // The same invoice beyond what is left of it, the same picture, and one that is like nothing.
        let again = [
            ("R-00002", "r 00001"),
            ("claimed: \"4000.00 EUR\"", "claimed: \"1500.00 EUR\"\n    share_declared: true"),
        ];
        let beyond = papers::claim(&requests[0].label, 2, &again);
        let beyond = vendor.submit_one::<ClaimPaper>("CLM", "pia", beyond).await;
        vendor.state(beyond.run, "returned").await;
        let like = papers::claim(&requests[1].label, 3, &[("room-00003.png", "room-00001.png")]);
        let held = vendor.submit_one::<ClaimPaper>("CLM", "pia", like).await;
        vendor.state(held.run, "held").await;
        let owed = vendor.claimed(&[("pia", papers::claim(&requests[2].label, 4, &[]))]).await.remove(0);

        let mut requests = requests;
        let (theirs, request) = ([them, requests.remove(3), first], requests.remove(0));
        let both = Both { vendor, _crew: crew, partner, request, beyond, held, owed, theirs };
        both.said_among_the_vendors_people().await;
        both
    }

    /// Votes with reasons, notes, an exception that is asked for, a hold, an incident, and a suspension.
    async fn said_among_the_vendors_people(&self) {
        let vendor = &self.vendor;
        for (person, row) in [("vera", "proof"), ("finn", "money")] {
            let asked = vendor.asks(self.owed.run).await.snapshot.approvals.unwrap();
            let (at, reason) = (asked.subject.revision, format!("canary-vote of {person}"));
            let vote =
                ["approve", &self.owed.label, "--revision", &at, "--row", row, "--reason", &reason, "--wait", "60s"];
            vendor.run(person, &vote).await.ok();
        }
        vendor.state(self.owed.run, "payable").await;
        let note = json!({ "text": "canary-note" });
        for run in [self.request.run, self.owed.run, self.beyond.run] {
            accepted(vendor.ask(vendor.actor("mia"), run, "note", note.clone()).await);
        }
        let ask =
            ["exception", "request", &self.held.label, "F1", "--until", "2027-04-30", "--reason", "canary-exception"];
        vendor.run("mia", &ask).await.ok();
        let proof = vendor.sheet::<ClaimPaper>(self.owed.run).await.paper.evidence.remove(0).file;
        let hold = ["evidence", "hold", &self.owed.label, &proof, "--reason", "canary-hold", "--wait", "60s"];
        vendor.run("finn", &hold).await.ok();
        let park = ["incident", "park", &self.held.label, "--reason", "canary-park", "--wait", "60s"];
        vendor.run("finn", &park).await.ok();
        let suspend = ["partner", "suspend", &self.partner.label, "--reason", "canary-suspicion", "--wait", "60s"];
        vendor.run("mia", &suspend).await.ok();
    }

    /// Whatever a person says, in words and in JSON.
    async fn both_ways(&self, person: &str, args: &[&str]) -> [Said; 2] {
        [self.vendor.run(person, args).await, self.vendor.run(person, &[args, &["--json"]].concat()).await]
    }

    /// Nothing of it is another's, or the vendor's.
    fn says_nothing_of_others(&self, person: &str, args: &[&str], said: &Said, known: &[&str]) {
        let text = format!("{}{}", said.data, said.words);
        let theirs = self.theirs.iter().map(|one| one.label.as_str());
        let marks: Vec<&str> = MARKS.into_iter().chain(theirs).filter(|mark| !known.contains(mark)).collect();
        let found: Vec<&&str> = marks.iter().filter(|mark| text.contains(**mark)).collect();
        assert!(found.is_empty(), "{person} {args:?} tells {found:?}: {said:?}");
    }
}

/// One call of each command that is open to partners, on something of a label. The files that they name are not there.
const CALLS: [(&str, &[&str]); 52] = [
    ("accrual dispute", &["LABEL", "--should-be", "1.00 EUR", "--reason", "x"]),
    ("accrual list", &[]),
    ("accrual sales", &["LABEL"]),
    ("accrual show", &["LABEL"]),
    ("approve", &["LABEL", "--revision", "abcdef"]),
    ("claim create", &["no-such.yaml"]),
    ("claim dispute", &["LABEL", "--amount", "9000.00 EUR", "--reason", "x"]),
    ("claim list", &["--ended"]),
    ("claim prove", &["LABEL", "no-such.yaml"]),
    ("claim revise", &["LABEL", "no-such.yaml"]),
    ("claim shares", &[]),
    ("claim show", &["LABEL"]),
    ("claim submit", &["LABEL"]),
    ("claim withdraw", &["LABEL", "--reason", "x"]),
    ("evidence add", &["no-such.pdf", "--kind", "invoice"]),
    ("evidence get", &["LABEL", "0123456789ab", "--to", "out.pdf"]),
    ("exception list", &[]),
    ("exception show", &["EXC-2027-00001"]),
    ("explain", &["LABEL", "--all"]),
    ("inbox", &["--snoozed"]),
    ("order list", &[]),
    ("order receive", &["LABEL", "--day", "2027-03-20", "--line", "room=1", "--proof", "no-such.png"]),
    ("order return-goods", &["LABEL", "--day", "2027-03-20", "--line", "room=1", "--proof", "no-such.png"]),
    ("order show", &["LABEL"]),
    ("partner change-bank", &["LABEL", "no-such.yaml"]),
    ("partner create", &["no-such.yaml"]),
    ("partner list", &["--ended"]),
    ("partner revise", &["LABEL", "no-such.yaml"]),
    ("partner show", &["LABEL"]),
    ("partner submit", &["LABEL"]),
    ("play list", &[]),
    ("play show", &["cloud-migration@1"]),
    ("reject", &["LABEL", "--revision", "abcdef", "--reason", "x"]),
    ("request amend", &["LABEL", "no-such.yaml", "--reason", "x"]),
    ("request cancel", &["LABEL", "--reason", "x"]),
    ("request create", &["no-such.yaml"]),
    ("request extend", &["LABEL", "--until", "2027-12-31", "--reason", "x"]),
    ("request keep", &["LABEL", "--reason", "x"]),
    ("request list", &["--ended"]),
    ("request outcome", &["LABEL"]),
    ("request results", &["LABEL"]),
    ("request revise", &["LABEL", "no-such.yaml"]),
    ("request show", &["LABEL"]),
    ("request submit", &["LABEL"]),
    ("request try-again", &["LABEL"]),
    ("request withdraw", &["LABEL", "--reason", "x"]),
    ("send-back", &["LABEL", "--revision", "abcdef", "--reason", "x"]),
    ("statement create", &["--partner", "PARTNER", "--entity", "acme-us", "--month", "2027-03"]),
    ("statement list", &[]),
    ("token create", &[]),
    ("token list", &[]),
    ("token revoke", &["LABEL"]),
];

/// The commands that only look.
const LOOKS: [&str; 9] = [
    "accrual show",
    "claim show",
    "evidence get",
    "exception show",
    "explain",
    "partner show",
    "request show",
    "request outcome",
    "request results",
];

fn call<'a>(command: &'a str, args: &[&'a str], label: &'a str, partner: &'a str) -> Vec<&'a str> {
    let args = args.iter().map(|arg| match *arg {
        "LABEL" => label,
        "PARTNER" => partner,
        other => other,
    });
    command.split(' ').chain(args).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn p12_no_command_that_is_open_to_partners_tells_one_of_another_or_of_what_the_vendors_people_say() {
    let both = Both::new().await;
    let named: BTreeSet<&str> = CALLS.iter().map(|(command, _)| *command).collect();
    assert_eq!(
        named,
        open_to_partners().collect::<BTreeSet<_>>(),
        "each command that is open to partners is called here"
    );
    let own = [&both.partner, &both.request, &both.owed, &both.held, &both.beyond];
    for person in ["pia", "pax"] {
        for (command, args) in CALLS {
            // What only looks does so at everything of one's own; what changes something is tried on what is another's.
            let looks = LOOKS.contains(&command) || !args.contains(&"LABEL");
            for one in own.iter().filter(|_| looks) {
                let args = call(command, args, &one.label, "nordlicht");
                for said in both.both_ways(person, &args).await {
                    both.says_nothing_of_others(person, &args, &said, &[]);
                }
                if !args.iter().any(|arg| *arg == one.label) {
                    break;
                }
            }
            // Of what is another's, it says what it says of what was never there.
            for one in &both.theirs {
                let never = format!("{}77", &one.label[..one.label.len() - 2]);
                let [asked, absent] = [&one.label, &never].map(|label| call(command, args, label, "bluepeak"));
                if !asked.iter().any(|arg| *arg == one.label) {
                    break;
                }
                let (said, nothing) = (both.vendor.run(person, &asked).await, both.vendor.run(person, &absent).await);
                let blotted = |said: &Said, label: &str| format!("{}{}", said.data, said.words).replace(label, "X");
                assert_eq!(
                    (said.code, blotted(&said, &one.label)),
                    (nothing.code, blotted(&nothing, &never)),
                    "{person} {asked:?}"
                );
                assert_ne!(said.code, 0, "{person} {asked:?}");
            }
        }
        let (command, args) = CALLS.into_iter().find(|(command, _)| *command == "statement create").unwrap();
        let theirs = call(command, args, "", "bluepeak");
        both.vendor.run(person, &theirs).await.refused(3, "partner `bluepeak` does not exist");
        let paces = both.vendor.run(person, &["inbox", "--decided", "--json"]).await.json();
        let closed: u64 = paces.as_array().unwrap().iter().map(|pace| pace["closed"].as_u64().unwrap()).sum();
        let ours = both.vendor.run("finn", &["inbox", "--decided", "--json"]).await.json();
        let all: u64 = ours.as_array().unwrap().iter().map(|pace| pace["closed"].as_u64().unwrap()).sum();
        assert!(person == "pax" || closed < all, "how long others took is told to the vendor alone");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn us18_a_partner_reads_what_to_do_and_the_vendors_people_read_why() {
    let both = Both::new().await;
    let vendor = &both.vendor;
    let claim = async |person: &str, label: &str| vendor.run(person, &["claim", "show", label, "--json"]).await.json();

    // Beyond what is left of an invoice: by how much the claim is to be lowered, and not who has used the rest.
    let told = claim("pia", &both.beyond.label).await;
    assert_eq!(
        told["refusal"]["message"],
        "more is claimed of an invoice than is left of it; lower the claim by EUR 500.00"
    );
    let why = claim("finn", &both.beyond.label).await;
    assert!(why["refusal"]["message"].as_str().unwrap().contains("EUR 3,000.00 of it was claimed before"), "{why:#}");
    let explained = vendor.run("pia", &["explain", &both.beyond.label, "F2", "--json"]).await.json();
    assert_eq!(explained[0]["remedy"], "lower the claim by EUR 500.00");
    assert_eq!((explained[0].get("pairs"), explained[0].get("inputs")), (None, None));

    // Held for a likeness, and parked by hand: a check is under way.
    let told = claim("pia", &both.held.label).await;
    assert_eq!((&told["state"], &told["incident"]), (&json!("held"), &json!(null)));
    assert!(told["refusal"]["message"].as_str().unwrap().starts_with("a check of the vendor's own is under way"));
    vendor
        .run("pia", &["claim", "withdraw", &both.held.label, "--reason", "x", "--wait", "60s"])
        .await
        .refused(5, "stands still until the vendor's people have looked at it");
    let why = claim("finn", &both.held.label).await;
    assert!(why["incident"].to_string().contains("canary-park") && why["refusal"].to_string().contains("F1"));

    // Owed: who agreed, and with which words, is between the vendor's people; what its own people did is told.
    let told = claim("pia", &both.owed.label).await;
    assert_eq!((&told["approvals"], &told["authors"]), (&json!([]), &json!(["pia"])));
    let steps = told["timeline"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["what"] == "submit" && step["who"] == "pia"), "{told:#}");
    assert!(steps.iter().all(|step| step["who"].is_null() || step["who"] == "pia"), "{told:#}");
    let why = claim("finn", &both.owed.label).await;
    assert!(why["timeline"].to_string().contains("canary-vote of vera"), "{why:#}");

    // Its inbox says what waits, and the command that shows why.
    let waits = vendor.run("pia", &["inbox", "--json"]).await.json();
    let fix = waits.as_array().unwrap().iter().find(|task| task["label"] == both.beyond.label).unwrap();
    assert_eq!(fix["title"], format!("fix paper: see `entente claim show {}`", both.beyond.label));
    let exceptions = vendor.run("pia", &["exception", "list", "--json"]).await.json();
    assert_eq!((&exceptions[0]["rule"], &exceptions[0]["is_approved"]), (&json!("F1"), &json!(false)));
    let partner = vendor.run("pia", &["partner", "show", &both.partner.label, "--json"]).await.json();
    assert_eq!((&partner["state"], &partner["course"]["because"]), (&json!("suspended"), &json!(null)));
}

#[tokio::test(flavor = "multi_thread")]
async fn p12_every_other_command_is_for_the_vendors_people_whatever_roles_a_partners_person_holds() {
    let both = Both::new().await;
    let (own, held) = (both.owed.label.as_str(), both.held.label.as_str());
    let commands: [&[&str]; 62] = [
        &["offer", "list"],
        &["offer", "show", own],
        &["offer", "history", own],
        &["offer", "waiting"],
        &["agreement", "list"],
        &["refund", "list"],
        &["refund", "show", own],
        &["payment-request", "list"],
        &["cancellation", "list"],
        &["claim", "history", own],
        &["claim", "history", own, "--ndjson"],
        &["claim", "claw-back", own, "--amount", "1.00 EUR", "--reason", "x"],
        &["claim", "put-off", own, "--until", "2027-12-31", "--reason", "x"],
        &["claim", "resolve-dispute", own, "--granted", "1.00 EUR", "--reason", "x"],
        &["request", "history", &both.request.label],
        &["request", "returns", &both.request.label],
        &["partner", "history", &both.partner.label],
        &["partner", "suspend", &both.partner.label, "--reason", "x"],
        &["partner", "confirm-bank", &both.partner.label],
        &["partner", "returns", &both.partner.label],
        &["accrual", "plans"],
        &["accrual", "history", "ACR-2027-00001"],
        &["exception", "approve", "EXC-2027-00001"],
        &["evidence", "check"],
        &["evidence", "scan"],
        &["evidence", "trail", own, "0123456789ab"],
        &["incident", "list"],
        &["incident", "show", held],
        &["incident", "retry", held, "--reason", "x"],
        &["incident", "park", own, "--reason", "x"],
        &["notices", "list"],
        &["notices", "list", own],
        &["policy", "show"],
        &["pricebook", "list"],
        &["licence", "list"],
        &["connector", "list"],
        &["people", "check"],
        &["programme", "list"],
        &["programme", "show", "starter@1"],
        &["play", "returns", "cloud-migration"],
        &["budget", "list"],
        &["budget", "show", "emea-2027"],
        &["fund", "list"],
        &["fund", "forecast"],
        &["funding", "list"],
        &["import", "list"],
        &["payout", "list"],
        &["tax", "withheld", "--entity", "acme-us", "--month", "2027-03"],
        &["review", "list"],
        &["review", "month", "--entity", "acme-us", "--month", "2027-03", "--reason", "x"],
        &["ledger", "show"],
        &["ledger", "show", "--by-key", "--party", "bluepeak"],
        &["ledger", "verify"],
        &["close", "list"],
        &["commitment", "list"],
        &["spend", "list"],
        &["verify"],
        &["audit", "verify"],
        &["audit", "export"],
        &["schedule", "list"],
        &["fleet"],
        &["recovery", "show"],
    ];
    for person in ["pia", "pax"] {
        for command in commands {
            for said in both.both_ways(person, command).await {
                both.says_nothing_of_others(person, command, &said, &["bluepeak"]);
                assert_eq!(said.data, "", "{person} {command:?}");
                said.refused(4, "for the vendor's own people, and not for those of `nordlicht`");
            }
        }
    }
    let row = both.vendor.row(both.owed.run).await;
    assert_eq!((row.snapshot.state.as_str(), row.snapshot.incident), ("payable", None), "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn us18_a_payee_of_anothers_claim_is_told_which_rules_lowered_it_and_not_what_they_found() {
    let (vendor, _crew) = Vendor::open().await;
    vendor.partner("bluepeak", &[("[pia]", "[ben]")]).await;
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    vendor.pass_days(20).await;
    // Nordlicht claims more than the vendor's share of what it has cost, and bluepeak is paid half of what is left.
    let less = [("\"3000.00 EUR\"", "\"2000.00 EUR\""), ("\"4000.00 EUR\"", "\"3000.00 EUR\"")];
    let payees = "payees:\n  - { payee: nordlicht, weight: 1 }\n  - { payee: bluepeak, weight: 1 }\n";
    let text = format!("{}{payees}", papers::claim(&request.label, 1, &less));
    let claim = vendor.claimed(&[("pia", text)]).await.remove(0);
    vendor.agree(std::slice::from_ref(&claim), &["vera", "finn"]).await;
    vendor.state(claim.run, "payable").await;
    let lowered = vendor.sheet::<ClaimPaper>(claim.run).await.assessment.unwrap().reasons;
    let lowered = lowered.into_iter().find(|reason| reason.effect == "reduce").expect("a rule lowers it");
    let of = async |person: &str, partner: &str| {
        let args = ["statement", "create", "--partner", partner, "--entity", "acme-us", "--month", "2027-03"];
        vendor.run(person, &args).await.ok()
    };
    let (own, payees) = (of("pia", "nordlicht").await, of("ben", "bluepeak").await);
    assert!(own.contains(&lowered.because), "{own}");
    assert!(payees.contains(&format!("\"rule\":\"{}\"", lowered.rule)), "{payees}");
    assert!(payees.contains("it lowered the claim that this is a share of"), "{payees}");
    for hidden in [lowered.because.as_str(), "nordlicht"] {
        assert!(!payees.contains(hidden), "{payees}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn us18_a_fund_for_others_is_answered_as_one_that_was_never_there() {
    let (vendor, _crew) = Vendor::open().await;
    vendor.partner("bluepeak", &[("[pia]", "[ben]")]).await;
    let apart = papers::fund(&[("emea-2027-h1", "canary-fund"), ("name: emea-2027,", "name: other,")]);
    let apart = format!("{apart}partners: [bluepeak]\n");
    vendor.fund(&apart).await;
    let why = async |fund: &str, event: &str| {
        let text = papers::request(&[("emea-2027-h1", fund), ("hamburg-breakfast", event)]);
        let asked = vendor.submit_one::<RequestPaper>("REQ", "pia", text).await;
        vendor.state(asked.run, "returned").await;
        let refusal = vendor.sheet::<RequestPaper>(asked.run).await.refusal.unwrap();
        (refusal.message.replace(fund, "FUND"), refusal.field)
    };
    assert_eq!(why("canary-fund", "event-1").await, why("never-there", "event-2").await);
}
