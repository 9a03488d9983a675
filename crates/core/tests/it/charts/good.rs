//! A chart with every word of the grammar is read, proved and bound.

use entente_core::{
    chart::{
        lint::lint,
        model::{Action, Chart, Due, Guard, JoinRule, WorkingTime},
    },
    event::FailureClass,
};
use serde_json::json;

use crate::support::{Door, bound, ctx, named, vocabulary};

pub const DOOR: &str = include_str!("../../charts/good/door.yaml");

fn door() -> Chart {
    Chart::parse("door.yaml", DOOR).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn every_word_of_the_grammar_lands_in_the_model() {
    let chart = door();
    assert_eq!((chart.name.as_str(), chart.version, chart.initial.as_str()), ("door", 1, "shut"));
    assert_eq!(chart.sha256.len(), 64);
    let shut = chart.state("shut").unwrap();
    assert_eq!(shut.tags, ["waits_for:visitor", "owner:porter"]);
    let knock = &shut.on["knock"];
    assert_eq!(knock[0].guard, Some(Guard::Named("knocked_enough".into())));
    assert!(matches!(&knock[1].guard, Some(Guard::When(text)) if text.starts_with("event.times")));
    assert_eq!(knock[2].target, None);
    assert_eq!(shut.after[0].due, Due::Deadline("door.closes".into()));
    assert_eq!(shut.after[1].due, Due::Working { amount: WorkingTime::Hours(8) });
    let measure = chart.state("measuring").unwrap().invoke.as_ref().unwrap();
    assert_eq!(measure.on_error.keys().copied().collect::<Vec<_>>(), [None, Some(FailureClass::Rejected)]);
    let joining = chart.state("open.joining").unwrap();
    assert_eq!(joining.join.as_ref().unwrap().until, JoinRule::All);
    assert_eq!(joining.join.as_ref().unwrap().on_done[0].target.as_deref(), Some("gone"));
    let open = chart.state("open").unwrap();
    assert_eq!(open.initial.as_deref(), Some("open.ajar"));
    let actions: Vec<&Action> = open.entry.iter().map(|action| &action.node).collect();
    assert_eq!(actions, [&Action::Start("lock".into()), &Action::Ask("confirm".into())]);
    let sent: Vec<&Action> = open.on["cancel"][0].entry.iter().map(|action| &action.node).collect();
    let expected = [&Action::SendChildren("cancel".into()), &Action::SendParent("door.moved".into())];
    assert_eq!(sent, expected);
    assert!(chart.state("gone").unwrap().is_final);
}

#[test]
fn a_name_means_the_state_beside_it_before_one_at_the_top() {
    let chart = door();
    let ajar = chart.state("open.ajar").unwrap();
    assert_eq!(ajar.on["open"][0].target.as_deref(), Some("open.wide"));
    assert_eq!(ajar.after[0].transitions[0].target.as_deref(), Some("shut"));
}

#[test]
fn places_are_lines_and_columns_of_the_file() {
    let chart = door();
    let place = chart.state("measuring").unwrap().invoke.as_ref().unwrap().place;
    let line = DOOR.lines().nth(place.line as usize - 1).unwrap();
    assert!(line[place.column as usize - 1..].starts_with("door.measure"), "{place:?}: {line}");
}

#[test]
fn a_good_chart_has_no_problems() {
    assert_eq!(lint(&door(), &Door, &vocabulary()), []);
}

#[test]
fn a_bound_chart_answers_its_conditions() {
    let bound = bound(DOOR);
    let shut = bound.chart.state("shut").unwrap();
    let guard = shut.on["knock"][1].guard.as_ref().unwrap();
    let ask = |ctx, times: i64| {
        let event = named("knock", json!({"times": times}));
        bound.guard(guard, &ctx, &event, jiff::Timestamp::UNIX_EPOCH)
    };
    assert_eq!(ask(ctx(), 3), Ok(true));
    assert_eq!(ask(ctx(), 2), Ok(false));
    let mut coded = ctx();
    coded["code"] = json!("b");
    assert_eq!(ask(coded, 2), Ok(true));
}

#[test]
fn a_transition_within_a_compound_state_keeps_it_and_one_to_it_enters_it_anew() {
    let chart = door();
    assert_eq!(chart.exits("open.ajar", "open.wide"), ["open.ajar"]);
    assert_eq!(chart.enters("open.ajar", "open.wide"), ["open.wide"]);
    assert_eq!(chart.exits("open.ajar", "open"), ["open.ajar", "open"]);
    assert_eq!(chart.enters("open.ajar", "open"), ["open", "open.ajar"]);
    assert_eq!(chart.exits("open.ajar", "shut"), ["open.ajar", "open"]);
    assert_eq!(chart.enters("shut", "open.wide"), ["open", "open.wide"]);
}
