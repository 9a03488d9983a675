//! Pictures of a chart: Mermaid text, and a layout with an SVG made from it. Pure and deterministic.

mod layout;
mod mermaid;
mod svg;

pub use layout::{EdgeKind, Layout, LayoutEdge, LayoutNode, NodeKind, layout};
pub use mermaid::mermaid;
pub use svg::svg;
