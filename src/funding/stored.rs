//! Papers as the database keeps them.

use entente_core::{
    context::{
        funding::{FUND_KEY, FundPaper, PARTNER_KEY, Paper, PartnerPaper, RequestPaper, Sheet, SheetContext},
        raised,
    },
    ids::{FundId, PartyId},
    scope::Scope,
};
use entente_store::{RunFilter, RunKey, RunRow, Store};
use serde::Deserialize as _;

use crate::offers::{DeskError, stored::runs};

/// A stored paper: its run and its typed context.
#[derive(Debug, Clone)]
pub struct Stored<P: Paper> {
    /// The run.
    pub row: RunRow,
    /// What it knows.
    pub sheet: Sheet<P>,
}

impl<P: Paper> Stored<P> {
    /// Whether its state has a tag.
    pub fn has(&self, tag: &str) -> bool {
        self.row.snapshot.tags.iter().any(|known| known == tag)
    }

    /// Its label.
    pub fn label(&self) -> &str {
        &self.row.snapshot.label
    }
}

/// Reads a run's context.
///
/// # Errors
/// When the run is not such a paper, or not one that this binary understands.
pub fn typed<P: Paper>(row: RunRow) -> Result<Stored<P>, DeskError> {
    let unreadable = |why: String| DeskError::Unreadable { what: format!("`{}`", row.snapshot.label), why };
    if row.snapshot.chart.name != P::NAME {
        return Err(unreadable(format!("it is a run of chart `{}`, not of `{}`", row.snapshot.chart.name, P::NAME)));
    }
    let sheet = {
        let context = raised(&SheetContext::<P>::default(), &row.snapshot);
        let context = context.map_err(|error| unreadable(error.to_string()))?;
        Sheet::deserialize(context.as_ref()).map_err(|error| unreadable(error.to_string()))?
    };
    Ok(Stored { row, sheet })
}

/// A paper by its label, as far as the scope reaches; `kind` is what people call it.
///
/// # Errors
/// When there is none in reach, or the database cannot be read.
pub async fn by_label<P: Paper>(
    store: &dyn Store,
    scope: &Scope,
    kind: &'static str,
    label: &str,
) -> Result<Stored<P>, DeskError> {
    let row = store.run_by_label(scope, label).await?;
    let row = row.filter(|row| row.snapshot.chart.name == P::NAME);
    typed(row.ok_or_else(|| entente_store::Error::NotFound { kind, id: label.to_owned() })?)
}

/// The papers of a kind among the runs that a filter lets through, as far as the scope reaches.
///
/// # Errors
/// When the database cannot be read, or a paper cannot be understood.
pub async fn papers<P: Paper>(
    store: &dyn Store,
    scope: &Scope,
    filter: RunFilter,
) -> Result<Vec<Stored<P>>, DeskError> {
    let rows = runs(store, RunFilter { chart: Some(P::NAME.into()), ..filter }).await?;
    rows.into_iter().filter(|row| scope.reaches(&row.snapshot.home)).map(typed).collect()
}

/// The papers under a key, newest first.
///
/// # Errors
/// When the database cannot be read, or a paper cannot be understood.
pub async fn by_key<P: Paper>(store: &dyn Store, kind: &str, value: &str) -> Result<Vec<Stored<P>>, DeskError> {
    let mut found = Vec::new();
    for unique in [true, false] {
        let key = RunKey { kind: kind.to_owned(), value: value.to_owned(), unique };
        found.extend(store.run_by_key(&Scope::vendor(), &key).await?);
    }
    found.sort_unstable();
    found.dedup();
    let rows = store.runs_of(&Scope::vendor(), &found).await?;
    let of_kind = rows.into_iter().filter(|row| row.snapshot.chart.name == P::NAME);
    let mut papers: Vec<Stored<P>> = of_kind.map(typed).collect::<Result<_, _>>()?;
    papers.sort_by(|a, b| b.label().cmp(a.label()));
    Ok(papers)
}

/// The run of a partner: the one that has not ended, else the last one.
///
/// # Errors
/// When there is none, or the database cannot be read.
pub async fn partner(store: &dyn Store, partner: &PartyId) -> Result<Stored<PartnerPaper>, DeskError> {
    one(by_key(store, PARTNER_KEY, partner.as_str()).await?, "partner", partner.as_str())
}

/// The run of a fund: the one that has not ended, else the last one.
///
/// # Errors
/// When there is none, or the database cannot be read.
pub async fn fund(store: &dyn Store, fund: &FundId) -> Result<Stored<FundPaper>, DeskError> {
    one(by_key(store, FUND_KEY, fund.as_str()).await?, "fund", fund.as_str())
}

/// A request by its label, whoever made it.
///
/// # Errors
/// When there is none, or the database cannot be read.
pub async fn request(store: &dyn Store, label: &str) -> Result<Stored<RequestPaper>, DeskError> {
    by_label(store, &Scope::vendor(), "request", label).await
}

fn one<P: Paper>(found: Vec<Stored<P>>, kind: &'static str, id: &str) -> Result<Stored<P>, DeskError> {
    let at = found.iter().position(|paper| !paper.row.snapshot.ended).unwrap_or(0);
    found.into_iter().nth(at).ok_or_else(|| entente_store::Error::NotFound { kind, id: id.to_owned() }.into())
}
