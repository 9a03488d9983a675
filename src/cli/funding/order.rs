//! `entente order`: what the vendor buys from suppliers for partners' activities.

mod shown;

use std::path::{Path, PathBuf};

use entente_core::{
    context::funding::{Counted, Credit, Delivery, Exact, Finding, OrderPaper, WrittenInvoice, load_document},
    event::Actor,
    ids::PartyId,
    mdf::model::Scan,
};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::{
    evidence::hand_in,
    papers::{self, Act, Because, Create, History, Label, List, Revise, Spoken as _},
};
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        session::{Globals, Session},
        submit::Sending,
    },
    funding::{evidence, stored::Stored},
};

/// Order from suppliers for a partner's activity, and match what they charge with what came
#[derive(Debug, clap::Subcommand)]
pub enum Order {
    /// Write an order on a granted request
    Create(Create),
    /// List orders
    List(List),
    /// Show where an order stands: what came, what was invoiced, in what that differs
    Show(Label),
    /// Show everything that happened to an order
    History(History),
    /// Change an order; once it is issued, people are asked to agree to the change
    Revise(Revise),
    /// Submit an order: it is checked, then people decide
    Submit(Act),
    /// Take an order back that is not issued yet
    Withdraw(Because),
    /// Give up a change that waits for its approval
    Keep(Because),
    /// Say what was delivered
    Receive(Deliver),
    /// Say what was given back to the supplier
    ReturnGoods(Deliver),
    /// Enter a supplier's invoice: it is matched with the order and what came
    Invoice(Enter),
    /// Enter a supplier's credit note on an invoice
    Credit(Enter),
    /// Give an invoice back to the supplier, or never pay its disputed lines
    ReturnInvoice(Decide),
    /// Dispute the lines of an invoice that differ: the rest is paid
    Dispute(Decide),
    /// Ask two people to accept an invoice although it differs
    Accept(Decide),
    /// Close an order: nothing more is received or invoiced, and what is left of its money is free
    Close(Because),
    /// Cancel an order of which nothing came
    Cancel(Because),
}

/// What was delivered, or given back
#[derive(Debug, clap::Args)]
pub struct Deliver {
    #[command(flatten)]
    label: Label,
    /// The day, such as 2027-03-20
    #[arg(long, value_name = "DATE")]
    day: Date,
    /// A line of the order and how many of it, such as flyers=300; may be given several times
    #[arg(long = "line", value_name = "LINE=QUANTITY", required = true, value_parser = counted)]
    lines: Vec<Counted>,
    /// The proof: a photo, a delivery note
    #[arg(long, value_name = "FILE")]
    proof: Option<PathBuf>,
    /// Nothing more will come
    #[arg(long)]
    last: bool,
    /// More about it; why it was given back
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
    #[command(flatten)]
    sending: Sending,
}

/// A document of the supplier
#[derive(Debug, clap::Args)]
pub struct Enter {
    #[command(flatten)]
    label: Label,
    /// What stands on it; `file` names the scan, as seen from there
    #[arg(value_name = "FILE.YAML")]
    file: PathBuf,
    /// Show in what it differs and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    sending: Sending,
}

/// A decision about an invoice that differs
#[derive(Debug, clap::Args)]
pub struct Decide {
    #[command(flatten)]
    label: Label,
    /// The invoice, by its number
    #[arg(long, value_name = "NUMBER")]
    invoice: String,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
    #[command(flatten)]
    sending: Sending,
}

/// `flyers=300`.
fn counted(text: &str) -> Result<Counted, String> {
    let (line, quantity) = input::pair(text)?;
    Ok(Counted { line, quantity: quantity.parse::<Exact>().map_err(|error| error.to_string())? })
}

impl Order {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        type P = OrderPaper;
        let open = || Session::open(globals);
        match self {
            Order::Create(create) => {
                let paper: P = papers::document(&create.file)?;
                papers::create(&open().await?, &paper, create.submit, &create.sending).await
            }
            Order::Revise(revise) => {
                let paper: P = papers::document(&revise.file)?;
                papers::revise(&open().await?, &revise, &paper).await
            }
            Order::List(list) => papers::list::<P>(&open().await?, list).await,
            Order::Show(label) => papers::show::<P>(&open().await?, &label.label).await,
            Order::History(shown) => papers::tell::<P>(&open().await?, &shown).await,
            Order::Submit(act) => papers::submit::<P>(&open().await?, &act).await,
            Order::Withdraw(because) => papers::because::<P>(&open().await?, &because, P::ACTION, "withdraw").await,
            Order::Keep(because) => ended(&open().await?, because, "keep").await,
            Order::Close(because) => ended(&open().await?, because, "close").await,
            Order::Cancel(because) => ended(&open().await?, because, "cancel").await,
            Order::Receive(deliver) => deliver.run(&open().await?, "receive").await,
            Order::ReturnGoods(deliver) => deliver.run(&open().await?, "return_goods").await,
            Order::Invoice(enter) => enter.invoice(globals).await,
            Order::Credit(enter) => enter.credit(globals).await,
            Order::ReturnInvoice(decide) => decide.run(&open().await?, "return_invoice").await,
            Order::Dispute(decide) => decide.run(&open().await?, "dispute").await,
            Order::Accept(decide) => decide.run(&open().await?, "accept").await,
        }
    }
}

/// Says how each invoice of an order was matched.
pub(super) async fn explain(session: &Session, label: &str) -> Result<Exit, Failure> {
    let order = papers::find::<OrderPaper>(session, label).await?;
    let invoices = &order.sheet.course.invoices;
    if session.out.is_json() {
        session.out.json(invoices)?;
        return Ok(Exit::Ok);
    }
    let part = shown::matched(invoices);
    session.out.table(part.columns, &part.rows);
    if invoices.is_empty() {
        session.out.say(&format!("nothing was invoiced on `{label}`"));
    }
    Ok(Exit::Ok)
}

/// The order, and who acts on it.
async fn opened(session: &Session, label: &str, action: Action) -> Result<(Stored<OrderPaper>, Actor), Failure> {
    let order = papers::find::<OrderPaper>(session, label).await?;
    let actor = papers::actor::<OrderPaper>(session, action, label, &order.row.snapshot.home)?;
    Ok((order, actor))
}

/// Why an order does not take an event as it stands.
fn checked(order: &Stored<OrderPaper>, event: &str, data: &Value, actor: &Actor) -> Result<(), Failure> {
    match order.sheet.objection(event, data, Some(actor)) {
        None => Ok(()),
        Some(why) => {
            let failure = Failure::new(Exit::Conflict, format!("`{}`: {why}", order.label()));
            Err(failure.hint(format!("see how it stands with `entente order show {}`", order.label())))
        }
    }
}

async fn send(
    session: &Session,
    (order, actor): (&Stored<OrderPaper>, Actor),
    sending: &Sending,
    (event, data): (&str, Value),
) -> Result<Exit, Failure> {
    checked(order, event, &data, &actor)?;
    let message = sending.sender(session, actor).named(order.row.snapshot.run, event, data);
    session.send(sending, order.label(), vec![message]).await?;
    Ok(Exit::Ok)
}

async fn ended(session: &Session, because: Because, event: &str) -> Result<Exit, Failure> {
    let (order, actor) = opened(session, &because.label.label, OrderPaper::ACTION).await?;
    let data = json!({ "reason": because.reason });
    send(session, (&order, actor), &because.sending.sending(), (event, data)).await
}

/// Keeps a file as a party's, and says under which hash. What is harmful is not worked with.
async fn kept(session: &Session, party: &PartyId, file: &Path, class: &str) -> Result<String, Failure> {
    let kept = hand_in::keep(session, party, file, class).await?;
    if kept.scan == Scan::Infected {
        let message = format!("the scanner found something harmful in `{}`; hand in a clean copy", kept.name);
        return Err(Failure::new(Exit::Conflict, message));
    }
    session.out.say(&format!("`{}` is kept as {}", kept.name, kept.sha256));
    Ok(kept.sha256)
}

/// Whose hash stands for a file that has yet to be kept, while the rest is checked.
const ANY_HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

impl Deliver {
    async fn run(self, session: &Session, event: &str) -> Result<Exit, Failure> {
        let (order, actor) = opened(session, &self.label.label, Action::ConfirmDeliveries).await?;
        let Deliver { day, lines, proof, last, note, sending, .. } = self;
        if proof.is_none() && event == "receive" {
            let failure = Failure::usage("nothing proves the delivery");
            return Err(failure.hint("name a photo or a delivery note with --proof"));
        }
        let file = proof.as_ref().map(|_| ANY_HASH.to_owned());
        let mut delivery = Delivery { day, lines, file, last, note };
        checked(&order, event, &json!(delivery), &actor)?;
        if let Some(proof) = &proof {
            let party = &order.sheet.paper.partner;
            delivery.file = Some(kept(session, party, proof, &evidence::class_of("delivery_note")).await?);
        }
        send(session, (&order, actor), &sending, (event, json!(delivery))).await
    }
}

impl Enter {
    async fn invoice(self, globals: &Globals) -> Result<Exit, Failure> {
        let mut invoice: WrittenInvoice = load_document(&input::name(&self.file), &input::document(&self.file)?)?;
        let session = Session::open(globals).await?;
        let (order, actor) = opened(&session, &self.label.label, Action::EnterSupplierInvoices).await?;
        let scan = std::mem::replace(&mut invoice.file, ANY_HASH.to_owned());
        checked(&order, "invoice", &json!(invoice), &actor)?;
        let differs = order.sheet.would_differ(&invoice, &actor.person, session.app.clock.now());
        if self.dry_run {
            return matched(&session, &differs);
        }
        invoice.file = self.scanned(&session, &order, scan).await?;
        send(&session, (&order, actor), &self.sending, ("invoice", json!(invoice))).await
    }

    async fn credit(self, globals: &Globals) -> Result<Exit, Failure> {
        let mut credit: Credit = load_document(&input::name(&self.file), &input::document(&self.file)?)?;
        let session = Session::open(globals).await?;
        let (order, actor) = opened(&session, &self.label.label, Action::EnterSupplierInvoices).await?;
        let scan = std::mem::replace(&mut credit.file, ANY_HASH.to_owned());
        checked(&order, "credit", &json!(credit), &actor)?;
        if self.dry_run {
            session.out.say(&format!("{} would be taken back; nothing was written", credit.total));
            return Ok(Exit::Ok);
        }
        credit.file = self.scanned(&session, &order, scan).await?;
        send(&session, (&order, actor), &self.sending, ("credit", json!(credit))).await
    }

    /// The hash of a scan: of one that lies beside the document, or of one that was handed in before.
    async fn scanned(&self, session: &Session, order: &Stored<OrderPaper>, scan: String) -> Result<String, Failure> {
        if scan.len() == ANY_HASH.len() && scan.chars().all(|c| c.is_ascii_hexdigit()) {
            return Ok(scan);
        }
        let beside = self.file.parent().map(Path::to_path_buf).unwrap_or_default();
        let party = &order.sheet.paper.supplier.party;
        kept(session, party, &beside.join(scan), &evidence::class_of("invoice")).await
    }
}

fn matched(session: &Session, differs: &[Finding]) -> Result<Exit, Failure> {
    if session.out.is_json() {
        session.out.json(&differs)?;
        return Ok(Exit::Ok);
    }
    let rows = differs.iter().map(|finding| {
        vec![finding.rule.to_string(), finding.line.clone().unwrap_or_default(), finding.because.clone()]
    });
    session.out.table(&["rule", "line", "why"], &rows.collect::<Vec<_>>());
    session.out.say(match differs.is_empty() {
        true => "it is as ordered and received; nothing was written",
        false => "it would be held; nothing was written",
    });
    Ok(Exit::Ok)
}

impl Decide {
    async fn run(self, session: &Session, event: &str) -> Result<Exit, Failure> {
        let (order, actor) = opened(session, &self.label.label, Action::SettleSupplierInvoices).await?;
        let data = json!({ "invoice": self.invoice, "reason": self.reason });
        send(session, (&order, actor), &self.sending, (event, data)).await
    }
}
