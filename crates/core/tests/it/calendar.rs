//! Business calendars.

use entente_core::{
    calendar::{Calendars, Note, parse_working_time},
    chart::model::WorkingTime,
};
use jiff::Timestamp;
use proptest::prelude::*;

const CALENDARS: &str = r#"
default: us
calendars:
  us:
    zone: America/New_York
    hours: { open: "09:00", close: "17:00" }
    holidays: { 2027-01-01: New Year's Day, 2027-07-05: Independence Day (observed) }
    quarter_end_freeze_days: 3
  night:
    zone: America/New_York
    weekend: []
    hours: { open: "00:00", close: "06:00" }
  gulf:
    zone: Asia/Riyadh
    weekend: [friday, saturday]
    hours: { open: "08:00", close: "00:00" }
    fiscal_year_starts_in_month: 2
legal_entities: { acme-us: us, acme-gulf: gulf }
roles: { watch: night }
parties: { buyer-1: gulf }
"#;

fn calendars() -> Calendars {
    Calendars::from_yaml("calendars.yaml", CALENDARS).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse::<jiff::Zoned>().map(|zoned| zoned.timestamp()).unwrap_or_else(|_| text.parse().unwrap())
}

#[test]
fn working_time_counts_business_hours_only() {
    use WorkingTime::{Days, Hours};
    let cases = [
        ("us", "2027-05-03T10:00[America/New_York]", Hours(4), "2027-05-03T14:00[America/New_York]", "within a day"),
        ("us", "2027-05-03T15:00[America/New_York]", Hours(4), "2027-05-04T11:00[America/New_York]", "over the night"),
        (
            "us",
            "2027-05-07T16:00[America/New_York]",
            Hours(2),
            "2027-05-10T10:00[America/New_York]",
            "over the weekend",
        ),
        (
            "us",
            "2027-05-08T16:00[America/New_York]",
            Hours(8),
            "2027-05-10T17:00[America/New_York]",
            "to the very close",
        ),
        ("us", "2027-07-02T16:00[America/New_York]", Hours(2), "2027-07-06T10:00[America/New_York]", "over a holiday"),
        (
            "us",
            "2027-05-03T07:00[America/New_York]",
            Hours(1),
            "2027-05-03T10:00[America/New_York]",
            "from the opening",
        ),
        (
            "us",
            "2027-05-07T10:30[America/New_York]",
            Days(1),
            "2027-05-10T10:30[America/New_York]",
            "the same time of day",
        ),
        (
            "us",
            "2027-05-08T10:30[America/New_York]",
            Days(1),
            "2027-05-11T09:00[America/New_York]",
            "from the next opening",
        ),
        ("us", "2027-05-03T20:00[America/New_York]", Days(2), "2027-05-06T09:00[America/New_York]", "after the close"),
        (
            "gulf",
            "2027-05-06T23:00[Asia/Riyadh]",
            Hours(2),
            "2027-05-09T09:00[Asia/Riyadh]",
            "open until midnight, free on Friday",
        ),
    ];
    for (calendar, start, amount, end, why) in cases {
        let calendars = calendars();
        let found = calendars.named(calendar).unwrap().add_working(at(start), amount).unwrap();
        assert_eq!(found, at(end), "{why}");
    }
}

#[test]
fn a_daylight_saving_change_neither_adds_nor_loses_working_time() {
    let calendars = calendars();
    let night = calendars.named("night").unwrap();
    // On 14 March 2027 the night has five real hours, on 7 November seven.
    let spring = night.add_working(at("2027-03-14T00:00[America/New_York]"), WorkingTime::Hours(6)).unwrap();
    assert_eq!(spring, at("2027-03-15T01:00[America/New_York]"));
    let autumn = night.add_working(at("2027-11-07T00:00[America/New_York]"), WorkingTime::Hours(6)).unwrap();
    assert_eq!(autumn, at("2027-11-07T05:00[America/New_York]"));
    let us = calendars.named("us").unwrap();
    let over_the_change = us.add_working(at("2027-03-12T10:00[America/New_York]"), WorkingTime::Days(1)).unwrap();
    assert_eq!(over_the_change, at("2027-03-15T10:00[America/New_York]"), "a day is a date, not 24 hours");
}

#[test]
fn an_instant_explains_what_is_special_about_it() {
    let calendars = calendars();
    let us = calendars.named("us").unwrap();
    let notes = |text: &str| us.explain(at(text));
    assert_eq!(notes("2027-05-03T10:00[America/New_York]"), []);
    assert_eq!(notes("2027-05-03T20:00[America/New_York]"), [Note::OutsideHours]);
    assert_eq!(notes("2027-05-08T10:00[America/New_York]")[0].to_string(), "falls on a weekend (Saturday)");
    assert_eq!(notes("2027-07-05T10:00[America/New_York]"), [Note::Holiday("Independence Day (observed)".into())]);
    assert_eq!(notes("2027-06-25T10:00[America/New_York]"), [], "the freeze is the last three days of June");
    let frozen = notes("2027-06-28T10:00[America/New_York]");
    assert_eq!(frozen[0].to_string(), "falls into the freeze before the quarter ends on 2027-06-30");
    let gulf = calendars.named("gulf").unwrap();
    let fiscal = gulf.explain(at("2027-04-29T10:00[Asia/Riyadh]"));
    assert_eq!(fiscal, [], "its quarter ends with April, and it freezes nothing");
    assert_eq!(gulf.explain(at("2027-04-30T10:00[Asia/Riyadh]")).len(), 2, "a Friday and the quarter's last day");
}

#[test]
fn roles_have_their_own_calendar_or_their_legal_entitys() {
    let calendars = calendars();
    let of =
        |role: &str, entity: &str| calendars.of_role(&role.parse().unwrap(), &entity.parse().unwrap()).name.clone();
    assert_eq!(of("watch", "acme-gulf"), "night");
    assert_eq!(of("desk", "acme-gulf"), "gulf");
    assert_eq!(of("desk", "acme-new"), "us", "the default");
    assert_eq!(calendars.of_party(&"buyer-1".parse().unwrap()).map(|c| c.name.as_str()), Some("gulf"));
    assert!(calendars.of_party(&"stranger".parse().unwrap()).is_none());
}

#[test]
fn a_wrong_calendar_is_refused_with_its_place() {
    let said = |from: &str, to: &str| {
        Calendars::from_yaml("calendars.yaml", &CALENDARS.replace(from, to)).unwrap_err().to_string()
    };
    assert_eq!(
        said("zone: Asia/Riyadh", "zone: Asia/Riad"),
        "calendars.yaml:14:11: `Asia/Riad` is not an IANA zone; write a name such as `Europe/Berlin` (field `calendars.gulf.zone`)"
    );
    assert_eq!(
        said("default: us", "default: uk"),
        "calendars.yaml:2:10: there is no calendar `uk`; add it under `calendars` or name another (field `default`)"
    );
    assert!(said("close: \"17:00\"", "close: \"08:00\"").contains("closing must come after opening"));
    assert!(
        said("weekend: []", "weekend: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]")
            .contains("all seven days")
    );
    assert!(said("\"09:00\"", "\"9 am\"").contains("`9 am` is not a time of day"));
    assert!(
        said("quarter_end_freeze_days", "freeze").starts_with("calendars.yaml:8:5: unknown field"),
        "{}",
        said("quarter_end_freeze_days", "freeze")
    );
    assert!(
        said("legal_entities: { acme-us: us,", "legal_entities: { acme-us: us, acme-us: gulf,").contains("duplicate")
    );
}

#[test]
fn working_time_is_read_from_words() {
    assert_eq!(parse_working_time("4 working hours"), Some(WorkingTime::Hours(4)));
    assert_eq!(parse_working_time("1 working day"), Some(WorkingTime::Days(1)));
    for nonsense in [
        "4 hours",
        "0 working days",
        "-1 working days",
        "4 working weeks",
        "4 working hours more",
        "99999999 working hours",
        "",
    ] {
        assert_eq!(parse_working_time(nonsense), None, "{nonsense}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn hours_add_up_however_they_are_split(start in 1_780_000_000i64..1_820_000_000, first in 1u32..40, second in 1u32..40) {
        let calendars = calendars();
        let start = Timestamp::from_second(start).unwrap();
        for name in ["us", "night", "gulf"] {
            let calendar = calendars.named(name).unwrap();
            let middle = calendar.add_working(start, WorkingTime::Hours(first)).unwrap();
            let split = calendar.add_working(middle, WorkingTime::Hours(second)).unwrap();
            prop_assert_eq!(split, calendar.add_working(start, WorkingTime::Hours(first + second)).unwrap());
            let just_before = middle.checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap();
            prop_assert!(calendar.is_business_instant(just_before), "it ends within business hours, or at their very end");
        }
    }
}

#[test]
fn without_a_file_everybody_works_monday_to_friday_from_nine_to_five_in_the_vendors_zone() {
    use WorkingTime::{Days, Hours};
    let zone = jiff::tz::TimeZone::get("America/New_York").unwrap();
    let calendars = Calendars::office_hours("America/New_York", zone);
    let (entity, role) = ("acme-us".parse().unwrap(), "cfo".parse().unwrap());
    assert_eq!(calendars.of_role(&role, &entity), calendars.of_entity(&entity), "one calendar for all");
    assert_eq!(calendars.of_party(&"buyer-1".parse().unwrap()), None, "a stranger's week is still not ours");
    let office = calendars.of_entity(&entity);
    let friday = at("2027-05-07T15:00[America/New_York]");
    assert_eq!(office.add_working(friday, Hours(4)).unwrap(), at("2027-05-10T11:00[America/New_York]"));
    assert_eq!(office.add_working(friday, Days(1)).unwrap(), at("2027-05-10T15:00[America/New_York]"));
    for (instant, works) in [
        ("2027-05-07T08:59:59[America/New_York]", false),
        ("2027-05-07T09:00[America/New_York]", true),
        ("2027-05-07T16:59:59[America/New_York]", true),
        ("2027-05-07T17:00[America/New_York]", false),
        ("2027-05-08T12:00[America/New_York]", false),
        ("2027-12-25T12:00[America/New_York]", false),
        ("2027-07-05T12:00[America/New_York]", true),
    ] {
        assert_eq!(office.is_business_instant(at(instant)), works, "{instant}");
    }
    assert_eq!(Calendars::default(), Calendars::office_hours("UTC", jiff::tz::TimeZone::UTC));
}
