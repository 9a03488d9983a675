//! What is nearly the same as in another claim: F3.

use jiff::civil::Date;

use super::{
    duplicates::others,
    ids,
    likeness::{
        folded, number_forms, picture_distance, runs, same_invoice, same_number, same_tax_id, similarity,
        slipped_number, steps,
    },
    param,
};
use crate::{
    ids::RoleId,
    mdf::{
        cell::{BasisPoints, Within},
        model::{Claim, EarlierClaim, Invoice, InvoiceUse},
        pair::{Field, Near, Pair},
        rule::{Kind, Rule},
        ruling::{Ruling, Stuck, Told},
        view::View,
    },
    money::{Money, Rounding},
};

ids!(Duplicates: F3 = 3);

param!(NEAR_AMOUNT: BasisPoints = F3 "amount" Within(0, 2_000), "1", "by how much of the amount two invoices may differ");
param!(NEAR_DAYS: u32 = F3 "days" (Within(0, 60), "days"), "3", "by how many days");
param!(NEAR_SUPPLIER: u32 = F3 "supplier" (Within(50, 100), "percent alike"), "90", "how alike the names of suppliers are");
param!(NEAR_PICTURE: u32 = F3 "picture_bits" (Within(0, 14), "bits"), "8", "in how many bits two pictures may differ");
param!(USUAL: u32 = F3 "usual" (Within(1, 8), "invoices"), "3", "how many other invoices of a supplier over about the same amount make it a usual price");
param!(NEAR_ROLE: Option<RoleId> = F3 "role" (), "\"fraud_review\"", "who decides");

pub(super) const RULES: &[Rule] = &[Rule {
    id: F3,
    title: "nothing is nearly the same as in another claim",
    kinds: &[Kind::Approve],
    source: "ours",
    parameters: &[&NEAR_AMOUNT, &NEAR_DAYS, &NEAR_SUPPLIER, &NEAR_PICTURE, &USUAL, &NEAR_ROLE],
    exceptable: false,
    judge: near,
}];

/// So many numbers a small supplier gives within a few days.
const CLOSE: u64 = 50;

/// What the rule looks at, once for all pairs.
struct Eye<'a> {
    claim: &'a Claim,
    own_partner: &'a str,
    others: Vec<&'a EarlierClaim>,
    amount: BasisPoints,
    days: u32,
    supplier: u32,
    bits: u32,
    usual: usize,
}

fn near(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let eye = Eye {
        claim: view.claim()?,
        own_partner: view.case.partner.id.as_str(),
        others: others(view)?,
        amount: NEAR_AMOUNT.of(view.terms),
        days: NEAR_DAYS.of(view.terms),
        supplier: NEAR_SUPPLIER.of(view.terms),
        bits: NEAR_PICTURE.of(view.terms),
        usual: usize::try_from(USUAL.of(view.terms)).unwrap_or(usize::MAX),
    };
    told.input("amounts within", eye.amount);
    told.input("days within", eye.days);
    told.input("suppliers alike from percent", eye.supplier);
    told.input("pictures within bits", eye.bits);
    told.input("usual price from", format!("{} invoices", eye.usual));
    let activity = view.request().ok().map(|request| &request.activity.id);
    let mut found = None;
    for other in &eye.others {
        for (at, own) in eye.claim.invoices.iter().enumerate() {
            for (there, one) in other.invoices.iter().enumerate() {
                let Some(near) = eye.invoices(own, other, one)? else { continue };
                // Which one it is stands in the pair: a partner does not learn of another one.
                let because = format!("invoice `{}` is nearly one of another claim", own.number);
                found = found.or(Some((format!("/claim/invoices/{at}"), because)));
                told.pair(Pair::invoices((at, own), other, there, near));
            }
        }
        // Of one activity, pictures are alike by right.
        if Some(&other.activity) == activity {
            continue;
        }
        for (at, pair) in eye.pictures(other) {
            let name = eye.claim.evidence.get(at).map(|file| file.name.as_str()).unwrap_or_default();
            let because = format!("picture `{name}` is nearly one of another claim");
            found = found.or(Some((format!("/claim/evidence/{at}"), because)));
            told.pair(pair);
        }
    }
    let Some((field, because)) = found else {
        return Ok(Ruling::satisfied(format!("nothing is nearly the same in {} earlier claims", eye.others.len())));
    };
    match NEAR_ROLE.of(view.terms) {
        Some(role) if view.approved_by(&role) => Ok(Ruling::satisfied(format!("{because}; `{role}` approved it"))),
        role => Ok(Ruling::approve(role, field, because)),
    }
}

impl Eye<'_> {
    /// Whether two invoices are nearly, and not entirely, the same: by which of their fields.
    fn invoices(&self, own: &Invoice, other: &EarlierClaim, one: &InvoiceUse) -> Result<Option<Near>, Stuck> {
        // What takes money back is no second demand for it.
        let demands = own.total.minor > 0 && one.total.minor > 0;
        if !demands || own.total.currency != one.total.currency || same_invoice(own, one) {
            return Ok(None);
        }
        let total = self.amount_near(own.total, one.total)?;
        let date = apart(own.date, one.date) <= self.days;
        let same_day = own.date == one.date;
        if !same_day && !(total && (date || swapped(own.date, one.date))) {
            return Ok(None);
        }
        let tax_id = same_tax_id(&own.supplier, &one.supplier);
        // A supplier gives a number once a day; with the same amount, day and month may have been exchanged.
        if tax_id && same_number(&own.number, &one.number) {
            return Ok(Some(Near { supplier: true, number: true, date: true, total }));
        }
        let supplier = tax_id || similarity(&own.supplier.name, &one.supplier.name) >= self.supplier;
        if !(total && date && supplier) || self.reversed(own, other, one) {
            return Ok(None);
        }
        let number = slipped_number(&own.number, &one.number);
        let near = Near { supplier, number, date, total };
        let same = if tax_id { self.tells_same(own, other, one, number)? } else { number || is_named_alike(own, one) };
        Ok(same.then_some(near))
    }

    /// Whether two invoices of one supplier over about one amount are one rather than two sales: a supplier gives each
    /// sale a number of its own, and counts on.
    fn tells_same(&self, own: &Invoice, other: &EarlierClaim, one: &InvoiceUse, slipped: bool) -> Result<bool, Stuck> {
        let steps = counted_on(own, one);
        let close = steps.is_some_and(|steps| steps <= CLOSE);
        if other.partner.as_str() == self.own_partner {
            // Whoever never sold for this much besides does not sell twice for exactly the same.
            let sold_again = close && own.total == one.total && self.pace_of_usual(own, one, 1)?.is_some();
            return Ok(self.scans(other) || (slipped && !sold_again));
        }
        // An invoice names its customer: of somebody else, it takes the number to tell, and a picture where it is doubtful.
        let pace = self.pace_of_usual(own, one, self.usual)?;
        let days = u64::from(apart(own.date, one.date)) + 1;
        let on_the_way = pace.zip(steps).is_some_and(|(pace, steps)| steps <= pace.saturating_mul(3 * days));
        Ok(slipped && (!(close || on_the_way) || (pace.is_none() && self.scans(other))))
    }

    fn amount_near(&self, own: Money, other: Money) -> Result<bool, Stuck> {
        let allowed = self.amount.of(own, Rounding::Down)?;
        Ok(own.minus(other)?.minor.unsigned_abs() <= allowed.minor.unsigned_abs())
    }

    /// Whether a credit note of the supplier, in either claim, takes one of the two back.
    fn reversed(&self, own: &Invoice, other: &EarlierClaim, one: &InvoiceUse) -> bool {
        let reverses = |total: Money| {
            total.currency == own.total.currency
                && [own.total, one.total].iter().any(|taken| total.minor.checked_neg() == Some(taken.minor))
        };
        let here = self.claim.invoices.iter().map(|invoice| (&invoice.supplier, invoice.total));
        let there = other.invoices.iter().map(|invoice| (&invoice.supplier, invoice.total));
        here.chain(there).any(|(supplier, total)| reverses(total) && same_tax_id(supplier, &own.supplier))
    }

    /// How many numbers a day the supplier gives, at least; absent where fewer than so many other invoices of it are over
    /// about this amount, so that an equal amount says something.
    fn pace_of_usual(&self, own: &Invoice, one: &InvoiceUse, usual: usize) -> Result<Option<u64>, Stuck> {
        let (mut numbers, mut pace): (Vec<String>, u64) = (Vec::new(), 1);
        for witness in self.others.iter().flat_map(|other| &other.invoices) {
            let [number, _] = number_forms(&witness.number);
            let counts = witness.total.currency == own.total.currency
                && same_tax_id(&witness.supplier, &own.supplier)
                && self.amount_near(own.total, witness.total)?
                && !same_number(&witness.number, &one.number)
                && !same_number(&witness.number, &own.number)
                && !numbers.contains(&number);
            if counts {
                numbers.push(number);
                let days = u64::from(apart(one.date, witness.date)).max(1);
                pace = pace.max(steps(&one.number, &witness.number).map_or(0, |(_, steps)| steps / days));
            }
        }
        Ok((numbers.len() >= usual).then_some(pace))
    }

    /// Whether a picture of an invoice in this claim is nearly one of the other.
    fn scans(&self, other: &EarlierClaim) -> bool {
        let own = self.claim.evidence.iter().filter(|file| file.is_form()).filter_map(|file| file.picture_hash);
        own.into_iter().any(|own| other.forms.iter().any(|one| picture_distance(own, *one) <= self.bits))
    }

    /// Pictures that are nearly those of another claim. Forms of one supplier all look alike, and count beside their
    /// figures only.
    fn pictures(&self, other: &EarlierClaim) -> Vec<(usize, Pair)> {
        let mut pairs = Vec::new();
        for (at, file) in self.claim.evidence.iter().enumerate().filter(|(_, file)| !file.is_form()) {
            let Some(own) = file.picture_hash.filter(|_| !other.files.contains(&file.sha256)) else { continue };
            let alike = other.pictures.iter().find(|one| picture_distance(own, **one) <= self.bits);
            if let Some(one) = alike {
                let pair = Pair::of(format!("/claim/evidence/{at}/picture_hash"), other, "/pictures");
                let field = Field::of("picture", format!("{own:016x}"), format!("{one:016x}"), true);
                pairs.push((at, pair.with([field])));
            }
        }
        pairs
    }
}

/// How many days lie between two dates.
fn apart(left: Date, right: Date) -> u32 {
    let days = left.duration_since(right).as_hours().unsigned_abs() / 24;
    u32::try_from(days).unwrap_or(u32::MAX)
}

/// Whether two dates of a year are one with day and month exchanged.
fn swapped(left: Date, right: Date) -> bool {
    (left.year(), left.month(), left.day()) == (right.year(), right.day(), right.month())
}

/// Whether suppliers of one name may be one: two firms that only share a name have tax ids that are nothing like.
fn is_named_alike(own: &Invoice, one: &InvoiceUse) -> bool {
    let (own, one) = (&own.supplier.tax_id, &one.supplier.tax_id);
    folded(own).is_empty() || folded(one).is_empty() || slipped_number(own, one)
}

/// How many numbers a supplier gave between two invoices, where it counted on: the later one has the higher number.
fn counted_on(own: &Invoice, one: &InvoiceUse) -> Option<u64> {
    let (order, steps) = steps(&own.number, &one.number)?;
    let ordered = own.date == one.date || own.date.cmp(&one.date) == order;
    // A year within a number is nothing that anybody counts on from one day to the next.
    let same_year = names_year(&own.number, own.date) == names_year(&one.number, one.date);
    (ordered && same_year).then_some(steps)
}

/// Whether a number has the year of a day in it.
fn names_year(number: &str, day: Date) -> bool {
    let year = day.year();
    let years = [format!("{year}"), format!("{:02}", year % 100)];
    runs(number).iter().any(|run| years.contains(run))
}
