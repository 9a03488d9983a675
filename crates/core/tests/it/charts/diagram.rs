//! Pictures: Mermaid text as it is, the grid, and an SVG that a strict page may embed.

use entente_core::chart::{
    diagram::{EdgeKind, NodeKind, layout, mermaid, svg},
    model::Chart,
};

use super::good::DOOR;

fn door() -> Chart {
    Chart::parse("door.yaml", DOOR).unwrap()
}

#[test]
fn the_mermaid_picture_of_the_door_is_this() {
    let golden = include_str!("../../charts/good/door.mmd");
    let drawn = mermaid(&door());
    assert_eq!(drawn, golden, "write the left side to tests/charts/good/door.mmd if it is right");
}

#[test]
fn columns_follow_the_distance_from_the_start() {
    let layout = layout(&door());
    let places: Vec<(&str, NodeKind, usize, usize)> =
        layout.nodes.iter().map(|node| (node.path.as_str(), node.kind, node.column, node.row)).collect();
    let expected = [
        ("shut", NodeKind::Start, 0, 0),
        ("measuring", NodeKind::Work, 1, 0),
        ("approving", NodeKind::Work, 2, 0),
        ("holding", NodeKind::Work, 3, 0),
        ("open.ajar", NodeKind::Wait, 4, 0),
        ("open.wide", NodeKind::Wait, 5, 0),
        ("open.joining", NodeKind::Wait, 6, 0),
        ("gone", NodeKind::End, 7, 0),
    ];
    assert_eq!(places, expected);
    assert_eq!((layout.columns, layout.rows), (8, 1));
    assert_eq!(layout.nodes[4].group.as_deref(), Some("open"));
    assert_eq!(layout.nodes[1].invoke.as_deref(), Some("door.measure"));
}

#[test]
fn ways_of_one_kind_between_two_places_are_one_edge_with_all_their_labels() {
    let layout = layout(&door());
    let knocks: Vec<_> = layout.edges.iter().filter(|e| e.from == "shut" && e.to == "measuring").collect();
    assert_eq!(knocks.len(), 1);
    assert_eq!(knocks[0].kind, EdgeKind::Event);
    assert!(knocks[0].label.starts_with("knock [knocked_enough], knock [event.times >= 3"));
    let away = layout.edges.iter().filter(|e| e.from == "measuring" && e.to == "shut");
    assert_eq!(away.map(|e| e.kind).collect::<Vec<_>>(), [EdgeKind::Failed]);
}

#[test]
fn the_svg_has_classes_titles_and_nothing_that_a_strict_page_forbids() {
    let drawn = svg(&layout(&door()), "door\"><script>");
    assert!(drawn.starts_with("<svg class=\"chart\""));
    assert!(drawn.contains("id=\"doorscript-title\">door version 1</title>"));
    assert!(drawn.contains("<g class=\"node end\" data-state=\"gone\">"));
    assert!(drawn.contains("event.times &gt;= 3 || has(ctx.code) &amp;&amp; ctx.code"));
    for forbidden in ["style", "<script", "onload", "href", "&& "] {
        assert!(!drawn.contains(forbidden), "{forbidden}");
    }
    let opened = drawn.matches("<g ").count();
    assert_eq!(opened, drawn.matches("</g>").count());
    let grid = layout(&door());
    let arrows = grid.edges.iter().filter(|edge| edge.from != edge.to).count();
    assert_eq!(opened, grid.nodes.len() + arrows);
    assert_eq!(drawn.matches("class=\"exit ").count(), grid.edges.len());
}

#[test]
fn drawing_twice_gives_the_same_picture() {
    assert_eq!(svg(&layout(&door()), "a"), svg(&layout(&door()), "a"));
    assert_eq!(mermaid(&door()), mermaid(&door()));
}
