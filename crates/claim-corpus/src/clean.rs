//! Clean claims, as they come.

use jiff::civil::Date;

use crate::{
    record::Claim,
    world::{World, half, later},
};

/// About so many claims, in no order.
pub(crate) fn claims(world: &mut World, count: usize) -> Vec<Claim> {
    let mut claims = Vec::with_capacity(count);
    while claims.len() < count {
        let firm = world.draw.below(world.firms.len());
        let day = world.day();
        match world.draw.within(0, 99) {
            0..2 => claims.extend(webinars(world, firm, day)),
            2..4 => claims.extend(retainer(world, firm, day)),
            4..8 => claims.extend(shared(world, firm, day)),
            8..13 => claims.extend(in_parts(world, firm, day)),
            13..15 => claims.push(reissued(world, firm, day)),
            _ => claims.push(plain(world, firm, day)),
        }
    }
    claims.truncate(count);
    claims
}

/// An event with one to three invoices of different suppliers, at times two of one.
pub(crate) fn plain(world: &mut World, firm: usize, day: Date) -> Claim {
    let programme = programme(world, firm);
    let activity = world.activity("event", day, 1, world.firms[firm].city);
    let mut invoices = Vec::new();
    for at in 0..world.draw.within(1, 3) {
        let seller = world.seller_of(firm);
        let (total, days) = (world.price(seller), world.draw.within(0, 20));
        let known = invoices
            .iter()
            .any(|one: &crate::record::Invoice| one.supplier.tax_id == world.sellers[seller].supplier.tax_id);
        if !known || at == 0 {
            invoices.push(world.invoice(seller, later(day, days), total));
        }
    }
    world.claim(firm, programme, activity, invoices)
}

/// One of a partner's programmes.
pub(crate) fn programme(world: &mut World, firm: usize) -> usize {
    let programmes = world.firms[firm].programmes.clone();
    *world.draw.one(&programmes)
}

/// A series: the same fee each week or fortnight, and pictures of one design.
fn webinars(world: &mut World, firm: usize, day: Date) -> Vec<Claim> {
    let (programme, seller) = (programme(world, firm), world.seller_of(firm));
    let (fee, step, design) = (world.price(seller), 7 * world.draw.within(1, 2), world.draw.bits());
    let mut claims = Vec::new();
    for at in 0..world.draw.within(4, 10) {
        let start = later(day, at * step);
        let activity = world.activity("webinar", start, 0, 0);
        let invoice = world.invoice(seller, later(start, 1), fee);
        let mut claim = world.claim(firm, programme, activity, vec![invoice]);
        let bits = world.draw.within(14, 22);
        let picture = world.draw.turned(design, bits);
        claim.files.push(world.file("photo", Some(picture)));
        claims.push(claim);
    }
    claims
}

/// A fee of one amount each month.
fn retainer(world: &mut World, firm: usize, day: Date) -> Vec<Claim> {
    let (programme, seller) = (programme(world, firm), world.seller_of(firm));
    let fee = world.price(seller);
    let mut claims = Vec::new();
    for at in 0..world.draw.within(6, 12) {
        let start = later(day, at * 30);
        let activity = world.activity("campaign", start, 29, 0);
        let invoice = world.invoice(seller, later(start, 29), fee);
        claims.push(world.claim(firm, programme, activity, vec![invoice]));
    }
    claims
}

/// An event of several partners, who share an invoice and say so.
fn shared(world: &mut World, firm: usize, day: Date) -> Vec<Claim> {
    let programme = world.firms[firm].programmes[0];
    let city = world.firms[firm].city;
    let fits = |at: &usize| world.firms[*at].programmes.contains(&programme) && world.firms[*at].city == city;
    let mut partners: Vec<usize> = (0..world.firms.len()).filter(fits).filter(|at| *at != firm).collect();
    partners.truncate(world.draw.below(3));
    partners.push(firm);
    let seller = world.seller_of(firm);
    let total = world.price(seller);
    let activity = world.activity("event", day, 1, city);
    let invoice = world.invoice(seller, later(day, 2), total);
    let share = total / i64::try_from(partners.len()).unwrap_or(1);
    let mut claims = Vec::new();
    for partner in &partners {
        let mut own = invoice.clone();
        (own.claimed, own.share_declared) = (share, partners.len() > 1);
        claims.push(world.claim(*partner, programme, activity.clone(), vec![own]));
    }
    claims
}

/// Several claims on one activity, the last of which says so, approved at once.
pub(crate) fn in_parts(world: &mut World, firm: usize, day: Date) -> Vec<Claim> {
    let programmes = world.firms[firm].programmes.clone();
    let Some(programme) = programmes.into_iter().find(|at| world.programmes[*at].partial) else { return Vec::new() };
    let activity = world.activity("campaign", day, 60, 0);
    let mut claims = Vec::new();
    for at in 0..world.draw.within(2, 3) {
        let seller = world.seller_of(firm);
        let total = world.price(seller);
        let invoice = world.invoice(seller, later(day, 10 + 25 * at), total);
        let mut claim = world.claim(firm, programme, activity.clone(), vec![invoice]);
        claim.submitted = later(day, 70 + 30 * at);
        claim.closing = false;
        claims.push(claim);
    }
    let approved = claims.iter().map(|claim| claim.amount).sum();
    claims.iter_mut().for_each(|claim| claim.approved = approved);
    if let Some(last) = claims.last_mut() {
        last.closing = true;
    }
    claims
}

/// A claim with an invoice that was taken back and written again.
fn reissued(world: &mut World, firm: usize, day: Date) -> Claim {
    let mut claim = plain(world, firm, day);
    let seller = loop {
        let seller = world.seller_of(firm);
        let tax_id = &world.sellers[seller].supplier.tax_id;
        if !claim.invoices.iter().any(|invoice| invoice.supplier.tax_id == *tax_id) {
            break seller;
        }
    };
    let total = world.price(seller);
    for (days, amount) in [(0, total), (1, -total), (2, total)] {
        let invoice = world.invoice(seller, later(day, days), amount);
        claim.files.push(world.file("invoice", None));
        claim.invoices.push(invoice);
    }
    claim.amount = half(&claim.invoices);
    claim.approved = claim.amount;
    claim
}
