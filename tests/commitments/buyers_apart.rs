//! US-11: people of a buyer see what was promised, what counts and where it ends of their own commitments, and nothing that the seller
//! says, plans or knows of others. Every marker that is planted begins with `canary`.

use std::collections::BTreeSet;

use entente::authz::{is_open_to_buyers, open_to_buyers};
use serde_json::{Value, json};

use crate::{
    contracts::{Contract, us11},
    desk::{Desk, Spend, rules},
    lines::day,
    us11_burn_down::{ID, bills, equals_the_sheet},
};

/// People of two buyers, one of whom was given every role that the vendor's people hold, and the vendor's FinOps.
const PEOPLE: &str = "
persons:
  - { id: mia, name: Mia, email: mia@acme.example, roles: [alliance_manager], zone: UTC }
  - { id: fin, name: Fin, email: fin@acme.example, roles: [finops], zone: UTC }
  - { id: bea, name: Bea, email: bea@globex.example, roles: [buyer_user], party: globex, zone: UTC }
  - { id: bob, name: Bob, email: bob@globex.example, roles: [buyer_user, alliance_manager, deal_desk, finops, finance_approver, auditor,
      operator, admin, fund_manager], party: globex, zone: UTC }
  - { id: ivo, name: Ivo, email: ivo@initech.example, roles: [buyer_user], party: initech, zone: UTC }
";

/// What nobody of globex may read: what the vendor's people wrote, another buyer, and labels, which count the commitments of all.
pub const MARKS: [&str; 4] = ["canary", "initech", "CMT-", "mia"];

/// The commitment of US-11 with everything that the vendor's people say of it, another buyer's, and one that was entered by mistake.
pub async fn both() -> Desk {
    let desk = Desk::open("2027-02-28T09:00:00Z").await;
    desk.write("people.yaml", PEOPLE);
    let commitment = desk.enter(&us11().replace("note: the agreement", "note: canary-note")).await;
    let covers = (day("2025-03-01"), day("2027-02-28"));
    desk.take_in(&Spend { commitment: &commitment, rules: &rules(), lines: &bills(), covers }).await;
    for (id, party) in [("initech-2025", "initech"), ("canary-mistake", "globex")] {
        let valid = ("2025-03-01", "2025-02-01");
        let period = r#"from: 2025-03-01, through: 2027-06-30, amount: "777777.00", true_up: { due: 2027-07-31, buys: nothing }"#;
        desk.enter(&Contract { id, party, succession: "", valid, periods: &[period] }.document()).await;
    }
    let wait = ["--wait", "30s"];
    let said: [&[&str]; 3] = [
        &["withdraw", "canary-mistake", "--reason", "canary-reason"],
        &["statement", "add", ID, "--as-of", "2026-02-28", "--remaining", "3817855.20", "--source", "canary-portal"],
        &["what-if", ID, "--amount", "50000", "--from", "2027-03-01", "--keep", "canary-plan"],
    ];
    for args in said {
        desk.commitment(&[args, &wait].concat()).await;
    }
    desk
}

/// Every command that is open to people of buyers, with arguments; what is named is asked by NAME.
const CALLS: [(&str, &[&str]); 18] = [
    ("card ask", &[]),
    ("card close", &["NAME"]),
    ("card create", &["no-such.yaml"]),
    ("card fact add", &["NAME", "no-such.yaml"]),
    ("card fact unknown", &["NAME", "--about", "amount"]),
    ("card fact withdraw", &["NAME", "--fact", "abcdef"]),
    ("card history", &["NAME"]),
    ("card list", &["--ended"]),
    ("card share", &["NAME"]),
    ("card show", &["NAME"]),
    ("commitment draw", &["NAME", "--out", "FOLDER"]),
    ("commitment forecast", &["NAME"]),
    ("commitment list", &["--ended"]),
    ("commitment show", &["NAME", "--chart"]),
    ("inbox", &["--snoozed"]),
    ("token create", &[]),
    ("token list", &[]),
    ("token revoke", &["NAME"]),
];

/// What a command says of a name, which is blotted out.
async fn said(desk: &Desk, person: &str, (command, args): (&str, &[&str]), name: &str) -> (i32, String) {
    let folder = desk.path("out").display().to_string();
    let args = args.iter().map(|arg| match *arg {
        "NAME" => name,
        "FOLDER" => folder.as_str(),
        other => other,
    });
    let args: Vec<&str> = command.split(' ').chain(args).collect();
    let mut all = String::new();
    let mut codes = BTreeSet::new();
    for args in [args.clone(), [&args[..], &["--json"]].concat()] {
        let (code, data, words) = desk.says(person, &args).await;
        let words: String = words.lines().filter(|line| !line.contains("Z  WARN ")).collect();
        codes.insert(code);
        all.push_str(&format!("{data}{words}"));
    }
    assert_eq!(codes.len(), 1, "{person} {args:?}: {all}");
    (codes.into_iter().next().unwrap(), all.replace(name, "X"))
}

#[tokio::test(flavor = "multi_thread")]
async fn us11_no_command_that_is_open_to_people_of_buyers_tells_one_of_another_or_of_what_the_seller_says() {
    let desk = both().await;
    let named: BTreeSet<&str> = CALLS.iter().map(|(command, _)| *command).collect();
    assert_eq!(named, open_to_buyers().collect::<BTreeSet<_>>(), "each command that is open to buyers is called here");
    for person in ["bea", "bob"] {
        for (command, args) in CALLS {
            let (code, own) = said(&desk, person, (command, args), ID).await;
            let found: Vec<&str> = MARKS.into_iter().filter(|mark| own.contains(mark)).collect();
            assert!(found.is_empty(), "{person} {command} tells {found:?}: {own}");
            let of_a_commitment = !command.starts_with("card ") && !command.starts_with("token ");
            let is_there = of_a_commitment || !args.contains(&"NAME") && command != "card create";
            assert_eq!(code == 0, is_there, "{person} {command}: {own}");
            // Of what is another's, of what was entered by mistake and by its label it says what it says of what was never there.
            for (hidden, never) in [
                ("initech-2025", "nobody-2025"),
                ("canary-mistake", "nobody-2025"),
                ("CMT-2027-00001", "CMT-2027-00077"),
            ] {
                if args.contains(&"NAME") {
                    let hidden = said(&desk, person, (command, args), hidden).await;
                    assert_eq!(hidden, said(&desk, person, (command, args), never).await, "{person} {command}");
                    assert_ne!(hidden.0, 0, "{person} {command}");
                }
            }
        }
    }
    for file in std::fs::read_dir(desk.path("out")).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!MARKS.iter().any(|mark| text.contains(mark)), "{text}");
    }
    let (_, others) = said(&desk, "ivo", ("commitment list", &["--ended", "--limit", "1"]), "initech-2025").await;
    assert!(
        others.contains('X') && !others.contains("globex"),
        "a limit is not used up by what is another's: {others}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn us11_the_buyers_people_and_finops_read_the_figures_of_the_sheet() {
    let desk = both().await;
    let json = async |person: &str, args: &[&str]| -> Value {
        let (code, data, words) = desk.says(person, &[&["commitment"], args, &["--json"]].concat()).await;
        assert_eq!(code, 0, "{person} {args:?}: {words}");
        serde_json::from_str(&data).unwrap()
    };
    for person in ["bea", "fin"] {
        let shown = json(person, &["show", ID]).await;
        equals_the_sheet(&shown, "K10");
        assert_eq!(shown["figures"]["basis"]["cost"], "billed");
        assert_eq!(shown["statement"]["statement"]["remaining"], "3817855.2");
        for screen in [&["forecast", ID][..], &["list"]] {
            let told = json(person, screen).await;
            let told = if screen[0] == "list" { &told[0] } else { &told };
            assert_eq!(told["basis"]["cost"], "billed", "{person} {screen:?}");
            let statement = &told["statement"];
            let statement = statement.get("statement").unwrap_or(statement);
            assert_eq!((&statement["as_of"], &statement["remaining"]), (&json!("2026-02-28"), &json!("3817855.2")));
        }
    }
    // What an import comes to is for whoever gives it: the seller's own words with it.
    let (sellers, buyers) = (json("fin", &["show", ID]).await, json("bea", &["show", ID]).await);
    assert_eq!(sellers["plans"][0]["name"], "canary-plan");
    assert_eq!(sellers["statement"]["statement"]["source"], "canary-portal");
    assert_eq!(buyers["statement"]["statement"]["source"], "the vendor's record");
    for kept in ["label", "party", "plans", "told", "documents", "tags", "former", "next"] {
        assert_eq!((buyers.get(kept), sellers.get(kept).is_some()), (None, true), "{kept}");
    }
    let reads: [&[&str]; 3] =
        [&["what-if", ID, "--amount", "1", "--from", "2027-03-01"], &["offers", ID], &["export", ID, "--out", "OUT"]];
    let out = desk.path("exported").display().to_string();
    for args in reads {
        let args: Vec<&str> = args.iter().map(|arg| if *arg == "OUT" { out.as_str() } else { arg }).collect();
        json("fin", &args).await;
    }
    let (code, _, words) = desk.says("fin", &["commitment", "look", ID]).await;
    assert!(code == 4 && words.contains("may not manage commitments"), "{words}");
}

/// Commands that read nothing of an installation but its public key, or that start or replace one.
const APART: [&str; 13] = [
    "serve",
    "run",
    "demo",
    "sandbox",
    "help",
    "chart",
    "template",
    "statement",
    "calendar",
    "policy check",
    "import template",
    "audit key",
    "restore",
];

/// The commands below some words, by their words.
async fn commands(desk: &Desk, words: &[String]) -> Vec<Vec<String>> {
    let args: Vec<&str> = ["help"].into_iter().chain(words.iter().map(String::as_str)).collect();
    let (_, text, _) = desk.says("bea", &args).await;
    let Some((_, below)) = text.split_once("\nCommands:\n") else { return vec![words.to_vec()] };
    let lines = below.lines().take_while(|line| line.starts_with("  ") || line.is_empty());
    let named = lines.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    let mut all = Vec::new();
    for name in named {
        let words = [words, &[name.to_owned()]].concat();
        if !APART.contains(&words.join(" ").as_str()) {
            all.extend(Box::pin(commands(desk, &words)).await);
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn us11_every_other_command_is_closed_to_people_of_buyers_whatever_roles_they_hold() {
    let desk = both().await;
    let all = commands(&desk, &[]).await;
    let closed: Vec<&Vec<String>> = all.iter().filter(|words| !is_open_to_buyers(&words.join(" "))).collect();
    assert!(closed.len() > 150 && all.len() == closed.len() + CALLS.len(), "{} of {}", closed.len(), all.len());
    let mut refused = BTreeSet::new();
    for words in closed {
        let help: Vec<&str> = ["help"].into_iter().chain(words.iter().map(String::as_str)).collect();
        let (_, text, _) = desk.says("bob", &help).await;
        // Whatever has to be given is given.
        let usage = text.lines().find_map(|line| line.strip_prefix("Usage: entente ")).unwrap_or_default();
        let given = usage.split_whitespace().skip(words.len()).filter(|word| !word.starts_with('['));
        let given = given.map(|word| if word.starts_with('<') { "2027-01-01" } else { word });
        let args: Vec<&str> = words.iter().map(String::as_str).chain(given).collect();
        let (code, data, told) = desk.says("bob", &args).await;
        assert!(data.is_empty() && !MARKS.iter().any(|mark| told.contains(mark)), "{args:?}: {data}{told}");
        match code {
            // An argument that is none, or a file that is not there, is told before anything is opened.
            2 => {
                let before = ["Usage: ", "invalid value", "2027-01-01: cannot be read"];
                assert!(before.iter().any(|words| told.contains(words)), "{args:?}: {told}");
            }
            _ => {
                assert!(code == 4 && told.contains("not for people of a buyer"), "{args:?}: {code} {told}");
                refused.insert(words.join(" "));
            }
        }
    }
    for command in
        ["commitment offers", "commitment export", "commitment history", "spend list", "offer list", "verify"]
    {
        assert!(refused.contains(command), "{command}: {refused:?}");
    }
    assert!(refused.len() > 120, "{}: {refused:?}", refused.len());
}
