//! What is wanted of a spend file: a commitment's figures, on its basis.

use std::collections::BTreeSet;

use entente_core::{
    commitment::{Accounts, Cloud, Commitment, Cost, Discounts},
    money::Currency,
};

/// What a commitment asks of a spend file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The commitment's id: sums that were exported for another one are quarantined.
    pub commitment: String,
    /// The cloud whose charges count; those of other clouds are quarantined.
    pub cloud: Cloud,
    /// Which cost.
    pub cost: Cost,
    /// Whether it is before or after discounts.
    pub discounts: Discounts,
    /// The zone in which months are cut off.
    pub zone: String,
    /// The currency of every amount; rows in others are quarantined.
    pub currency: Currency,
    /// The accounts in scope. A row's account is the one that is billed, unless these name the one below it. Rows of other
    /// accounts are read all the same: whether they count is said by the judge.
    pub accounts: Accounts,
    /// What bills call the commitment where they name the programmes that could cover a charge.
    pub programs: BTreeSet<String>,
}

impl Wanted {
    /// What a commitment wants.
    pub fn of(commitment: &Commitment) -> Wanted {
        Wanted {
            commitment: commitment.id.to_string(),
            cloud: commitment.cloud.clone(),
            cost: commitment.basis.cost,
            discounts: commitment.basis.discounts,
            zone: commitment.basis.zone.clone(),
            currency: commitment.currency,
            accounts: commitment.accounts.clone(),
            programs: commitment.programs.clone(),
        }
    }

    /// Which cost, as it is written in files.
    pub(crate) fn cost_word(&self) -> &'static str {
        match self.cost {
            Cost::Billed => "billed",
            Cost::Effective => "effective",
            Cost::Contracted => "contracted",
            Cost::List => "list",
        }
    }
}
