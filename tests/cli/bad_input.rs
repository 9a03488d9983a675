//! A document that cannot be used: one line that names file, line and field, exit code 2, nothing written.

use crate::installation::{Installation, OFFER};

/// An offer with some of its text replaced.
fn changed(old: &str, new: &str) -> Vec<u8> {
    assert!(OFFER.contains(old), "the offer has no `{old}`");
    OFFER.replace(old, new).into_bytes()
}

fn bomb() -> Vec<u8> {
    let mut text = String::from("a: &a [x, x, x, x, x, x, x, x, x]\n");
    for (next, last) in ('b'..='j').zip('a'..='i') {
        text.push_str(&format!("{next}: &{next} [{}]\n", vec![format!("*{last}"); 9].join(", ")));
    }
    text.into_bytes()
}

fn ten_megabytes() -> Vec<u8> {
    let mut text = OFFER.as_bytes().to_vec();
    text.extend(std::iter::repeat_n(b"# filler\n".as_slice(), 1_200_000).flatten());
    text
}

/// What is wrong, the place that the line must name, the field, and a word of the cause.
fn table() -> Vec<(&'static str, Vec<u8>, &'static str, &'static str, &'static str)> {
    vec![
        ("an unknown field", changed("country: US", "contry: US"), ":7:", "/buyer/contry", "contry"),
        (
            "a wrong type",
            changed("quantity: 200", "quantity: many"),
            ":14:",
            "/pricing/contract/dimensions/0/quantity",
            "whole number",
        ),
        (
            "a negative price",
            changed("900.00", "-900.00"),
            ":14:",
            "/pricing/contract/dimensions/0/unit_price",
            "negative",
        ),
        (
            "a currency mismatch",
            changed("duration: P36M", "duration: P36M\n    currency: EUR"),
            ":14:",
            "/pricing/contract/currency",
            "EUR",
        ),
        ("a currency that does not exist", changed("currency: USD", "currency: USX"), ":10:", "/currency", "USX"),
        ("a missing field", changed("currency: USD\n", ""), ":2:", "", "currency"),
        ("a day that does not exist", changed("2099-03-18", "2099-02-30"), ":16:", "/expires_on", "2099-02"),
        (
            "a key given twice",
            changed("currency: USD", "currency: USD\ncurrency: USD"),
            ":11:",
            "/currency",
            "currency",
        ),
        ("10 megabytes", ten_megabytes(), ":1:", "", "at most 1000000"),
        ("a YAML bomb", bomb(), ":", "", ""),
        ("not UTF-8", b"reference: ok\nname: \xff\xfe\n".to_vec(), ":2:", "", "UTF-8"),
        ("nothing at all", Vec::new(), ":1:", "", ""),
        ("not YAML", b"{ [ }\n".to_vec(), ":1:", "", ""),
    ]
}

#[test]
fn a_bad_document_is_refused_in_one_line_with_file_line_and_field() {
    let installation = Installation::new();
    for (what, text, place, field, cause) in table() {
        installation.write("bad.yaml", text);
        let said = installation.run(&["--actor", "mia", "offer", "create", "bad.yaml", "--submit"]);
        assert_eq!(said.code, 2, "{what}: {said:?}");
        assert_eq!(said.data, "", "{what}");
        assert_eq!(said.words.lines().count(), 1, "{what}: {said:?}");
        assert!(said.words.starts_with(&format!("error: bad.yaml{place}")), "{what}: {said:?}");
        assert!(field.is_empty() || said.words.contains(&format!("`{field}`")), "{what}: {said:?}");
        assert!(said.words.contains(cause), "{what}: {said:?}");
    }
}

#[test]
fn a_bad_document_leaves_nothing_behind() {
    let installation = Installation::new();
    for (what, text, ..) in table() {
        installation.write("bad.yaml", text);
        for command in [
            &["offer", "create", "bad.yaml"][..],
            &["offer", "plan", "bad.yaml"],
            &["offer", "revise", "OFR-1", "bad.yaml"],
        ] {
            let said = installation.run(&[&["--actor", "mia"], command].concat());
            assert_eq!(said.code, 2, "{what}, {command:?}: {said:?}");
        }
        let mut names: Vec<_> =
            std::fs::read_dir(installation.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["bad.yaml", "entente.yaml", "people.yaml"], "{what}");
    }
}

#[test]
fn an_offer_that_breaks_a_rule_is_not_submitted_and_nothing_is_stored() {
    let installation = Installation::new();
    installation.offer("late.yaml", &[("2099-03-18", "2020-03-18")]);
    let said = installation.run(&["--actor", "mia", "offer", "create", "late.yaml", "--submit"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.words.contains("`/expires_on`"), "{said:?}");
    assert_eq!(installation.run(&["offer", "list", "--ended"]).ok().data, "");
    assert_eq!(installation.run(&["offer", "plan", "late.yaml"]).code, 2);
}

#[test]
fn other_bad_files_are_refused_with_their_place() {
    let installation = Installation::new();
    installation.write("prices.csv", "sku,currency,term,volume_from,volume_to,valid_from,valid_to,list,floor,partner_wholesale\nseat,USD,P12M,1,,2027-01-01,,-1,,\n");
    installation.write(
        "policy.yaml",
        "policy: private_offer\nversion: 2\nrows: [{ id: Big, role: cfo, projection: commercial }]\n",
    );
    let table: [(&[&str], &str); 4] = [
        (&["--actor", "dan", "pricebook", "import", "acme@1", "prices.csv"], "error: prices.csv:2:"),
        (&["--actor", "ann", "policy", "simulate", "policy.yaml"], "error: policy.yaml:3:"),
        (&["--actor", "dan", "pricebook", "import", "acme", "prices.csv"], "error: invalid value 'acme'"),
        (&["template", "fill", "nowhere.yaml"], "error: nowhere.yaml: cannot be read"),
    ];
    for (args, words) in table {
        let said = installation.run(args);
        assert_eq!(said.code, 2, "{args:?}: {said:?}");
        assert!(said.words.starts_with(words), "{args:?}: {said:?}");
    }
}

#[test]
fn a_configuration_that_is_not_understood_ends_with_2_and_names_its_file() {
    let installation = Installation::with_config("databse: x.db\n");
    let said = installation.run(&["offer", "list"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.words.contains("entente.yaml") && said.words.contains("databse"), "{said:?}");
}

#[test]
fn row_74_a_yaml_bomb_explodes_nowhere() {
    let installation = Installation::new();
    installation.write("bomb.yaml", bomb());
    let commands: [&[&str]; 6] = [
        &["--actor", "mia", "offer", "create", "bomb.yaml"],
        &["--actor", "ann", "policy", "simulate", "bomb.yaml"],
        &["template", "show", "bomb.yaml"],
        &["chart", "check", "bomb.yaml"],
        &["chart", "draw", "bomb.yaml"],
        &["--config", "bomb.yaml", "offer", "list"],
    ];
    for args in commands {
        let said = installation.run(args);
        assert_eq!(said.code, 2, "{args:?}: {said:?}");
        assert!(format!("{}{}", said.data, said.words).contains("bomb.yaml:"), "{args:?}: {said:?}");
    }
}

#[test]
fn an_unknown_name_in_a_chart_is_refused_with_its_place_and_what_is_there_instead() {
    let installation = Installation::new();
    let chart =
        include_str!("../../workflows/private_offer/v1.yaml").replace("src: offer.preflight", "src: offer.prefight");
    installation.write("v1.yaml", chart);
    let said = installation.run(&["chart", "check", "v1.yaml", "--json"]);
    assert_eq!(said.code, 2, "{said:?}");
    let problem = &said.json()[0];
    assert!(
        problem["line"].as_u64().unwrap() > 1 && problem["remedy"].as_str().unwrap().contains("`offer.preflight`"),
        "{problem}"
    );
}
