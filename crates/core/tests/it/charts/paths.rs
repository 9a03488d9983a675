//! Every edge and every loop-free path, timers, results and joins included.

use std::collections::BTreeSet;

use entente_core::chart::{
    graph::Graph,
    model::Chart,
    paths::{loop_free, to_each_edge},
    problem::Code,
};

use super::good::DOOR;

fn door() -> Chart {
    Chart::parse("door.yaml", DOOR).unwrap()
}

/// One line per path; edges that join the same places by different triggers are different paths.
const GOLDEN: &str = include_str!("../../charts/good/door.paths.txt");

#[test]
fn the_loop_free_paths_of_the_door_are_these() {
    let chart = door();
    let graph = Graph::new(&chart);
    let paths: Vec<String> = loop_free(&graph).unwrap().iter().map(|path| format!("{path}\n")).collect();
    assert_eq!(paths.concat(), GOLDEN, "write the left side to tests/charts/good/door.paths.txt if it is right");
}

#[test]
fn a_loop_free_path_passes_no_place_twice_and_ends_at_an_end() {
    let chart = door();
    let graph = Graph::new(&chart);
    for path in loop_free(&graph).unwrap() {
        let places: Vec<&str> = path.places().collect();
        assert_eq!(places.iter().collect::<BTreeSet<_>>().len(), places.len(), "{path}");
        assert!(chart.state(places.last().unwrap()).unwrap().is_final, "{path}");
        for (edge, from) in path.edges.iter().zip(&places) {
            assert_eq!(edge.from, *from, "{path}");
        }
    }
}

#[test]
fn every_edge_has_a_shortest_path_that_ends_with_it() {
    let chart = door();
    let graph = Graph::new(&chart);
    let paths = to_each_edge(&graph);
    let covered: Vec<String> = paths
        .iter()
        .filter_map(|path| path.edges.last())
        .map(|edge| format!("{} {} {}", edge.from, edge.via(), edge.to))
        .collect();
    let expected = [
        "shut on.cancel[0] gone",
        "shut on.knock[0] measuring",
        "shut on.knock[1] measuring",
        "shut on.knock[2] shut",
        "shut on.ledger.refused[0] shut",
        "shut after.door.closes[0] gone",
        "shut after.8 working hours[0] shut",
        "measuring onDone[0] approving",
        "measuring onError.other[0] shut",
        "measuring onError.rejected[0] shut",
        "approving onDone[0] holding",
        "approving onError.other[0] shut",
        "approving on.ledger.refused[0] shut",
        "approving after.P14D[0] shut",
        "holding onDone[0] open.ajar",
        "holding onError.other[0] shut",
        "holding on.cancel[0] gone",
        "holding on.ledger.refused[0] shut",
        "open.ajar on.open[0] open.wide",
        "open.ajar after.PT30M[0] shut",
        "open.ajar on.cancel[0] gone",
        "open.wide on.close[0] open.joining",
        "open.wide always[0] open.ajar",
        "open.wide on.cancel[0] gone",
        "open.joining join.onDone[0] gone",
        "open.joining join.onError[0] shut",
        "open.joining on.cancel[0] gone",
    ];
    assert_eq!(covered, expected);
}

#[test]
fn an_inner_answer_hides_the_outer_one_only_where_it_always_applies() {
    let text = "chart: door\nversion: 1\ncontext: door\ninitial: a\nstates:\n  a:\n    initial: b\n    on: { open: gone }\n    \
                states:\n      b: { on: { open: c } }\n      c: { on: { open: { target: b, guard: is_locked } } }\n  \
                gone: { type: final }\n";
    let chart = Chart::parse("nested.yaml", text).unwrap();
    let graph = Graph::new(&chart);
    let edges: Vec<(&str, &str)> = graph.edges().iter().map(|e| (e.from, e.to)).collect();
    assert_eq!(edges, [("a.b", "a.c"), ("a.c", "a.b"), ("a.c", "gone")]);
}

#[test]
fn a_chart_with_too_many_paths_says_so_instead_of_never_ending() {
    let mut text = "chart: maze\nversion: 1\ncontext: door\ninitial: s0\nstates:\n".to_owned();
    for at in 0..20 {
        let next = if at == 19 { "gone".to_owned() } else { format!("s{}", at + 1) };
        text.push_str(&format!("  s{at}: {{ on: {{ open: {next}, close: {next} }} }}\n"));
    }
    text.push_str("  gone: { type: final }\n");
    let chart = Chart::parse("maze.yaml", &text).unwrap();
    let refused = loop_free(&Graph::new(&chart)).unwrap_err();
    assert_eq!(refused.code, Code::TooManyPaths);
    assert!(refused.to_string().starts_with("maze.yaml:6:3: chart `maze` has more than 10000"));
    assert_eq!(to_each_edge(&Graph::new(&chart)).len(), 40);
}

#[test]
fn a_search_through_dead_ends_is_bounded_too() {
    let mut text = "chart: maze\nversion: 1\ncontext: door\ninitial: s0\nstates:\n".to_owned();
    for at in 0..12 {
        let exits: Vec<String> = (0..12).filter(|to| *to != at).map(|to| format!("e{to}: s{to}")).collect();
        text.push_str(&format!("  s{at}: {{ on: {{ {} }} }}\n", exits.join(", ")));
    }
    let chart = Chart::parse("maze.yaml", &text).unwrap();
    assert_eq!(loop_free(&Graph::new(&chart)).unwrap_err().code, Code::TooManyPaths);
}
