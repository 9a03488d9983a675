//! `entente import`: lists of what was granted and paid before Entente.

mod agree;

use std::{
    fs::File,
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

use entente_core::ids::PersonId;
use entente_payments::table::{self, Cell};
use entente_store::{ImportRow, ImportStatus};
use serde_json::{Value, json};

use self::agree::{Apply, told};
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        output::{Out, instant},
        session::{Globals, Session},
    },
    funding::import::{self, DEFECTS_MOST, Defect, Identity, Mapping, NotStaged, Report, Staged, TEMPLATE, World},
};

/// How much of an id is shown.
const SHORT: usize = 12;
/// How much of one has to be given.
const GIVEN_LEAST: usize = 6;
/// The most defects that are told on the terminal.
const TOLD_MOST: usize = 50;

/// Bring in lists of what was granted and paid before, from CSV or XLSX
#[derive(Debug, clap::Subcommand)]
pub enum Import {
    /// Print a mapping to begin with, which says how a list is read
    Template,
    /// Read a list and say what it would bring and what is wrong with it; nothing is written
    Check(Check),
    /// Store a list without defects, for somebody else to agree to
    Stage(Stage),
    /// List what was brought in
    List,
    /// Show what a list says: its sums, and lines drawn from it
    Show(Which),
    /// Agree to a list that somebody else has staged: from now on it counts
    Apply(Apply),
    /// Open requests for what a list says was granted
    Open(Which),
    /// Take a list out again that nobody has agreed to
    Drop(Which),
}

/// A list and how it is read.
#[derive(Debug, clap::Args)]
pub struct List {
    /// The list, as CSV or XLSX
    file: PathBuf,
    /// How it is read; begin with `entente import template`
    #[arg(long, value_name = "FILE.YAML")]
    mapping: PathBuf,
}

/// A list to be checked.
#[derive(Debug, clap::Args)]
pub struct Check {
    #[command(flatten)]
    list: List,
    /// Write all defects to a CSV
    #[arg(long, value_name = "FILE.CSV")]
    errors: Option<PathBuf>,
}

/// A list to be staged.
#[derive(Debug, clap::Args)]
pub struct Stage {
    #[command(flatten)]
    list: List,
    /// Stage it although the very same file was brought in with another mapping, as for another sheet of it
    #[arg(long)]
    again: bool,
}

/// One that was brought in.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// Its id, or the beginning of it
    id: String,
}

impl Import {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        if let Import::Template = self {
            globals.out().data(TEMPLATE.trim_end());
            return Ok(Exit::Ok);
        }
        let session = Session::open(globals).await?;
        match self {
            Import::Template => Ok(Exit::Ok),
            Import::Check(check) => check.run(&session).await,
            Import::Stage(stage) => stage.run(&session).await,
            Import::List => shown(&session).await,
            Import::Show(which) => which.show(&session).await,
            Import::Apply(apply) => apply.run(&session).await,
            Import::Open(which) => which.open(&session).await,
            Import::Drop(which) => which.drop(&session).await,
        }
    }
}

/// The person who acts. Lists are about all legal entities that have funds: whoever acts works for each of them.
fn acts(session: &Session, action: Action, name: &str, world: &World) -> Result<String, Failure> {
    let actor = session.act(action, "import", name)?;
    for entity in world.entities() {
        session.act_for(action, "import", name, &entity)?;
    }
    Ok(actor.person.to_string())
}

impl List {
    fn read(&self) -> Result<(Mapping, Identity, String), Failure> {
        let text = input::document(&self.mapping)?;
        let mapping = Mapping::read(&input::name(&self.mapping), &text)?;
        let unreadable = |error| Failure::usage(format!("{}: cannot be read: {error}", input::name(&self.file)));
        let identity = import::identify(&self.file, &text).map_err(unreadable)?;
        Ok((mapping, identity, text))
    }
}

impl Stage {
    async fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let store = session.app.store.as_ref();
        let name = input::name(&self.list.file);
        let by = acts(session, Action::ImportFunds, &name, &World::read(store).await?)?;
        let (mapping, identity, text) = self.list.read()?;
        let of = (self.list.file.as_path(), &identity, text.as_str());
        let staged = import::stage(store, &mapping, of, self.again, &by, session.app.clock.now()).await;
        let out = &session.out;
        match staged {
            Ok(Staged::Now(row, report)) => {
                tell(out, &name, &identity, &report, Some(&row))?;
                let id = short(&row);
                out.say(&format!("staged as `{id}`; somebody else in finance looks at it: `entente import show {id}`"));
                Ok(Exit::Ok)
            }
            Ok(Staged::Before(row)) => {
                if out.is_json() {
                    out.json(&shape(&row))?;
                }
                out.say(&format!("`{}` was brought in before, exactly as it is; nothing was written", short(&row)));
                Ok(Exit::Ok)
            }
            Ok(Staged::NothingNew(report)) => {
                tell(out, &name, &identity, &report, None)?;
                out.say("all that it says was brought in before; nothing was written");
                Ok(Exit::Ok)
            }
            Err(NotStaged::Defects(report)) => {
                tell(out, &name, &identity, &report, None)?;
                let failure = Failure::usage(format!("{name}: {} defects; nothing was written", report.defective));
                Err(failure.hint("write them to a CSV with `entente import check --errors`, and correct the list"))
            }
            Err(NotStaged::Elsewhere { import, report }) => {
                tell(out, &name, &identity, &report, None)?;
                let why = NotStaged::Elsewhere { import, report }.to_string();
                let failure = Failure::new(Exit::Conflict, format!("{name}: {why}; nothing was written"));
                Err(failure.hint("its lines would count a second time; where they are others, such as those of another sheet, add --again"))
            }
            Err(NotStaged::Changed) => Err(Failure::new(Exit::Conflict, format!("{name}: {}", NotStaged::Changed))),
            Err(NotStaged::Records(error)) => Err(error.into()),
        }
    }
}

impl Check {
    async fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let store = session.app.store.as_ref();
        let name = input::name(&self.list.file);
        let world = World::read(store).await?;
        acts(session, Action::ImportFunds, &name, &world)?;
        let (mapping, identity, _) = self.list.read()?;
        let report = import::check(store, &world, &mapping, &identity, &self.list.file).await?;
        if let Some(errors) = &self.errors {
            write_defects(errors, &report.defects).map_err(|error| {
                Failure::new(Exit::Error, format!("{}: cannot be written: {error}", input::name(errors)))
            })?;
        }
        tell(&session.out, &name, &identity, &report, None)?;
        session.out.say("nothing was written");
        Ok(if report.defective == 0 { Exit::Ok } else { Exit::Differences })
    }
}

impl Which {
    async fn find(&self, session: &Session) -> Result<ImportRow, Failure> {
        let all = session.app.store.imports().await?;
        let mut found = all.into_iter().filter(|row| self.id.len() >= GIVEN_LEAST && row.new.id.starts_with(&self.id));
        let first = found.next().ok_or_else(|| {
            let failure = Failure::new(Exit::NotFound, format!("import `{}` does not exist", self.id));
            failure.hint("list them with `entente import list`; at least six characters of an id are given")
        })?;
        match found.next() {
            None => Ok(first),
            Some(_) => Err(Failure::usage(format!("several imports begin with `{}`; give more of the id", self.id))),
        }
    }

    /// What a list says, for those who bring it and those who agree to it.
    async fn show(&self, session: &Session) -> Result<Exit, Failure> {
        let store = session.app.store.as_ref();
        let row = self.find(session).await?;
        let world = World::read(store).await?;
        acts(session, Action::ImportFunds, &row.new.file, &world)
            .or_else(|_| acts(session, Action::AgreeToImports, &row.new.file, &world))?;
        let contents = import::contents(store, &row.new.id).await?;
        if session.out.is_json() {
            session.out.json(&json!({ "import": shape(&row), "contents": contents }))?;
            return Ok(Exit::Ok);
        }
        told(&session.out, &row, &contents);
        Ok(Exit::Ok)
    }

    async fn open(&self, session: &Session) -> Result<Exit, Failure> {
        let row = self.find(session).await?;
        session.act(Action::AskForFunds, "import", &row.new.file)?;
        if session.party().is_some() {
            return Err(Failure::new(Exit::Forbidden, "requests of a list are opened by the vendor's own people"));
        }
        if row.status != ImportStatus::Applied {
            let failure = Failure::new(Exit::Conflict, format!("nobody has agreed to import `{}`", short(&row)));
            return Err(failure.hint("somebody in finance agrees with `entente import apply`"));
        }
        // Whoever wrote the amounts is the one who asks for them, and so never agrees to one of these requests.
        let by = &row.new.by;
        let is_here = by.parse().is_ok_and(|by: PersonId| session.app.people.person(&by).is_some());
        if is_here && session.person()?.as_str() != by {
            let failure = Failure::new(Exit::Forbidden, format!("`{by}` has brought import `{}`", short(&row)));
            return Err(failure.hint(format!("requests are opened by who has written their amounts: `{by}`")));
        }
        let store = session.app.store.as_ref();
        let asks = |home: &entente_core::scope::Home| {
            session.act_for(Action::AskForFunds, "request", &row.new.file, &home.legal_entity)
        };
        let opened = import::open::<Failure>(store, &row, session.app.clock.now(), asks).await?;
        if session.out.is_json() {
            session.out.json(&json!({ "id": row.new.id, "requests": opened.requests, "through": opened.through }))?;
        }
        let served = "see where they stand with `entente request list`";
        session.out.say(&format!("{} requests were opened and submitted; {served}", opened.requests));
        Ok(Exit::Ok)
    }

    async fn drop(&self, session: &Session) -> Result<Exit, Failure> {
        let store = session.app.store.as_ref();
        let row = self.find(session).await?;
        acts(session, Action::ImportFunds, &row.new.file, &World::read(store).await?)?;
        if row.status == ImportStatus::Applied {
            return Err(Failure::new(Exit::Conflict, format!("import `{}` counts, and stays", short(&row))));
        }
        while !store.drop_import(&row.new.id).await? {}
        session.out.say(&format!("`{}` is gone", short(&row)));
        Ok(Exit::Ok)
    }
}

fn short(row: &ImportRow) -> String {
    row.new.id.chars().take(SHORT).collect()
}

fn word(status: ImportStatus) -> &'static str {
    match status {
        ImportStatus::Staging => "staging",
        ImportStatus::Staged => "staged",
        ImportStatus::Applied => "applied",
    }
}

fn shape(row: &ImportRow) -> Value {
    let applied = row.applied.as_ref();
    json!({
        "id": row.new.id,
        "file": row.new.file,
        "file_sha256": row.new.file_sha256,
        "mapping_sha256": row.new.mapping_sha256,
        "status": word(row.status),
        "lines": row.lines,
        "staged_by": row.new.by,
        "staged_at": row.new.at,
        "applied_by": applied.map(|(by, _)| by),
        "applied_at": applied.map(|(_, at)| at),
    })
}

async fn shown(session: &Session) -> Result<Exit, Failure> {
    session
        .reach(Action::ImportFunds, "imports", "list")
        .or_else(|_| session.reach(Action::AgreeToImports, "imports", "list"))?;
    let rows = session.app.store.imports().await?;
    if session.out.is_json() {
        session.out.json(&rows.iter().map(shape).collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    let cells = rows.iter().map(|row| {
        let (by, at) = row.applied.clone().map_or_else(Default::default, |(by, at)| (by, instant(at)));
        let staged = instant(row.new.at);
        let status = word(row.status).to_owned();
        vec![short(row), row.new.file.clone(), status, row.lines.to_string(), row.new.by.clone(), staged, by, at]
    });
    let heading = ["import", "file", "status", "lines", "staged by", "at", "agreed by", "at"];
    session.out.table(&heading, &cells.collect::<Vec<_>>());
    Ok(Exit::Ok)
}

/// What reading a list has shown.
fn tell(
    out: &Out,
    name: &str,
    identity: &Identity,
    report: &Report,
    import: Option<&ImportRow>,
) -> Result<(), Failure> {
    let sums = report.sums();
    if out.is_json() {
        return out.json(&json!({
            "file": name,
            "file_sha256": identity.file_sha256,
            "mapping_sha256": identity.mapping_sha256,
            "import": import.map(shape),
            "rows": report.rows,
            "new": report.new,
            "known": report.known,
            "over": report.over,
            "sums": sums,
            "defective": report.defective,
            "defects": report.defects,
        }));
    }
    let rows = sums
        .iter()
        .map(|sum| vec![sum.fund.clone(), sum.status.to_owned(), sum.lines.to_string(), sum.amount.to_string()]);
    out.table(&["fund", "status", "lines", "sum"], &rows.collect::<Vec<_>>());
    if report.defective > 0 {
        out.heading("Defects");
        let defects = report.defects.iter().take(TOLD_MOST).map(|defect| {
            vec![defect.row.to_string(), defect.column.clone(), defect.value.clone(), defect.problem.clone()]
        });
        out.table(&["row", "column", "value", "problem"], &defects.collect::<Vec<_>>());
    }
    let Report { rows, new, known, over, defective, .. } = report;
    out.say(&format!("{rows} rows: {new} new, {known} brought in before, {over} over; {defective} defects"));
    if *defective > DEFECTS_MOST as u64 {
        out.say(&format!("the first {DEFECTS_MOST} defects are kept"));
    }
    Ok(())
}

/// Writes defects as a table that no spreadsheet executes.
fn write_defects(path: &Path, defects: &[Defect]) -> io::Result<()> {
    let rows: Vec<(String, &Defect)> = defects.iter().map(|defect| (defect.row.to_string(), defect)).collect();
    let rows = rows.iter().map(|(row, defect)| {
        vec![Cell::Text(row), Cell::Text(&defect.column), Cell::Text(&defect.value), Cell::Text(&defect.problem)]
    });
    table::write(&["row", "column", "value", "problem"], rows, BufWriter::new(File::create(path)?))
}
