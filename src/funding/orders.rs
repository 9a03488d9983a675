//! What is known of an order's invoices besides the order itself: whether they were used before, and whether the supplier is tied
//! to the partner. The rules that judge claims (F1, F2, F3 and F7) say so.

use std::{collections::BTreeMap, sync::Arc};

use entente_core::{
    context::funding::{Finding, MatchRule, OrderPaper, SupplierInvoice},
    mdf::{
        Case, Outcome, Pack, Verdict,
        candidates::{self, KeyKind, Reach},
        judge,
        model::{Claim, ClaimKind, EarlierClaim, Evidence, Invoice, PartnerStatus, Scan, Supplier},
    },
    money::Money,
};
use entente_documents::Digest;
use entente_store::Store;
use jiff::{Timestamp, tz::TimeZone};
use sha2::Digest as _;

use super::{
    bank, case,
    evidence::{self, Room},
    stored::{self, Stored},
};
use crate::{offers::DeskError, world::World};

/// The rules that an order's invoices are judged by, whatever the programme enables: nobody is paid twice.
const RULES: &str = "pack: order-invoices\nversion: 1\ntitle: What was invoiced before, and by whom\nzone: UTC\n\
                     rules:\n  F1: {}\n  F2: {}\n  F3: {}\n  F7: {}\n";

/// The role by whose calendar days are counted.
const CALENDAR_OF: &str = "finance_approver";

/// How a supplier is tied to the partner, where it is.
///
/// # Errors
/// When the database cannot be read.
pub async fn tied(
    store: &dyn Store,
    world: &Arc<World>,
    order: &Stored<OrderPaper>,
    now: Timestamp,
) -> Result<Option<String>, DeskError> {
    let found = verdicts(store, world, order, None, now).await?;
    Ok(found.into_iter().find(|finding| finding.rule == MatchRule::M9).map(|finding| finding.because))
}

/// What there is to say of each invoice that has yet to be matched, by its number.
///
/// # Errors
/// When the database or the vault cannot be read.
pub async fn found(
    store: &dyn Store,
    (world, room): (&Arc<World>, &Room),
    order: &Stored<OrderPaper>,
    now: Timestamp,
) -> Result<BTreeMap<String, Vec<Finding>>, DeskError> {
    let supplier = stored::partner(store, &order.sheet.paper.supplier.party).await?;
    let mut all = BTreeMap::new();
    for invoice in order.sheet.course.invoices.iter().filter(|invoice| invoice.is_open()) {
        let mut findings = verdicts(store, world, order, Some(invoice), now).await?;
        findings.extend(unreadable(store, room, order, invoice).await?);
        if case::status(&supplier) != PartnerStatus::Active {
            let because = format!("supplier `{}` is not in business", supplier.sheet.paper.partner);
            findings.push(Finding::of(MatchRule::M10, because));
        }
        all.insert(invoice.written.number.clone(), findings);
    }
    Ok(all)
}

/// Why the file of an invoice cannot be looked at.
async fn unreadable(
    store: &dyn Store,
    room: &Room,
    order: &Stored<OrderPaper>,
    invoice: &SupplierInvoice,
) -> Result<Option<Finding>, DeskError> {
    let (party, file) = (&order.sheet.paper.supplier.party, &invoice.written.file);
    let why = match evidence::find(store, party, file).await? {
        None => Some(format!("`{party}` has handed in no file `{file}`")),
        Some(kept) if kept.removed_on.is_some() => Some(format!("`{}` was removed", kept.name)),
        Some(kept) if kept.scan == Scan::Infected => Some(format!("the scanner found something in `{}`", kept.name)),
        Some(kept) if kept.scan == Scan::Pending => Some(format!("`{}` is not scanned yet", kept.name)),
        Some(kept) => match (room.vault(), file.parse::<Digest>()) {
            (Ok(vault), Ok(digest)) => {
                vault.check(&digest).await.err().map(|wrong| format!("`{}`: {wrong}", kept.name))
            }
            _ => Some(format!("`{}` cannot be read back", kept.name)),
        },
    };
    Ok(why.map(|why| Finding::of(MatchRule::M10, why)))
}

/// What the rules find of an invoice, or of the supplier alone.
async fn verdicts(
    store: &dyn Store,
    world: &Arc<World>,
    order: &Stored<OrderPaper>,
    invoice: Option<&SupplierInvoice>,
    now: Timestamp,
) -> Result<Vec<Finding>, DeskError> {
    let wrong = |why: String| DeskError::Unreadable { what: format!("`{}`", order.label()), why };
    let pack = Pack::from_yaml("order-invoices", RULES).map_err(|error| wrong(error.to_string()))?;
    let mut case = of_order(store, order, invoice, now).await?;
    if let Some(own) = EarlierClaim::of(&case) {
        let mut keys = candidates::asked(&own, Reach::of(&pack));
        keys.retain(|key| key.kind() != KeyKind::Activity);
        let entered_at = invoice.map_or(now, |invoice| invoice.entered_at);
        case.earlier = case::of_invoice(store, order, entered_at, &keys).await?;
    }
    let role = CALENDAR_OF.parse()?;
    let calendar = world.calendars.of_role(&role, &order.sheet.paper.legal_entity);
    let judgement = judge(&case, &pack, calendar).map_err(|error| wrong(error.to_string()))?;
    Ok(judgement.verdicts.iter().filter_map(finding).collect())
}

fn finding(verdict: &Verdict) -> Option<Finding> {
    let rule = match verdict.rule.to_string().as_str() {
        "F1" | "F2" => MatchRule::M7,
        "F3" => MatchRule::M8,
        _ => MatchRule::M9,
    };
    match verdict.outcome {
        Outcome::Found(_) => Some(Finding::of(rule, verdict.because.clone())),
        Outcome::Undecided => Some(Finding::of(rule, format!("it cannot be decided: {}", verdict.because))),
        _ => None,
    }
}

/// An order as the rules see it: what its request is for, with the invoice as a claim's.
async fn of_order(
    store: &dyn Store,
    order: &Stored<OrderPaper>,
    invoice: Option<&SupplierInvoice>,
    now: Timestamp,
) -> Result<Case, DeskError> {
    let paper = &order.sheet.paper;
    let asked = stored::request(store, &paper.request).await?;
    let gathered = case::of_request(store, &asked, now).await?;
    let supplier = stored::partner(store, &paper.supplier.party).await?;
    let partner = stored::partner(store, &paper.partner).await?;
    let (name, address) = (supplier.sheet.paper.name.clone(), supplier.sheet.paper.address.clone());
    let bank_hash = account(store, supplier.sheet.course.bank.as_ref().map(|bank| bank.sha256.as_str())).await?;
    let mut case = gathered.case;
    case.partner.bank_hash =
        account(store, partner.sheet.course.bank.as_ref().map(|bank| bank.sha256.as_str())).await?;
    let tax_id = invoice.map_or(&paper.supplier.tax_id, |invoice| &invoice.written.tax_id).clone();
    let supplier = Supplier { name, tax_id, bank_hash, address };
    let total = invoice.map_or(paper.total, |invoice| invoice.written.total);
    let named = Invoice {
        supplier,
        number: invoice.map(|invoice| invoice.written.number.clone()).unwrap_or_default(),
        date: invoice.map_or_else(|| now.to_zoned(TimeZone::UTC).date(), |invoice| invoice.written.date),
        lines: invoice.map_or(1, |invoice| u32::try_from(invoice.written.lines.len()).unwrap_or(u32::MAX)),
        total,
        claimed: total,
        share_declared: false,
        paid_by_employee: None,
    };
    let mut files: Vec<Evidence> = Vec::new();
    if let Some(invoice) = invoice {
        let kept = evidence::find(store, &paper.supplier.party, &invoice.written.file).await?;
        files.extend(kept.map(|kept| kept.proof("invoice")));
    }
    case.claim = Some(as_claim(order, (total, named, files), now)?);
    Ok(case)
}

/// An invoice in the words of a claim: the rules compare claims.
fn as_claim(
    order: &Stored<OrderPaper>,
    (amount, invoice, evidence): (Money, Invoice, Vec<Evidence>),
    now: Timestamp,
) -> Result<Claim, DeskError> {
    Ok(Claim {
        id: order.label().parse()?,
        pack: None,
        kind: ClaimKind::Regular,
        closing: false,
        submitted_at: Some(now),
        rejected_at: None,
        kept_since: None,
        answered_at: None,
        approved_at: None,
        results_at: None,
        currency: amount.currency,
        amount,
        lines: Vec::new(),
        partial_funding: String::new(),
        income: Vec::new(),
        shares: Vec::new(),
        conversion: None,
        tax: None,
        evidence,
        invoices: vec![invoice],
        no_attendance_because: String::new(),
        leads_recorded: 0,
        metrics: BTreeMap::new(),
        brand_check: None,
        lead_list: None,
        refusal: None,
        proof_complete_on: None,
        reminders_sent: Vec::new(),
        extensions: Vec::new(),
        votes: Vec::new(),
        pauses: Vec::new(),
        audited: false,
        audit_found: None,
        advance: None,
    })
}

/// A hash of the account behind bank details, the same whoever has entered it.
async fn account(store: &dyn Store, details: Option<&str>) -> Result<Option<String>, DeskError> {
    let Some(sha256) = details else { return Ok(None) };
    let plain = bank::get(store, sha256).await?.account;
    let plain: String = plain.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    Ok(Some(hex::encode(sha2::Sha256::digest(plain.as_bytes()))))
}
