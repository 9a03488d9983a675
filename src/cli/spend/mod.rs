//! `entente spend`: what customers spend towards their commitments.

mod again;
mod import;
mod look;
mod progress;
mod retract;
mod rules;
mod shown;

use entente_core::event::Actor;
use entente_store::ReadingRow;

use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        session::{Globals, Session},
    },
    commitments::stored::{self, Stored},
    offers::DeskError,
    spend::{DrawdownFailed, ImportError, SourceError},
};

/// How much of a reading's id is shown.
const SHORT: usize = 12;
/// How much of one has to be given.
const GIVEN_LEAST: usize = 6;

/// Take in what customers spend towards their commitments
#[derive(Debug, clap::Subcommand)]
pub enum Spend {
    /// Take in a file, a folder of files or what lies under an address
    Import(import::Import),
    /// List what was taken in, version by version
    List(look::List),
    /// Show the rows of a reading that were set aside, and why
    Quarantine(look::Which),
    /// Show what a restated file, or another judgement of it, has changed
    Differences(look::Differences),
    /// Read again what is kept, after the contract or the rules have changed
    Again(again::Again),
    /// Take back what was taken in by mistake; its partition says nothing then
    Retract(retract::Retract),
    /// Keep and show your own rules of eligibility
    #[command(subcommand)]
    Rules(rules::Rules),
}

impl Spend {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        match self {
            Spend::Import(import) => import.run(globals).await,
            Spend::List(list) => list.run(&Session::open(globals).await?).await,
            Spend::Quarantine(which) => which.quarantine(&Session::open(globals).await?).await,
            Spend::Differences(differences) => differences.run(&Session::open(globals).await?).await,
            Spend::Again(again) => again.run(globals).await,
            Spend::Retract(retract) => retract.run(globals).await,
            Spend::Rules(rules) => rules.run(globals).await,
        }
    }
}

/// The commitments that a command is about.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub struct Whose {
    /// The commitment, by its id or label; give it again for several
    #[arg(long, value_name = "COMMITMENT")]
    commitment: Vec<String>,
    /// All commitments of a buyer
    #[arg(long, value_name = "PARTY")]
    party: Option<entente_core::ids::PartyId>,
}

impl Whose {
    /// The commitments, each with the person, who may do it for its legal entity.
    async fn find(&self, session: &Session) -> Result<Vec<(Stored, Actor)>, Failure> {
        let store = session.app.store.as_ref();
        let name = self.party.as_ref().map_or_else(|| self.commitment.join(", "), ToString::to_string);
        let scope = session.reach(Action::ImportSpend, "spend", &name)?;
        let found = match &self.party {
            Some(party) => stored::of_party(store, &scope, party).await?,
            None => {
                let mut found = Vec::new();
                for name in &self.commitment {
                    found.push(stored::named(store, &scope, name).await?);
                }
                found
            }
        };
        if found.is_empty() {
            return Err(Failure::new(Exit::NotFound, format!("`{name}` has no commitment")));
        }
        let acts = |one: Stored| -> Result<(Stored, Actor), Failure> {
            let (id, entity) = (one.commitment.id.as_str(), &one.commitment.legal_entity);
            let actor = session.act_for(Action::ImportSpend, "commitment", id, entity)?;
            Ok((one, actor))
        };
        found.into_iter().map(acts).collect()
    }
}

fn short(row: &ReadingRow) -> String {
    row.new.id.chars().take(SHORT).collect()
}

/// A reading by the beginning of its id, with every reading of its commitment.
async fn reading(session: &Session, id: &str) -> Result<(ReadingRow, Vec<ReadingRow>), Failure> {
    let scope = session.reach(Action::ReadSpend, "spend", id)?;
    let all = session.app.store.readings(&scope, None).await?;
    let mut found = all.iter().filter(|row| id.len() >= GIVEN_LEAST && row.new.id.starts_with(id));
    let first = found.next().ok_or_else(|| {
        let failure = Failure::new(Exit::NotFound, format!("reading `{id}` does not exist"));
        failure.hint("list them with `entente spend list`; at least six characters of an id are given")
    })?;
    if found.next().is_some() {
        return Err(Failure::usage(format!("several readings begin with `{id}`; give more of the id")));
    }
    let first = first.clone();
    let of = |row: &ReadingRow| row.new.commitment == first.new.commitment;
    let all = all.into_iter().filter(of).collect();
    Ok((first, all))
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Failure {
        match error {
            ImportError::Records(error) => error.into(),
            ImportError::File { .. }
            | ImportError::Nothing { .. }
            | ImportError::NotDays { .. }
            | ImportError::NotSums { .. }
            | ImportError::OtherLots { .. }
            | ImportError::Outside { .. }
            | ImportError::Amount(_) => Failure::usage(error.to_string()),
            ImportError::Elsewhere { ref partition, .. } => {
                let hint =
                    format!("name that partition with `--partition {partition}` where the file is meant to be it");
                Failure::new(Exit::Conflict, error.to_string()).hint(hint)
            }
            ImportError::OtherDays { .. } => {
                let hint = "name the folder above, so that each month has a partition, or `--partition`; where the days before are \
                            to go, give `--restate`";
                Failure::new(Exit::Conflict, error.to_string()).hint(hint)
            }
            ImportError::Unended { .. } | ImportError::Shrunk { .. } => {
                let hint = "fetch it again; where it is whole, give `--whole`";
                Failure::new(Exit::Conflict, error.to_string()).hint(hint)
            }
            ImportError::NotShared { .. } => Failure::new(Exit::Conflict, error.to_string())
                .hint("the buyer shares them with `entente card share`; nothing was taken in"),
            ImportError::KeptApart { .. } => Failure::new(Exit::Conflict, error.to_string())
                .hint("name another partition with `--partition`, or rename the file"),
            ImportError::BesideEvents { .. } => {
                let hint =
                    "share either the events or an export of the same days; where both are to count, give `--beside`";
                Failure::new(Exit::Conflict, error.to_string()).hint(hint)
            }
            ImportError::Twice { ref partition, .. } => {
                let hint = format!(
                    "where it restates that one, give `--partition {partition}`; where both are to count, `--beside`; what is in by \
                     mistake is taken back with `entente spend retract`"
                );
                Failure::new(Exit::Conflict, error.to_string()).hint(hint)
            }
            ImportError::PartGone { ref reading, .. } => {
                let reading: String = reading.chars().take(SHORT).collect();
                let hint = format!(
                    "where the export is written to its end, take that part back with `entente spend retract {reading}`, and give \
                     the command again"
                );
                Failure::new(Exit::Conflict, error.to_string()).hint(hint)
            }
            ImportError::Overtaken { .. } => {
                Failure::new(Exit::Conflict, error.to_string()).hint("give the command again for the rest")
            }
            ImportError::NotCurrent(_) => Failure::new(Exit::Conflict, error.to_string()),
            ImportError::Kept(_) | ImportError::BrokeOff(_) => Failure::new(Exit::Error, error.to_string()),
        }
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Failure {
        match error {
            SourceError::Remote(_) => Failure::new(Exit::Error, error.to_string()),
            SourceError::PartMissing { .. } => Failure::new(Exit::Conflict, error.to_string()).hint(
                "fetch the run again, with all of its files, or remove its folder where an older run is to be taken in",
            ),
            _ => Failure::usage(error.to_string()),
        }
    }
}

impl From<DrawdownFailed> for Failure {
    fn from(error: DrawdownFailed) -> Failure {
        match error {
            DrawdownFailed::Store(error) => DeskError::from(error).into(),
            DrawdownFailed::Drawdown(error) => Failure::new(Exit::Conflict, error.to_string()),
            DrawdownFailed::Amount(error) => Failure::new(Exit::Conflict, error.to_string()),
        }
    }
}
