//! Where a commitment stands.

use entente_core::{
    commitment::{
        Band, How,
        drawdown::{Figures, Settled, Start},
    },
    money::Currency,
};

use super::{
    ahead,
    args::{Days, Name},
    chart, find, foreign, paint,
};
use crate::{
    cli::{
        exit::Exit,
        failure::Failure,
        output::{Out, instant},
        session::Session,
    },
    commitments::{
        buyers_view::Shared,
        days,
        sight::{Beside, Row, Sight, sight},
    },
};

/// Show where a commitment stands, on any day and as it was known on any day
#[derive(Debug, clap::Args)]
pub struct Show {
    #[command(flatten)]
    name: Name,
    #[command(flatten)]
    days: Days,
    /// Draw the current period, whatever shows it; a terminal always does
    #[arg(long)]
    chart: bool,
}

impl Show {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = find(session, &self.name.name).await?;
        let now = session.app.clock.now();
        let (as_of, known_on) = days::Days::from(self.days).of(&stored, now)?;
        let (sight, family) = sight(session.app.store.as_ref(), &stored, as_of, known_on, now).await?;
        let shared = session.buyer().map(|_| Shared::from(sight.clone()));
        let out = &session.out;
        if out.is_json() {
            match &shared {
                Some(shared) => out.json(shared)?,
                None => out.json(&sight)?,
            }
            return Ok(Exit::Ok);
        }
        match &shared {
            Some(shared) => shared_head(out, shared),
            None => head(out, &sight),
        }
        let (of, currency) = (&sight.figures, sight.figures.currency);
        figures(out, of);
        ineligible(out, of);
        foreign::draw(out, &sight, currency);
        periods(out, &sight.periods, currency);
        payments(out, of);
        if self.chart || out.is_terminal() {
            chart::draw(out, &sight, &family)?;
        }
        out.heading("forecast");
        ahead::outcome(out, &sight.forecast, currency);
        if shared.is_none() {
            foreign::moves(out, &sight);
            told(out, &sight);
        }
        Ok(Exit::Ok)
    }
}

/// What the buyer's own people are told first.
fn shared_head(out: &Out, shared: &Shared) {
    let (figures, statement) = (&shared.figures, shared.statement.as_ref());
    out.fields(&[
        ("commitment", figures.commitment.to_string()),
        ("contract", shared.contract.clone()),
        ("cloud", shared.cloud.to_string()),
        ("state", shared.state.clone()),
        ("as of", format!("{}, as known on {}", figures.as_of, figures.known_on)),
        ("unknown", paint::gaps(&figures.unknown)),
        ("judged by", older_terms(shared.by_older_terms)),
        ("spend to", paint::spend_to(figures)),
        ("currency", figures.currency.to_string()),
        ("basis", paint::basis(&figures.basis)),
        ("statement", stated(statement, figures.currency)),
        ("difference", statement.map(|beside| difference(beside, figures.currency)).unwrap_or_default()),
        ("begins", begins(shared.start)),
    ]);
}

/// Whether figures are not yet what they would be.
fn older_terms(partitions: usize) -> String {
    match partitions {
        0 => String::new(),
        some => format!("older terms or rules, in {some} partitions: they are judged anew within the hour"),
    }
}

fn head(out: &Out, sight: &Sight) {
    let figures = &sight.figures;
    let next = sight.next.iter().map(|next| {
        let how = how(next.how);
        let starts = next.starts.map(|day| format!(", its first day is {day}")).unwrap_or_default();
        format!("`{}` {how}{starts}", next.commitment)
    });
    let statement = sight.statement.as_ref();
    out.fields(&[
        ("commitment", format!("{} ({})", figures.commitment, sight.label)),
        ("contract", sight.contract.clone()),
        ("buyer", sight.party.to_string()),
        ("cloud", sight.cloud.to_string()),
        ("state", sight.state.clone()),
        ("as of", format!("{}, as known on {}", figures.as_of, figures.known_on)),
        ("unknown", paint::gaps(&figures.unknown)),
        ("judged by", older_terms(sight.judged_otherwise.len())),
        ("spend to", paint::spend_to(figures)),
        ("currency", figures.currency.to_string()),
        ("basis", paint::basis(&figures.basis)),
        ("statement", stated(statement, figures.currency)),
        ("difference", statement.map(|beside| difference(beside, figures.currency)).unwrap_or_default()),
        ("begins", begins(sight.start)),
        (
            "follows",
            sight.former.as_ref().map(|former| format!("`{}` {}", former.to, how(former.how))).unwrap_or_default(),
        ),
        ("next", next.collect::<Vec<_>>().join("; ")),
        ("trouble", sight.trouble.as_ref().map(|trouble| trouble.message.clone()).unwrap_or_default()),
        (
            "went into",
            sight.ending.as_ref().and_then(|ending| ending.into.as_ref()).map(ToString::to_string).unwrap_or_default(),
        ),
        ("ended", sight.ending.as_ref().map(|ending| ending.reason.clone()).unwrap_or_default()),
    ]);
}

fn how(how: How) -> &'static str {
    match how {
        How::After => "after it",
        How::Supersede => "in its place",
        How::Parallel => "beside it",
    }
}

fn begins(start: Start) -> String {
    match start {
        Start::Own(day) => format!("on {day}"),
        Start::FormerEnded(day) => format!("after {day}, when the former ended"),
        Start::FormerUsedUp(day) => format!("on {day}, when the former was used up"),
        Start::Waiting => "when the former is used up or has ended".to_owned(),
    }
}

/// What the cloud said last.
pub fn stated(beside: Option<&Beside>, currency: Currency) -> String {
    let Some(beside) = beside else { return "none was typed in".to_owned() };
    let statement = &beside.reconciled.statement;
    let remaining = paint::amount(statement.remaining, currency);
    let original = statement.original.map(|of| format!(" of {}", paint::amount(of, currency))).unwrap_or_default();
    let file = statement.file.as_deref().map(|sha256| format!(" (file {})", sha256.get(..12).unwrap_or(sha256)));
    format!(
        "{remaining}{original} remained on {}, by {}{} read on {}",
        statement.as_of,
        statement.source,
        file.unwrap_or_default(),
        statement.read
    )
}

fn difference(beside: &Beside, currency: Currency) -> String {
    let reconciled = &beside.reconciled;
    let (then, since) = (paint::band(reconciled.ours_then, currency), paint::band(reconciled.drawn_since, currency));
    let difference = paint::band(reconciled.difference, currency);
    format!("{difference}: ours of that day is {then}; {}; drawn since then: {since}", beside.explained)
}

fn figures(out: &Out, figures: &Figures) {
    let (period, currency) = (&figures.period, figures.currency);
    let next = &period.next;
    let due = match &next.milestone {
        Some(name) => format!("milestone `{name}` on {}", next.through),
        None => format!("period {} on {}", period.number, next.through),
    };
    let per_day = next.per_day.map(|band| format!("{} a day", paint::band(band, currency)));
    out.heading("figures");
    out.fields(&[
        ("committed", paint::amount(figures.committed, currency)),
        ("spent", paint::amount(figures.spent, currency)),
        ("eligible", paint::band(figures.eligible, currency)),
        ("remaining", paint::band(figures.remaining, currency)),
        ("expected", paint::band(figures.expected, currency)),
        ("pace", paint::pace(period.pace)),
        (
            "next due",
            format!(
                "{due}: {}, of which {} remain",
                paint::amount(next.amount, currency),
                paint::band(next.remaining, currency)
            ),
        ),
        ("days left", next.days_left.to_string()),
        ("needed", per_day.unwrap_or_default()),
        ("cap", paint::bounds(period.headroom.cap, currency)),
        ("head-room", paint::bounds(period.headroom.left, currency)),
    ]);
}

fn ineligible(out: &Out, figures: &Figures) {
    let currency = figures.currency;
    if figures.ineligible.is_empty() {
        return;
    }
    out.heading("what does not count");
    let rows = figures.ineligible.iter().map(|(cause, band)| vec![cause.to_string(), paint::band(*band, currency)]);
    out.table(&["because", "amount"], &rows.collect::<Vec<_>>());
}

fn periods(out: &Out, periods: &[Row], currency: Currency) {
    let band = |band: Option<entente_core::commitment::Band>| {
        band.map_or_else(|| "-".to_owned(), |band| paint::band(band, currency))
    };
    out.heading("periods");
    let rows = periods.iter().map(|row| {
        vec![
            row.number.to_string(),
            row.from.to_string(),
            row.through.to_string(),
            paint::amount(row.amount, currency),
            band(row.eligible),
            band(row.lacks),
            band(row.excess),
            row.payment_due.to_string(),
        ]
    });
    let heading = ["period", "from", "through", "amount", "eligible", "lacks", "beyond", "payment due"];
    out.table(&heading, &rows.collect::<Vec<_>>());
}

/// What lacked of periods and milestones that have passed, and is to be paid.
fn payments(out: &Out, figures: &Figures) {
    let currency = figures.currency;
    let owed: Vec<&Settled> = figures.settled.iter().filter(|settled| settled.cost.cash != Band::ZERO).collect();
    if owed.is_empty() {
        return;
    }
    out.heading("to be paid");
    let rows = owed.into_iter().map(|settled| {
        let what = match &settled.milestone {
            Some(name) => format!("milestone `{name}` of period {}", settled.period),
            None => format!("period {}", settled.period),
        };
        let cost = &settled.cost;
        let until = cost.credit_through.map(|day| format!(", until {day}")).unwrap_or_default();
        vec![
            what,
            settled.through.to_string(),
            paint::amount(settled.amount, currency),
            paint::band(settled.shortfall, currency),
            paint::band(cost.cash, currency),
            cost.due.to_string(),
            format!("{}{until}", paint::band(cost.credit, currency)),
        ]
    });
    let heading = ["for", "through", "amount", "lacked", "payment", "due", "comes back"];
    out.table(&heading, &rows.collect::<Vec<_>>());
}

fn told(out: &Out, sight: &Sight) {
    if !sight.told.is_empty() {
        out.heading("told");
        let rows = sight.told.iter().map(|alert| vec![alert.day.to_string(), alert.to_string()]);
        out.table(&["on", "alert"], &rows.collect::<Vec<_>>());
    }
    if sight.documents.len() > 1 {
        out.heading("documents");
        let text = |of: Option<String>| of.unwrap_or_else(|| "-".to_owned());
        let rows = sight.documents.iter().map(|brought| {
            let by = brought.by.as_ref().map(ToString::to_string);
            vec![instant(brought.at), text(by), text(brought.reason.clone())]
        });
        out.table(&["at", "by", "because"], &rows.collect::<Vec<_>>());
    }
}
