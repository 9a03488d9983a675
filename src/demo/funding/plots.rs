//! The five things that partners ask money for: what each is, what is claimed for it, and what becomes of the claim.

use entente_core::context::funding::{ClaimPaper, FundPaper, Paper as _, PartnerPaper, PayoutPaper, RequestPaper};

use super::partners::{BLUEPEAK, CASTELL, NORDLICHT, Partner};

/// What becomes of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is paid to several partners, to the cent.
    Shared,
    /// Its invoice was claimed before: it is refused.
    Again,
    /// The work has cost less than was planned, and so less is paid.
    Reduced,
    /// It is paid as claimed.
    Paid,
    /// It is paid, and a part of it is claimed back.
    ClawedBack,
}

/// One of them.
#[derive(Debug)]
pub struct Plot {
    /// What its keys begin with.
    pub key: &'static str,
    /// What it is, in the summary.
    pub title: &'static str,
    /// What becomes of it.
    pub fate: Fate,
    /// Whose it is.
    pub partner: &'static Partner,
    /// The kind of activity, as the pack lists them.
    pub kind: &'static str,
    /// Where it takes place.
    pub place: &'static str,
    /// What it is expected to cost, in cents.
    pub planned: u32,
    /// What it has cost, in cents.
    pub cost: u32,
    /// What is asked for, and claimed, in cents.
    pub asked: u32,
    /// The number of its invoice.
    pub invoice: &'static str,
}

/// All of them, in the order in which they are claimed.
pub const PLOTS: [Plot; 5] = [
    Plot {
        key: "event",
        title: "one event of three partners",
        fate: Fate::Shared,
        partner: &NORDLICHT,
        kind: "event",
        place: "Hamburg",
        planned: 200_000,
        cost: 200_000,
        asked: 100_000,
        invoice: "R-0311",
    },
    Plot {
        key: "again",
        title: "the same invoice again",
        fate: Fate::Again,
        partner: &BLUEPEAK,
        kind: "training",
        place: "Rotterdam",
        planned: 200_000,
        cost: 200_000,
        asked: 100_000,
        invoice: "R-0311",
    },
    Plot {
        key: "reduced",
        title: "it has cost less than planned",
        fate: Fate::Reduced,
        partner: &CASTELL,
        kind: "training",
        place: "Barcelona",
        planned: 400_000,
        cost: 300_000,
        asked: 200_000,
        invoice: "F-2208",
    },
    Plot {
        key: "paid",
        title: "paid as claimed",
        fate: Fate::Paid,
        partner: &BLUEPEAK,
        kind: "training",
        place: "Utrecht",
        planned: 120_050,
        cost: 120_050,
        asked: 60_025,
        invoice: "2041-A",
    },
    Plot {
        key: "back",
        title: "clawed back in part",
        fate: Fate::ClawedBack,
        partner: &NORDLICHT,
        kind: "training",
        place: "Bremen",
        planned: 90_000,
        cost: 90_000,
        asked: 45_000,
        invoice: "R-0347",
    },
];

/// What is claimed back of the claim that is clawed back, in cents.
pub const BACK: u32 = 15_000;

impl Plot {
    /// The key that starts its request.
    pub fn request_key(&self) -> String {
        format!("funds/request/{}", self.key)
    }

    /// The key that starts its claim.
    pub fn claim_key(&self) -> String {
        format!("funds/claim/{}", self.key)
    }

    /// The tag in which its claim ends.
    fn ends(&self) -> &'static str {
        match self.fate {
            Fate::Again => "editable",
            Fate::Shared | Fate::Reduced | Fate::Paid | Fate::ClawedBack => "paid",
        }
    }
}

/// An amount of the story, as papers write it.
pub fn euros(cents: u32) -> String {
    format!("{}.{:02} EUR", cents / 100, cents % 100)
}

/// How a paper of the story must end.
#[derive(Debug, Clone, Copy)]
pub struct Ending {
    /// Its chart.
    pub chart: &'static str,
    /// Its title; every paper of the chart where it is empty.
    pub title: &'static str,
    /// The tag of its last state.
    pub tag: &'static str,
    /// How many there are.
    pub papers: usize,
}

/// Every one of them.
pub fn endings() -> Vec<Ending> {
    let one = |chart, title, tag| Ending { chart, title, tag, papers: 1 };
    let mut endings = vec![
        Ending { papers: super::PARTNERS.len(), ..one(PartnerPaper::NAME, "", "active") },
        one(FundPaper::NAME, "", "open"),
        one(PayoutPaper::NAME, "", "answered"),
    ];
    for plot in &PLOTS {
        endings.push(one(ClaimPaper::NAME, plot.title, plot.ends()));
        // What is refused has taken nothing of what is held for it.
        let held = plot.fate == Fate::Again;
        endings.push(one(RequestPaper::NAME, plot.title, if held { "money_reserved" } else { "success" }));
    }
    endings
}
