//! Partners, suppliers and programmes, and how they write invoices and claims.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{
    ToSpan,
    civil::{Date, date},
};

use crate::{
    draw::Draw,
    names::{CITIES, ENGLISH_STREETS, FIRST, FORM, STREETS, TRADE},
    record::{Activity, Claim, File, Invoice, Partner, Programme, Supplier},
};

/// The first day of the three years.
pub(crate) const BEGIN: Date = date(2024, 1, 1);
/// How many days they have.
pub(crate) const DAYS: i64 = 1_096;
/// The limit above which an activity needs another approval, in minor units of any currency.
pub(crate) const LIMIT: i64 = 1_000_000;
/// Suppliers with customers everywhere: more than a tenth of all invoices are theirs.
const HUGE: [&str; 3] = ["Adline Networks", "Webroom Platform", "Leadfinder Online"];
/// Of how many suppliers of a city one sits in its office tower, where it has one.
const IN_TOWER: usize = 4;

/// A partner with what only the corpus knows.
#[derive(Debug, Clone)]
pub(crate) struct Firm {
    pub partner: Partner,
    pub city: usize,
    pub programmes: Vec<usize>,
    pub in_tower: bool,
    favourites: Vec<usize>,
}

/// How a supplier numbers its invoices.
#[derive(Debug, Clone, Copy)]
enum Numbering {
    Yearly,
    Running,
    Padded,
    ShortYear,
    RestartedUnseen,
    Scattered,
}

/// A supplier with what only the corpus knows.
#[derive(Debug, Clone)]
pub(crate) struct Seller {
    pub supplier: Supplier,
    numbering: Numbering,
    /// More than the invoices of a day, so that numbers grow with dates.
    pace: i64,
    prices: Vec<i64>,
    template: u64,
}

/// Everything that claims are made of.
#[derive(Debug)]
pub(crate) struct World {
    pub draw: Draw,
    pub programmes: Vec<Programme>,
    pub handed_out: Vec<String>,
    pub firms: Vec<Firm>,
    pub sellers: Vec<Seller>,
    /// Claims that a planted case or a control is made of already.
    pub taken: BTreeSet<String>,
    written: BTreeMap<(usize, Date), i64>,
    next: usize,
}

impl World {
    pub fn of(seed: u64, claims: usize) -> World {
        let mut draw = Draw::of(seed);
        let programmes = (0..6).map(|at| Programme { id: format!("programme-{at}"), partial: at % 2 == 1 }).collect();
        let handed_out = (0..5).map(|_| draw.sha256()).collect();
        let mut world = World {
            draw,
            programmes,
            handed_out,
            firms: Vec::new(),
            sellers: Vec::new(),
            taken: BTreeSet::new(),
            written: BTreeMap::new(),
            next: 0,
        };
        for (at, name) in HUGE.iter().enumerate() {
            let mut seller = world.seller(0, false);
            seller.supplier.name = format!("{name} Ltd");
            seller.pace = 5_000;
            seller.numbering = if at == 2 { Numbering::Scattered } else { Numbering::Padded };
            seller.prices = if at == 1 { vec![19_900, 49_900, 99_900] } else { Vec::new() };
            world.sellers.push(seller);
        }
        let sellers = (claims / 12).max(CITIES.len() * 2 * IN_TOWER);
        for at in 0..sellers {
            let seller = world.seller(
                at % CITIES.len(),
                has_tower(at % CITIES.len()) && at / CITIES.len() % IN_TOWER == IN_TOWER - 1,
            );
            world.sellers.push(seller);
        }
        for at in 0..(claims / 25).max(24) {
            let firm = world.firm(at);
            world.firms.push(firm);
        }
        world
    }

    /// A new supplier in a city.
    pub fn seller(&mut self, city: usize, in_tower: bool) -> Seller {
        let address = if in_tower { tower(city) } else { self.address(city) };
        let draw = &mut self.draw;
        let name = format!("{} {} {}", draw.one(&FIRST), draw.one(&TRADE), draw.one(&FORM));
        let (_, country, _, _) = CITIES[city];
        let numberings = [
            Numbering::Yearly,
            Numbering::Running,
            Numbering::Padded,
            Numbering::ShortYear,
            Numbering::RestartedUnseen,
            Numbering::Scattered,
        ];
        let numbering = *draw.one(&numberings);
        let prices =
            if draw.percent(30) { (0..3).map(|_| rounded(draw.amount(20_000, 600_000))).collect() } else { vec![] };
        Seller {
            supplier: Supplier {
                name,
                tax_id: format!("{country}{:09}", draw.bits() % 1_000_000_000),
                bank: format!("bank-{:016x}", draw.bits()),
                address,
            },
            numbering,
            pace: draw.within(3, 12),
            prices,
            template: draw.bits(),
        }
    }

    fn firm(&mut self, at: usize) -> Firm {
        let city = self.draw.below(CITIES.len());
        let in_tower = has_tower(city) && self.draw.percent(4);
        let address = if in_tower { tower(city) } else { self.address(city) };
        let currency = CITIES[city].2;
        let near: Vec<usize> = (HUGE.len()..self.sellers.len())
            .filter(|seller| CITIES[(seller - HUGE.len()) % CITIES.len()].2 == currency)
            .collect();
        let draw = &mut self.draw;
        let favourites = (0..8).map(|_| near[draw.low(near.len())]).collect();
        let owns = if draw.percent(20) { vec![format!("XX{:09}", draw.bits() % 1_000_000_000)] } else { Vec::new() };
        let home = draw.below(6);
        let programmes = if draw.percent(30) { vec![home, (home + 2) % 6] } else { vec![home] };
        let bank = format!("bank-{:016x}", draw.bits());
        Firm {
            partner: Partner { id: format!("partner-{at:05}"), address, bank, owns },
            city,
            programmes,
            in_tower,
            favourites,
        }
    }

    fn address(&mut self, city: usize) -> String {
        let (name, country, _, code) = CITIES[city];
        let house = self.draw.within(1, 2_400);
        if matches!(country, "DE" | "FR" | "ES") {
            return format!("{}straße {house}, {code} {name}", self.draw.one(&STREETS));
        }
        format!("{house} {} Street, {name} {code}", self.draw.one(&ENGLISH_STREETS)).trim_end().to_owned()
    }

    pub fn day(&mut self) -> Date {
        let days = self.draw.within(0, DAYS - 1);
        later(BEGIN, days)
    }

    /// A supplier of a partner: often one of its own, at times a huge one.
    pub fn seller_of(&mut self, firm: usize) -> usize {
        match self.draw.within(0, 99) {
            0..6 => 0,
            6..10 => 1,
            10..12 => 2,
            _ => {
                let at = self.draw.below(self.firms[firm].favourites.len());
                self.firms[firm].favourites[at]
            }
        }
    }

    /// What a supplier asks for: a price of its list, or any amount.
    pub fn price(&mut self, seller: usize) -> i64 {
        let prices = self.sellers[seller].prices.clone();
        if !prices.is_empty() && self.draw.percent(80) {
            return *self.draw.one(&prices);
        }
        let amount = self.draw.amount(12_000, 2_600_000);
        if self.draw.percent(40) { rounded(amount) } else { amount }
    }

    /// The next invoice of a supplier on a day, claimed as a whole.
    pub fn invoice(&mut self, seller: usize, day: Date, total: i64) -> Invoice {
        let number = self.number(seller, day);
        let supplier = self.sellers[seller].supplier.clone();
        Invoice { supplier, number, date: day, total, claimed: total, share_declared: false }
    }

    /// The next number of a supplier on a day.
    pub fn number(&mut self, seller: usize, day: Date) -> String {
        let Seller { pace, numbering, .. } = self.sellers[seller];
        let written = self.written.entry((seller, day)).or_insert(0);
        // Of a huge supplier's day, a corpus shows a few, with others between them.
        *written += if pace > 1_000 { self.draw.within(1, 99) } else { 1 };
        let among = *written;
        let (year, of_year) = (day.year(), i64::from(day.day_of_year()));
        let (yearly, running) = (of_year * pace + among, since_begin(day) * pace + among);
        match numbering {
            Numbering::Yearly => format!("RE-{year}-{yearly:05}"),
            Numbering::Running => format!("{}", 41_000 + running),
            Numbering::Padded => format!("INV{running:08}"),
            Numbering::ShortYear => format!("{yearly}/{}", year % 100),
            Numbering::RestartedUnseen => format!("{yearly:03}"),
            Numbering::Scattered => format!("{:010}", self.draw.bits() % 10_000_000_000),
        }
    }

    pub fn activity(&mut self, kind: &'static str, start: Date, days: i64, city: usize) -> Activity {
        self.next += 1;
        let place = if kind == "webinar" { "online".to_owned() } else { CITIES[city].0.to_owned() };
        Activity { id: format!("ACT-{:06}", self.next), kind, start, end: later(start, days), place }
    }

    /// A claim of half of its invoices, handed in some time after the activity.
    pub fn claim(&mut self, firm: usize, programme: usize, activity: Activity, invoices: Vec<Invoice>) -> Claim {
        self.next += 1;
        let amount = half(&invoices);
        let mut files = Vec::new();
        for invoice in &invoices {
            let picture = self.draw.percent(60).then(|| self.scan(&invoice.supplier));
            files.push(self.file("invoice", picture));
        }
        if self.draw.percent(40) {
            let picture = self.draw.bits();
            files.push(self.file("photo", Some(picture)));
        }
        if self.draw.percent(30) {
            files.push(self.file("attendee_list", None));
        }
        if self.draw.percent(4) {
            let sha256 = self.draw.one(&self.handed_out.clone()).clone();
            files.push(File { sha256, name: "brand-guide.pdf".into(), kind: "other", picture: None });
        }
        let last = invoices.iter().map(|invoice| invoice.date).max().unwrap_or(activity.end).max(activity.end);
        let submitted = later(last, self.draw.within(5, 60));
        Claim {
            id: format!("DRAFT-{:07}", self.next),
            programme: self.programmes[programme].id.clone(),
            partner: self.firms[firm].partner.clone(),
            activity,
            currency: CITIES[self.firms[firm].city].2,
            approved: amount + amount / 20,
            amount,
            closing: true,
            submitted,
            invoices,
            files,
        }
    }

    /// A file that nobody else has.
    pub fn file(&mut self, kind: &'static str, picture: Option<u64>) -> File {
        let ending = if picture.is_some() { "png" } else { "pdf" };
        File { sha256: self.draw.sha256(), name: format!("{kind}.{ending}"), kind, picture }
    }

    /// The picture of some invoice of a supplier: those of one form differ in few bits from it, but in eight at least.
    pub fn scan(&mut self, supplier: &Supplier) -> u64 {
        let form = self.sellers.iter().find(|seller| seller.supplier.tax_id == supplier.tax_id);
        let template = form.map_or_else(|| self.draw.clone().bits(), |seller| seller.template);
        let bits = self.draw.within(8, 20);
        self.draw.turned(template, bits)
    }
}

/// Whether a city has an office tower: every third.
fn has_tower(city: usize) -> bool {
    city.is_multiple_of(3)
}

/// The office tower of a city.
pub(crate) fn tower(city: usize) -> String {
    let (name, country, _, code) = CITIES[city];
    if matches!(country, "DE" | "FR" | "ES") {
        return format!("Turmstraße 1, {code} {name}");
    }
    format!("1 Tower Street, {name} {code}").trim_end().to_owned()
}

/// Half of what is claimed of invoices.
pub(crate) fn half(invoices: &[Invoice]) -> i64 {
    invoices.iter().map(|invoice| invoice.claimed).sum::<i64>() / 2
}

pub(crate) fn later(day: Date, days: i64) -> Date {
    day.saturating_add(days.days())
}

fn since_begin(day: Date) -> i64 {
    day.duration_since(BEGIN).as_hours().div_euclid(24)
}

/// As prices are: whole tens.
fn rounded(amount: i64) -> i64 {
    (amount / 1_000).max(1) * 1_000
}
