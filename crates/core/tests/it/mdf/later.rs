//! Until when the last day for claims may be put off, as a pack says.

use entente_core::mdf::{NoLaterDay, later_day};
use jiff::{Timestamp, civil::date};
use serde_json::json;

use super::pack;

#[test]
fn the_last_day_is_put_off_as_often_as_the_pack_says_to_the_end_of_a_later_day_in_its_zone() {
    let pack = pack(&json!({ "C3": {}, "C9": { "most": 2, "role": "programme_manager" } }));
    let last: Timestamp = "2027-06-18T22:00:00Z".parse().unwrap();
    let until = date(2027, 7, 31);
    let later = later_day(&pack, until, Some(last), 1).unwrap();
    assert_eq!(later.claim_by.to_string(), "2027-07-31T22:00:00Z");
    assert_eq!(later.role.unwrap().as_str(), "programme_manager");

    let refused = |day, last, before| later_day(&pack, day, last, before).unwrap_err();
    assert_eq!(refused(until, Some(last), 2), NoLaterDay::TooOften(2));
    assert_eq!(refused(until, None, 0), NoLaterDay::NoLastDay);
    let same = date(2027, 6, 18);
    assert_eq!(refused(same, Some(last), 0), NoLaterDay::NotLater { until: same, last });
    let end = date(9999, 12, 31);
    assert_eq!(refused(end, Some(last), 0), NoLaterDay::Beyond(end));
}

#[test]
fn a_pack_without_the_rule_puts_nothing_off() {
    let pack = pack(&json!({ "C3": {} }));
    let last = Some(Timestamp::UNIX_EPOCH);
    assert_eq!(later_day(&pack, date(2027, 7, 31), last, 0), Err(NoLaterDay::NotAllowed("test".into())));
}
