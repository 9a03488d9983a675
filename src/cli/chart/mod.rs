//! `entente chart`: lifecycles as files; only releasing one and moving runs need the database.

mod check;
mod draw;
mod migrate;
mod names;
mod paths;
mod release;
mod simulate;

use std::path::{Path, PathBuf};

use entente_core::chart::{model::Chart as Model, problem::Problem};

use super::{exit::Exit, failure::Failure, input, output::Out, session::Globals};

/// Check, draw and try charts
#[derive(Debug, clap::Subcommand)]
pub enum Chart {
    /// Prove that charts can run in this binary, and that migrations suit their charts
    Check {
        /// Charts, migrations, or folders of workflows
        #[arg(required = true, value_name = "FILE|FOLDER")]
        files: Vec<PathBuf>,
    },
    /// Draw a chart
    Draw {
        /// The chart
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// How
        #[arg(long, value_enum, default_value_t)]
        format: draw::Format,
    },
    /// Move runs at rest to another version of their chart
    Migrate(migrate::Migrate),
    /// List every way through a chart
    Paths {
        /// The chart
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// List every edge with a shortest way to it instead
        #[arg(long)]
        edges: bool,
    },
    /// Release a chart: new runs are pinned to its newest version, and it is never changed afterwards
    Release {
        /// The chart
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Tell a chart its stories and compare
    Simulate {
        /// Workflow folders, each with its charts and its `scenarios`
        #[arg(required = true, value_name = "FOLDER")]
        folders: Vec<PathBuf>,
    },
}

impl Chart {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let out = globals.out();
        match self {
            Chart::Check { files } => check::run(&out, &files),
            Chart::Draw { file, format } => draw::run(&out, &file, format),
            Chart::Migrate(migrate) => migrate.run(globals).await,
            Chart::Paths { file, edges } => paths::run(&out, &file, edges),
            Chart::Release { file } => release::run(globals, &file).await,
            Chart::Simulate { folders } => simulate::run(&out, &folders),
        }
    }
}

/// Reads a chart, or everything that is wrong with it.
fn read(path: &Path) -> Result<Result<Model, Vec<Problem>>, Failure> {
    let text = input::document(path)?;
    Ok(Model::parse(&input::name(path), &text))
}

/// Reads a chart; problems are shown, and end the command.
fn readable(out: &Out, path: &Path) -> Result<Model, Failure> {
    read(path)?.map_err(|problems| {
        show(out, &problems);
        Failure::usage(format!("{}: not a chart ({} problems)", path.display(), problems.len()))
    })
}

/// Shows problems, one per line.
fn show(out: &Out, problems: &[Problem]) {
    for problem in problems {
        out.data(&format!("{problem} ({})", problem.code));
    }
}

/// Whether a file's name is that of a migration: `v1-to-v2.yaml`.
fn is_migration(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let versions = stem.split_once("-to-");
    versions.is_some_and(|(from, to)| is_version(from) && is_version(to)) && is_yaml(path)
}

/// `v1`.
fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml")
}

/// Whether a file's name is that of a chart: `v1.yaml`.
fn is_chart(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let folder = path.parent().and_then(Path::file_name).and_then(|name| name.to_str()).unwrap_or_default();
    is_version(stem) && is_yaml(path) && folder != "policy"
}
