//! The customers at the end of the story, in one table: what each has promised, where it stands, and what would close a gap.

use std::collections::BTreeSet;

use super::{CUSTOMERS, Customer, Fate, entered, term};
use crate::{
    commitments::{
        ahead::{Until, outcome},
        offers::{self, first_account},
        sight::sight,
    },
    demo::teller::Teller,
    spend,
};
use comfy_table::{Table, presets};
use entente_core::{
    commitment::{About, Amount, Band, Plans, Prospect, prospects},
    money::Currency,
};

/// One customer, on the day on which the story is told.
pub struct Line {
    /// Which.
    pub customer: &'static Customer,
    label: String,
    state: String,
    currency: Currency,
    committed: Amount,
    eligible: Band,
    pace: String,
    /// What is forecast to count at the end of the term, and what will lack of it.
    ends: Amount,
    lacks: Amount,
    /// What would lack if everything were bought that is offered or planned.
    lacks_then: Amount,
    told: BTreeSet<&'static str>,
    /// By how much the cloud's own statement differs; `None` where there is none.
    differs: Option<Band>,
    would: Vec<Prospect>,
}

/// Every customer of the story.
///
/// # Errors
/// When one was not entered, or its figures cannot be told.
pub async fn lines(teller: &Teller) -> anyhow::Result<Vec<Line>> {
    let mut lines = Vec::new();
    for customer in &CUSTOMERS {
        lines.push(line(teller, customer).await?);
    }
    Ok(lines)
}

async fn line(teller: &Teller, customer: &'static Customer) -> anyhow::Result<Line> {
    let (store, now) = (teller.app().store.as_ref(), teller.app().clock.now());
    let stored = entered(teller, customer).await?;
    let as_of = term(&stored.commitment)?.today;
    let (sight, family) = sight(store, &stored, as_of, stored.commitment.day_of(now), now).await?;
    let (figures, (commitment, _)) = (&sight.figures, family.own()?);
    let gap = offers::gap(figures, &sight.forecast);
    let open = offers::open(store, commitment, &stored.row.snapshot.home, &Default::default()).await?;
    let planned = sight.plans.iter().map(|plan| plan.candidate(first_account(commitment)));
    let candidates: Vec<_> = open.into_iter().map(|open| open.candidate).chain(planned).collect();
    let would = prospects(commitment, &spend::in_force(store).await?, figures, gap, &candidates)?;
    let mut plans = Plans::default();
    for prospect in &would {
        plans.least.extend_from_slice(&prospect.plans.least);
        plans.most.extend_from_slice(&prospect.plans.most);
    }
    let then = outcome(&family, figures, Until::PeriodEnd, &plans)?;
    let least = |outcome: &crate::commitments::ahead::Outcome| {
        let told = outcome.least.as_ref().map(|told| (told.end.mid, told.shortfall.mid));
        told.ok_or_else(|| anyhow::anyhow!("nothing is forecast of `{}`: {:?}", customer.commitment, outcome.none))
    };
    let ((ends, lacks), (_, lacks_then)) = (least(&sight.forecast)?, least(&then)?);
    Ok(Line {
        customer,
        label: sight.label.clone(),
        state: sight.state.clone(),
        currency: figures.currency,
        committed: figures.committed,
        eligible: figures.eligible,
        pace: figures.period.pace.0.map_or_else(|| "-".to_owned(), |pace| pace.to_string()),
        ends,
        lacks,
        lacks_then,
        told: sight.told.iter().filter_map(|alert| word(&alert.about)).collect(),
        differs: sight.statement.as_ref().map(|beside| beside.reconciled.difference),
        would,
    })
}

/// An alert about pace or the end, in a word; others come with time, or with data that grow old.
fn word(about: &About) -> Option<&'static str> {
    match about {
        About::PaceLow => Some("pace low"),
        About::PaceBad => Some("pace bad"),
        About::OverBurn => Some("over-burn"),
        About::Shortfall => Some("shortfall"),
        _ => None,
    }
}

impl Line {
    /// Whether it has come as told.
    pub fn is_as_told(&self) -> bool {
        let told = |what: &str| self.told.contains(what);
        let nothing_lacks = self.lacks == Amount::ZERO;
        let as_told = match self.customer.fate {
            Fate::OnPace => self.told.is_empty() && nothing_lacks,
            Fate::Short => {
                let closes = self.would.len() == 2 && self.lacks_then == Amount::ZERO;
                told("pace bad") && told("shortfall") && !nothing_lacks && closes
            }
            Fate::Over => told("over-burn") && nothing_lacks,
        };
        as_told && self.differs.is_none_or(|differs| differs == Band::ZERO)
    }

    fn closes(&self) -> String {
        let each = self.would.iter().map(|prospect| {
            let covers = prospect.covers.map_or_else(|| "nothing".to_owned(), |(least, _)| format!("{least} %"));
            let why = prospect.why.first().map_or_else(|| "outside".to_owned(), |verdict| verdict.reason.to_string());
            format!("{} covers {covers} ({why})", prospect.offer)
        });
        match self.would.is_empty() {
            true => "nothing lacks".to_owned(),
            false => each.collect::<Vec<_>>().join(", "),
        }
    }

    fn show(&self, amount: Amount) -> String {
        amount.money(self.currency).map_or_else(|_| amount.to_string(), |money| money.to_string())
    }
}

/// The table.
pub fn table(lines: &[Line]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "commitment",
        "story",
        "cloud",
        "committed",
        "counts",
        "pace",
        "ends at",
        "lacks",
        "state",
        "told",
        "what closes it",
    ]);
    for line in lines {
        let told: Vec<&str> = line.told.iter().copied().collect();
        table.add_row([
            line.label.clone(),
            line.customer.title.into(),
            line.customer.cloud.into(),
            line.show(line.committed),
            line.show(line.eligible.least),
            line.pace.clone(),
            line.show(line.ends),
            line.show(line.lacks),
            line.state.clone(),
            if told.is_empty() { "-".into() } else { told.join(", ") },
            line.closes(),
        ]);
    }
    table.lines().map(|line| line.trim().to_owned()).collect::<Vec<_>>().join("\n")
}

/// What there is to see of the commitments.
pub fn commands() -> Vec<String> {
    let short = CUSTOMERS.iter().filter(|customer| customer.fate == Fate::Short);
    let each = short.flat_map(|customer| {
        let id = customer.commitment;
        [
            format!("--actor ada commitment show {id} --chart"),
            format!("--actor ada commitment offers {id}"),
            format!("--actor ada spend list --commitment {id}"),
        ]
    });
    each.collect()
}
