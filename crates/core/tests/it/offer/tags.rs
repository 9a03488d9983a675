//! What YAML has beyond plain values stays out of an offer, and the refusal names the field.

use entente_core::offer::{Offer, template::Template};

use super::example;

/// What is replaced in the example contract, where it is refused, in which field, and for which tag.
const TAGGED: [(&str, &str, &str, &str, &str); 8] = [
    ("name: Globex Corporation", "name: !foo Globex", "10:14", "/buyer/name", "!foo"),
    ("name: Globex Corporation", "name: !!python/object Globex", "10:25", "/buyer/name", "!!python/object"),
    (
        "name: Globex Corporation",
        "name: !<tag:example.com,2020:x> G",
        "10:35",
        "/buyer/name",
        "!<tag:example.com,2020:x>",
    ),
    // Nobody who reads the file sees this name.
    ("name: Globex Corporation", "name: !!binary R2xvYmV4", "10:18", "/buyer/name", "!!binary"),
    ("quantity: 200", "quantity: !!str 200", "23:39", "/pricing/contract/dimensions/0/quantity", "!!str"),
    ("[\"111122223333\"]", "[ ! \"111122223333\" ]", "11:17", "/buyer/accounts/0", "!"),
    ("region: amer", "!foo region: amer", "5:6", "/region", "!foo"),
    ("external_refs:", "external_refs: !foo", "29:3", "/external_refs", "!foo"),
];

#[test]
fn a_tag_is_refused_at_its_value_with_field_and_remedy() {
    let good = example("offer-contract.yaml");
    for (old, new, place, field, tag) in TAGGED {
        assert!(good.contains(old), "the example no longer has `{old}`");
        let error = Offer::from_yaml("deal.yaml", &good.replacen(old, new, 1)).err();
        let error = error.unwrap_or_else(|| panic!("`{new}` was accepted"));
        assert_eq!(
            error.to_string(),
            format!(
                "deal.yaml:{place}: field `{field}`: has the tag `{tag}`; remove the tag, and quote what is to be read as text"
            )
        );
    }
}

#[test]
fn a_tagged_document_is_none() {
    let error = Offer::from_yaml("deal.yaml", &format!("--- !foo\n{}", example("offer-contract.yaml"))).unwrap_err();
    assert!(error.message.starts_with("has the tag `!foo`"), "{error}");
}

#[test]
fn a_template_has_no_tags_either() {
    let name = "templates/saas-contract-36m.yaml";
    let tagged = example(name).replacen("description: ", "description: !foo ", 1);
    let error = Template::from_yaml(name, &tagged).unwrap_err();
    assert!(error.message.starts_with("has the tag `!foo`"), "{error}");
}

#[test]
fn numbers_that_are_none_are_refused_where_they_stand() {
    let good = example("offer-contract.yaml");
    for number in [".nan", ".NaN", ".inf", "-.inf"] {
        for (old, place, field) in [
            ("quantity: 200", "23:33", "/pricing/contract/dimensions/0/quantity"),
            ("unit_price: 900.00", "23:50", "/pricing/contract/dimensions/0/unit_price"),
        ] {
            let (name, value) = old.split_once(": ").unwrap();
            assert!(good.contains(old), "{value}");
            let error =
                Offer::from_yaml("deal.yaml", &good.replacen(old, &format!("{name}: {number}"), 1)).unwrap_err();
            let text = error.to_string();
            assert!(text.starts_with(&format!("deal.yaml:{place}: field `{field}`: ")), "`{number}`: {text}");
        }
    }
}

#[test]
fn a_merge_key_is_refused_where_it_stands() {
    let merged = example("offer-contract.yaml").replacen("product:\n", "product: &other\n", 1).replacen(
        "  country: US\n",
        "  <<: *other\n",
        1,
    );
    let error = Offer::from_yaml("deal.yaml", &merged).unwrap_err();
    assert_eq!(
        error.to_string(),
        "deal.yaml:12:3: field `/buyer/<<`: merge keys (`<<`) are not part of YAML 1.2; write the fields out"
    );
}
