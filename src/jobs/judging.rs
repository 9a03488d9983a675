//! Judging spend anew every hour that was judged by other terms or rules than are known now, as `entente spend again` does.

use std::sync::Arc;

use anyhow::Context as _;
use async_trait::async_trait;
use entente_core::{
    schedule::{MissedRuns, OverlapPolicy},
    scope::Scope,
};
use entente_store::RunFilter;
use jiff::Timestamp;

use crate::{
    commitments::stored,
    funding::evidence::Room,
    runner::Shared,
    schedule::{About, Job},
    spend::{self, Judge},
};

/// What is known of the job. One run judges by whatever has changed since the last one, so that missed ones are not made up for
/// singly.
pub static ABOUT: About = About {
    name: "judging",
    what: "judges spend anew that was judged by other terms or rules",
    cron: "10 * * * *",
    missed: MissedRuns::RunOnce,
    overlap: OverlapPolicy::Skip,
};

/// In whose name files are read again.
const BY: &str = "job/judging";

/// The job that judges them.
pub struct Judging {
    shared: Arc<Shared>,
    room: Room,
}

impl Judging {
    /// Reads the files of this room.
    pub fn new(shared: Arc<Shared>, room: Room) -> Judging {
        Judging { shared, room }
    }
}

#[async_trait]
impl Job for Judging {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn run(&self, _: Timestamp) -> anyhow::Result<String> {
        let (store, at) = (self.shared.store.as_ref(), self.shared.clock.now());
        let open = RunFilter { ended: Some(false), ..RunFilter::default() };
        let commitments = stored::all(store, &Scope::vendor(), open).await?;
        let rules = spend::in_force(store).await?;
        let (mut read, mut failed) = (0, Vec::new());
        for stored in &commitments {
            let commitment = &stored.commitment;
            let judge = Judge { commitment, rules: &rules, known_on: commitment.day_of(at) };
            // Who never took in a file needs no place for files.
            if spend::judged_otherwise(store, judge).await?.is_empty() {
                continue;
            }
            let raw = self.room.raw()?;
            let again = spend::again(store, &raw, judge, (BY, at), false, &mut |_, _| {}).await?;
            let published = again.read.iter().filter(|(_, taken)| taken.version.is_some());
            let published: Vec<_> = published.map(|(_, taken)| (taken.id.clone(), taken.days)).collect();
            spend::tell(store, stored.row.snapshot.run, &published, None, at).await?;
            // What this process writes itself, nobody tells its engine of.
            self.shared.look();
            read += published.len();
            failed.extend(again.failed);
        }
        let of = read + failed.len();
        match failed.into_iter().next() {
            None => Ok(format!("{read} files judged anew")),
            Some((row, first)) => Err(first).with_context(|| {
                format!(
                    "{read} of {of} files judged anew; `{}` of `{}` was not",
                    row.new.partition.0, row.new.commitment
                )
            }),
        }
    }
}
