//! How an order is shown on a terminal.

use entente_core::{
    context::funding::{Exact, OrderPaper, PayableStatus, Receipt, SupplierInvoice},
    money::Money,
};

use crate::{
    authz::Action,
    cli::funding::{papers::Spoken, shown::Part},
    decision,
    funding::standing::Standing,
};

impl Spoken for OrderPaper {
    const KIND: &'static str = "order";
    const SERIES: &'static str = decision::ORDERS;
    const ACTION: Action = Action::OrderFromSuppliers;
    const COLUMNS: &'static [&'static str] = &["supplier", "request", "total", "owed"];

    fn columns(standing: &Standing<OrderPaper>) -> Vec<String> {
        let paper = &standing.paper;
        let owed = standing.course.owed.map_or_else(|| "-".into(), |owed| owed.to_string());
        vec![paper.supplier.party.to_string(), paper.request.clone(), paper.total.to_string(), owed]
    }

    fn fields(standing: &Standing<OrderPaper>) -> Vec<(&'static str, String)> {
        let (paper, course) = (&standing.paper, &standing.course);
        let text = |amount: Option<Money>| amount.map(|amount| amount.to_string()).unwrap_or_default();
        let terms = &course.terms;
        let issued = course.issued.as_ref();
        let asked = course.asked.as_ref().map(|asked| format!("{}: {}", asked.invoice, asked.reason));
        vec![
            ("supplier", format!("{} ({})", paper.supplier.party, paper.supplier.tax_id)),
            ("tied to the partner", course.tied.clone().unwrap_or_default()),
            ("partner", paper.partner.to_string()),
            ("request", paper.request.clone()),
            ("fund", course.fund.as_ref().map(ToString::to_string).unwrap_or_default()),
            ("delivery", format!("{} to {}", paper.deliver_from, paper.deliver_until)),
            ("total", paper.total.to_string()),
            (
                "issued",
                issued.map(|issued| format!("{} as number {}", issued.paper.total, issued.number)).unwrap_or_default(),
            ),
            ("price may exceed by", percent(terms.price_percent)),
            ("more may come by", percent(terms.over_receipt_percent)),
            ("committed", text(course.committed)),
            ("owed so far", text(course.owed)),
            ("asked to accept", asked.unwrap_or_default()),
            ("came twice", text(course.came_twice)),
        ]
    }

    fn tables(standing: &Standing<OrderPaper>) -> Vec<Part> {
        let course = &standing.course;
        let invoices = &course.invoices;
        let currency = standing.paper.currency;
        let lines = standing.paper.lines.iter().map(|line| {
            let received = course.received(&line.id).normalize().to_string();
            let invoiced = course.invoiced(&line.id, currency).normalize().to_string();
            let ordered = format!("{} {}", line.quantity, line.unit);
            let price = format!("{} {currency}", line.price);
            vec![line.id.clone(), line.what.clone(), ordered, price, percent(line.tax), received, invoiced]
        });
        let owed = course.payable.iter().map(|payable| {
            let stands = match payable.status {
                PayableStatus::Owed => "owed",
                PayableStatus::Scheduled => "in a payout run",
                PayableStatus::Paid => "paid",
            };
            let on = payable.paid_on.map(|day| day.to_string()).unwrap_or_default();
            let returned = payable.returned.clone().unwrap_or_default();
            let run = payable.payout.clone().unwrap_or_default();
            vec![payable.payee.to_string(), payable.amount.to_string(), stands.to_owned(), run, on, returned]
        });
        let back = course
            .clawbacks
            .iter()
            .map(|back| vec![back.reason.clone(), back.amount.to_string(), back.open().to_string()]);
        vec![
            Part {
                title: "Lines",
                columns: &["line", "what", "ordered", "price", "tax", "received", "invoiced"],
                rows: lines.collect(),
            },
            Part {
                title: "Receipts",
                columns: &["day", "by", "what", "note"],
                rows: course.receipts.iter().map(receipt).collect(),
            },
            Part {
                title: "Invoices",
                columns: &["number", "date", "total", "stands", "owed", "credited"],
                rows: invoices.iter().map(invoice).collect(),
            },
            matched(invoices),
            Part {
                title: "Payee",
                columns: &["payee", "amount", "stands", "run", "paid on", "returned"],
                rows: owed.collect(),
            },
            Part { title: "To come back", columns: &["why", "amount", "open"], rows: back.collect() },
        ]
    }
}

/// What the match said of each line of invoices.
pub fn matched(invoices: &[SupplierInvoice]) -> Part {
    let rows = invoices.iter().flat_map(found).collect();
    Part { title: "Match", columns: &["invoice", "line", "rule", "why"], rows }
}

fn percent(percent: Exact) -> String {
    if percent.is_zero() { String::new() } else { format!("{percent} %") }
}

fn receipt(receipt: &Receipt) -> Vec<String> {
    let lines: Vec<String> = receipt.lines.iter().map(|one| format!("{} {}", one.quantity, one.line)).collect();
    let what = lines.join(", ");
    let what = if receipt.back { format!("given back: {what}") } else { what };
    vec![receipt.day.to_string(), receipt.by.to_string(), what, receipt.note.clone()]
}

fn invoice(invoice: &SupplierInvoice) -> Vec<String> {
    let written = &invoice.written;
    let owed = invoice.owed.map(|owed| owed.to_string()).unwrap_or_default();
    let credits: Vec<String> = invoice.credits.iter().map(|one| format!("{} by {}", one.total, one.number)).collect();
    let stands = match (invoice.status.word(), invoice.disputed.is_empty()) {
        (word, true) => word.to_owned(),
        (word, false) => format!("{word}, lines disputed"),
    };
    vec![written.number.clone(), written.date.to_string(), written.total.to_string(), stands, owed, credits.join(", ")]
}

/// What the match said of each line: in what it differs, or that it does not.
fn found(invoice: &SupplierInvoice) -> Vec<Vec<String>> {
    let number = &invoice.written.number;
    let row = |line: &str, rule: String, why: String| vec![number.clone(), line.to_owned(), rule, why];
    let accepted = |finding: &&entente_core::context::funding::Finding| !invoice.findings.contains(finding);
    let excepted = invoice.excepted.iter().filter(accepted).map(|finding| {
        let why = format!("{}; two people accepted that", finding.because);
        row(finding.line.as_deref().unwrap_or_default(), finding.rule.to_string(), why)
    });
    let differs = invoice.findings.iter().map(|finding| {
        row(finding.line.as_deref().unwrap_or_default(), finding.rule.to_string(), finding.because.clone())
    });
    let named = |line: &String| {
        let about = |finding: &entente_core::context::funding::Finding| finding.line.as_ref() == Some(line);
        invoice.findings.iter().chain(&invoice.excepted).any(about)
    };
    let plain = invoice.written.lines.iter().filter(|line| invoice.owed.is_some() && !named(&line.line));
    let plain = plain.map(|line| row(&line.line, String::new(), "as ordered and received".into()));
    differs.chain(excepted).chain(plain).collect()
}
