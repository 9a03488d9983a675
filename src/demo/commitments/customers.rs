//! The three customers: what each has promised its cloud, what it spends, and what shall come of it.

use jiff::{ToSpan as _, civil::Date};

/// What is known of a customer in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It spends as it should.
    OnPace,
    /// It spends too little, and offers would close the gap.
    Short,
    /// It spends more than it has to.
    Over,
}

/// The format in which a cloud gives out its bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bill {
    /// Lines of AWS's Cost and Usage Report 2.0.
    CostAndUsage,
    /// Azure's FocusCost, and beside it what Microsoft says remains.
    FocusCost,
    /// Google's view in the columns of FOCUS.
    Focus,
}

/// One of them.
#[derive(Debug)]
pub struct Customer {
    /// What it is, in the summary.
    pub title: &'static str,
    /// What is known of it in the end.
    pub fate: Fate,
    /// The buyer.
    pub party: &'static str,
    /// Its commitment.
    pub commitment: &'static str,
    /// The contract's number.
    pub contract: &'static str,
    /// Its cloud.
    pub cloud: &'static str,
    /// What the contract caps purchases at.
    pub cap: &'static str,
    /// In which format its bill comes.
    pub bill: Bill,
    /// The account that is billed; empty where it is one of the sandbox's buyers.
    pub account: &'static str,
    /// What it has promised for each day of the term, in whole units.
    pub due: i64,
    /// What its cloud's own services cost each day.
    pub spent: i64,
    /// What it buys on the marketplace each thirtieth day.
    pub bought: i64,
}

/// All of them, in the order in which they are entered.
pub const CUSTOMERS: [Customer; 3] = [
    Customer {
        title: "on pace",
        fate: Fate::OnPace,
        party: "umbrella",
        commitment: "umbrella-azure",
        contract: "MACC-3107",
        cloud: "microsoft",
        cap: "none",
        bill: Bill::FocusCost,
        account: "7001:8001",
        due: 2_000,
        spent: 2_040,
        bought: 0,
    },
    Customer {
        title: "falls short",
        fate: Fate::Short,
        party: "initech",
        commitment: "initech-aws",
        contract: "EDP-1042",
        cloud: "aws",
        cap: "25",
        bill: Bill::CostAndUsage,
        account: "",
        due: 4_000,
        spent: 3_000,
        bought: 6_000,
    },
    Customer {
        title: "spends too fast",
        fate: Fate::Over,
        party: "hooli",
        commitment: "hooli-google",
        contract: "GC-0815",
        cloud: "google",
        cap: "unknown",
        bill: Bill::Focus,
        account: "01A2B3-C4D5E6-F70819",
        due: 1_000,
        spent: 1_250,
        bought: 0,
    },
];

/// Of how many days a term is.
pub const DAYS: i64 = 360;

/// How many of them have passed when the story is told.
pub const PASSED: i64 = 240;

/// Each how many days something is bought.
pub const BUYS_EVERY: i64 = 30;

impl Customer {
    /// The key that enters its commitment.
    pub fn key(&self) -> String {
        format!("commitments/{}", self.commitment)
    }

    /// What it has promised.
    pub fn committed(&self) -> i64 {
        DAYS * self.due
    }

    /// What counts of everything that it has spent.
    pub fn counts(&self) -> i64 {
        PASSED * self.spent + PASSED / BUYS_EVERY * self.bought
    }
}

/// The days of a term: it is told from its first day, so that the story is the same whenever it goes on.
#[derive(Debug, Clone, Copy)]
pub struct Term {
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub through: Date,
    /// The last day that is billed.
    pub billed: Date,
    /// The day on which the story is told.
    pub today: Date,
}

impl Term {
    /// The term of which so many days have passed today.
    pub fn around(today: Date) -> anyhow::Result<Term> {
        Term::since(today.checked_sub(PASSED.days())?)
    }

    /// The term that begins on a day.
    pub fn since(from: Date) -> anyhow::Result<Term> {
        let after = |days: i64| from.checked_add(days.days());
        Ok(Term { from, through: after(DAYS - 1)?, billed: after(PASSED - 1)?, today: after(PASSED)? })
    }

    /// The days that are billed, each with its place.
    pub fn billed_days(&self) -> impl Iterator<Item = (i64, Date)> {
        let from = self.from;
        (0..PASSED).filter_map(move |place| Some((place, from.checked_add(place.days()).ok()?)))
    }
}
