//! What would close a gap.

use std::path::PathBuf;

use entente_core::{
    commitment::{Prospect, eligibility::Rules},
    money::Currency,
    offer::Offer,
};

use super::{
    args::{Days, Marks, Name},
    paint, visitor,
};
use crate::{
    cli::{exit::Exit, failure::Failure, input, output::Out, session::Session},
    commitments::{
        closing::{Besides, Closing, closing},
        offers::Standing,
        outlook::Looked,
    },
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

impl Offers {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let visitor = visitor(session)?;
        let stored = visitor.find(&self.name.name).await?;
        let looked = Looked::at(&visitor, &stored, self.days.into()).await?;
        paint::warn_judged_otherwise(&session.out, &looked.family);
        let answer = closing(&visitor, &stored, &looked, self.besides()?).await?;
        if session.out.is_json() {
            session.out.json(&answer)?;
            return Ok(Exit::Ok);
        }
        show(&session.out, &answer);
        Ok(Exit::Ok)
    }

    fn besides(&self) -> Result<Besides, Failure> {
        let mut besides = Besides { marks: self.marks.known(), ..Besides::default() };
        for file in &self.possible {
            besides.possible.push(Offer::from_yaml(&input::name(file), &input::document(file)?)?);
        }
        for file in &self.rules {
            besides.rules.push(Rules::from_yaml(&input::name(file), &input::document(file)?)?);
        }
        Ok(besides)
    }
}

fn show(out: &Out, answer: &Closing) {
    let currency = answer.footing.currency;
    out.fields(&paint::footing(&answer.footing));
    out.fields(&[("gap", paint::band(answer.gap, currency))]);
    let rows: Vec<(&str, &Prospect)> =
        answer.offers.iter().map(|judged| (standing(judged.standing), &judged.prospect)).collect();
    prospects_table(out, &rows, currency);
    if answer.offers.is_empty() {
        out.say("no offer to this buyer is open; name possible ones with --possible");
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
