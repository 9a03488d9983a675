//! How the money of a fund stands, as people ask for it: out of what stands on its accounts in the ledger.

use std::collections::BTreeMap;

use entente_core::{
    ledger::Account,
    money::{Currency, Money, MoneyError},
};
use serde::Serialize;

/// How the money of a fund, or of several of one currency, stands. What was given is what was granted, free, earned and lapsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Position {
    /// What it was given out of the budget, or by what was earned.
    pub given: Money,
    /// What was granted of it, however far that has come: reserved, claimed, prepaid, paid and claimed back.
    pub granted: Money,
    /// What is held for granted requests, and not claimed.
    pub reserved: Money,
    /// What approved claims and orders take, and is not paid: committed and owed.
    pub claimed: Money,
    /// What was paid in advance, and is not proven.
    pub prepaid: Money,
    /// What was paid.
    pub paid: Money,
    /// What is claimed back, and has not come.
    pub claimed_back: Money,
    /// What was not used in time.
    pub lapsed: Money,
    /// What was earned and may not be used yet.
    pub earned: Money,
    /// What may still be reserved.
    pub free: Money,
}

impl Position {
    /// By what stands on each account.
    ///
    /// # Errors
    /// When the amounts are too large to be kept exactly.
    pub fn of(stands: &BTreeMap<Account, Money>, currency: Currency) -> Result<Position, MoneyError> {
        let zero = Money::zero(currency);
        let on = |account: Account| stands.get(&account).copied().unwrap_or(zero);
        let sum = |accounts: &[Account]| Money::sum(currency, accounts.iter().map(|account| on(*account)));
        // What came in twice and is owed for it was never the fund's: the two accounts cancel out.
        let claimed = [Account::Posted, Account::Payable, Account::Surplus];
        let granted = [claimed.as_slice(), &[Account::Reserved, Account::Prepaid, Account::Paid, Account::Clawback]];
        Ok(Position {
            given: zero.minus(on(Account::Allocated))?,
            granted: sum(&granted.concat())?,
            reserved: on(Account::Reserved),
            claimed: sum(&claimed)?,
            prepaid: on(Account::Prepaid),
            paid: on(Account::Paid),
            claimed_back: on(Account::Clawback),
            lapsed: on(Account::Lapsed),
            earned: on(Account::Earned),
            free: on(Account::Free),
        })
    }

    /// Both together.
    ///
    /// # Errors
    /// When they are of different currencies, or too large to be kept exactly.
    pub fn plus(self, other: Position) -> Result<Position, MoneyError> {
        Ok(Position {
            given: self.given.plus(other.given)?,
            granted: self.granted.plus(other.granted)?,
            reserved: self.reserved.plus(other.reserved)?,
            claimed: self.claimed.plus(other.claimed)?,
            prepaid: self.prepaid.plus(other.prepaid)?,
            paid: self.paid.plus(other.paid)?,
            claimed_back: self.claimed_back.plus(other.claimed_back)?,
            lapsed: self.lapsed.plus(other.lapsed)?,
            earned: self.earned.plus(other.earned)?,
            free: self.free.plus(other.free)?,
        })
    }

    /// The lines that a terminal shows: what nearly every fund lacks is left out where it is nothing.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let always = [
            ("given", self.given),
            ("granted", self.granted),
            ("reserved", self.reserved),
            ("claimed", self.claimed),
            ("paid", self.paid),
            ("lapsed", self.lapsed),
            ("free", self.free),
        ];
        let seldom = [("prepaid", self.prepaid), ("claimed back", self.claimed_back), ("earned", self.earned)];
        let told = always.into_iter().chain(seldom.into_iter().filter(|(_, amount)| amount.minor != 0));
        told.map(|(name, amount)| (name, amount.to_string())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_is_granted_free_earned_or_lapsed_and_what_came_twice_is_none_of_it() {
        let eur: Currency = "EUR".parse().unwrap();
        let stands = [
            (Account::Allocated, -10_000),
            (Account::Free, 4_000),
            (Account::Earned, 200),
            (Account::Reserved, 1_500),
            (Account::Posted, 700),
            // 300 of it are owed for what came twice.
            (Account::Payable, 1_300),
            (Account::Surplus, -300),
            (Account::Paid, 1_900),
            (Account::Prepaid, 250),
            (Account::Clawback, 50),
            (Account::Lapsed, 400),
        ];
        assert_eq!(stands.iter().map(|(_, minor)| minor).sum::<i64>(), 0, "as in any fund");
        let stands = stands.into_iter().map(|(account, minor)| (account, Money { minor, currency: eur })).collect();
        let position = Position::of(&stands, eur).unwrap();
        let minor = |amount: Money| amount.minor;
        assert_eq!((minor(position.given), minor(position.granted), minor(position.claimed)), (10_000, 5_400, 1_700));
        let parts = [position.granted, position.free, position.earned, position.lapsed];
        assert_eq!(parts.into_iter().map(minor).sum::<i64>(), minor(position.given));
        let twice = position.plus(position).unwrap();
        assert_eq!((minor(twice.paid), minor(twice.free)), (3_800, 8_000));
    }
}
