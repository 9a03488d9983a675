//! What nobody sees has no place in an offer, however it was written and by whichever way it comes.

use entente_core::{
    context::{ContextType, private_offer::PrivateOfferContext},
    offer::{Offer, template::Template},
};
use serde_json::json;

use super::{example, offer};

/// A control character of either set, a direction mark, an override, an isolate, a joiner, a soft hyphen, a separator, a tag.
const HIDDEN: [char; 14] = [
    '\u{1b}',
    '\u{7f}',
    '\u{80}',
    '\u{85}',
    '\u{9b}',
    '\u{9f}',
    '\u{ad}',
    '\u{200b}',
    '\u{200f}',
    '\u{2028}',
    '\u{202e}',
    '\u{2066}',
    '\u{feff}',
    '\u{e0041}',
];

fn words(c: char) -> String {
    format!(
        "contains the character U+{:04X}, which is not shown and may hide or reorder what people read; remove it",
        u32::from(c)
    )
}

fn document() -> String {
    example("offer-contract.yaml")
}

/// The example with `text` in place of the buyer's name, and the line and column of that text.
fn with_buyer(text: &str) -> (String, u32, u32) {
    let (before, _) = document().split_once("Globex Corporation").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let line = u32::try_from(before.lines().count()).unwrap();
    let column = u32::try_from(before.lines().last().unwrap().chars().count()).unwrap() + 1;
    (document().replacen("Globex Corporation", text, 1), line, column)
}

#[test]
fn a_file_with_a_hidden_character_is_refused_at_its_very_place() {
    for c in HIDDEN {
        let (text, line, column) = with_buyer(&format!("\"Globex {c}Corporation\""));
        let error = Offer::from_yaml("offer.yaml", &text).unwrap_err();
        assert_eq!((error.field.as_str(), error.message), ("/buyer/name", words(c)), "{c:?}");
        assert_eq!((error.place.line, error.place.column), (line, column + 8), "{c:?}");
    }
}

#[test]
fn an_escape_hides_nothing_either() {
    for c in HIDDEN {
        let escape = format!("\"Globex \\U{:08x}Corporation\"", u32::from(c));
        let (text, line, column) = with_buyer(&escape);
        let error = Offer::from_yaml("offer.yaml", &text).unwrap_err();
        assert_eq!((error.field.as_str(), error.message), ("/buyer/name", words(c)), "{c:?}");
        assert_eq!((error.place.line, error.place.column), (line, column), "{c:?}");
    }
}

#[test]
fn the_same_document_as_json_is_refused_for_the_same_field_in_the_same_words() {
    for c in HIDDEN {
        let mut document = offer("offer-contract.yaml").to_json();
        document["buyer"]["name"] = json!(format!("Globex {c}Corporation"));
        let error = Offer::from_json(&document).unwrap_err();
        assert_eq!((error.field.as_str(), &error.message), ("/buyer/name", &words(c)), "{c:?}");
        let revise = PrivateOfferContext.check("revise", &json!({ "offer": document })).unwrap_err();
        assert_eq!((revise.field.as_str(), revise.message), ("/offer/buyer/name", words(c)), "{c:?}");
    }
}

#[test]
fn a_name_of_a_field_hides_nothing_and_is_shown_without_it() {
    let key = "\u{202e}quote";
    let mut json = offer("offer-contract.yaml").to_json();
    json["external_refs"][key] = json!("Q-1");
    assert_eq!(Offer::from_json(&json).unwrap_err().field, "/external_refs/?quote");
    for key in [key, "\"\\u202equote\""] {
        let text = document().replacen("external_refs:", &format!("external_refs:\n  {key}: Q-1"), 1);
        let error = Offer::from_yaml("offer.yaml", &text).unwrap_err();
        assert_eq!((error.field.as_str(), error.message), ("/external_refs/?quote", words('\u{202e}')), "{key:?}");
    }
}

#[test]
fn a_comment_may_hide_nothing_from_who_reviews_the_file() {
    let text = document().replacen("reference:", "# \u{202e}emit\nreference:", 1);
    let error = Offer::from_yaml("offer.yaml", &text).unwrap_err();
    assert_eq!(error.message, words('\u{202e}'));
}

#[test]
fn what_is_visible_stays_as_it_is() {
    let names = ["Größe & Söhne", "日本電気株式会社", "شركة", "חברה", "Ørsted\tA/S", "naïve 🎉\u{fe0f}"];
    for name in names {
        let (text, ..) = with_buyer(&format!("\"{name}\""));
        assert_eq!(Offer::from_yaml("offer.yaml", &text).unwrap_or_else(|error| panic!("{error}")).buyer.name, name);
        let mut json = offer("offer-contract.yaml").to_json();
        json["buyer"]["name"] = json!(name);
        assert_eq!(Offer::from_json(&json).unwrap().buyer.name, name);
    }
    let marked = format!("\u{feff}{}", document());
    Offer::from_yaml("offer.yaml", &marked)
        .unwrap_or_else(|error| panic!("an editor's byte order mark is harmless: {error}"));
}

/// Names that cannot be written without a joiner: Persian, Sinhala, Devanagari, Bengali, a family, a flag, a heart on fire.
const JOINED: [&str; 7] = [
    "شرکت رایانه\u{200c}ها",
    "ශ්\u{200d}රී ලංකා",
    "क्\u{200d}ष",
    "র\u{200d}্যাব",
    "for \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    "\u{1f3f3}\u{fe0f}\u{200d}\u{1f308} pride",
    "\u{2764}\u{fe0f}\u{200d}\u{1f525}",
];

#[test]
fn joiners_stay_where_they_shape_what_is_read() {
    for name in JOINED {
        let escaped: String = name.chars().map(|c| format!("\\U{:08x}", u32::from(c))).collect();
        for written in [name.to_owned(), escaped] {
            let (text, ..) = with_buyer(&format!("\"{written}\""));
            let read = Offer::from_yaml("offer.yaml", &text).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(read.buyer.name, name);
        }
        let mut json = offer("offer-contract.yaml").to_json();
        json["buyer"]["name"] = json!(name);
        assert_eq!(Offer::from_json(&json).unwrap_or_else(|error| panic!("{name}: {error}")).buyer.name, name);
    }
}

#[test]
fn joiners_that_shape_nothing_are_hidden() {
    let hidden = [
        ('\u{200d}', "Glo\u{200d}bex"),
        ('\u{200c}', "Глоб\u{200c}екс"),
        ('\u{200c}', "日\u{200c}本"),
        ('\u{200c}', "\u{200c}شرکت"),
        ('\u{200c}', "شرکت\u{200c}"),
        ('\u{200c}', "شرکت\u{200c} ها"),
        ('\u{200c}', "رایانه\u{200c}\u{200c}ها"),
        ('\u{200c}', "ش\u{200c}x"),
        ('\u{200d}', "\u{1f525}\u{200d}"),
        ('\u{200d}', "\u{1f525}\u{200d}\u{fe0f}"),
        ('\u{200c}', "\u{1f468}\u{200c}\u{1f469}"),
        ('\u{200d}', "12\u{200d}00"),
    ];
    for (c, name) in hidden {
        let (text, ..) = with_buyer(&format!("\"{name}\""));
        let error = Offer::from_yaml("offer.yaml", &text).err().unwrap_or_else(|| panic!("{name:?} was accepted"));
        assert_eq!((error.field.as_str(), error.message), ("/buyer/name", words(c)), "{name:?}");
        let mut json = offer("offer-contract.yaml").to_json();
        json["buyer"]["name"] = json!(name);
        assert_eq!(Offer::from_json(&json).unwrap_err().message, words(c), "{name:?}");
    }
}

#[test]
fn a_template_hides_nothing_and_neither_do_its_answers() {
    let name = "templates/saas-contract-36m.yaml";
    let good = example(name);
    let hidden = good.replacen("description: ", "description: \u{202e}", 1);
    assert_eq!(Template::from_yaml(name, &hidden).unwrap_err().message, words('\u{202e}'));
    let answers = super::answers(&[("buyer", "Globex \u{200b}Corporation")]);
    let errors = Template::from_yaml(name, &good).unwrap().instantiate(&answers).unwrap_err();
    assert_eq!((errors[0].field.as_str(), &errors[0].message), ("/buyer/name", &words('\u{200b}')));
}

#[test]
fn what_a_marketplace_says_is_recorded_with_whatever_it_contains() {
    let said = "offer \u{9b}31m of \u{e0041}Globex\u{202e}";
    let drift = json!({ "diff": { "/name": { "sent": "Platform", "found": said } } });
    PrivateOfferContext.check("offer.drifted", &drift).unwrap_or_else(|error| panic!("{error}"));
}
