//! Plays: what a document must say before anybody can approve it.

use entente_core::mdf::Play;

use super::{read, usd};

const EXAMPLE: &str = "../../examples/funding/play.yaml";

#[test]
fn the_example_is_a_play_and_covers_its_first_and_its_last_day() {
    let play = Play::from_yaml("play.yaml", &read(EXAMPLE)).unwrap();
    assert_eq!((play.named(), play.kpis.len(), play.steps.len()), ("cloud-migration@1".to_owned(), 2, 3));
    let covers = ["2026-12-31", "2027-01-01", "2027-12-31", "2028-01-01"].map(|day| play.covers(day.parse().unwrap()));
    assert_eq!(covers, [false, true, true, false]);
}

#[test]
fn a_play_that_contradicts_itself_is_refused_with_file_line_and_field() {
    let text = read(EXAMPLE);
    let wrong = [
        ("play: cloud-migration", "play: cloud@2", "play.yaml:2:7: field `/play`"),
        ("version: 1", "version: 0", "play.yaml:3:10: field `/version`"),
        ("programmes: [emea-mdf]", "programmes: []", "play.yaml:5:13: field `/programmes`"),
        ("activities: [event, webinar]", "activities: []", "play.yaml:6:13: field `/activities`"),
        ("target: 30 }", "target: 0 }", "play.yaml:8:28: field `/goals/0/target`"),
        ("unit: people", "unit: \" \"", "field `/kpis/0/unit`"),
        ("budget: \"30000.00 EUR\"", "budget: \"0.00 EUR\"", "field `/budget`"),
        ("\"1500.00 EUR\"", "\"1500.00 USD\"", "field `/pre_approved_below`: is not in the currency of the budget"),
        ("until: 2027-12-31", "until: 2026-12-31", "field `/until`: lies before the first day"),
        ("steps:", "stages:", "unknown field `stages`"),
    ];
    for (old, new, says) in wrong {
        assert!(text.contains(old), "{old}");
        let error = Play::from_yaml("play.yaml", &text.replacen(old, new, 1)).unwrap_err().to_string();
        assert!(error.contains(says), "{new}: {error}");
    }
}

#[test]
fn what_the_rules_see_of_a_play_is_its_text_and_who_approved_it() {
    let text = read(EXAMPLE).replace("EUR", "USD");
    let play = Play::from_yaml("play.yaml", &text).unwrap();
    let seen = play.approved(&text, "fay".parse().unwrap(), usd("12.00"));
    assert_eq!((seen.approved_by.as_str(), seen.granted, seen.sha256.len()), ("fay", usd("12.00"), 64));
    let other = play.approved(&format!("{text}\n"), "fay".parse().unwrap(), usd("12.00"));
    assert_ne!(seen.sha256, other.sha256, "another text is another play, if only by an empty line");
}
