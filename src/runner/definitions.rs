//! The charts that runs are pinned to, bound to this binary's contexts and activities.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use entente_core::{
    chart::{
        bound::BoundChart,
        lint::{EffectClass, Vocabulary},
        migration::{Asked, Migration},
        model::Chart,
    },
    context::Contexts,
    run::ChartPin,
};
use entente_store::{Store, StoredDocument};
use jiff::Timestamp;
use tokio::time::Instant;

use super::moving::{self, Way};
use crate::activities::Activities;

/// Why a chart cannot be used by this binary. Runs pinned to it are left to a binary that can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// No such chart is stored.
    #[error("chart `{0}` is not released in this database: release it with `entente chart release`")]
    Unknown(String),
    /// Its text is not a chart that this binary accepts.
    #[error("chart `{chart}` cannot run in this binary, its runs wait for one that knows them:\n{problems}")]
    Unbound {
        /// Name and version.
        chart: String,
        /// Every problem with its place.
        problems: String,
    },
    /// The migration that somebody asked for is not stored.
    #[error("the migration of `{0}` is not stored in this database: give `entente chart migrate` again")]
    NoMigration(String),
    /// A migration does not suit the charts that it leads between.
    #[error("the migration of `{migration}` does not suit its charts:\n{problems}")]
    Unfit {
        /// The chart's name and both versions.
        migration: String,
        /// Every problem with its place.
        problems: String,
    },
    /// The database could not be read.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
}

/// A store error that can be kept and compared by its text.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct StoreError(#[from] pub entente_store::Error);

impl PartialEq for StoreError {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

impl Eq for StoreError {}

/// How long the newest version of a chart is taken for the newest: another process may release one at any time.
const NEWEST_FOR: Duration = Duration::from_secs(1);

type Cached = Result<Arc<BoundChart>, Unusable>;

/// Bound charts by hash, loaded from the database when first needed.
pub struct Definitions {
    store: Arc<dyn Store>,
    contexts: Contexts,
    vocabulary: Vocabulary,
    bound: Mutex<HashMap<String, Cached>>,
    newest: Mutex<BTreeMap<String, (ChartPin, Instant)>>,
    ways: Mutex<HashMap<String, Arc<Way>>>,
}

impl Definitions {
    /// Definitions over the charts in `store`.
    pub fn new(store: Arc<dyn Store>, contexts: Contexts, activities: &Activities) -> Definitions {
        let vocabulary = vocabulary(activities, &contexts);
        let (bound, newest, ways) = Default::default();
        Definitions { store, contexts, vocabulary, bound, newest, ways }
    }

    /// What charts may name in this binary.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The context types of this binary.
    pub fn contexts(&self) -> &Contexts {
        &self.contexts
    }

    /// Takes a chart that is bound already, so that it need not be read and bound again.
    pub fn know(&self, chart: Arc<BoundChart>) {
        lock(&self.bound).insert(chart.chart.sha256.clone(), Ok(chart));
    }

    /// Stores a chart's text as a released version. The same version with another text is refused by the store.
    pub async fn release(&self, chart: &Chart, by: &str, at: Timestamp) -> entente_store::Result<ChartPin> {
        let document = StoredDocument {
            kind: "chart".into(),
            name: chart.name.clone(),
            version: chart.version,
            sha256: chart.sha256.clone(),
            text: chart.text.clone(),
            by: by.into(),
            at,
            active: true,
        };
        self.store.put_document(&document).await?;
        lock(&self.newest).clear();
        Ok(pin(&document))
    }

    /// The newest released version of a chart, or a given one.
    pub async fn pin(&self, name: &str, version: Option<u32>) -> Result<ChartPin, Unusable> {
        if version.is_none()
            && let Some((known, read)) = lock(&self.newest).get(name).cloned()
            && read.elapsed() < NEWEST_FOR
        {
            return Ok(known);
        }
        let charts = self.store.documents("chart").await.map_err(store_error)?;
        let wanted = charts.iter().filter(|chart| chart.name == name && version.is_none_or(|v| v == chart.version));
        let unknown =
            || Unusable::Unknown(version.map_or_else(|| name.to_owned(), |version| format!("{name} v{version}")));
        let found = wanted.max_by_key(|chart| chart.version).map(pin).ok_or_else(unknown)?;
        if version.is_none() {
            lock(&self.newest).insert(name.into(), (found.clone(), Instant::now()));
        }
        Ok(found)
    }

    /// The chart behind a pin, bound to this binary.
    pub async fn bound(&self, pin: &ChartPin) -> Cached {
        if let Some(known) = lock(&self.bound).get(&pin.sha256).cloned() {
            return known;
        }
        let stored = self.stored(pin).await?;
        let bound = self.bind(&stored);
        if let Err(reason) = &bound {
            tracing::warn!(chart.name = pin.name, chart.version = pin.version, "{reason}");
        }
        lock(&self.bound).insert(pin.sha256.clone(), bound.clone());
        bound
    }

    /// The way that somebody asked for, who named a stored migration.
    ///
    /// # Errors
    /// When it is not stored, or does not suit the released charts, or this binary lacks what the newer one names.
    pub async fn way(&self, chart: &str, asked: &Asked) -> Result<Arc<Way>, Unusable> {
        let versions = format!("{chart} v{} to v{}", asked.from, asked.to);
        if let Some(known) = lock(&self.ways).get(&asked.migration).cloned()
            && (known.migration.chart.as_str(), known.migration.from, known.migration.to)
                == (chart, asked.from, asked.to)
        {
            return Ok(known);
        }
        let stored = self.store.document_by_hash(moving::KIND, &asked.migration).await.map_err(store_error)?;
        let stored = stored.ok_or_else(|| Unusable::NoMigration(versions.clone()))?;
        let unfit =
            |problems: Vec<String>| Unusable::Unfit { migration: versions.clone(), problems: problems.join("\n") };
        let migration = Migration::parse(&stored.name, &stored.text).map_err(|problems| unfit(texts(&problems)))?;
        if (migration.chart.as_str(), migration.from, migration.to) != (chart, asked.from, asked.to) {
            return Err(unfit(vec!["it is one between other charts or versions".into()]));
        }
        let way = Arc::new(self.lead(migration).await?);
        lock(&self.ways).insert(asked.migration.clone(), way.clone());
        Ok(way)
    }

    /// A migration together with the released charts that it leads between.
    ///
    /// # Errors
    /// When one of them is not released, the migration does not suit them, or this binary lacks what the newer one names.
    pub async fn lead(&self, migration: Migration) -> Result<Way, Unusable> {
        let name = migration.chart.as_str();
        let from = self.stored(&self.pin(name, Some(migration.from)).await?).await?;
        let file = format!("{}/v{}.yaml", from.name, from.version);
        let versions = format!("{name} v{} to v{}", migration.from, migration.to);
        let unfit =
            |problems: Vec<String>| Unusable::Unfit { migration: versions.clone(), problems: problems.join("\n") };
        let from = Chart::parse(&file, &from.text).map_err(|problems| unfit(texts(&problems)))?;
        let to = self.bound(&self.pin(name, Some(migration.to)).await?).await?;
        let problems = migration.check(&from, &to.chart, to.context.as_ref());
        if problems.is_empty() { Ok(Way { migration, from, to }) } else { Err(unfit(texts(&problems))) }
    }

    async fn stored(&self, pin: &ChartPin) -> Result<StoredDocument, Unusable> {
        let stored = self.store.document_by_hash("chart", &pin.sha256).await.map_err(store_error)?;
        stored.ok_or_else(|| Unusable::Unknown(format!("{} v{}", pin.name, pin.version)))
    }

    fn bind(&self, stored: &StoredDocument) -> Cached {
        let unbound = |problems: Vec<String>| Unusable::Unbound {
            chart: format!("{} v{}", stored.name, stored.version),
            problems: problems.join("\n"),
        };
        let file = format!("{}/v{}.yaml", stored.name, stored.version);
        let chart = Chart::parse(&file, &stored.text).map_err(|problems| unbound(texts(&problems)))?;
        let context = self
            .contexts
            .get(&chart.context)
            .cloned()
            .ok_or_else(|| unbound(vec![format!("{file}: this binary has no context type `{}`", chart.context)]))?;
        BoundChart::bind(Arc::new(chart), context, &self.vocabulary)
            .map(Arc::new)
            .map_err(|problems| unbound(texts(&problems)))
    }
}

/// What charts may name: this binary's activities and notices, and the charts that its contexts have inputs for. Which
/// events such a chart takes is known once it is loaded; any event that some context understands may be sent to it.
pub fn vocabulary(activities: &Activities, contexts: &Contexts) -> Vocabulary {
    let known: Vec<_> = contexts.names().filter_map(|name| contexts.get(name)).collect();
    let events: BTreeSet<String> = known.iter().flat_map(|context| context.events().into_keys()).collect();
    let charts = known.iter().flat_map(|context| context.starts());
    let notices = crate::notices::text::names().fold(Vocabulary::default(), |vocabulary, name| vocabulary.notice(name));
    let with_charts =
        charts.fold(notices, |vocabulary, name| vocabulary.chart(name, events.iter().map(String::as_str)));
    activities.iter().fold(with_charts, |vocabulary, activity| {
        let nature = activity.nature();
        let class = if nature.irreversible { EffectClass::Irreversible } else { EffectClass::Reversible };
        let tags = [("publishes", nature.publishes), ("money_out", nature.money_out)];
        let tags: Vec<&str> = tags.into_iter().filter(|(_, set)| *set).map(|(tag, _)| tag).collect();
        vocabulary.activity(activity.name(), class, &tags)
    })
}

fn pin(document: &StoredDocument) -> ChartPin {
    ChartPin { name: document.name.clone(), version: document.version, sha256: document.sha256.clone() }
}

fn texts<T: ToString>(problems: &[T]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

fn store_error(error: entente_store::Error) -> Unusable {
    Unusable::Store(Arc::new(StoreError(error)))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
