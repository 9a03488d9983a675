//! A payout run: approved payables become one file for the bank, and its answers go back to the claims.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Names, Paper, Sheet, check_at, data};
use crate::{
    chart::lint::APPROVALS,
    context::{FieldError, Key, Type, agreement_request::filled},
    event::Event,
    ids::{FundId, LegalEntityId, PartyId, PersonId},
    money::{Currency, Money},
};

/// The activity that takes payables into the run: each claim is told, and says whether it is free.
pub const GATHER: &str = "payout.gather";

/// The activity that writes the file for the bank.
pub const WRITE_FILE: &str = "payout.write_file";

/// The activity that gives every payable back to its claim.
pub const RELEASE: &str = "payout.release";

/// The activity that tells the claims what the bank has answered.
pub const TELL: &str = "payout.tell";

/// The kind of key under which the payout run of a payable is found.
pub const PAYABLE_KEY: &str = "payout.payable";

/// A payout run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayoutPaper {
    /// The legal entity that pays.
    pub legal_entity: LegalEntityId,
    /// The day on which the bank is to pay.
    pub execute_on: Date,
    /// In which form the file is written.
    pub format: FileFormat,
    /// The accounts that are paid from, one for each currency.
    pub debtors: BTreeMap<Currency, Debtor>,
    /// What is to be paid; what its claim does not let go is left out.
    #[serde(default)]
    pub items: Vec<Item>,
    /// Partners that have left and are paid all the same what they are owed: whoever agrees to the run agrees to that.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub former_partners: BTreeSet<PartyId>,
}

/// In which form a payment file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// ISO 20022 `pain.001.001.03`.
    #[serde(rename = "pain.001.001.03")]
    Pain00100103,
    /// ISO 20022 `pain.001.001.09`.
    #[serde(rename = "pain.001.001.09")]
    Pain00100109,
    /// Comma-separated values.
    #[serde(rename = "csv")]
    Csv,
}

/// An account that is paid from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Debtor {
    /// Whose it is.
    pub name: String,
    /// Its IBAN, or its number where it has none.
    pub account: String,
    /// The bank's BIC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bic: Option<String>,
}

/// One payable in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The claim, by its label.
    pub claim: String,
    /// Who is paid.
    pub payee: PartyId,
    /// The fund that pays.
    pub fund: FundId,
    /// What is owed.
    pub amount: Money,
    /// What is taken off it, because it is claimed back from the same payee.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub netted: Vec<Netted>,
    /// What is withheld of it as tax: the fund pays it, and the payee does not get it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withheld: Option<Money>,
}

/// A part of a payable that pays what is claimed back from its payee.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Netted {
    /// The claim that is claimed back, by its label.
    pub claim: String,
    /// How much.
    pub amount: Money,
}

impl Item {
    /// What the bank pays of it.
    ///
    /// # Errors
    /// When amounts are of different currencies.
    pub fn net(&self) -> Result<Money, crate::money::MoneyError> {
        let taken = self.netted.iter().map(|netted| netted.amount).chain(self.withheld);
        taken.into_iter().try_fold(self.amount, Money::minus)
    }

    /// By what it is known in the file, and in the bank's answers: at most 35 characters.
    pub fn end_to_end_id(&self, payout: &str, at: usize) -> String {
        format!("{payout}-{:04}", at + 1)
    }
}

/// What became of a payout run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PayoutCourse {
    /// The items that their claims let go, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<GatheredItem>,
    /// Why others were left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// Everybody who asked for any of the money, submitted a claim for it, gains by it, entered or confirmed the bank details, or
    /// checked or agreed to a claim where rule Y1 of its pack keeps that apart from paying.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub concerned: BTreeSet<PersonId>,
    /// What each of them did, and for what.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hands: BTreeMap<PersonId, String>,
    /// When people agreed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_at: Option<Timestamp>,
    /// The file, once it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<WrittenFile>,
    /// What the bank has answered, by end-to-end id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub answers: BTreeMap<String, Settled>,
    /// The answers that the claims have not been told yet.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub untold: BTreeSet<String>,
}

/// An item with the bank details that approvers saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GatheredItem {
    /// By what it is known in the file.
    pub end_to_end_id: String,
    /// What is paid.
    #[serde(flatten)]
    pub item: Item,
    /// Hash of the bank details that it is paid to.
    pub bank: String,
    /// What people are shown of them.
    pub bank_shown: String,
}

/// An item that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// The claim.
    pub claim: String,
    /// Who would have been paid.
    pub payee: PartyId,
    /// Why not.
    pub why: String,
}

/// The file for the bank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrittenFile {
    /// Its name.
    pub name: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Its sum in each currency: the ledger's as well.
    pub sums: Vec<Money>,
    /// How many payments it has.
    pub payments: u32,
}

/// What the bank answered about one payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settled {
    /// What became of it.
    pub outcome: ItemOutcome,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Date>,
    /// Why, where it was not paid.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// What became of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemOutcome {
    /// The bank paid it.
    Paid,
    /// The bank did not take it.
    Rejected,
    /// It came back.
    Returned,
}

/// `answered`: what a file of the bank says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Answered {
    answers: BTreeMap<String, Settled>,
}

/// What gathering returns.
#[derive(Debug, Deserialize)]
struct Gathered {
    items: Vec<GatheredItem>,
    left_out: Vec<LeftOut>,
    concerned: BTreeSet<PersonId>,
    #[serde(default)]
    hands: BTreeMap<PersonId, String>,
}

/// What telling the claims returns: by end-to-end id, what they were told.
#[derive(Debug, Deserialize)]
struct ToldOf {
    told: BTreeMap<String, ItemOutcome>,
}

/// What a further answer about a payment is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// It says something new.
    New,
    /// It says what is known, or what was so before.
    Known,
    /// It says otherwise: somebody has to ask the bank before anything is booked or paid again.
    Contrary,
}

impl Settled {
    /// What it is worth after what was answered before.
    fn after(&self, before: Option<&Settled>) -> Word {
        let Some(before) = before else { return Word::New };
        match (before.outcome, self.outcome) {
            (ItemOutcome::Paid, ItemOutcome::Returned) => Word::New,
            (ItemOutcome::Paid, ItemOutcome::Paid) => Word::Known,
            (ItemOutcome::Rejected | ItemOutcome::Returned, ItemOutcome::Rejected | ItemOutcome::Returned) => {
                Word::Known
            }
            // A file of the day on which it was paid, given again after it came back.
            (ItemOutcome::Returned, ItemOutcome::Paid) if self.on.is_some() && self.on <= before.on => Word::Known,
            (ItemOutcome::Paid, ItemOutcome::Rejected) => Word::Contrary,
            (ItemOutcome::Rejected | ItemOutcome::Returned, ItemOutcome::Paid) => Word::Contrary,
        }
    }
}

/// The most payments in one run.
const MOST: usize = 9_999;

impl PayoutCourse {
    /// Whether the bank has answered about every payment, for now: what it paid it may still return.
    pub fn is_answered(&self) -> bool {
        self.items.iter().all(|item| self.answers.contains_key(&item.end_to_end_id))
    }

    /// Whether each answer is about a payment of this run, and contradicts none from before.
    fn understands(&self, answered: &Answered) -> bool {
        let known: BTreeSet<&String> = self.items.iter().map(|item| &item.end_to_end_id).collect();
        let fits = |(id, settled): (&String, &Settled)| {
            settled.after(self.answers.get(id)) != Word::Contrary && known.contains(id)
        };
        answered.answers.iter().all(fits)
    }
}

/// Tells an activity which partners are paid although they have left; a run without any asks as it always did.
fn with_former(request: &mut Value, paper: &PayoutPaper) {
    if let (false, Some(fields)) = (paper.former_partners.is_empty(), request.as_object_mut()) {
        fields.insert("former_partners".into(), json!(paper.former_partners));
    }
}

impl Paper for PayoutPaper {
    const NAME: &'static str = "payout_run";
    const OWNER: &'static str = "accounts_payable";
    type Course = PayoutCourse;

    fn legal_entity(&self) -> &LegalEntityId {
        &self.legal_entity
    }

    fn party(&self) -> Option<&PartyId> {
        None
    }

    fn check(&self) -> Result<(), FieldError> {
        check_at(!self.items.is_empty(), "/items", "pays nothing; name at least one payable")?;
        check_at(
            self.items.len() <= MOST,
            "/items",
            format!("has {} payments; at most {MOST} go into one run", self.items.len()),
        )?;
        let mut seen = BTreeSet::new();
        for (at, item) in self.items.iter().enumerate() {
            filled(&format!("/items/{at}/claim"), &item.claim)?;
            let once = seen.insert((&item.claim, &item.payee));
            check_at(once, &format!("/items/{at}"), "is named twice; a payable is paid once")?;
            let mut netted = BTreeSet::new();
            for (n, part) in item.netted.iter().enumerate() {
                let field = format!("/items/{at}/netted/{n}");
                let once = part.amount.minor > 0 && netted.insert(&part.claim);
                check_at(once, &field, "is nothing, or taken off twice; write each claim once, with its amount")?;
            }
            let field = format!("/items/{at}/amount");
            let net = item.net().is_ok_and(|net| net.minor > 0);
            check_at(net, &field, "leaves nothing to pay; net less or leave the item out")?;
            let from = self.debtors.contains_key(&item.amount.currency);
            check_at(
                from,
                &field,
                format!("is in {}, and no account is named that pays it; add one to `debtors`", item.amount.currency),
            )?;
        }
        for (currency, debtor) in &self.debtors {
            filled(&format!("/debtors/{currency}/name"), &debtor.name)?;
            filled(&format!("/debtors/{currency}/account"), &debtor.account)?;
        }
        Ok(())
    }

    fn replaces(&self, other: &PayoutPaper) -> bool {
        self.legal_entity == other.legal_entity
    }

    fn title(&self) -> String {
        format!("{} payments of `{}` on {}", self.items.len(), self.legal_entity, self.execute_on)
    }

    /// The whole run, where it is in one currency.
    fn value(sheet: &Sheet<PayoutPaper>) -> Option<Money> {
        let items: Vec<&Item> = match sheet.course.items.is_empty() {
            true => sheet.paper.items.iter().collect(),
            false => sheet.course.items.iter().map(|gathered| &gathered.item).collect(),
        };
        let currency = items.first()?.amount.currency;
        items.iter().try_fold(Money::zero(currency), |sum, item| sum.plus(item.net().ok()?).ok())
    }

    fn names() -> Names {
        let names = Names {
            guards: &["something_is_gathered", "payout_is_answered", "answers_are_known", "something_is_untold"],
            requests: &[GATHER, WRITE_FILE, RELEASE, TELL],
            changes: &[GATHER],
            ..Names::default()
        };
        names.event("answered", [("answers", Type::Object(BTreeMap::new()))])
    }

    fn shown(sheet: &Sheet<PayoutPaper>) -> Value {
        json!({ "items": sheet.course.items })
    }

    fn facts(sheet: &Sheet<PayoutPaper>) -> Map<String, Value> {
        let mut facts = Map::new();
        facts.insert("payments".into(), json!(sheet.course.items.len()));
        facts.insert("left_out".into(), json!(sheet.course.left_out.len()));
        facts
    }

    fn barred(sheet: &Sheet<PayoutPaper>) -> BTreeSet<PersonId> {
        sheet.course.concerned.clone()
    }

    fn hands(sheet: &Sheet<PayoutPaper>) -> BTreeMap<PersonId, String> {
        sheet.course.hands.clone()
    }

    fn keys(sheet: &Sheet<PayoutPaper>) -> Vec<Key> {
        let key = |item: &GatheredItem| Key {
            kind: PAYABLE_KEY.to_owned(),
            value: format!("{}/{}", item.item.claim, item.item.payee),
            unique: false,
        };
        sheet.course.items.iter().map(key).collect()
    }

    fn guard(sheet: &Sheet<PayoutPaper>, name: &str, event: &Event, _: Timestamp) -> Option<bool> {
        match name {
            "something_is_gathered" => Some(!sheet.course.items.is_empty()),
            "something_is_untold" => Some(!sheet.course.untold.is_empty()),
            "payout_is_answered" => Some(sheet.course.is_answered()),
            "answers_are_known" => {
                let answered = match &event.body {
                    crate::event::Body::Named { data, .. } => Answered::deserialize(data).ok(),
                    _ => None,
                };
                Some(answered.is_some_and(|answered| sheet.course.understands(&answered)))
            }
            _ => None,
        }
    }

    fn request(sheet: &Sheet<PayoutPaper>, activity: &str) -> Option<Value> {
        let (paper, course) = (&sheet.paper, &sheet.course);
        match activity {
            GATHER => {
                let mut request = json!({ "payout": sheet.label, "items": paper.items });
                with_former(&mut request, paper);
                Some(request)
            }
            // Whatever it asked for: some may have been taken although gathering did not end well.
            RELEASE => Some(json!({ "payout": sheet.label, "items": paper.items })),
            WRITE_FILE => {
                let mut request = json!({
                    "payout": sheet.label,
                    "legal_entity": paper.legal_entity,
                    "approved_at": course.approved_at,
                    "execute_on": paper.execute_on,
                    "format": paper.format,
                    "debtors": paper.debtors,
                    "items": course.items,
                });
                with_former(&mut request, paper);
                Some(request)
            }
            TELL => {
                let told = course.untold.iter().filter_map(|id| {
                    let item = course.items.iter().find(|item| item.end_to_end_id == *id)?;
                    Some(json!({ "item": item, "answer": course.answers.get(id)? }))
                });
                Some(json!({ "payout": sheet.label, "answers": told.collect::<Vec<_>>() }))
            }
            _ => None,
        }
    }

    fn check_event(event: &str, data: &Value) -> Option<Result<(), FieldError>> {
        (event == "answered").then(|| {
            let answered: Answered = data::parse(data)?;
            check_at(!answered.answers.is_empty(), "/answers", "says nothing; name at least one payment")?;
            for (id, settled) in &answered.answers {
                let dated = settled.outcome != ItemOutcome::Paid || settled.on.is_some();
                check_at(dated, &format!("/answers/{id}/on"), "is missing; write the day on which the bank paid")?;
            }
            Ok(())
        })
    }

    fn happened(sheet: &mut Sheet<PayoutPaper>, name: &str, data: &Value, _: &Event, _: Timestamp) {
        let Some(answered) = (name == "answered").then(|| Answered::deserialize(data).ok()).flatten() else { return };
        if !sheet.course.understands(&answered) {
            return;
        }
        for (id, settled) in answered.answers {
            if settled.after(sheet.course.answers.get(&id)) == Word::New {
                sheet.course.answers.insert(id.clone(), settled);
                sheet.course.untold.insert(id);
            }
        }
    }

    fn done(sheet: &mut Sheet<PayoutPaper>, activity: &str, output: &Value, now: Timestamp) {
        match activity {
            APPROVALS => sheet.course.approved_at = Some(now),
            GATHER => {
                if let Ok(gathered) = Gathered::deserialize(output) {
                    sheet.course.items = gathered.items;
                    sheet.course.left_out = gathered.left_out;
                    sheet.course.concerned = gathered.concerned;
                    sheet.course.hands = gathered.hands;
                }
            }
            WRITE_FILE => sheet.course.file = WrittenFile::deserialize(output).ok(),
            // More may have been answered while they were told.
            TELL => {
                if let Ok(told) = ToldOf::deserialize(output) {
                    let answers = &sheet.course.answers;
                    sheet.course.untold.retain(|id| told.told.get(id) != answers.get(id).map(|answer| &answer.outcome));
                }
            }
            RELEASE => sheet.course.items.clear(),
            _ => {}
        }
    }

    fn told(sheet: &Sheet<PayoutPaper>) -> Map<String, Value> {
        let mut told = Map::new();
        told.insert("file".into(), json!(sheet.course.file));
        told.insert("left_out".into(), json!(sheet.course.left_out));
        told
    }
}
