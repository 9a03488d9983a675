//! The current period as plain characters.

use entente_core::commitment::drawing::{Caption, terminal_burn_down};

use crate::{
    cli::{failure::Failure, output::Out},
    commitments::{
        CommitmentError,
        family::Family,
        picture::{burn, curves},
        sight::Sight,
    },
};

/// Draws what was spent of the current period and where it will end, as wide as the terminal.
pub fn draw(out: &Out, sight: &Sight, family: &Family) -> Result<(), Failure> {
    let figures = &sight.figures;
    let title = format!("{}, period {}", figures.commitment, figures.period.number);
    let curves = curves(sight, family)?;
    // What it stands on was said above.
    let caption = Caption { title: &title, foot: &[], id: "" };
    let drawn = terminal_burn_down(&burn(caption, sight, &curves), out.width()).map_err(CommitmentError::from)?;
    out.heading("burn-down");
    out.data(&drawn);
    Ok(())
}
