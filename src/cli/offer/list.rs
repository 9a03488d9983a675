//! `entente offer list`.

use std::collections::BTreeMap;

use entente_core::money::Money;
use entente_store::RunFilter;
use serde::Serialize;

use crate::{
    cli::{exit::Exit, failure::Failure, session::Session},
    offers::{
        expiry::InZones,
        standing::{self, Standing},
        stored,
    },
};

/// List offers
#[derive(Debug, clap::Args)]
pub struct List {
    /// Those that have ended as well
    #[arg(long)]
    ended: bool,
    /// Only those in a state with this tag, such as awaiting_buyer
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// Only those parked by an incident
    #[arg(long)]
    parked: bool,
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
}

/// One offer, as lists show it.
#[derive(Debug, Serialize)]
pub struct Row {
    label: String,
    state: String,
    tags: Vec<String>,
    ended: bool,
    parked: bool,
    waiting_on: Option<String>,
    buyer: String,
    value: Option<Money>,
    last_day: jiff::civil::Date,
    last_moment: Option<jiff::Timestamp>,
    expiry_in_zones: InZones,
    reference: String,
    marketplace: String,
    offer_id: Option<String>,
    external_refs: BTreeMap<String, String>,
}

impl From<Standing> for Row {
    fn from(standing: Standing) -> Row {
        Row {
            label: standing.label,
            state: standing.state,
            tags: standing.tags,
            ended: standing.ended,
            parked: standing.incident.is_some(),
            waiting_on: standing.waiting_on,
            buyer: standing.buyer,
            value: standing.value,
            last_day: standing.last_day,
            last_moment: standing.last_moment,
            expiry_in_zones: standing.expiry_in_zones,
            reference: standing.reference,
            marketplace: standing.marketplace,
            offer_id: standing.remote.offer_id,
            external_refs: standing.external_refs,
        }
    }
}

/// What an offer is worth: nothing is fixed where only usage is charged.
pub fn worth(value: Option<&Money>) -> String {
    match value {
        Some(value) if value.minor == 0 => "by usage".to_owned(),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}

/// The last moment as the seller reads it; the other clocks are in `offer show` and in JSON.
fn sellers_clock(row: &Row) -> String {
    let there = row.expiry_in_zones.get("seller").cloned().flatten();
    there.unwrap_or_else(|| row.last_day.to_string())
}

impl List {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let filter = RunFilter {
            tag: self.tag,
            ended: (!self.ended).then_some(false),
            parked: self.parked.then_some(true),
            limit: self.limit,
            ..RunFilter::default()
        };
        let offers = stored::offers(session.app.store.as_ref(), filter).await?;
        let desk = session.desk();
        let rows = offers.iter().map(|offer| {
            let mut standing = standing::summary(offer);
            desk.tell_expiry(&mut standing, offer);
            Row::from(standing)
        });
        let rows: Vec<Row> = rows.collect();
        if session.out.is_json() {
            session.out.json(&rows)?;
            return Ok(Exit::Ok);
        }
        let cells = rows.iter().map(|row| {
            vec![
                row.label.clone(),
                if row.parked { format!("{} (parked)", row.state) } else { row.state.clone() },
                row.waiting_on.clone().unwrap_or_else(|| "-".into()),
                row.buyer.clone(),
                worth(row.value.as_ref()),
                sellers_clock(row),
                row.reference.clone(),
                row.offer_id.clone().unwrap_or_else(|| "-".into()),
            ]
        });
        let heading = ["offer", "state", "waiting on", "buyer", "value", "last moment", "reference", "marketplace id"];
        session.out.table(&heading, &cells.collect::<Vec<_>>());
        if rows.is_empty() {
            session.out.say("there is no such offer; create one with `entente offer create <offer.yaml>`");
        }
        Ok(Exit::Ok)
    }
}
