//! `entente chart draw`.

use std::path::Path;

use entente_core::chart::diagram;

use super::readable;
use crate::cli::{exit::Exit, failure::Failure, output::Out};

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
pub enum Format {
    /// Mermaid's text, as documentation embeds it.
    #[default]
    Mermaid,
    /// A picture.
    Svg,
}

pub fn run(out: &Out, file: &Path, format: Format) -> Result<Exit, Failure> {
    let chart = readable(out, file)?;
    let drawn = match format {
        Format::Mermaid => diagram::mermaid(&chart),
        Format::Svg => diagram::svg(&diagram::layout(&chart), &chart.name),
    };
    out.data(drawn.trim_end());
    Ok(Exit::Ok)
}
