//! What people decide on, whatever its workflow: found by its label, with the revision that votes bind to.

use entente_core::{
    context::raised,
    money::{Currency, Money},
    scope::Scope,
};
use entente_store::RunRow;

use crate::{
    app::App,
    offers::{self, DeskError},
};

/// What the labels of refunds begin with.
pub const REFUNDS: &str = "RFD";

/// What the labels of requests for an early end begin with.
pub const CANCELLATIONS: &str = "CAN";

/// What the labels of requests for payments begin with.
pub const PAYMENTS: &str = "PAY";

/// What the labels of partners begin with.
pub const PARTNERS: &str = "PTN";

/// What the labels of funds begin with.
pub const FUNDS: &str = "FND";

/// What the labels of requests for funds begin with.
pub const FUND_REQUESTS: &str = "REQ";

/// What the labels of requests begin with that several funds pay.
pub const JOINT_REQUESTS: &str = "JNT";

/// What the labels of claims begin with that several funds pay.
pub const JOINT_CLAIMS: &str = "JCL";

/// What the labels of claims begin with.
pub const CLAIMS: &str = "CLM";

/// What the labels of applications for funding by marketplaces begin with.
pub const GRANTS: &str = "FUN";

/// What the labels of payout runs begin with.
pub const PAYOUTS: &str = "POR";

/// What the labels of accrual runs begin with.
pub const ACCRUALS: &str = "ACR";

/// What the labels of orders to suppliers begin with.
pub const ORDERS: &str = "ORD";

/// What the labels of commitments begin with.
pub const COMMITMENTS: &str = "CMT";
/// What the labels of commitment cards begin with.
pub const CARDS: &str = "CRD";

/// A kind of run that people know by its labels.
struct Kind {
    /// What its labels begin with.
    series: &'static str,
    /// What people call it.
    name: &'static str,
    /// The command that shows one.
    shown_by: &'static str,
}

const KINDS: [Kind; 16] = [
    Kind { series: offers::launch::SERIES, name: "offer", shown_by: "entente offer show" },
    Kind { series: REFUNDS, name: "refund", shown_by: "entente refund show" },
    Kind { series: CANCELLATIONS, name: "cancellation", shown_by: "entente cancellation show" },
    Kind { series: PAYMENTS, name: "payment request", shown_by: "entente payment-request show" },
    Kind { series: PARTNERS, name: "partner", shown_by: "entente partner show" },
    Kind { series: FUNDS, name: "fund", shown_by: "entente fund show" },
    Kind { series: FUND_REQUESTS, name: "request", shown_by: "entente request show" },
    Kind { series: JOINT_REQUESTS, name: "joint request", shown_by: "entente request show" },
    Kind { series: JOINT_CLAIMS, name: "joint claim", shown_by: "entente claim show" },
    Kind { series: CLAIMS, name: "claim", shown_by: "entente claim show" },
    Kind { series: GRANTS, name: "funding", shown_by: "entente funding show" },
    Kind { series: PAYOUTS, name: "payout run", shown_by: "entente payout show" },
    Kind { series: ORDERS, name: "order", shown_by: "entente order show" },
    Kind { series: COMMITMENTS, name: "commitment", shown_by: "entente commitment show" },
    Kind { series: ACCRUALS, name: "accrual run", shown_by: "entente accrual show" },
    Kind { series: CARDS, name: "card", shown_by: "entente card show" },
];

/// A run of another workflow: whoever made it shows it, and everybody its incidents.
const OTHER: Kind = Kind { series: "", name: "run", shown_by: "entente incident show" };

fn kind_of(label: &str) -> &'static Kind {
    let series = label.split('-').next().unwrap_or_default();
    KINDS.iter().find(|kind| kind.series == series).unwrap_or(&OTHER)
}

/// Whether a label is one of a series.
pub fn is_of(series: &str, label: &str) -> bool {
    kind_of(label).series == series
}

/// The command that shows where the run of this label stands.
pub fn shown_by(label: &str) -> String {
    format!("{} {label}", kind_of(label).shown_by)
}

/// Something that people decide on.
#[derive(Debug, Clone)]
pub struct Decision {
    /// Its run.
    pub row: RunRow,
    /// What people call it: `offer`, `refund`, …
    pub kind: &'static str,
    /// The revision that votes bind to.
    pub revision: String,
    /// What it is worth, where that is known: some may decide up to a limit only.
    pub value: Option<Money>,
}

/// What is to be decided on, by its label.
///
/// # Errors
/// When there is no such run, it cannot be understood, or the database cannot be read.
pub async fn by_label(app: &App, label: &str) -> Result<Decision, DeskError> {
    let kind = kind_of(label).name;
    let row = app.store.run_by_label(&Scope::vendor(), label).await?;
    let row = row.ok_or_else(|| entente_store::Error::NotFound { kind, id: label.to_owned() })?;
    let unreadable = |why: String| DeskError::Unreadable { what: format!("`{label}`"), why };
    let bound = app.definitions.bound(&row.snapshot.chart).await.map_err(|reason| unreadable(reason.to_string()))?;
    let context = raised(bound.context.as_ref(), &row.snapshot).map_err(|reason| unreadable(reason.to_string()))?;
    let context = context.into_owned();
    let subject = bound.context.subject(&context).ok();
    // What nobody has asked for yet has a revision all the same, and is refused by its run for want of a round.
    let revision = subject.as_ref().map(|subject| subject.revision.clone());
    let revision = revision.or_else(|| Some(context.get("revision")?.as_str()?.to_owned()));
    let value = subject.and_then(|subject| {
        let currency: Currency = subject.facts.get("currency")?.as_str()?.parse().ok()?;
        Some(Money { minor: subject.facts.get("value_minor")?.as_i64()?, currency })
    });
    Ok(Decision { kind, revision: revision.unwrap_or_default(), value, row })
}
