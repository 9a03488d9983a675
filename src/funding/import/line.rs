//! One row of a list, as it is understood.

use entente_core::{
    context::funding::{Paper as _, RequestPaper},
    ids::{ActivityId, FundId, PartyId},
    mdf::{
        candidates::kept,
        model::{Activity, EarlierClaim, InvoiceUse, Item, Supplier},
    },
    money::{Currency, Money},
};
use entente_spreadsheet::{AmountFault, Cell, DateFault, Row, amount, date};
use entente_store::{ImportKind, ImportLine};
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};

use super::{
    content::{Content, Granted},
    heading::Heading,
    mapping::{Mapping, Status},
    open,
    report::Defect,
    world::World,
};

/// The most characters of a value that a defect repeats.
const SHOWN_MOST: usize = 80;

/// What a row comes to.
pub(super) enum Understood {
    /// Something to bring in.
    Line(Box<ImportLine>),
    /// Nothing came of it; what names it.
    Over(Over),
}

/// A row of which nothing came.
pub(super) struct Over {
    /// Its row in the file.
    pub(super) line: u64,
    /// See [`ImportLine::natural_key`]; none where it has no reference.
    pub(super) natural_key: Option<String>,
}

/// Reads rows of one list.
pub(super) struct Reader<'a> {
    /// How.
    pub(super) mapping: &'a Mapping,
    /// Where what stands.
    pub(super) heading: &'a Heading,
    /// What is known of funds and partners.
    pub(super) world: &'a World,
    /// The id of the import.
    pub(super) import: &'a str,
}

/// One row while it is read, with what is wrong with it.
struct Line<'a> {
    of: &'a Reader<'a>,
    row: &'a Row,
    defects: Vec<Defect>,
}

impl Reader<'_> {
    /// Understands a row, or says everything that is wrong with it.
    pub(super) fn read(&self, row: &Row) -> Result<Understood, Vec<Defect>> {
        let mut line = Line { of: self, row, defects: Vec::new() };
        if self.heading.overflows(row) {
            let problem =
                "has more cells than there are headings; put quotes around cells that hold the mark between cells";
            line.wrong("reference", problem);
        }
        let understood = line.understood();
        match understood.filter(|_| line.defects.is_empty()) {
            Some(understood) => Ok(understood),
            None => Err(line.defects),
        }
    }
}

impl Line<'_> {
    fn understood(&mut self) -> Option<Understood> {
        let status = self.status()?;
        // Of what nothing came, nothing but its name matters.
        if status == Status::Over {
            return self.over();
        }
        let reference = self.words("reference");
        let (partner, currency, fund) = (self.partner(), self.currency(), self.fund());
        let line = match status {
            Status::Over => None,
            Status::Unpaid => {
                let problem = "was claimed and is not paid, and nothing is paid that was not approved here; map the status to \
                               `granted` and claim it again with `entente claim create`";
                self.wrong("status", problem);
                return None;
            }
            Status::Paid => self.paid(reference.as_deref()?, partner?, currency?, &fund?),
            Status::Granted => self.granted(partner?, currency?, &fund?),
        };
        let (amount, content, fund, partner) = line?;
        self.line(reference.as_deref()?, amount, &content, fund, partner)
    }

    /// Of what nothing came.
    fn over(&mut self) -> Option<Understood> {
        let natural_key = match self.words_or_none("reference")? {
            none if none.is_empty() => None,
            reference => Some(self.natural_key(&reference)),
        };
        Some(Understood::Over(Over { line: self.row.number, natural_key }))
    }

    fn natural_key(&self, reference: &str) -> String {
        digest(&[&self.of.mapping.list, reference])
    }

    /// What was paid.
    fn paid(
        &mut self,
        reference: &str,
        partner: PartyId,
        currency: Currency,
        fund: &FundId,
    ) -> Option<(Money, Content, FundId, PartyId)> {
        let amount = self.amount("paid", currency);
        let ended = self.day("end");
        let known = self.of.world.funds.get(fund.as_str());
        let other = known.map(|fund| fund.paper.amount.currency).filter(|theirs| *theirs != currency);
        if let Some(theirs) = other {
            self.wrong("currency", &format!("the fund is in {theirs}; write what was booked in it"));
        }
        let known = known.map(|fund| fund.paper.programme.clone());
        let programme = known.or_else(|| self.of.mapping.otherwise.programme.clone());
        if programme.is_none() {
            let problem = "no such fund is known, nor its programme; create the fund, or write `otherwise.programme`";
            self.wrong("fund", problem);
        }
        let activity = self.activity_id(reference);
        let invoices = self.invoice(currency);
        let claim = format!("{}:{}", self.of.mapping.list, word(reference));
        let claim = claim.parse().map_err(|_| self.wrong("reference", "is too long; at most 100 characters are kept"));
        let earlier = EarlierClaim {
            claim: claim.ok()?,
            partner: partner.clone(),
            address: String::new(),
            programme: programme?,
            joint: None,
            activity: activity?,
            ended: ended?,
            amount: amount?,
            // Nobody can have a claim opened again that was never here, so that none of them ends its activity.
            closing: false,
            files: Default::default(),
            pictures: Default::default(),
            forms: Default::default(),
            invoices: invoices?,
        };
        let content = Content::Paid { claim: Box::new(earlier), fund: Some(fund.clone()) };
        Some((amount?, content, fund.clone(), partner))
    }

    /// What was granted.
    fn granted(
        &mut self,
        partner: PartyId,
        currency: Currency,
        fund: &FundId,
    ) -> Option<(Money, Content, FundId, PartyId)> {
        if !matches!(self.cell("paid"), Cell::Empty) && self.amount("paid", currency)?.minor > 0 {
            self.wrong("paid", "a part of it is paid; write one line for that, and one for what is still granted");
        }
        let (amount, cost) = (self.amount("granted", currency), self.amount("cost", currency));
        let (start, end, requested_on) = (self.day("start"), self.day("end"), self.day_or_none("requested_on"));
        let known = self.of.world.funds.get(fund.as_str());
        let problem = match known {
            None => Some("no such fund is known; create it with `entente fund create`".to_owned()),
            Some(fund) if !fund.is_open => Some("the fund is not open; have it approved first".to_owned()),
            Some(fund) if fund.paper.amount.currency != currency => {
                Some(format!("the fund is in {}, the line in {currency}", fund.paper.amount.currency))
            }
            Some(_) => None,
        };
        problem.iter().for_each(|problem| self.wrong("fund", problem));
        if !self.of.world.partners.contains(partner.as_str()) {
            self.wrong("partner", "no such partner is known; create it with `entente partner create`");
        }
        let reference = self.words("reference")?;
        let activity = Activity {
            id: self.activity_id(&reference)?,
            kind: self.activity_kind()?,
            start: start?,
            end: end?,
            place: self.or_otherwise("place", self.of.mapping.otherwise.place.clone())?,
            audience: self.otherwise("audience", self.of.mapping.otherwise.audience)?,
            form: self.otherwise("form", self.of.mapping.otherwise.form.clone())?,
            sponsoring: false,
        };
        let request = RequestPaper {
            partner: partner.clone(),
            legal_entity: known?.paper.legal_entity.clone(),
            fund: fund.clone(),
            items: vec![Item { what: activity.kind.clone(), amount: cost? }],
            activity,
            play: self.of.mapping.otherwise.play.clone(),
            category: None,
            goals: self.of.mapping.otherwise.goals.clone(),
            target_audience: self.of.mapping.otherwise.target_audience.clone(),
            cost: cost?,
            amount: amount?,
            vendor_split: None,
            shares: None,
            tied_to_resale_price: false,
            hospitality: Vec::new(),
            offers: Default::default(),
            joint: None,
        };
        if let Err(error) = request.check() {
            let what = if error.field.starts_with("/activity") { "end" } else { "granted" };
            self.wrong(what, &error.message);
        }
        let granted = Granted { request: Box::new(request), requested_on: requested_on? };
        Some((amount?, Content::Granted(Box::new(granted)), fund.clone(), partner))
    }

    fn line(
        &mut self,
        reference: &str,
        amount: Money,
        content: &Content,
        fund: FundId,
        partner: PartyId,
    ) -> Option<Understood> {
        if amount.minor == 0 {
            self.wrong("status", "it has an amount of zero; map the status of such lines to `over`, or leave them out");
            return None;
        }
        let keys = match content {
            Content::Paid { claim, .. } => kept(claim).iter().map(ToString::to_string).collect(),
            Content::Granted(_) => Vec::new(),
        };
        let kind = if matches!(content, Content::Paid { .. }) { ImportKind::Paid } else { ImportKind::Granted };
        let texts = content.text().and_then(|text| Ok((text, content.compared()?)));
        let (content, compared) = texts.map_err(|error| self.wrong("reference", &error.to_string())).ok()?;
        let sha256 = digest(&[fund.as_str(), &compared]);
        Some(Understood::Line(Box::new(ImportLine {
            line: self.row.number,
            natural_key: self.natural_key(reference),
            sha256,
            kind,
            fund: fund.to_string(),
            partner: partner.to_string(),
            amount,
            run: (kind == ImportKind::Granted).then(|| open::run(self.of.import, self.row.number)),
            content,
            keys,
        })))
    }

    /// The invoice, where there is one.
    fn invoice(&mut self, currency: Currency) -> Option<Vec<InvoiceUse>> {
        if matches!(self.cell("invoice_number"), Cell::Empty) {
            return Some(Vec::new());
        }
        let number = self.words("invoice_number");
        let (date, total) = (self.day("invoice_date"), self.amount("invoice_total", currency));
        let claimed = match self.cell("invoice_claimed") {
            Cell::Empty => total,
            _ => self.amount("invoice_claimed", currency),
        };
        if claimed.zip(total).is_some_and(|(claimed, total)| claimed.minor > total.minor) {
            self.wrong("invoice_claimed", "is more than the total of the invoice; correct one of them");
        }
        let supplier = Supplier {
            name: self.words_or_none("supplier")?,
            tax_id: self.words_or_none("supplier_tax_id")?,
            bank_hash: None,
            address: String::new(),
        };
        if supplier.name.is_empty() && supplier.tax_id.is_empty() {
            self.wrong("supplier", "nobody has written the invoice; write the supplier's name or tax id");
        }
        Some(vec![InvoiceUse { supplier, number: number?, date: date?, total: total?, claimed: claimed? }])
    }

    // ── Cells ────────────────────────────────────────────────────────────────────────────────────────────────

    fn cell(&self, what: &str) -> &Cell {
        self.of.heading.cell(self.row, what)
    }

    fn wrong(&mut self, what: &'static str, problem: &str) {
        let value = self.cell(what).shown().chars().take(SHOWN_MOST).collect();
        let column = self.of.heading.name(what);
        self.defects.push(Defect { row: self.row.number, column, value, problem: problem.to_owned() });
    }

    fn words(&mut self, what: &'static str) -> Option<String> {
        match self.cell(what) {
            Cell::Empty => self.wrong(what, "is empty; fill it in"),
            Cell::Broken(_) => self.wrong(what, "is a formula that came to an error; write the value"),
            cell => return Some(cell.shown()),
        }
        None
    }

    fn words_or_none(&mut self, what: &'static str) -> Option<String> {
        match self.cell(what) {
            Cell::Empty => Some(String::new()),
            _ => self.words(what),
        }
    }

    fn status(&mut self) -> Option<Status> {
        let said = self.words("status")?;
        let known = self.of.mapping.statuses.get(&said).copied();
        if known.is_none() {
            self.wrong("status", "`statuses` in the mapping does not say what this means; add it");
        }
        known
    }

    fn partner(&mut self) -> Option<PartyId> {
        let said = self.words("partner")?;
        let known = self.of.mapping.partners.get(&said).cloned().or_else(|| said.parse().ok());
        if known.is_none() {
            self.wrong("partner", "is no id of a partner; say in `partners` of the mapping whom it means");
        }
        known
    }

    fn fund(&mut self) -> Option<FundId> {
        if let (Cell::Empty, Some(fund)) = (self.cell("fund"), &self.of.mapping.otherwise.fund) {
            return Some(fund.clone());
        }
        let said = self.words("fund")?;
        let known = self.of.mapping.funds.get(&said).cloned().or_else(|| said.parse().ok());
        if known.is_none() {
            self.wrong("fund", "is no id of a fund; say in `funds` of the mapping which it means");
        }
        known
    }

    fn currency(&mut self) -> Option<Currency> {
        if let (Cell::Empty, Some(currency)) = (self.cell("currency"), self.of.mapping.otherwise.currency) {
            return Some(currency);
        }
        let known = self.words("currency")?.parse().ok();
        if known.is_none() {
            self.wrong("currency", "is no code of a currency; write three letters, such as EUR");
        }
        known
    }

    fn amount(&mut self, what: &'static str, currency: Currency) -> Option<Money> {
        let read = amount(self.cell(what), self.of.mapping.decimal_mark(), currency);
        read.map_err(|fault: AmountFault| self.wrong(what, &fault.to_string())).ok()
    }

    fn day(&mut self, what: &'static str) -> Option<Date> {
        let read = date(self.cell(what), self.of.mapping.date_form());
        read.map_err(|fault: DateFault| self.wrong(what, &fault.to_string())).ok()
    }

    fn day_or_none(&mut self, what: &'static str) -> Option<Option<Date>> {
        match self.cell(what) {
            Cell::Empty => Some(None),
            _ => self.day(what).map(Some),
        }
    }

    fn activity_id(&mut self, reference: &str) -> Option<ActivityId> {
        let list = &self.of.mapping.list;
        let id = match self.cell("activity_id") {
            Cell::Empty => format!("{list}:{}", word(reference)),
            _ => word(&self.words("activity_id")?),
        };
        id.parse().map_err(|_| self.wrong("activity_id", "is too long; at most 100 characters are kept")).ok()
    }

    fn activity_kind(&mut self) -> Option<String> {
        let said = self.words("activity")?;
        Some(self.of.mapping.activities.get(&said).cloned().unwrap_or(said))
    }

    fn or_otherwise(&mut self, what: &'static str, otherwise: Option<String>) -> Option<String> {
        match (self.cell(what), otherwise) {
            (Cell::Empty, Some(otherwise)) => Some(otherwise),
            _ => self.words(what),
        }
    }

    fn otherwise<T>(&mut self, what: &'static str, otherwise: Option<T>) -> Option<T> {
        if otherwise.is_none() {
            self.wrong(what, &format!("nothing says it; write `otherwise.{what}` in the mapping"));
        }
        otherwise
    }
}

/// The text as an id may have it.
fn word(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || "_.:/@+-".contains(c) { c } else { '_' }).collect()
}

/// 128 bits of a SHA-256 over parts.
fn digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hex::encode(hasher.finalize().get(..16).unwrap_or_default())
}
