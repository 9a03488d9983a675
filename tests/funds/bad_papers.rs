//! Rows 53 to 58 and 87 on either store: proof that would do harm, names and texts that deceive, amounts that cannot be, and
//! somebody who has left. What is refused leaves no trace in the database, and what is kept is read back from it as it is shown.

use std::fs;

use entente::funding::evidence::{self, File, Kept, NotKept};
use entente_core::context::funding::FundPaper;
use entente_documents::Scan;

use crate::{
    house::{
        again::{MayBeBusy as _, again},
        proof,
    },
    papers,
    vault::Says,
    vendor::Vendor,
    workbook::{entry, plain},
};

/// Nordlicht hands a file in.
async fn hand_in(vendor: &Vendor, name: &str, bytes: &[u8]) -> Result<Kept, NotKept> {
    let (vault, party, now) = (vendor.app.evidence.vault().unwrap(), "nordlicht".parse().unwrap(), vendor.now().await);
    let file = || File { name, bytes: bytes.to_vec(), class: "proof" };
    for _ in 0..100 {
        match evidence::keep(vendor.store(), &vault, &Says(Scan::Clean), &party, file(), now).await {
            Err(error) if error.is_busy() => {}
            said => return said,
        }
    }
    panic!("the database is busy");
}

/// How many files are recorded, and how many count for nordlicht.
async fn recorded(vendor: &Vendor) -> (usize, usize) {
    let said = again(async || vendor.store().setting("evidence.kept/nordlicht").await).await;
    let counted = said.map_or(0, |said| said.split_once(' ').unwrap().1.parse().unwrap());
    (evidence::all(vendor.store()).await.unwrap().len(), counted)
}

/// Each of these is refused with its words, and nothing of it is recorded or lies in the vault.
async fn refused(vendor: &Vendor, all: &[(&str, Vec<u8>, &str)]) {
    let vault = vendor.app.evidence.vault().unwrap();
    for (name, bytes, words) in all {
        let said = hand_in(vendor, name, bytes).await;
        let Err(NotKept::Vault(why)) = &said else { panic!("{name} ({words}): {said:?}") };
        assert_eq!(why.code(), "evidence_refused", "{name}: {why}");
        assert!(why.to_string().contains(words), "{name}: `{why}` does not say `{words}`");
        assert!(!vault.exists(&entente_documents::Digest::of(bytes)).await.unwrap(), "{name}");
    }
    assert_eq!(recorded(vendor).await, (0, 0), "nothing is kept of what is refused");
}

/// A picture whose head says another size.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = proof::bytes("flood.png");
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn row_53_54_55_proof_that_would_do_harm_is_refused_and_leaves_no_trace() {
    let vendor = Vendor::new().await;
    let with = |hostile| plain().with(hostile).build();
    let link = crate::workbook::Entry { mode: 0o120_777, ..entry("xl/a.xml", b"/etc/passwd") };
    let many = (0..200).fold(plain(), |book, at| book.with(entry(&format!("xl/theme/theme{at}.xml"), b"x")));
    let row_53 = [
        ("bomb.xlsx", with(entry("xl/a.xml", &[7; 1000]).deflated(u32::MAX)), "more than 100 times its size"),
        ("many.xlsx", many.build(), "more than 200 entries"),
        ("nested.xlsx", with(entry("xl/inner.zip", b"PK\x03\x04")), "archive"),
        ("slip.xlsx", with(entry("../../etc/cron.d/x.xml", b"x")), "leaves its folder"),
        ("link.xlsx", with(link), "a link or a device"),
    ];
    refused(&vendor, &row_53).await;
    let two_in_one = [proof::bytes("a.png"), plain().build()].concat();
    let row_54 = [
        ("flood.png", picture(60_000, 60_000), "pixels"),
        ("both.png", two_in_one, "holds an archive as well"),
        ("cut.pdf", proof::bytes("a.pdf")[..60].to_vec(), "cut off"),
        ("invoice.pdf", proof::bytes("a.png"), "does not end in `.png`"),
    ];
    refused(&vendor, &row_54).await;
    let drawing = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec();
    let page = b"<!doctype html><script>alert(1)</script>".to_vec();
    let row_55 = [
        ("drawing.svg", drawing.clone(), "which a browser could run"),
        ("drawing.csv", drawing, "which a browser could run"),
        ("page.html", page.clone(), "which a browser could run"),
        ("page.csv", page, "which a browser could run"),
    ];
    refused(&vendor, &row_55).await;
    // The same picture with a head that is true is kept, so that it was the size that kept it out.
    hand_in(&vendor, "room.png", &picture(8, 8)).await.unwrap();
    assert_eq!(recorded(&vendor).await, (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_56_a_name_that_deceives_is_read_back_from_the_database_as_it_may_be_shown() {
    let vendor = Vendor::new().await;
    let long = format!("{}.png", "ä".repeat(2048));
    let names = [
        ("../../x.png", "x.png"),
        ("con.png", "_con.png"),
        ("a\0.png", "a.png"),
        ("a\r\nSet-Cookie: x=y.png", "aSet-Cookie_ x=y.png"),
        ("room\u{202E}gnp.png", "roomgnp.png"),
        ("say \"hi\".png", "say _hi_.png"),
        (&long, ""),
    ];
    for (at, (name, shown)) in names.iter().enumerate() {
        let bytes = proof::bytes(&format!("{at}.png"));
        let kept = hand_in(&vendor, name, &bytes).await.unwrap();
        assert_eq!(kept.sha256, entente_documents::Digest::of(&bytes).to_string(), "it lies under its hash");
        let known = evidence::find(vendor.store(), &kept.party, &kept.sha256).await.unwrap();
        assert_eq!(known.as_ref(), Some(&kept), "{name:?}");
        assert!(shown.is_empty() || kept.name == *shown, "{name:?} is shown as {:?}", kept.name);
        assert!(kept.name.len() <= 255 && kept.name.ends_with(".png"), "{name:?} is shown as {:?}", kept.name);
    }
    assert_eq!(recorded(&vendor).await, (names.len(), names.len()));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_57_what_is_wrong_with_a_list_executes_in_no_spreadsheet_and_leaves_no_line() {
    let vendor = Vendor::new().await;
    let heading = "Claim,Status,Partner,To,Fund,Note,Paid\r\n";
    let (formulas, mut list) = (["=cmd|'/C calc'!A0", "+1+1", "@SUM(A1)", "-2+3", "\t=1+1"], heading.to_owned());
    for (at, formula) in formulas.iter().enumerate() {
        list.push_str(&format!("C-{at},paid,nordlicht,2026-11-30,past-fund,,\"{formula}\"\r\n"));
    }
    let list = vendor.write("past.csv", &list);
    let mapping = vendor.write("mapping.yaml", crate::imports::MAPPING);
    let errors = vendor.path("errors.csv");
    let check = ["import", "check", &list, "--mapping", &mapping, "--errors", errors.to_str().unwrap()];
    let said = vendor.run("mia", &check).await;
    assert_eq!(said.code, 7, "{said:?}");
    let text = fs::read_to_string(&errors).unwrap();
    for row in 2..2 + formulas.len() {
        let line = text.lines().find(|line| line.starts_with(&format!("{row},Paid,"))).expect("each row is told");
        let cell = line.split(',').nth(2).unwrap().trim_start_matches('"');
        assert!(cell.starts_with('\''), "{line}");
    }
    let staged = vendor.run("mia", &["import", "stage", &list, "--mapping", &mapping]).await;
    assert_eq!(staged.code, 2, "{staged:?}");
    assert!(again(async || vendor.store().imports().await).await.is_empty(), "all of it or nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_58_an_amount_that_cannot_be_starts_no_paper_and_books_nothing() {
    let vendor = Vendor::new().await;
    let claim = papers::claim("REQ-2027-00001", 1, &[]);
    for (person, kind, text, field, wrong) in [
        ("mia", "fund", papers::fund(&[]), "amount: \"20000.00 EUR\"", "-1.00 EUR"),
        ("mia", "fund", papers::fund(&[]), "amount: \"20000.00 EUR\"", "99999999999999999999.00 EUR"),
        ("pia", "request", papers::request(&[]), "amount: \"2000.00 EUR\"", "2000.50 JPY"),
        ("pia", "request", papers::request(&[]), "amount: \"2000.00 EUR\"", "1e400 EUR"),
        ("pia", "request", papers::request(&[]), "amount: \"2000.00 EUR\"", "-0.00 EUR"),
        ("pia", "claim", claim.clone(), "claimed: \"4000.00 EUR\"", "1.0000000000000000001 EUR"),
        ("pia", "claim", claim, "claimed: \"4000.00 EUR\"", "NaN EUR"),
    ] {
        let (name, _) = field.split_once(':').unwrap();
        assert!(text.contains(field), "{kind}");
        let file = vendor.write("paper.yaml", &text.replacen(field, &format!("{name}: \"{wrong}\""), 1));
        let said = vendor.run(person, &[kind, "create", &file]).await;
        let told = said.words.contains(name) || said.words.contains("asks for nothing");
        assert!(said.code == 2 && told && !said.words.contains("panicked"), "{kind} {wrong}: {said:?}");
    }
    for chart in ["fund_period", "mdf_request", "mdf_claim"] {
        assert_eq!(vendor.runs(chart).await.len(), 0, "{chart}");
    }
    assert_eq!(vendor.entries().await.len(), 0);
    assert_eq!(recorded(&vendor).await, (0, 0), "no proof of a claim is kept that cannot be");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_87_who_has_left_or_lost_the_role_has_no_vote_nor_does_anyone_in_his_place() {
    let vendor = Vendor::new().await;
    let _crew = vendor.crew(3).await;
    let stands_in = "delegations:\n  - { from: finn, to: flo, role: finance_approver, since: 2020-01-01T00:00:00Z, until: 2100-01-01T00:00:00Z }\n";
    let finn = papers::PEOPLE.lines().find(|line| line.contains("id: finn")).unwrap();
    let other_job = papers::PEOPLE.replace(finn, &finn.replace("finance_approver", "fund_manager"));
    let gone = papers::PEOPLE.replace(&format!("{finn}\n"), "");
    let fund = vendor.submit_one::<FundPaper>("FND", "mia", papers::fund(&[])).await;
    let before = vendor.asks(fund.run).await;
    let revision = before.snapshot.approvals.clone().unwrap().subject.revision;
    let approve = ["approve", &fund.label, "--revision", &revision];
    let in_his_place = [&approve[..], &["--on-behalf-of", "finn"]].concat();
    // While he is there and has said so, flo may stand in for him.
    vendor.write("people.yaml", &format!("{}{stands_in}", papers::PEOPLE));
    vendor.run("flo", &[&in_his_place[..], &["--dry-run"]].concat()).await.ok();
    for people in [other_job, gone] {
        vendor.write("people.yaml", &people);
        for (person, command) in [("finn", &approve[..]), ("flo", &in_his_place)] {
            let said = vendor.run(person, command).await;
            assert_eq!(said.code, 4, "{person}: {said:?}");
        }
    }
    assert_eq!(vendor.row(fund.run).await.snapshot, before.snapshot, "nobody has voted");
    vendor.run("flo", &approve).await.ok();
    vendor.state(fund.run, "open").await;
    vendor.verify().await;
}
