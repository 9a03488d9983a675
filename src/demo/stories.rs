//! The offers: what each is for, and what shall become of it.

use entente_core::offer::{Offer, document::ProductKind};
use jiff::{ToSpan as _, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use super::{folder, teller::Teller};

/// What happens to an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Approved, published, accepted.
    Accepted,
    /// Sent back by an approver, revised, then accepted.
    SentBack,
    /// Refused by an approver.
    Declined,
    /// Refused by the marketplace after it was sent, then cancelled.
    Refused,
    /// Withdrawn while the buyer hesitates.
    Withdrawn,
    /// Extended, then accepted.
    Extended,
    /// Published for the wrong account, reissued to the right one, accepted.
    Reissued,
    /// Nobody accepts.
    Expired,
    /// The marketplace's answer to its creation is lost on the wire.
    AnswerLost,
    /// Accepted, and replaced by an offer of more while its agreement runs.
    Amended,
    /// Accepted and billed, and part of the money goes back.
    Refunded,
    /// Published, and still before its buyer in the end.
    Standing,
}

/// One offer and its fate.
#[derive(Debug, Clone)]
pub struct Story {
    /// Its number, which makes its keys.
    pub no: u32,
    /// What it is, in the summary.
    pub title: &'static str,
    /// Its fate.
    pub fate: Fate,
    /// The document.
    pub offer: Offer,
    /// The account that accepts in the end.
    pub accepter: String,
    /// The quantities that it buys.
    pub quantities: Value,
}

impl Story {
    /// The answer to the next write is lost: nobody else may be writing then.
    pub fn waits_for_the_others(&self) -> bool {
        self.fate == Fate::AnswerLost
    }
}

/// All of them, dated from the sandbox's today. A story that has begun keeps the document it began with.
pub async fn all(teller: &Teller) -> anyhow::Result<Vec<Story>> {
    use Fate as F;
    let today = teller.stage().now().await?.to_zoned(TimeZone::UTC).date();
    let plots: [(&'static str, F, Plan, usize); 17] = [
        ("upfront contract", F::Accepted, Plan::Upfront { seats: 120, price: "390.00" }, 0),
        ("contract with instalments", F::Accepted, Plan::Instalments { seats: 200, price: "360.00" }, 1),
        ("usage", F::Accepted, Plan::Usage { price: "0.045" }, 2),
        ("contract + usage", F::Accepted, Plan::Both { seats: 80, price: "380.00", usage: "0.045" }, 0),
        ("rejected by an approver", F::Declined, Plan::Upfront { seats: 500, price: "285.00" }, 1),
        ("refused by the marketplace", F::Refused, Plan::Upfront { seats: 40, price: "400.00" }, 2),
        ("taken back by the seller", F::Withdrawn, Plan::Upfront { seats: 60, price: "400.00" }, 0),
        ("extended", F::Extended, Plan::Instalments { seats: 90, price: "390.00" }, 1),
        ("reissued to the right account", F::Reissued, Plan::Upfront { seats: 75, price: "395.00" }, 2),
        ("accepted by nobody", F::Expired, Plan::Usage { price: "0.048" }, 0),
        ("answer lost on the wire", F::AnswerLost, Plan::Instalments { seats: 150, price: "370.00" }, 1),
        ("sent back and revised", F::SentBack, Plan::Instalments { seats: 30, price: "350.00" }, 2),
        ("machine images by contract", F::Accepted, Plan::Machines { seats: 25, price: "380.00" }, 0),
        ("containers by the hour", F::Accepted, Plan::Containers { price: "1.10" }, 1),
        ("amended while it runs", F::Amended, Plan::Instalments { seats: 100, price: "360.00" }, 2),
        ("billed too much", F::Refunded, Plan::Upfront { seats: 50, price: "390.00" }, 0),
        (GAP_TITLE, F::Standing, Plan::Upfront { seats: 400, price: "300.00" }, GAP_BUYER),
    ];
    let mut stories = Vec::new();
    for (at, (title, fate, plan, buyer)) in plots.into_iter().enumerate() {
        let no = u32::try_from(at)? + 1;
        let accepter = teller.stage().buyer(buyer)?.to_owned();
        let account = match fate {
            F::Refused => entente_sandbox::NOBODYS_ACCOUNT.to_owned(),
            F::Reissued => teller.stage().buyer(0)?.to_owned(),
            _ => accepter.clone(),
        };
        let offer = match teller.begun(no).await? {
            Some(offer) => offer,
            None => Offer::from_json(&document(no, (title, fate), &plan, &account, today))?,
        };
        stories.push(Story { no, title, fate, offer, accepter, quantities: plan.quantities() });
    }
    Ok(stories)
}

/// How an offer is priced.
#[derive(Debug, Clone)]
enum Plan {
    Upfront { seats: u64, price: &'static str },
    Instalments { seats: u64, price: &'static str },
    Usage { price: &'static str },
    Both { seats: u64, price: &'static str, usage: &'static str },
    Machines { seats: u64, price: &'static str },
    Containers { price: &'static str },
}

impl Plan {
    fn quantities(&self) -> Value {
        match self {
            Plan::Upfront { seats, .. } | Plan::Both { seats, .. } | Plan::Machines { seats, .. } => {
                json!({ "Seats": seats })
            }
            Plan::Instalments { .. } | Plan::Usage { .. } | Plan::Containers { .. } => json!({}),
        }
    }

    /// What is sold, and what kind of product it is.
    fn product(&self) -> (&'static str, ProductKind) {
        match self {
            Plan::Machines { .. } => (entente_sandbox::AMI_CONTRACT_PRODUCT, ProductKind::MachineImage),
            Plan::Containers { .. } => (entente_sandbox::CONTAINER_HOURLY_PRODUCT, ProductKind::Container),
            Plan::Upfront { .. } | Plan::Instalments { .. } | Plan::Usage { .. } | Plan::Both { .. } => {
                (entente_sandbox::SAAS_PRODUCT, ProductKind::Saas)
            }
        }
    }

    fn pricing(&self, today: Date) -> Value {
        let contract = |seats: &u64, price: &str| json!({ "duration": "P12M", "dimensions": [{ "key": "Seats", "quantity": seats, "unit_price": price }] });
        let usage = |key: &str, price: &str| json!({ "dimensions": [{ "key": key, "unit_price": price }] });
        match self {
            Plan::Upfront { seats, price } | Plan::Machines { seats, price } => {
                json!({ "contract": contract(seats, price) })
            }
            Plan::Usage { price } => json!({ "usage": usage("Events", price) }),
            Plan::Containers { price } => json!({ "usage": usage("Hours", price) }),
            Plan::Both { seats, price, usage: per_event } => {
                json!({ "contract": contract(seats, price), "usage": usage("Events", per_event) })
            }
            Plan::Instalments { seats, price } => {
                let mut contract = contract(seats, price);
                contract["instalments"] = instalments(*seats, price, today);
                json!({ "contract": contract })
            }
        }
    }
}

/// Four equal charges, a quarter apart, from two months on; prices here are whole units, so quarters come out even.
fn instalments(seats: u64, price: &str, today: Date) -> Value {
    let whole: u64 = price.split('.').next().and_then(|units| units.parse().ok()).unwrap_or_default();
    let quarter_cents = seats * whole * 100 / 4;
    let amount = format!("{}.{:02}", quarter_cents / 100, quarter_cents % 100);
    let dates = (0..4).filter_map(|n| today.checked_add((60 + n * 90).days()).ok());
    dates.map(|date| json!({ "date": date, "amount": amount })).collect()
}

fn document(no: u32, (title, fate): (&str, Fate), plan: &Plan, account: &str, today: Date) -> Value {
    let buyers = [
        "Globex",
        "Initech",
        "Umbrella",
        "Hooli",
        "Vehement",
        "Massive Dynamic",
        "Wonka",
        "Stark",
        "Wayne",
        "Tyrell",
        "Cyberdyne",
        "Oscorp",
    ];
    let stands = fate == Fate::Standing;
    let buyer = if stands { GAP_NAME } else { buyers[(no as usize - 1) % buyers.len()] };
    let last_day = today.checked_add(if stands { STANDS_DAYS } else { 30 }.days()).unwrap_or(today);
    let (product, kind) = plan.product();
    let mut document = json!({
        "reference": format!("DEMO-{no:02}"),
        "marketplace": "aws",
        "legal_entity": "acme-us",
        "region": "amer",
        "product": { "id": product, "kind": kind },
        "buyer": { "name": buyer, "accounts": [account], "country": "US", "zone": "America/Los_Angeles" },
        "name": format!("Acme Platform for {buyer}"),
        "description": format!("Acme Platform, {title}"),
        "currency": "USD",
        "pricing": plan.pricing(today),
        "eula": { "standard": { "version": "2022-07-14" } },
        "expires_on": last_day,
        "external_refs": { "crm_opportunity": format!("006DEMO{no:04}"), "quote": format!("Q-{no:04}") },
        "price_book": folder::PRICE_BOOK_ID,
    });
    if matches!(plan, Plan::Usage { .. } | Plan::Containers { .. }) {
        document["term"] = json!({ "duration": "P12M" });
    }
    document
}

/// What the offer is that would close a customer's gap, in the summary.
pub const GAP_TITLE: &str = "would close a gap";

/// Which of the sandbox's buyers that customer is, and what it is called.
pub const GAP_BUYER: usize = 1;
const GAP_NAME: &str = "Initech";

/// For how many days it stands: longer than the story takes.
const STANDS_DAYS: i64 = 90;

/// The number of the story in which an agreement is amended.
pub const AMENDMENT: u32 = 18;

/// What it is, in the summary.
pub const AMENDMENT_TITLE: &str = "the amendment";

/// The offer that takes the place of a story's agreement: half as many seats more, to the day on which that one ends.
pub async fn amendment(teller: &Teller, of: &Story, agreement: &str, ends: Date) -> anyhow::Result<Story> {
    let offer = match teller.begun(AMENDMENT).await? {
        Some(offer) => offer,
        None => {
            let today = teller.stage().now().await?.to_zoned(TimeZone::UTC).date();
            let plan = Plan::Instalments { seats: 150, price: "360.00" };
            let mut document = of.offer.to_json();
            document["reference"] = json!(format!("DEMO-{AMENDMENT:02}"));
            document["name"] = json!(format!("{}, 50 seats more", of.offer.name));
            document["pricing"] = plan.pricing(today);
            document["term"] = json!({ "end": ends });
            document["renewal"] = json!({ "of": agreement, "as": "amendment" });
            document["external_refs"] = json!({ "crm_opportunity": format!("006DEMO{AMENDMENT:04}") });
            Offer::from_json(&document)?
        }
    };
    let (accepter, quantities) = (of.accepter.clone(), json!({}));
    Ok(Story { no: AMENDMENT, title: AMENDMENT_TITLE, fate: Fate::Accepted, offer, accepter, quantities })
}
