//! `entente chart release`.

use std::path::Path;

use super::{names::Names, readable, show};
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        session::{Globals, Session},
    },
};

pub async fn run(globals: &Globals, file: &Path) -> Result<Exit, Failure> {
    let out = globals.out();
    let bound = Names::of_this_binary().bind(readable(&out, file)?).map_err(|problems| {
        show(&out, &problems);
        Failure::usage(format!("{}: cannot run in this binary ({} problems)", file.display(), problems.len()))
    })?;
    let session = Session::open(globals).await?;
    let chart = &bound.chart;
    let actor = session.act(Action::ReleaseChart, "chart", &chart.name)?;
    let released = session.app.definitions.release(chart, actor.person.as_str(), session.app.clock.now()).await;
    released.map_err(|error| {
        let failure = Failure::from(error);
        match failure.exit {
            Exit::Conflict => failure.hint("a released chart never changes; raise `version` in the file"),
            _ => failure,
        }
    })?;
    session
        .out
        .say(&format!("`{}` version {} is released; runs under way finish on theirs", chart.name, chart.version));
    Ok(Exit::Ok)
}
