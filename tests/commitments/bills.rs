//! Twenty-four months of bills as AWS gives them out in FOCUS 1.2, a file for each month: the charges of US-11, of which those for
//! compute come in as many lines as are wished. However many they are, they add up to the same amounts, exactly.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
};

use jiff::civil::Date;

use crate::lines::{ACCOUNT, day, days};

/// The first and the last day.
const TERM: (&str, &str) = ("2025-03-01", "2027-02-28");

/// From this day on more is spent.
const GROWN: &str = "2025-09-01";

/// Lines are in ten thousandths of a cent, so that however many they are, each has something.
const PARTS_OF_CENT: u64 = 10_000;

const HEADING: &str = "BillingAccountId,SubAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,InvoiceId,\
    ChargeCategory,ChargeClass,ChargeFrequency,ChargeDescription,ChargePeriodStart,ChargePeriodEnd,ProviderName,\
    PublisherName,InvoiceIssuerName,ServiceName,ServiceCategory,ResourceId,RegionId,CommitmentDiscountCategory,\
    CommitmentDiscountStatus,SkuId,BilledCost";

/// Names that a line has.
struct Named {
    category: &'static str,
    frequency: &'static str,
    publisher: &'static str,
    service: &'static str,
}

const COMPUTE: Named = Named {
    category: "Usage",
    frequency: "Usage-Based",
    publisher: "Amazon Web Services, Inc.",
    service: "Amazon Elastic Compute Cloud",
};

fn bought(service: &'static str) -> Named {
    Named { category: "Purchase", frequency: "Recurring", publisher: "Vendor Inc.", service }
}

/// Writes the files, of so many rows in all, into a folder.
pub fn write(folder: &Path, rows: u64) {
    fs::create_dir_all(folder).unwrap();
    let all: Vec<Date> = days(day(TERM.0), day(TERM.1)).collect();
    let others: u64 = all.iter().map(|today| 1 + monthly(*today)).sum();
    let lines = rows.checked_sub(others).expect("more rows than charges of other kinds");
    let (a_day, more) = (lines / all.len() as u64, lines % all.len() as u64);
    assert!(a_day > 0, "a line for compute each day");
    let mut file: Option<(Date, BufWriter<File>)> = None;
    for (at, today) in (0_u64..).zip(all) {
        let month = today.first_of_month();
        if file.as_ref().is_none_or(|(open, _)| *open != month) {
            let mut next =
                BufWriter::new(File::create(folder.join(format!("{}.csv", month.strftime("%Y-%m")))).unwrap());
            writeln!(next, "{HEADING}").unwrap();
            file.replace((month, next)).into_iter().for_each(|(_, mut full)| full.flush().unwrap());
        }
        let (_, text) = file.as_mut().unwrap();
        charges(text, today, a_day + u64::from(at < more));
    }
    file.unwrap().1.flush().unwrap();
}

/// How many charges a day has that come once a month.
fn monthly(today: Date) -> u64 {
    match today.day() {
        1 => 3,
        15 => 1,
        _ => 0,
    }
}

/// The charges of a day; those for compute in so many lines.
fn charges(text: &mut impl Write, today: Date, lines: u64) {
    let (compute, software) = if today < day(GROWN) { (142_480, "300.05") } else { (450_035, "200.05") };
    let whole = compute * PARTS_OF_CENT;
    let each = whole / lines;
    for line in 0..lines {
        let parts = if line + 1 == lines { whole - each * (lines - 1) } else { each };
        let unit = 100 * PARTS_OF_CENT;
        row(text, today, line, &COMPUTE, &format!("{}.{:06}", parts / unit, parts % unit));
    }
    row(text, today, 0, &bought("observability"), software);
    match today.day() {
        1 => {
            row(text, today, 0, &bought("elsewhere"), "10000.00");
            row(text, today, 0, &Named { category: "Tax", ..COMPUTE }, "1234.56");
            row(text, today, 0, &Named { service: "AWS Support (Business)", ..COMPUTE }, "3000.00");
        }
        15 => row(text, today, 0, &Named { category: "Credit", ..COMPUTE }, "-500.00"),
        _ => {}
    }
}

fn row(text: &mut impl Write, today: Date, line: u64, named: &Named, cost: &str) {
    let Named { category, frequency, publisher, service } = named;
    let hour = line % 23;
    let (from, to) = (format!("{today}T{hour:02}:00:00Z"), format!("{today}T{:02}:00:00Z", hour + 1));
    let month = |day: Date| format!("{day}T00:00:00Z");
    let (billed_from, billed_to) = (month(today.first_of_month()), month(today.last_of_month().tomorrow().unwrap()));
    writeln!(
        text,
        "{ACCOUNT},linked-{:03},USD,{billed_from},{billed_to},INV-{},{category},,{frequency},\"{service}, at the usual price\",\
         {from},{to},AWS,\"{publisher}\",\"Amazon Web Services, Inc.\",{service},Compute,arn:aws:thing/{line:08x},\
         region-{},,,sku-{:04},{cost}",
        line % 300,
        today.strftime("%Y%m"),
        line % 20,
        line % 3_000,
    )
    .unwrap();
}
