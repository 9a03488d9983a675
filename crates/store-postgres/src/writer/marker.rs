//! Whether others have written, told from our own commits.

use std::sync::{Arc, Mutex, PoisonError};

/// Grows with every commit of another process that is seen. The database counts all commits; what lies between two of
/// ours, or between ours and what is read, is somebody else's.
#[derive(Debug, Clone, Default)]
pub(crate) struct Marker(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    /// Commits that are accounted for.
    changes: i64,
    marker: i64,
}

impl Marker {
    /// A commit of ours, with the number of commits before it.
    pub(crate) fn ours(&self, before: i64) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if before > seen.changes {
            seen.marker += 1;
        }
        seen.changes = seen.changes.max(before + 1);
    }

    /// The number of commits, as read just now. One of ours that is not accounted for yet looks like another's: then
    /// somebody looks in vain.
    pub(crate) fn read(&self, changes: i64) -> i64 {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if changes > seen.changes {
            seen.changes = changes;
            seen.marker += 1;
        }
        seen.marker
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_commits_do_not_move_it_and_others_do_whether_read_or_skipped_over() {
        let marker = Marker::default();
        let begun = marker.read(7);
        marker.ours(7);
        marker.ours(8);
        assert_eq!(marker.read(9), begun, "both were ours");
        assert_eq!(marker.read(10), begun + 1, "the tenth was not");
        marker.ours(11);
        assert_eq!(marker.read(12), begun + 2, "nor was the eleventh");
        assert_eq!(marker.read(12), begun + 2);
    }
}
