//! Readings of spend.

use std::collections::BTreeSet;

use async_trait::async_trait;
use entente_core::{
    commitment::CommitmentId,
    scope::{Home, Scope},
};
use jiff::{Timestamp, civil::Date};

use super::{ModelStore, state::State};
use crate::{
    Error, NewReading, Portions, Quarantined, ReadingRow, ReadingStatus, Result, Spend, SpendSum, add_quarantined,
    portion_holds,
};

/// A reading with its portions.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    row: ReadingRow,
    portions: Vec<Portion>,
}

#[derive(Debug, Clone)]
struct Portion {
    after: u64,
    sums: Vec<SpendSum>,
    quarantined: Vec<Quarantined>,
}

impl Portion {
    fn rows(&self) -> (u64, u64) {
        (self.sums.iter().map(|sum| sum.rows).sum(), self.quarantined.iter().map(|rows| rows.rows).sum())
    }
}

impl Reading {
    fn is_within(&self, scope: &Scope) -> bool {
        let NewReading { legal_entity, party, .. } = &self.row.new;
        scope.reaches(&Home { legal_entity: legal_entity.clone(), party: party.clone() })
    }
}

fn conflict(id: &str) -> Error {
    Error::Conflict { kind: "reading", id: id.to_owned() }
}

fn find<'a>(state: &'a mut State, id: &str) -> Result<&'a mut Reading> {
    let found = state.readings.iter_mut().find(|reading| reading.row.new.id == id);
    found.ok_or_else(|| Error::NotFound { kind: "reading", id: id.to_owned() })
}

fn twice(sums: &[SpendSum], quarantined: &[Quarantined]) -> bool {
    let (mut keys, mut reasons) = (BTreeSet::new(), BTreeSet::new());
    !sums.iter().all(|sum| keys.insert(&sum.key))
        || !quarantined.iter().all(|rows| reasons.insert((&rows.reason, &rows.column)))
}

#[async_trait]
impl Spend for ModelStore {
    async fn begin_reading(&self, reading: &NewReading) -> Result<ReadingRow> {
        let mut state = self.state();
        if let Some(known) = state.readings.iter().find(|known| known.row.new.id == reading.id) {
            return Ok(known.row.clone());
        }
        let row = ReadingRow {
            new: reading.clone(),
            status: ReadingStatus::Staging,
            version: None,
            read_to: 0,
            rows: 0,
            quarantined: 0,
            from: None,
            through: None,
            published_at: None,
            replaced_at: None,
        };
        state.readings.push(Reading { row: row.clone(), portions: Vec::new() });
        Ok(row)
    }

    async fn stage_sums(
        &self,
        id: &str,
        after: u64,
        through: u64,
        days: Option<(Date, Date)>,
        sums: &[SpendSum],
        quarantined: &[Quarantined],
    ) -> Result<()> {
        let mut state = self.state();
        let Reading { row, portions } = find(&mut state, id)?;
        let fits = row.status == ReadingStatus::Staging && row.read_to == after;
        if !fits || !portion_holds(after, through, sums, quarantined) {
            return Err(conflict(id));
        }
        if twice(sums, quarantined) {
            return Err(Error::Database("a portion names a key twice".into()));
        }
        let portion = Portion { after, sums: sums.to_vec(), quarantined: quarantined.to_vec() };
        let (rows, set_aside) = portion.rows();
        row.read_to = through;
        row.from = row.from.into_iter().chain(days.map(|(from, _)| from)).min();
        row.through = row.through.into_iter().chain(days.map(|(_, through)| through)).max();
        row.rows += rows;
        row.quarantined += set_aside;
        if rows + set_aside > 0 {
            portions.push(portion);
        }
        Ok(())
    }

    async fn publish_reading(
        &self,
        id: &str,
        from: Date,
        through: Date,
        at: Timestamp,
        former: Option<&str>,
    ) -> Result<u32> {
        let mut state = self.state();
        let (commitment, partition) = {
            let row = &find(&mut state, id)?.row;
            if let Some(version) = row.version {
                return Ok(version);
            }
            (row.new.commitment.clone(), row.new.partition.clone())
        };
        if through < from {
            return Err(Error::Database("the last day of a reading comes before its first".into()));
        }
        let current = |reading: &&Reading| {
            let row = &reading.row;
            row.status == ReadingStatus::Current && row.new.commitment == commitment && row.new.partition == partition
        };
        let there = state.readings.iter().find(current).map(|reading| reading.row.new.id.as_str());
        if former.is_some() && former != there {
            return Err(conflict(id));
        }
        let of_partition =
            |reading: &&mut Reading| reading.row.new.commitment == commitment && reading.row.new.partition == partition;
        let mut version = 1;
        for reading in state.readings.iter_mut().filter(of_partition) {
            version = version.max(reading.row.version.map_or(1, |known| known + 1));
            if reading.row.status == ReadingStatus::Current {
                reading.row.status = ReadingStatus::Replaced;
                reading.row.replaced_at = Some(at);
            }
        }
        let row = &mut find(&mut state, id)?.row;
        row.status = ReadingStatus::Current;
        row.version = Some(version);
        (row.from, row.through, row.published_at) = (Some(from), Some(through), Some(at));
        Ok(version)
    }

    async fn drop_reading(&self, id: &str) -> Result<bool> {
        let mut state = self.state();
        let Reading { row, portions } = find(&mut state, id)?;
        if row.status != ReadingStatus::Staging {
            return Err(conflict(id));
        }
        if let Some(last) = portions.pop() {
            let (rows, set_aside) = last.rows();
            row.read_to = last.after;
            row.rows -= rows;
            row.quarantined -= set_aside;
            return Ok(false);
        }
        state.readings.retain(|reading| reading.row.new.id != id);
        Ok(true)
    }

    async fn readings(&self, scope: &Scope, commitment: Option<&CommitmentId>) -> Result<Vec<ReadingRow>> {
        let state = self.state();
        let of = |row: &ReadingRow| commitment.is_none_or(|asked| *asked == row.new.commitment);
        let within = state.readings.iter().filter(|reading| reading.is_within(scope) && of(&reading.row));
        Ok(within.map(|reading| reading.row.clone()).collect())
    }

    async fn spend_sums(&self, scope: &Scope, ids: &[String]) -> Result<Vec<(String, SpendSum)>> {
        let state = self.state();
        let asked = |reading: &&Reading| {
            reading.is_within(scope)
                && reading.row.status != ReadingStatus::Staging
                && ids.contains(&reading.row.new.id)
        };
        Ok(added_up(state.readings.iter().filter(asked))?.by_reading())
    }

    async fn staged_sums(&self, id: &str) -> Result<Vec<SpendSum>> {
        let state = self.state();
        let asked = |reading: &&Reading| reading.row.status == ReadingStatus::Staging && reading.row.new.id == id;
        Ok(added_up(state.readings.iter().filter(asked))?.of_one())
    }

    async fn quarantined(&self, scope: &Scope, id: &str) -> Result<Vec<Quarantined>> {
        let state = self.state();
        let asked = state.readings.iter().filter(|reading| reading.is_within(scope) && reading.row.new.id == id);
        let portions = asked.flat_map(|reading| &reading.portions);
        Ok(add_quarantined(portions.flat_map(|portion| &portion.quarantined).cloned()))
    }
}

fn added_up<'r>(readings: impl Iterator<Item = &'r Reading>) -> Result<Portions> {
    Portions::of(readings.flat_map(|reading| {
        let sums = reading.portions.iter().flat_map(|portion| &portion.sums);
        sums.map(|sum| (reading.row.new.id.clone(), sum.clone()))
    }))
}
