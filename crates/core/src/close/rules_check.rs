//! What can be told of posting rules from their text alone.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::{
    AccountClass, Becomes, Booking, Evidence, GlAccount, PostingRules, Scheme, Treated,
    rules::{BookingRow, Document, SchemeRow},
};
use crate::{context::funding::Treatment, ledger::PostingAction};

/// The word that stands for the account that bears a programme's cost.
const COST: &str = "cost";

/// A field as a JSON pointer, and what is wrong with it.
type Wrong = (String, String);

type Accounts = BTreeMap<GlAccount, AccountClass>;

/// Rules out of their document.
pub(super) fn check(document: Document, sha256: String) -> Result<PostingRules, Wrong> {
    named(&document)?;
    let mut entities = BTreeMap::new();
    for (entity, row) in document.entities {
        let at = format!("/entities/{}", escaped(&entity));
        let id = entity.parse().map_err(|error| (at.clone(), format!("{error}")))?;
        let zone = TimeZone::get(&row.zone).map(|_| row.zone.clone());
        let message = || format!("`{}` is not an IANA zone; write a name such as `Europe/Berlin`", row.zone);
        entities.insert(id, zone.map_err(|_| (format!("{at}/zone"), message()))?);
    }
    let mut accounts = Accounts::new();
    for (number, row) in document.accounts {
        let at = format!("/accounts/{}", escaped(&number));
        let account = number.parse::<GlAccount>().map_err(|error| (at.clone(), error.to_string()))?;
        wrong_if(row.title.trim().is_empty(), &format!("{at}/title"), "is empty; say in a line what it is")?;
        accounts.insert(account, row.class);
    }
    let mut schemes: Vec<Scheme> = Vec::new();
    for (at, row) in document.programmes.into_iter().enumerate() {
        let field = format!("/programmes/{at}");
        let known = entities.contains_key(&row.entity);
        wrong_if(!known, &format!("{field}/entity"), "is not among `entities`; add it there with its zone")?;
        let same =
            |other: &Scheme| (&other.programme, &other.entity, &other.fund) == (&row.programme, &row.entity, &row.fund);
        wrong_if(schemes.iter().any(same), &field, "maps what an earlier entry maps; remove one of them")?;
        schemes.push(scheme(&field, row, &document.movements, &accounts)?);
    }
    let (name, version, title) = (document.rules, document.version, document.title);
    Ok(PostingRules { name, version, title, entities, accounts, schemes, sha256 })
}

fn named(document: &Document) -> Result<(), Wrong> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let named = (1..=64).contains(&document.rules.len()) && document.rules.chars().all(plain);
    wrong_if(!named, "/rules", "has 1 to 64 lower-case letters, digits and `-`; rename it")?;
    wrong_if(document.version == 0, "/version", "begins at 1; write a whole number from 1")?;
    wrong_if(document.title.trim().is_empty(), "/title", "is empty; say in a line what the rules are for")?;
    wrong_if(document.entities.is_empty(), "/entities", "names no legal entity; name at least one, with its zone")?;
    wrong_if(document.programmes.is_empty(), "/programmes", "maps no programme; add at least one")
}

fn scheme(
    field: &str,
    row: SchemeRow,
    common: &BTreeMap<String, BookingRow>,
    accounts: &Accounts,
) -> Result<Scheme, Wrong> {
    let at = |name: &str| format!("{field}/{name}");
    let cost = match (row.treatment, row.becomes) {
        (Treatment::ContraRevenue, None) => AccountClass::ContraRevenue,
        (Treatment::Expense, None) => AccountClass::Expense,
        (Treatment::Prepaid, Some(Becomes::ContraRevenue)) => AccountClass::ContraRevenue,
        (Treatment::Prepaid, Some(Becomes::Expense)) => AccountClass::Expense,
        (Treatment::Prepaid, None) => {
            let message = "is missing: say whether what is prepaid becomes `contra_revenue` or `expense`";
            return Err((at("becomes"), message.into()));
        }
        (_, Some(_)) => return Err((at("becomes"), "goes with the treatment `prepaid` alone; leave it out".into())),
    };
    evidence(&at("evidence"), cost, row.evidence.as_ref())?;
    of_class(&at("cost"), &row.cost, cost, accounts)?;
    of_class(&at("accrued"), &row.accrued, AccountClass::Accrued, accounts)?;
    let empty = row.cost_centre.as_ref().is_some_and(|centre| centre.trim().is_empty());
    wrong_if(empty, &at("cost_centre"), "is empty; leave it out, and the fund's own is used")?;
    let mut movements = BTreeMap::new();
    let common = common.iter().map(|one| ("/movements".to_owned(), one));
    for (home, (word, booking)) in common.chain(row.movements.iter().map(|one| (at("movements"), one))) {
        let here = format!("{home}/{}", escaped(word));
        let action = word.parse::<PostingAction>().map_err(|error| (here.clone(), error.to_string()))?;
        let made = booked(&here, booking, &row.cost, cost, accounts)?;
        movements.insert(action, made);
    }
    let SchemeRow { programme, entity, fund, evidence, accrued, cost_centre, .. } = row;
    let treated = Treated { treatment: row.treatment, cost };
    Ok(Scheme { programme, entity, fund, treated, evidence, cost: row.cost, accrued, cost_centre, movements })
}

/// An expense needs the evidence, and nothing else may claim it.
fn evidence(at: &str, cost: AccountClass, evidence: Option<&Evidence>) -> Result<(), Wrong> {
    let Some(evidence) = evidence else {
        let message = "is missing: what is paid to a customer lowers revenue unless a distinct service is received at \
                       fair value (ASC 606-10-32-25); name the service, its fair value and the document, or treat it \
                       as `contra_revenue`";
        return wrong_if(cost == AccountClass::Expense, at, message);
    };
    wrong_if(cost != AccountClass::Expense, at, "is only for what becomes an expense; leave it out")?;
    let said = [
        ("distinct_service", &evidence.distinct_service),
        ("fair_value", &evidence.fair_value),
        ("document", &evidence.document),
    ];
    said.into_iter().try_for_each(|(name, text)| {
        wrong_if(text.trim().is_empty(), &format!("{at}/{name}"), "is empty; write what an auditor is shown")
    })
}

/// What a movement does, for a programme whose cost is of a class: nothing may be booked on a cost of the other class.
fn booked(
    at: &str,
    row: &BookingRow,
    cost: &GlAccount,
    class: AccountClass,
    accounts: &Accounts,
) -> Result<Booking, Wrong> {
    let (debit, credit) = match (&row.debit, &row.credit, &row.memo) {
        (None, None, Some(why)) if !why.trim().is_empty() => return Ok(Booking::Memo(why.clone())),
        (Some(debit), Some(credit), None) => (debit, credit),
        _ => {
            return Err((
                at.to_owned(),
                "needs `debit` and `credit`, or `memo` with the reason why it is not booked".into(),
            ));
        }
    };
    let account = |side: &str, text: &str| -> Result<GlAccount, Wrong> {
        let field = format!("{at}/{side}");
        if text == COST {
            return Ok(cost.clone());
        }
        let account = text.parse::<GlAccount>().map_err(|error| (field.clone(), error.to_string()))?;
        let is = *accounts.get(&account).ok_or_else(|| (field.clone(), unknown(&account)))?;
        let other = matches!(is, AccountClass::ContraRevenue | AccountClass::Expense) && is != class;
        let message = format!("`{account}` is `{}`, and the programme's cost is `{}`", is.word(), class.word());
        wrong_if(other, &field, format!("{message}; write `cost` for its own account"))?;
        wrong_if(is == AccountClass::Accrued, &field, format!("`{account}` is for estimates at a month's end alone"))?;
        Ok(account)
    };
    let (debit, credit) = (account("debit", debit)?, account("credit", credit)?);
    wrong_if(debit == credit, at, "debits and credits the same account; write a `memo` instead")?;
    Ok(Booking::Accounts { debit, credit })
}

fn of_class(at: &str, account: &GlAccount, class: AccountClass, accounts: &Accounts) -> Result<(), Wrong> {
    let is = *accounts.get(account).ok_or_else(|| (at.to_owned(), unknown(account)))?;
    let message = format!("`{account}` is `{}`, and one of `{}` is needed here", is.word(), class.word());
    wrong_if(is != class, at, message)
}

fn unknown(account: &GlAccount) -> String {
    format!("`{account}` is not among `accounts`; add it there with its class")
}

fn wrong_if(wrong: bool, at: &str, message: impl Into<String>) -> Result<(), Wrong> {
    if wrong { Err((at.to_owned(), message.into())) } else { Ok(()) }
}

fn escaped(step: &str) -> String {
    step.replace('~', "~0").replace('/', "~1")
}
