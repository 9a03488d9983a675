//! Where a commitment stands.

use entente_core::{
    commitment::{How, drawdown::Start},
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
    commitments::sight::{Sight, sight},
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
        let (as_of, known_on) = self.days.of(session, &stored)?;
        let now = session.app.clock.now();
        let (sight, family) = sight(session.app.store.as_ref(), &stored, as_of, known_on, now).await?;
        if session.out.is_json() {
            session.out.json(&sight)?;
            return Ok(Exit::Ok);
        }
        let (out, currency) = (&session.out, sight.figures.currency);
        head(out, &sight);
        figures(out, &sight, currency);
        ineligible(out, &sight, currency);
        foreign::draw(out, &sight, currency);
        periods(out, &sight, currency);
        if self.chart || out.is_terminal() {
            chart::draw(out, &sight, &family)?;
        }
        out.heading("forecast");
        ahead::outcome(out, &sight.forecast, currency);
        told(out, &sight);
        Ok(Exit::Ok)
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
        (
            "judged by",
            match sight.judged_otherwise.len() {
                0 => String::new(),
                some => format!("older terms or rules, in {some} partitions: they are judged anew within the hour"),
            },
        ),
        ("spend to", figures.complete_through.map_or_else(|| "none was taken in".to_owned(), |day| day.to_string())),
        ("currency", figures.currency.to_string()),
        ("basis", paint::basis(&figures.basis)),
        (
            "statement",
            statement.map(|beside| stated(beside, figures.currency)).unwrap_or_else(|| "none was typed in".to_owned()),
        ),
        ("difference", statement.map(|beside| difference(beside, figures.currency)).unwrap_or_default()),
        ("begins", begins(sight.start)),
        (
            "follows",
            sight.former.as_ref().map(|former| format!("`{}` {}", former.to, how(former.how))).unwrap_or_default(),
        ),
        ("next", next.collect::<Vec<_>>().join("; ")),
        ("trouble", sight.trouble.as_ref().map(|trouble| trouble.message.clone()).unwrap_or_default()),
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

fn stated(beside: &crate::commitments::sight::Beside, currency: Currency) -> String {
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

fn difference(beside: &crate::commitments::sight::Beside, currency: Currency) -> String {
    let reconciled = &beside.reconciled;
    let (then, since) = (paint::band(reconciled.ours_then, currency), paint::band(reconciled.drawn_since, currency));
    let difference = paint::band(reconciled.difference, currency);
    format!("{difference}: ours of that day is {then}; {}; drawn since then: {since}", beside.explained)
}

fn figures(out: &Out, sight: &Sight, currency: Currency) {
    let (figures, period) = (&sight.figures, &sight.figures.period);
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

fn ineligible(out: &Out, sight: &Sight, currency: Currency) {
    let figures = &sight.figures;
    if figures.ineligible.is_empty() {
        return;
    }
    out.heading("what does not count");
    let rows = figures.ineligible.iter().map(|(cause, band)| vec![cause.to_string(), paint::band(*band, currency)]);
    out.table(&["because", "amount"], &rows.collect::<Vec<_>>());
}

fn periods(out: &Out, sight: &Sight, currency: Currency) {
    let band = |band: Option<entente_core::commitment::Band>| {
        band.map_or_else(|| "-".to_owned(), |band| paint::band(band, currency))
    };
    out.heading("periods");
    let rows = sight.periods.iter().map(|row| {
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
