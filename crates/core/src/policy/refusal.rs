//! Why a vote does not count.

use crate::ids::{PersonId, RoleId};

/// Why a vote does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VoteRefused {
    /// The person saw another revision than the one to be decided.
    #[error("revision `{seen}` is no longer the one to decide on; look at `{current}` and vote again")]
    StaleRevision {
        /// What the person saw.
        seen: String,
        /// What is to be decided.
        current: String,
    },
    /// The person asked for the approval.
    #[error("`{person}` asked for this approval and may not vote on it, nor may anyone on behalf of `{person}`")]
    Requester {
        /// The requester.
        person: PersonId,
    },
    /// The person has a hand in what is to be approved.
    #[error(
        "`{person}` wrote or revised what is to be approved and may not vote on it, nor may anyone on behalf of `{person}`; ask somebody who did not"
    )]
    Author {
        /// The author.
        person: PersonId,
    },
    /// The person had a hand in something that this rests on.
    #[error(
        "`{person}` {did} and may not vote on this, nor may anyone on behalf of `{person}`; ask somebody who has no hand in it"
    )]
    Concerned {
        /// Who.
        person: PersonId,
        /// What he did, and for what.
        did: String,
    },
    /// The round has no such row.
    #[error("no approval `{row}` is asked for; the open ones are {}", list(.open))]
    NoSuchRow {
        /// What was asked for.
        row: String,
        /// Rows without a quorum yet.
        open: Vec<String>,
    },
    /// The person could mean several rows.
    #[error("`{person}` may vote on {}; say which", list(.rows))]
    WhichRow {
        /// Who votes.
        person: PersonId,
        /// The candidates.
        rows: Vec<String>,
    },
    /// The person does not hold the role himself.
    #[error("`{person}` does not hold the role {} that approval `{row}` asks for", list(.roles))]
    NotInRole {
        /// Who votes.
        person: PersonId,
        /// The row.
        row: String,
        /// The roles that could vote.
        roles: Vec<String>,
    },
    /// The person's role may not decide on so much.
    #[error("role `{role}` may not decide on `{row}`: {why}; it needs someone with a higher limit")]
    BeyondAuthority {
        /// The role.
        role: RoleId,
        /// The row.
        row: String,
        /// The figures.
        why: String,
    },
    /// The person, or the one he stands in for, has voted already.
    #[error("a vote of `{person}` on `{row}` already counts")]
    AlreadyVoted {
        /// Whose vote counts.
        person: PersonId,
        /// The row.
        row: String,
    },
    /// The person, or the one he stands in for, has another duty in this round.
    #[error("`{person}` voted on `{other}`, and `{row}` is another person's duty; ask somebody else")]
    OtherDuty {
        /// Whose vote counts.
        person: PersonId,
        /// The row that it counts for.
        other: String,
        /// The row.
        row: String,
    },
    /// The row has all the votes it needs.
    #[error("approval `{row}` already has the votes it needs")]
    RowSettled {
        /// The row.
        row: String,
    },
    /// The round is over.
    #[error("the approvals have been decided; nothing is left to vote on")]
    RoundOver,
}

fn list(items: &[String]) -> String {
    if items.is_empty() {
        return "none".into();
    }
    items.iter().map(|item| format!("`{item}`")).collect::<Vec<_>>().join(", ")
}
