//! Deliberately bad charts, one fault each: refused with the exact place, the cause and what to do.

use std::{collections::BTreeSet, fs, path::Path};

use entente_core::chart::{
    lint::lint,
    model::Chart,
    problem::{Code, Problem},
};

use crate::support::{Door, vocabulary};

/// File, `line:column`, code, and words out of the cause and the remedy.
type Case = (&'static str, &'static str, Code, &'static str, &'static str);

#[rustfmt::skip]
const CASES: &[Case] = &[
    ("01-not-yaml", "3:8", Code::Syntax, "illegal placement of ':'", "correct the YAML"),
    ("02-duplicate-key", "11:7", Code::DuplicateKey, "`open` stands twice", "keep one"),
    ("03-yaml-bomb", "5:12", Code::Budget, "beyond what a chart may be", "without anchors"),
    ("04-too-deep-nesting", "1:31", Code::Budget, "beyond what a chart may be", "write it flat"),
    ("05-merge-key", "9:5", Code::Syntax, "merge keys", "write the keys out"),
    ("06-two-documents", "8:1", Code::Syntax, "more than one document", "one document per file"),
    ("07-unknown-key", "8:5", Code::UnknownKey, "unknown key `onn`", "did you mean `on`? allowed keys: `on`, `after`"),
    ("08-unknown-top-level-key", "5:1", Code::UnknownKey, "unknown key `state`", "did you mean `states`?"),
    ("09-missing-initial", "1:1", Code::MissingKey, "the chart has no `initial`", "add `initial: …`"),
    ("10-version-is-text", "2:10", Code::WrongShape, "version is text", "a whole number from 1"),
    ("11-malformed-state-name", "9:3", Code::MalformedName, "`Half-Open` is not a name", "lower-case letters"),
    ("12-unknown-target", "9:23", Code::UnknownTarget, "state `gnoe`, which does not exist", "did you mean `gone`?"),
    ("13-target-inside-another-state", "8:17", Code::UnknownTarget, "state `ajar`, which does not exist", "did you mean `open.ajar`?"),
    ("14-unknown-initial", "4:10", Code::UnknownInitial, "begins in the state `closed`", "its states: `shut`"),
    ("15-compound-without-initial", "7:5", Code::MissingKey, "state `shut` has no `initial`", "add `initial: …`"),
    ("16-malformed-deadline", "8:7", Code::MalformedDeadline, "deadline `5 days` of state `shut`", "`8 working hours`"),
    ("17-deadline-in-the-past", "7:14", Code::MalformedDeadline, "`PT0S` of state `shut` does not lie in the future", "`P5D`"),
    ("18-malformed-action", "7:13", Code::MalformedAction, "`email.porter`, which is not an action", "`notify.<notice>`"),
    ("19-nested-twice", "11:9", Code::TooDeep, "state `shut.bolted` is inside another state", "one level deep"),
    ("20-end-inside-a-state", "10:21", Code::TooDeep, "`shut.lost` is final but inside", "move it to the top level"),
    ("21-guard-and-when", "12:11", Code::TwoGuards, "both `guard` and `when`", "keep one"),
    ("22-unknown-failure-class", "10:18", Code::UnknownFailureClass, "a branch for `refused`", "the classes: `rejected`"),
    ("23-transition-is-a-number", "8:13", Code::WrongShape, "deadline `PT5M` of state `shut` is a number", "write a target"),
    ("24-invoke-without-src", "7:13", Code::MissingKey, "`invoke` of state `shut` has no `src`", "add `src: …`"),
    ("30-unreachable-state", "8:3", Code::Unreachable, "`attic` is never reached from the initial state `shut`", "lead a transition to it"),
    ("31-no-way-to-an-end", "9:3", Code::NoEnd, "`hall` can reach no end (shut —open→ hall)", "`type: final`"),
    ("32-endless-wait", "6:3", Code::EndlessWait, "`shut` waits, with neither a deadline nor an owner", "`waits_for:<party>`"),
    ("33-invoke-without-other", "8:12", Code::UnhandledOutcome, "its failures: not_found, auth,", "add the branch `other`"),
    ("34-invoke-without-done", "7:20", Code::UnhandledOutcome, "what follows when it is done", "add `onDone`"),
    ("35-join-without-error", "8:20", Code::UnhandledOutcome, "joins its children without `onError`", "add `onError`"),
    ("36-posting-refusal-unhandled", "10:12", Code::UnhandledRefusal, "`post.hold` is booked by `open` from state `shut`", "`on: { ledger.refused: … }`"),
    ("37-posting-behind-always", "11:32", Code::UnhandledRefusal, "`post.hold` is booked by `after PT5M` from state `shut`", "a refused step does not happen"),
    ("38-posting-at-the-start", "7:13", Code::UnhandledRefusal, "a run begins by booking `post.hold`", "book after the first event"),
    ("39-money-without-approval", "13:12", Code::UnapprovedEffect, "`door.pay` (money_out) on a path without approval of the revision executed (shut —open→ paying)", "`invoke: {src: approvals}`"),
    ("40-publication-after-a-revision", "15:12", Code::UnapprovedEffect, "—approvals done→ ready —revise→ ready —open→ announcing", "after the last event that changes the revision"),
    ("41-effect-left-behind", "12:15", Code::EffectLeftBehind, "`cancel` leaves state `shut` before `door.hang` has a result", "`compensate: <activity>`"),
    ("42-effect-left-by-the-state-around-it", "9:12", Code::EffectLeftBehind, "`after P1D` leaves state `shut.hanging`", "`compensate: <activity>`"),
    ("43-no-fallback", "11:11", Code::NoFallback, "`open` in state `shut` says nothing", "end the list with an unguarded transition"),
    ("44-deadline-without-fallback", "8:13", Code::NoFallback, "`after PT5M` in state `shut` says nothing", "unguarded transition"),
    ("45-shadowed-transition", "11:11", Code::ShadowedTransition, "after the one that always applies", "move the unguarded transition to the end"),
    ("46-always-cycle", "9:14", Code::EventlessCycle, "from state `shut` back to it without an event", "break the cycle"),
    ("47-final-with-an-exit", "10:20", Code::ExitFromFinal, "`gone` is final, but does not end there", "only `entry` and `tags`"),
    ("50-unknown-context", "3:10", Code::UnknownContext, "about the context `window`", "a context type that this binary has"),
    ("51-unknown-guard", "9:36", Code::UnknownGuard, "`is_loked`, which is no guard of context `door`", "did you mean `is_locked`?"),
    ("52-unknown-deadline", "8:7", Code::UnknownDeadline, "`door.closing`, which is no deadline", "did you mean `door.closes`?"),
    ("53-unknown-activity", "7:20", Code::UnknownActivity, "state `shut` of chart `door` version 1 invokes the activity `door.mesure`", "did you mean `door.measure`?"),
    ("54-activity-without-request", "7:20", Code::UnknownRequest, "`door.unrequested`, for which context `door` computes no request", "its requests:"),
    ("55-unknown-compensation", "11:19", Code::UnknownActivity, "invokes the activity `door.unhang`", "did you mean `door.hang`?"),
    ("56-unknown-posting", "9:36", Code::UnknownPosting, "`holt`, which is no posting", "did you mean `hold`?"),
    ("57-unknown-chart", "7:13", Code::UnknownStart, "names `window`", "known: `lock`"),
    ("58-unknown-task", "7:13", Code::UnknownTask, "`confrim`, which is no task", "did you mean `confirm`?"),
    ("59-unknown-notice", "7:13", Code::UnknownNotice, "`opend`, which is no notice", "did you mean `opened`?"),
    ("60-unknown-event", "9:7", Code::UnknownEvent, "`opened`, which context `door` does not understand", "did you mean `open`?"),
    ("61-event-of-the-engine", "9:7", Code::UnknownEvent, "reacts to `result`", "react with `after` or `invoke`"),
    ("62-unknown-join-predicate", "7:20", Code::UnknownGuard, "`most`, which is no guard", "its guards: `is_locked`"),
    ("63-event-nobody-understands", "7:13", Code::UnknownEvent, "`trun`, which no chart of this binary understands", "did you mean `turn`?"),
    ("70-expression-syntax", "11:15", Code::ExpressionSyntax, "cannot be parsed at character 14", "correct the expression"),
    ("71-expression-unknown-field", "11:15", Code::ExpressionField, "`ctx` has no field `knoks`", "did you mean `knocks`?"),
    ("72-expression-mixed-types", "11:15", Code::ExpressionType, "`ctx.knocks` (a whole number) is compared with `\"5\"` (text)", "compare two numbers"),
    ("73-expression-arithmetic", "11:15", Code::ExpressionForbidden, "it computes with `+`", "a named guard"),
    ("74-expression-function", "11:15", Code::ExpressionForbidden, "it calls `startsWith`", "a named guard"),
    ("75-expression-comprehension", "11:15", Code::ExpressionForbidden, "it runs through a list", "a named guard"),
    ("76-expression-unguarded-optional", "11:15", Code::ExpressionAbsent, "`ctx.code` may be absent", "`has(ctx.code) && …`"),
    ("77-expression-event-of-a-deadline", "9:33", Code::ExpressionField, "`event` has no field `times`", "its fields: none"),
];

fn problems(file: &str, text: &str) -> Vec<Problem> {
    match Chart::parse(file, text) {
        Ok(chart) => lint(&chart, &Door, &vocabulary()),
        Err(problems) => problems,
    }
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/charts/bad")
}

#[test]
fn each_is_refused_at_its_place_with_its_cause_and_its_remedy() {
    let mut wrong = Vec::new();
    for (name, place, code, cause, remedy) in CASES {
        let file = format!("{name}.yaml");
        let text = fs::read_to_string(folder().join(&file)).unwrap();
        let found = problems(&file, &text);
        let as_expected = match found.as_slice() {
            [problem] => {
                problem.to_string().starts_with(&format!("{file}:{place}: "))
                    && problem.code == *code
                    && problem.cause.contains(cause)
                    && problem.remedy.contains(remedy)
            }
            _ => false,
        };
        if !as_expected {
            let found: Vec<String> = found.iter().map(|p| format!("{} {p}", p.code)).collect();
            wrong.push(format!("{name}: expected {code} at {place}, found {found:#?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_in_the_folder_has_its_expectation() {
    let files: BTreeSet<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().replace(".yaml", ""))
        .collect();
    let expected: BTreeSet<String> = CASES.iter().map(|case| case.0.to_owned()).collect();
    assert_eq!(files, expected);
}

#[test]
fn every_code_that_a_chart_can_earn_is_earned_by_one_of_them() {
    let earned: BTreeSet<Code> = CASES.iter().map(|case| case.2).collect();
    let of_charts = Code::ALL.iter().filter(|code| (**code as u16) < Code::MigrationStates as u16);
    let missing: Vec<&Code> = of_charts.filter(|code| !earned.contains(code)).collect();
    assert_eq!(missing, Vec::<&Code>::new());
}

#[test]
fn codes_ascend_and_are_shown_with_three_digits() {
    assert!(Code::ALL.is_sorted_by(|a, b| (*a as u16) < (*b as u16)));
    assert_eq!(Code::UnknownInitial.to_string(), "C009");
}

#[test]
fn a_file_beyond_its_size_is_refused_before_it_is_read() {
    let text = format!("chart: door\n{}", "# padding\n".repeat(1_000_000));
    let found = problems("large.yaml", &text);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code, Code::Budget);
    assert!(found[0].cause.contains("10000012 bytes"), "{}", found[0]);
}

#[test]
fn several_faults_are_all_told_in_file_order() {
    let text = "chart: door\nversion: 0\ncontext: door\ninitial: shut\nstates:\n  shut:\n    on: { open: gnoe }\n    \
                whenever: []\n  gone: { type: end }\n";
    let places: Vec<(u32, Code)> = problems("door.yaml", text).iter().map(|p| (p.place.line, p.code)).collect();
    let expected = [(2, Code::WrongShape), (7, Code::UnknownTarget), (8, Code::UnknownKey), (9, Code::WrongShape)];
    assert_eq!(places, expected);
}

/// What the remedy says, done: file, the text replaced, and its replacement.
#[rustfmt::skip]
const HEALED: &[(&str, &str, &str)] = &[
    ("07-unknown-key", "onn:", "on:"),
    ("13-target-inside-another-state", "open: ajar", "open: open.ajar"),
    ("30-unreachable-state", "PT5M: gone }\n  attic", "PT5M: attic }\n  attic"),
    ("31-no-way-to-an-end", "{ target: hall }", "gone"),
    ("32-endless-wait", "on: {", "tags: ['owner:porter']\n    on: {"),
    ("33-invoke-without-other", "conflict: gone", "other: gone"),
    ("35-join-without-error", "onDone: gone }", "onDone: gone, onError: gone }"),
    ("36-posting-refusal-unhandled", "cancel: gone }", "cancel: gone, ledger.refused: {} }"),
    ("37-posting-behind-always", "{ PT5M: deciding }", "{ PT5M: deciding }\n    on: { ledger.refused: gone }"),
    ("39-money-without-approval", "open: paying, close", "close"),
    ("40-publication-after-a-revision", "revise: {}", "revise: shut"),
    ("41-effect-left-behind", "cancel: gone", "cancel: { target: gone, compensate: door.take_down }"),
    ("42-effect-left-by-the-state-around-it", "onError: gone }", "onError: gone, compensate: door.take_down }"),
    ("43-no-fallback", "guard: knocked_enough }", "guard: knocked_enough }\n        - {}"),
    ("44-deadline-without-fallback", "{ target: gone, guard: is_locked }", "[{ target: gone, guard: is_locked }, gone]"),
    ("46-always-cycle", "always: [shut]", "on: { open: gone }\n    tags: ['waits_for:visitor']"),
    ("53-unknown-activity", "door.mesure", "door.measure"),
    ("71-expression-unknown-field", "knoks", "knocks"),
    ("76-expression-unguarded-optional", "ctx.code ==", "has(ctx.code) && ctx.code =="),
];

#[test]
fn doing_what_the_remedy_says_heals_the_chart() {
    for (name, old, new) in HEALED {
        let file = format!("{name}.yaml");
        let text = fs::read_to_string(folder().join(&file)).unwrap();
        assert!(text.contains(old), "{name} does not hold {old:?}");
        let left: Vec<String> = problems(&file, &text.replace(old, new)).iter().map(ToString::to_string).collect();
        assert_eq!(left, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn whatever_is_cut_out_of_a_chart_the_problems_stay_inside_the_file() {
    let good = super::good::DOOR;
    let lines: Vec<&str> = good.lines().collect();
    let without = |at: usize| {
        let kept = lines.iter().enumerate().filter(|(line, _)| *line != at);
        kept.map(|(_, line)| format!("{line}\n")).collect::<String>()
    };
    let cut = (0..good.len()).step_by(3).filter_map(|at| good.get(..at).map(str::to_owned));
    for text in (0..lines.len()).map(without).chain(cut) {
        let height = text.lines().count() as u32 + 1;
        for problem in problems("door.yaml", &text) {
            assert!((1..=height).contains(&problem.place.line), "{problem}\n{text}");
            assert!(problem.place.column >= 1, "{problem}");
            assert!(!problem.cause.is_empty() && !problem.remedy.is_empty(), "{problem:?}");
        }
    }
}
