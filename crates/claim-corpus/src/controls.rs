//! Cases that look like planted ones, and are clean.

use crate::{
    clean::{in_parts, plain},
    names::CITIES,
    plant::{after, base, demands},
    record::{Claim, Class, Control},
    world::{World, half, later, tower},
};

/// Adds controls, one kind after the other.
pub(crate) fn cases(world: &mut World, drafts: &mut Vec<Claim>, count: usize) -> Vec<Control> {
    const KINDS: [fn(&mut World, &mut Vec<Claim>) -> Control; 8] =
        [next_year, other_amount, days_later, other_picture, declared_share, reissue_later, next_door, in_the_tower];
    let mut controls: Vec<Control> = (0..count).map(|at| KINDS[at % KINDS.len()](world, drafts)).collect();
    if count > 0 {
        controls.extend(approved_in_parts(world, drafts));
    }
    controls
}

fn control(like: Class, what: &'static str, claims: &[&Claim]) -> Control {
    Control { like, what, claims: claims.iter().map(|claim| claim.id.clone()).collect() }
}

/// A later claim of the same partner, of which the first invoice is made out of one of an earlier claim.
fn with_invoice(
    world: &mut World,
    drafts: &mut Vec<Claim>,
    (like, what): (Class, &'static str),
    change: impl Fn(&mut World, &mut Claim, &Claim),
) -> Control {
    let (at, firm) = base(world, drafts, demands);
    let mut claim = after(world, firm, &drafts[at]);
    let original = drafts[at].clone();
    change(world, &mut claim, &original);
    claim.amount = half(&claim.invoices);
    let control = control(like, what, &[&original, &claim]);
    drafts.push(claim);
    control
}

/// The supplier's next number on a day, wherever it comes from.
fn other_number(world: &mut World, like: &str) -> String {
    let number = world.draw.bits() % 9_000_000 + 1_000_000;
    if like.len() > 7 { format!("N-{number}") } else { number.to_string() }
}

fn next_year(world: &mut World, drafts: &mut Vec<Claim>) -> Control {
    with_invoice(
        world,
        drafts,
        (Class::F2, "a number that the supplier gives again next year"),
        |_, claim, original| {
            let mut again = original.invoices[0].clone();
            again.date = later(again.date, 365);
            claim.submitted = later(again.date, 20).max(later(original.submitted, 300));
            claim.activity.start = again.date;
            claim.activity.end = again.date;
            claim.invoices[0] = again;
        },
    )
}

fn other_amount(world: &mut World, drafts: &mut Vec<Claim>) -> Control {
    let why = (Class::F3, "another invoice of the supplier, some percent more, on the same days");
    with_invoice(world, drafts, why, |world, claim, original| {
        let mut other = original.invoices[0].clone();
        other.total += other.total * world.draw.within(20, 60) / 1_000 + 1;
        other.date = later(other.date, world.draw.within(0, 3));
        other.claimed = other.total;
        other.number = other_number(world, &other.number);
        claim.invoices[0] = other;
    })
}

fn days_later(world: &mut World, drafts: &mut Vec<Claim>) -> Control {
    let why = (Class::F3, "the same price a week later");
    with_invoice(world, drafts, why, |world, claim, original| {
        let mut other = original.invoices[0].clone();
        other.date = later(other.date, world.draw.within(4, 10));
        other.number = other_number(world, &other.number);
        claim.submitted = claim.submitted.max(later(other.date, 5));
        claim.invoices[0] = other;
    })
}

fn other_picture(world: &mut World, drafts: &mut Vec<Claim>) -> Control {
    let photo = |claim: &Claim| claim.files.iter().filter(|file| file.kind == "photo").find_map(|file| file.picture);
    let (at, firm) = base(world, drafts, |claim| photo(claim).is_some() && claim.activity.kind == "event");
    let mut claim = after(world, firm, &drafts[at]);
    let bits = world.draw.within(9, 14);
    let picture = world.draw.turned(photo(&drafts[at]).unwrap_or_default(), bits);
    claim.files.push(world.file("photo", Some(picture)));
    let control = control(Class::F3, "a picture of the same stage on another day", &[&drafts[at], &claim]);
    drafts.push(claim);
    control
}

fn declared_share(world: &mut World, drafts: &mut Vec<Claim>) -> Control {
    let (at, firm) = base(world, drafts, demands);
    drafts[at].invoices[0].claimed /= 2;
    drafts[at].amount = half(&drafts[at].invoices);
    let mut claim = after(world, firm, &drafts[at]);
    let mut rest = drafts[at].invoices[0].clone();
    rest.claimed = rest.total - rest.claimed;
    rest.share_declared = true;
    claim.invoices[0] = rest;
    claim.amount = half(&claim.invoices);
    let control = control(Class::F2, "the declared rest of an invoice", &[&drafts[at], &claim]);
    drafts.push(claim);
    control
}

fn reissue_later(world: &mut World, drafts: &mut Vec<Claim>) -> Control {
    let why = (Class::F3, "an invoice that was taken back and written again");
    with_invoice(world, drafts, why, |world, claim, original| {
        let mut again = original.invoices[0].clone();
        again.date = later(again.date, world.draw.within(1, 3));
        again.number = other_number(world, &again.number);
        let mut note = again.clone();
        (note.total, note.claimed) = (-note.total, -note.total);
        note.number = format!("CN-{}", original.invoices[0].number);
        claim.invoices.extend([again, note]);
    })
}

fn next_door(world: &mut World, drafts: &mut Vec<Claim>) -> Control {
    let firms: Vec<usize> = (0..world.firms.len()).filter(|at| !world.firms[*at].in_tower).collect();
    let firm = *world.draw.one(&firms);
    let day = world.day();
    let mut claim = plain(world, firm, day);
    let mut supplier = world.seller(world.firms[firm].city, false).supplier;
    let digits = |word: &&str| word.chars().all(|c| c.is_ascii_digit()) && !word.is_empty();
    let address = &claim.partner.address;
    let house = address.split([' ', ',']).find(digits).unwrap_or_default();
    supplier.address = address.replacen(house, &format!("{house}7"), 1);
    claim.invoices[0].supplier = supplier;
    let control = control(Class::F7, "a supplier some houses further", &[&claim]);
    drafts.push(claim);
    control
}

fn in_the_tower(world: &mut World, drafts: &mut Vec<Claim>) -> Control {
    let firms: Vec<usize> = (0..world.firms.len()).filter(|at| world.firms[*at].in_tower).collect();
    let firm = if firms.is_empty() { 0 } else { *world.draw.one(&firms) };
    // Late, when many firms of the tower are known.
    let day = later(crate::world::BEGIN, world.draw.within(700, 1_000));
    let mut claim = plain(world, firm, day);
    let city = world.firms[firm].city;
    claim.invoices[0].supplier = world.seller(city, true).supplier;
    debug_assert!(claim.invoices[0].supplier.address == tower(city), "{} has a tower", CITIES[city].0);
    let control = control(Class::F7, "a supplier in the office tower where many are", &[&claim]);
    drafts.push(claim);
    control
}

fn approved_in_parts(world: &mut World, drafts: &mut Vec<Claim>) -> Option<Control> {
    let firms: Vec<usize> = (0..world.firms.len())
        .filter(|at| world.firms[*at].programmes.iter().any(|programme| world.programmes[*programme].partial))
        .collect();
    let firm = *world.draw.one(&firms);
    let day = world.day();
    let claims = in_parts(world, firm, day);
    let control = control(Class::F6, "parts of what was approved at once", &claims.iter().collect::<Vec<_>>());
    drafts.extend(claims);
    Some(control)
}
