//! Cases that are to be found.

use std::collections::BTreeSet;

use crate::{
    alter::{moved, rewritten, rewritten_address, rewritten_tax_id, slipped, slipped_supplier},
    clean::plain,
    record::{Claim, Class, Planted},
    world::{LIMIT, World, half, later},
};

/// Plants cases, evenly over the classes.
pub(crate) fn cases(world: &mut World, drafts: &mut Vec<Claim>, count: usize) -> Vec<Planted> {
    (0..count).map(|at| case(world, drafts, Class::ALL[at % Class::ALL.len()])).collect()
}

fn case(world: &mut World, drafts: &mut Vec<Claim>, class: Class) -> Planted {
    let (also, what, claims) = match class {
        Class::F1 => used_file(world, drafts),
        Class::F2 => used_invoice(world, drafts),
        Class::F3 => nearly_used(world, drafts),
        Class::F4 => split(world, drafts),
        Class::F5 => other_programme(world, drafts),
        Class::F6 => once_more(world, drafts),
        Class::F7 => tied(world, drafts),
    };
    Planted { class, also: also.iter().copied().collect::<BTreeSet<Class>>(), what, claims }
}

type Case = (&'static [Class], &'static str, Vec<String>);

/// A clean claim of which no case was made yet, with its partner's place.
pub(crate) fn base(world: &mut World, drafts: &[Claim], fits: impl Fn(&Claim) -> bool) -> (usize, usize) {
    loop {
        let at = world.draw.below(drafts.len());
        let claim = &drafts[at];
        if fits(claim) && world.taken.insert(claim.id.clone()) {
            let firm = world.firms.iter().position(|firm| firm.partner.id == claim.partner.id).unwrap_or(0);
            return (at, firm);
        }
    }
}

/// A claim of its own of a partner, handed in after another.
pub(crate) fn after(world: &mut World, firm: usize, before: &Claim) -> Claim {
    let days = world.draw.within(1, 90);
    let mut claim = plain(world, firm, later(before.activity.start, days));
    let days = world.draw.within(1, 60);
    claim.submitted = claim.submitted.max(later(before.submitted, days));
    world.taken.insert(claim.id.clone());
    claim
}

/// A firm that claims in the same currency: usually the same, else another.
pub(crate) fn accomplice(world: &mut World, firm: usize, same: i64) -> usize {
    if world.draw.percent(same) {
        return firm;
    }
    let city = world.firms[firm].city;
    let others: Vec<usize> = (0..world.firms.len()).filter(|at| *at != firm && world.firms[*at].city == city).collect();
    if others.is_empty() { firm } else { *world.draw.one(&others) }
}

/// Whether its first invoice asks for money as a whole.
pub(crate) fn demands(claim: &Claim) -> bool {
    claim.invoices.len() < 4 && claim.invoices.first().is_some_and(|one| one.total > 2_000 && one.claimed == one.total)
}

fn used_file(world: &mut World, drafts: &mut Vec<Claim>) -> Case {
    let (at, firm) = base(world, drafts, demands);
    let thief = accomplice(world, firm, 60);
    let mut claim = after(world, thief, &drafts[at]);
    let own: Vec<_> =
        drafts[at].files.iter().filter(|file| !world.handed_out.contains(&file.sha256)).cloned().collect();
    let mut file = world.draw.one(&own).clone();
    file.name = format!("copy-of-{}", file.name);
    claim.files.push(file);
    let ids = vec![drafts[at].id.clone(), claim.id.clone()];
    drafts.push(claim);
    (&[], "a file of another claim", ids)
}

fn used_invoice(world: &mut World, drafts: &mut Vec<Claim>) -> Case {
    let (at, firm) = base(world, drafts, demands);
    let thief = accomplice(world, firm, 60);
    let mut claim = after(world, thief, &drafts[at]);
    let mut copy = drafts[at].invoices[0].clone();
    copy.number = rewritten(&mut world.draw, &copy.number);
    copy.supplier.tax_id = rewritten_tax_id(&mut world.draw, &copy.supplier.tax_id);
    let what = match world.draw.below(3) {
        0 => "an invoice claimed a second time",
        1 => {
            copy.share_declared = true;
            copy.claimed = copy.total * 3 / 10;
            "a declared share beyond the total"
        }
        _ => {
            let first = &mut drafts[at];
            first.invoices[0].claimed = copy.total / 2;
            first.amount = half(&first.invoices);
            copy.claimed = copy.total * 2 / 5;
            "a second use below the total without a declared share"
        }
    };
    claim.invoices[0] = copy;
    claim.amount = half(&claim.invoices);
    let ids = vec![drafts[at].id.clone(), claim.id.clone()];
    drafts.push(claim);
    (&[], what, ids)
}

fn nearly_used(world: &mut World, drafts: &mut Vec<Claim>) -> Case {
    if world.draw.percent(25) {
        return picture(world, drafts);
    }
    let scanned = |claim: &Claim| demands(claim) && claim.files.first().is_some_and(|file| file.picture.is_some());
    let renumbered = world.draw.percent(25);
    let (at, firm) = base(world, drafts, if renumbered { scanned } else { demands });
    // An invoice names its customer: somebody else's is copied now and then only.
    let thief = accomplice(world, firm, if renumbered { 100 } else { 85 });
    let mut claim = after(world, thief, &drafts[at]);
    let original = drafts[at].invoices[0].clone();
    let mut copy = original.clone();
    copy.supplier = slipped_supplier(&mut world.draw, &original.supplier);
    (copy.total, copy.date) = moved(&mut world.draw, original.total, original.date);
    copy.claimed = copy.total;
    if renumbered {
        copy.number = format!("{:07}", world.draw.bits() % 10_000_000);
    } else if world.draw.percent(70) {
        copy.number = slipped(&mut world.draw, &original.number);
    }
    if let Some(scan) = drafts[at].files[0].picture.filter(|_| renumbered || world.draw.percent(60)) {
        let bits = world.draw.within(0, 8);
        claim.files[0].picture = Some(world.draw.turned(scan, bits));
    }
    claim.invoices[0] = copy;
    claim.amount = half(&claim.invoices);
    let ids = vec![drafts[at].id.clone(), claim.id.clone()];
    drafts.push(claim);
    (&[], if renumbered { "a copy with another number" } else { "a copy with small changes" }, ids)
}

fn picture(world: &mut World, drafts: &mut Vec<Claim>) -> Case {
    let photo = |claim: &Claim| claim.files.iter().filter(|file| file.kind == "photo").find_map(|file| file.picture);
    let (at, firm) = base(world, drafts, |claim| photo(claim).is_some() && claim.activity.kind == "event");
    let thief = accomplice(world, firm, 50);
    let mut claim = after(world, thief, &drafts[at]);
    let bits = world.draw.within(1, 8);
    let turned = world.draw.turned(photo(&drafts[at]).unwrap_or_default(), bits);
    claim.files.push(world.file("photo", Some(turned)));
    let ids = vec![drafts[at].id.clone(), claim.id.clone()];
    drafts.push(claim);
    (&[], "a picture of another claim, cut or saved again", ids)
}

fn split(world: &mut World, drafts: &mut Vec<Claim>) -> Case {
    let firms: Vec<usize> = (0..world.firms.len())
        .filter(|at| world.firms[*at].programmes.iter().any(|programme| world.programmes[*programme].partial))
        .collect();
    let firm = *world.draw.one(&firms);
    let day = world.day();
    if world.draw.percent(50) {
        return split_invoices(world, drafts, firm, day);
    }
    let programmes = world.firms[firm].programmes.clone();
    let programme = programmes.into_iter().find(|at| world.programmes[*at].partial).unwrap_or(0);
    let activity = world.activity("event", day, 2, world.firms[firm].city);
    let mut ids = Vec::new();
    for part in 0..2_i64 {
        let seller = world.seller_of(firm);
        let total = 2 * world.draw.within(LIMIT * 11 / 20, LIMIT * 19 / 20);
        let invoice = world.invoice(seller, later(day, 3 * part), total);
        let mut claim = world.claim(firm, programme, activity.clone(), vec![invoice]);
        claim.submitted = later(day, 20 + 20 * part);
        claim.approved = LIMIT;
        claim.closing = part == 1;
        world.taken.insert(claim.id.clone());
        ids.push(claim.id.clone());
        drafts.push(claim);
    }
    (&[], "two claims below the limit for one activity", ids)
}

fn split_invoices(world: &mut World, drafts: &mut Vec<Claim>, firm: usize, day: jiff::civil::Date) -> Case {
    let mut claim = plain(world, firm, day);
    let seller = world.seller_of(firm);
    claim.invoices.clear();
    for _ in 0..2 {
        let total = world.draw.within(LIMIT * 11 / 20, LIMIT * 19 / 20);
        let days = world.draw.within(0, 3);
        claim.invoices.push(world.invoice(seller, later(day, days), total));
    }
    claim.amount = half(&claim.invoices);
    claim.approved = claim.amount;
    world.taken.insert(claim.id.clone());
    let ids = vec![claim.id.clone()];
    drafts.push(claim);
    (&[], "two invoices of a supplier below the limit for one purchase", ids)
}

fn other_programme(world: &mut World, drafts: &mut Vec<Claim>) -> Case {
    let (at, firm) = base(world, drafts, demands);
    let other = accomplice(world, firm, 70);
    let mut claim = after(world, other, &drafts[at]);
    claim.activity = drafts[at].activity.clone();
    let elsewhere: Vec<String> = world
        .programmes
        .iter()
        .map(|programme| programme.id.clone())
        .filter(|id| *id != drafts[at].programme)
        .collect();
    claim.programme.clone_from(world.draw.one(&elsewhere));
    let ids = vec![drafts[at].id.clone(), claim.id.clone()];
    drafts.push(claim);
    (&[Class::F4], "one activity in two programmes", ids)
}

fn once_more(world: &mut World, drafts: &mut Vec<Claim>) -> Case {
    let (at, firm) = base(world, drafts, |claim| demands(claim) && claim.closing);
    let mut claim = after(world, firm, &drafts[at]);
    claim.activity = drafts[at].activity.clone();
    claim.programme.clone_from(&drafts[at].programme);
    claim.approved = drafts[at].approved;
    let ids = vec![drafts[at].id.clone(), claim.id.clone()];
    drafts.push(claim);
    (&[Class::F4], "a claim on an activity that is settled", ids)
}

fn tied(world: &mut World, drafts: &mut Vec<Claim>) -> Case {
    let firms: Vec<usize> = (0..world.firms.len()).filter(|at| !world.firms[*at].in_tower).collect();
    let firm = *world.draw.one(&firms);
    let day = world.day();
    let mut claim = plain(world, firm, day);
    let mut supplier = world.seller(world.firms[firm].city, false).supplier;
    let partner = &mut world.firms[firm].partner;
    let what = match world.draw.below(3) {
        0 => {
            supplier.bank.clone_from(&partner.bank);
            "a supplier with the partner's bank account"
        }
        1 => {
            supplier.address = rewritten_address(&mut world.draw, &partner.address);
            "a supplier at the partner's address"
        }
        _ => {
            claim.partner.owns.push(rewritten_tax_id(&mut world.draw, &supplier.tax_id));
            "a supplier that the partner owns"
        }
    };
    claim.invoices[0].supplier = supplier;
    world.taken.insert(claim.id.clone());
    let ids = vec![claim.id.clone()];
    drafts.push(claim);
    (&[], what, ids)
}
