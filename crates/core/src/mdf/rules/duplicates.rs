//! What was claimed before: F1 and F2.

use super::{ids, likeness::same_invoice, likeness::same_number, likeness::same_tax_id, param, quoted};
use crate::{
    ids::RoleId,
    mdf::{
        cell::Words,
        model::{EarlierClaim, Invoice},
        pair::{Field, Near, Pair},
        rule::{Kind, Rule},
        ruling::{Ruling, Stuck, Told},
        view::View,
    },
    money::Money,
};

ids!(Duplicates: F1 = 1, F2 = 2);

param!(HANDED_OUT: Words = F1 "handed_out" (), "[]", "files that the vendor itself hands out, by SHA-256; they may be in any claim");
param!(SHARER: Option<RoleId> = F2 "role" (), "\"finance\"", "who approves a second use of an invoice");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: F1,
        title: "no file was used in another claim",
        kinds: &[Kind::Hold],
        source: "ours",
        parameters: &[&HANDED_OUT],
        exceptable: true,
        judge: same_file,
    },
    Rule {
        id: F2,
        title: "no invoice is claimed beyond its total, and a second use declares its share",
        kinds: &[Kind::Block, Kind::Approve],
        source: "ours",
        parameters: &[&SHARER],
        exceptable: false,
        judge: consumed,
    },
];

/// Earlier claims, this one left out.
pub(super) fn others<'a>(view: &View<'a>) -> Result<Vec<&'a EarlierClaim>, Stuck> {
    let id = &view.claim()?.id;
    Ok(view.case.earlier.iter().filter(|earlier| earlier.claim != *id).collect())
}

fn same_file(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, others) = (view.claim()?, others(view)?);
    let handed_out = HANDED_OUT.of(view.terms);
    told.input("files", claim.evidence.len());
    told.input("earlier claims compared", others.len());
    let mut first = None;
    let mut used = Vec::new();
    for (at, file) in claim.evidence.iter().enumerate().filter(|(_, file)| !handed_out.contains(&file.sha256)) {
        for other in others.iter().filter(|other| other.files.contains(&file.sha256)) {
            first.get_or_insert(at);
            if !used.contains(&&file.name) {
                used.push(&file.name);
            }
            let pair = Pair::of(format!("/claim/evidence/{at}/sha256"), other, "/files");
            told.pair(pair.with([Field::of("sha256", &file.sha256, &file.sha256, true)]));
        }
    }
    let Some(at) = first else { return Ok(Ruling::satisfied("no file was used before")) };
    // In which one stands in the pairs, for the vendor's people: a partner does not learn of another one.
    let were = if used.len() == 1 { "was" } else { "were" };
    let because = format!("{} {were} used in another claim", quoted(used));
    Ok(Ruling::hold(format!("/claim/evidence/{at}"), because, "have somebody compare the claims"))
}

fn consumed(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, others) = (view.claim()?, others(view)?);
    let mut undeclared = None;
    for (at, invoice) in claim.invoices.iter().enumerate() {
        let mut used = Money::zero(invoice.total.currency);
        for other in &others {
            for (there, one) in other.invoices.iter().enumerate().filter(|(_, one)| same_invoice(invoice, one)) {
                used = used.plus(one.claimed)?;
                let near = Near { supplier: true, number: true, ..Near::default() };
                told.pair(Pair::invoices((at, invoice), other, there, near));
            }
        }
        let own = claim.invoices.iter().take(at + 1).filter(|one| is_one(one, invoice)).map(|one| one.claimed);
        let all = used.plus(Money::sum(invoice.total.currency, own)?)?;
        told.input("invoice", format!("{}: {all} of {}, {used} of it before", invoice.number, invoice.total));
        let excess = all.minus(invoice.total)?;
        // A credit note has no total to be claimed up to.
        if excess.minor > 0 && all.minor > 0 {
            return Ok(beyond(at, invoice, used, excess));
        }
        if used.minor > 0 && !invoice.share_declared {
            undeclared = undeclared.or(Some((at, invoice, used)));
        }
    }
    let Some((at, invoice, used)) = undeclared else {
        return Ok(Ruling::satisfied("no invoice is claimed beyond its total"));
    };
    let because = format!("{used} of invoice `{}` was claimed before, and no share is declared", invoice.number);
    match SHARER.of(view.terms) {
        Some(role) if view.approved_by(&role) => Ok(Ruling::satisfied(format!("{because}; `{role}` approved it"))),
        role => Ok(Ruling::approve(role, format!("/claim/invoices/{at}/share_declared"), because)),
    }
}

/// Whether two invoices of this claim are one.
fn is_one(left: &Invoice, right: &Invoice) -> bool {
    let tax_id = same_tax_id(&left.supplier, &right.supplier) || left.supplier.tax_id == right.supplier.tax_id;
    (left.date, left.total) == (right.date, right.total) && tax_id && same_number(&left.number, &right.number)
}

fn beyond(at: usize, invoice: &Invoice, used: Money, excess: Money) -> Ruling {
    let because = format!(
        "invoice `{}` of {} would be claimed beyond its total by {excess}; {used} of it was claimed before",
        invoice.number, invoice.total
    );
    Ruling::block(format!("/claim/invoices/{at}/claimed"), because, format!("lower the claim by {excess}"))
}
