//! A layout as SVG: every state is a card that lists its ways out. Looks come from the page's style sheet
//! through classes; there is no style attribute, and what is drawn without a style sheet can be read.

use std::{collections::BTreeMap, fmt::Write};

use super::layout::{EdgeKind, Layout, LayoutEdge, LayoutNode, NodeKind};

/// Pixels.
const CARD: usize = 270;
const LINE: usize = 17;
const PAD: usize = 8;
const COLUMN_GAP: usize = 90;
const ROW_GAP: usize = 24;
const MARGIN: usize = 20;

/// The longest text of a line, in characters; the whole of it stands in the title.
const CHARACTERS: usize = 36;

/// Draws a layout. `id` makes the picture's own ids unique within a page.
///
/// Classes: `chart`; `node` with `start`, `work`, `wait` or `end`; `edge` and the text `exit` with `event`,
/// `deadline`, `done`, `failed` or `always`; `label`, `group` and `invoke` for other text.
pub fn svg(layout: &Layout, id: &str) -> String {
    let id: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let cards = cards(layout);
    let width = 2 * MARGIN + layout.columns * (CARD + COLUMN_GAP);
    let lowest = cards.values().map(|card| card.y + card.height()).max().unwrap_or_default();
    let mut out = format!(
        "<svg class=\"chart\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {}\" \
         font-size=\"12\" role=\"img\" aria-labelledby=\"{id}-title\">\n\
         <title id=\"{id}-title\">{}</title>\n\
         <defs><marker id=\"{id}-arrow\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" orient=\"auto\"><path class=\"arrow\" d=\"M0 0L8 4L0 8z\"/></marker></defs>\n",
        lowest + MARGIN,
        escaped(&layout.title)
    );
    // Arrows first: the cards cover them, so that no arrow strikes out a text.
    for card in cards.values() {
        for (nth, edge) in card.exits.iter().enumerate() {
            if let Some(to) = cards.get(edge.to.as_str()).filter(|_| edge.from != edge.to) {
                card.draw_arrow(&mut out, &id, nth, edge, to);
            }
        }
    }
    for card in cards.values() {
        card.draw(&mut out);
    }
    out.push_str("</svg>\n");
    out
}

/// A state on the page.
struct Card<'l> {
    node: &'l LayoutNode,
    exits: Vec<&'l LayoutEdge>,
    x: usize,
    y: usize,
}

fn cards(layout: &Layout) -> BTreeMap<&str, Card<'_>> {
    let mut filled: BTreeMap<usize, usize> = BTreeMap::new();
    let mut cards = BTreeMap::new();
    for node in &layout.nodes {
        let exits = layout.edges.iter().filter(|edge| edge.from == node.path).collect();
        let y = filled.entry(node.column).or_insert(MARGIN);
        let x = MARGIN + node.column * (CARD + COLUMN_GAP);
        let card = Card { node, exits, x, y: *y };
        *y += card.height() + ROW_GAP;
        cards.insert(node.path.as_str(), card);
    }
    cards
}

impl Card<'_> {
    fn heading(&self) -> usize {
        1 + usize::from(self.node.group.is_some()) + usize::from(self.node.invoke.is_some())
    }

    fn height(&self) -> usize {
        (self.heading() + self.exits.len()) * LINE + 2 * PAD
    }

    /// The middle of a line, counted from the card's top.
    fn middle_of(&self, line: usize) -> usize {
        self.y + PAD + line * LINE + LINE / 2
    }

    fn draw(&self, out: &mut String) {
        let kind = match self.node.kind {
            NodeKind::Start => "start",
            NodeKind::Work => "work",
            NodeKind::Wait => "wait",
            NodeKind::End => "end",
        };
        let mut lines = Vec::new();
        if let Some(group) = &self.node.group {
            lines.push(("group", group.as_str()));
        }
        lines.push(("label", self.node.label.as_str()));
        if let Some(invoke) = &self.node.invoke {
            lines.push(("invoke", invoke.as_str()));
        }
        let middle = self.x + CARD / 2;
        let heading = lines.iter().enumerate().map(|(nth, (class, text))| {
            format!(
                "<text class=\"{class}\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\"{}>{}</text>",
                self.middle_of(nth) + 4,
                if *class == "label" { " font-weight=\"bold\"" } else { "" },
                escaped(text)
            )
        });
        let exits = self.exits.iter().enumerate().map(|(nth, edge)| self.exit(nth, edge));
        let text: String = heading.chain(exits).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "<g class=\"node {kind}\" data-state=\"{}\"><rect x=\"{}\" y=\"{}\" width=\"{CARD}\" \
             height=\"{}\" rx=\"{}\" fill=\"#fff\" stroke=\"currentColor\"/>{text}</g>",
            escaped(&self.node.path),
            self.x,
            self.y,
            self.height(),
            if self.node.kind == NodeKind::End { 16 } else { 4 },
        );
    }

    /// A way out as a line of the card.
    fn exit(&self, nth: usize, edge: &LayoutEdge) -> String {
        let stays = if edge.from == edge.to { " (stays)" } else { "" };
        format!(
            "<text class=\"exit {}\" x=\"{}\" y=\"{}\">{}<title>{} to {}</title></text>",
            class(edge.kind),
            self.x + PAD,
            self.middle_of(self.heading() + nth) + 4,
            escaped(&shortened(&format!("{}{stays}", edge.label))),
            escaped(&edge.label),
            escaped(&edge.to),
        )
    }

    fn draw_arrow(&self, out: &mut String, id: &str, nth: usize, edge: &LayoutEdge, to: &Card<'_>) {
        let path = self.curve(self.middle_of(self.heading() + nth), to);
        let _ = writeln!(
            out,
            "<g class=\"edge {}\"><title>{} to {}</title><path d=\"{path}\" fill=\"none\" \
             stroke=\"currentColor\" stroke-opacity=\"0.5\" marker-end=\"url(#{id}-arrow)\"/></g>",
            class(edge.kind),
            escaped(&edge.label),
            escaped(&edge.to),
        );
    }

    /// To the right from side to side, to the left likewise, within a column around the right side.
    fn curve(&self, y: usize, to: &Card<'_>) -> String {
        let end = to.middle_of(0);
        if to.x > self.x {
            let (start, stop) = (self.x + CARD, to.x);
            let bend = COLUMN_GAP * 2 / 3;
            format!("M{start} {y}C{} {y} {} {end} {stop} {end}", start + bend, stop - bend)
        } else if to.x < self.x {
            let (start, stop) = (self.x, to.x + CARD);
            let bend = COLUMN_GAP * 2 / 3;
            format!("M{start} {y}C{} {y} {} {end} {stop} {end}", start - bend, stop + bend)
        } else {
            let side = self.x + CARD;
            let bend = side + COLUMN_GAP / 2;
            format!("M{side} {y}C{bend} {y} {bend} {end} {side} {end}")
        }
    }
}

fn class(kind: EdgeKind) -> &'static str {
    match kind {
        EdgeKind::Event => "event",
        EdgeKind::Deadline => "deadline",
        EdgeKind::Done => "done",
        EdgeKind::Failed => "failed",
        EdgeKind::Always => "always",
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= CHARACTERS {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(CHARACTERS - 1).collect();
    short.push('…');
    short
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}
