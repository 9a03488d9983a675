//! What would close a gap.

use std::path::PathBuf;

use entente_core::{
    commitment::{Band, Prospect, eligibility::Rules, prospects},
    money::Currency,
    offer::Offer,
};
use serde::Serialize;

use super::{
    args::{Days, Marks, Name},
    find, paint,
};
use crate::{
    cli::{exit::Exit, failure::Failure, input, output::Out, session::Session},
    commitments::{
        CommitmentError,
        ahead::{self, Until},
        family::Family,
        footing::Footing,
        offers::{self, Possible, Standing, first_account},
    },
    spend,
};

/// Show open and possible offers, each with the share of the gap that it covers and why it counts
///
/// Open are the private offers here to the buyer's accounts, on the commitment's cloud and in its currency, that nobody has
/// accepted yet. An offer is judged as if it were accepted on its last day. Plans that somebody keeps are shown beside them.
#[derive(Debug, clap::Args)]
pub struct Offers {
    #[command(flatten)]
    name: Name,
    /// An offer that is only thought of; may be given several times
    #[arg(long, value_name = "OFFER.YAML")]
    possible: Vec<PathBuf>,
    /// More rules of eligibility, beside those in force; may be given several times
    #[arg(long, value_name = "RULES.YAML")]
    rules: Vec<PathBuf>,
    #[command(flatten)]
    marks: Marks,
    #[command(flatten)]
    days: Days,
}

/// The gap, and what would close it.
#[derive(Debug, Serialize)]
struct Answer {
    #[serde(flatten)]
    footing: Footing,
    gap: Band,
    offers: Vec<Judged>,
}

#[derive(Debug, Serialize)]
struct Judged {
    standing: Standing,
    #[serde(flatten)]
    prospect: Prospect,
}

impl Offers {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = find(session, &self.name.name).await?;
        let (as_of, known_on) = self.days.of(session, &stored)?;
        let store = session.app.store.as_ref();
        let family = Family::of(store, &stored, known_on, session.app.clock.now()).await?;
        paint::warn_judged_otherwise(&session.out, &family);
        let figures = family.figures(as_of)?;
        let (commitment, _) = family.own()?;
        let forecast = ahead::outcome(&family, &figures, Until::PeriodEnd, &[])?;
        let gap = offers::gap(&figures, &forecast);
        let marks = self.marks.known();
        let mut all = offers::open(store, commitment, &stored.row.snapshot.home, &marks).await?;
        for file in &self.possible {
            let offer = Offer::from_yaml(&input::name(file), &input::document(file)?)?;
            let candidate = offers::candidate(&offer.reference, &offer, commitment, &marks);
            all.push(Possible { standing: Standing::Possible, candidate });
        }
        let account = first_account(commitment);
        let kept = stored.contract.plans.iter();
        all.extend(kept.map(|plan| Possible { standing: Standing::Planned, candidate: plan.candidate(account) }));
        let rules = self.rules(spend::in_force(store).await?)?;
        let mut judged = Vec::new();
        for possible in &all {
            let one = std::slice::from_ref(&possible.candidate);
            let found = prospects(commitment, &rules, &figures, gap, one).map_err(CommitmentError::from)?;
            judged.extend(found.into_iter().map(|prospect| Judged { standing: possible.standing, prospect }));
        }
        judged.sort_by(|a, b| {
            let rank = |judged: &Judged| (judged.prospect.counts.least, judged.prospect.counts.most);
            rank(b).cmp(&rank(a)).then_with(|| a.prospect.offer.cmp(&b.prospect.offer))
        });
        let answer = Answer { footing: Footing::of(&stored, &family, &figures)?, gap, offers: judged };
        if session.out.is_json() {
            session.out.json(&answer)?;
            return Ok(Exit::Ok);
        }
        answer.show(&session.out);
        Ok(Exit::Ok)
    }

    fn rules(&self, in_force: Rules) -> Result<Rules, Failure> {
        let mut all = in_force;
        for file in &self.rules {
            all = all.and(Rules::from_yaml(&input::name(file), &input::document(file)?)?);
        }
        Ok(all)
    }
}

impl Answer {
    fn show(&self, out: &Out) {
        let currency = self.footing.currency;
        out.fields(&paint::footing(&self.footing));
        out.fields(&[("gap", paint::band(self.gap, currency))]);
        let rows: Vec<(&str, &Prospect)> =
            self.offers.iter().map(|judged| (standing(judged.standing), &judged.prospect)).collect();
        prospects_table(out, &rows, currency);
        if self.offers.is_empty() {
            out.say("no offer to this buyer is open; name possible ones with --possible");
        }
    }
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Open => "open",
        Standing::Possible => "possible",
        Standing::Planned => "plan",
    }
}

/// Shows what offers would do for a gap, and why.
pub fn prospects_table(out: &Out, prospects: &[(&str, &Prospect)], currency: Currency) {
    let rows = prospects.iter().map(|(standing, prospect)| {
        let covers = prospect.covers.map_or_else(
            || "-".to_owned(),
            |(least, most)| if least == most { format!("{least} %") } else { format!("{least} to {most} %") },
        );
        let mut why: Vec<String> =
            prospect.why.iter().map(|verdict| format!("{} ({})", verdict.because, verdict.reason)).collect();
        why.dedup();
        if why.is_empty() {
            why.push("nothing of it falls into the period".to_owned());
        }
        vec![
            prospect.offer.clone(),
            (*standing).to_owned(),
            paint::amount(prospect.brings, currency),
            paint::band(prospect.counts, currency),
            paint::band(prospect.over_cap, currency),
            covers,
            why.join("; "),
        ]
    });
    let heading = ["offer", "standing", "brings", "counts", "over the cap", "covers", "why"];
    out.table(&heading, &rows.collect::<Vec<_>>());
}
