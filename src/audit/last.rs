//! The ends of the two long lists, found in a few reads however long they have grown.

use entente_store::{HistoryRow, Result, SealRow, Store};

/// The last seal.
///
/// # Errors
/// When the database cannot be read.
pub async fn seal(store: &dyn Store) -> Result<Option<SealRow>> {
    let (mut search, mut last) = (Search::default(), None);
    while let Some(after) = search.ask() {
        let found = store.seals(after, 1).await?.pop();
        search.told(found.as_ref().map(|row| row.no));
        last = found.or(last);
    }
    Ok(last)
}

/// The last history row in the order of commits.
///
/// # Errors
/// When the database cannot be read.
pub async fn row(store: &dyn Store) -> Result<Option<HistoryRow>> {
    let (mut search, mut last) = (Search::default(), None);
    while let Some(after) = search.ask() {
        let found = store.history_rows(after, 1).await?.pop();
        search.told(found.as_ref().map(|row| row.no));
        last = found.or(last);
    }
    Ok(last)
}

/// A search for the last of ascending numbers, by asking for the first one after another: steps that double find a number
/// beyond the end, halving finds the end.
#[derive(Debug, Default)]
struct Search {
    reached: i64,
    step: i64,
    beyond: Option<i64>,
}

impl Search {
    /// What to ask for next: the first number after this one.
    fn ask(&self) -> Option<i64> {
        match self.beyond {
            None => Some(self.reached.saturating_add(self.step)),
            Some(beyond) if beyond > self.reached => Some(self.reached + (beyond - self.reached) / 2),
            Some(_) => None,
        }
    }

    /// The answer.
    fn told(&mut self, found: Option<i64>) {
        let asked = self.ask();
        match found {
            Some(no) => {
                self.reached = no;
                self.step = self.step.saturating_mul(2).max(1);
            }
            None => self.beyond = asked,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_found_in_a_few_reads_with_gaps_and_without() {
        for numbers in [vec![], vec![1], vec![1, 2], vec![7], (1..=1000).collect::<Vec<i64>>(), vec![3, 4, 900, 5000]] {
            let (mut search, mut reads) = (Search::default(), 0);
            while let Some(after) = search.ask() {
                reads += 1;
                search.told(numbers.iter().copied().find(|no| *no > after));
            }
            assert_eq!(search.reached, numbers.last().copied().unwrap_or(0), "{} numbers", numbers.len());
            assert!(reads <= 40, "{reads} reads for {} numbers", numbers.len());
        }
    }
}
