//! The files that the three clouds give out, a month in each: the same bytes however often they are written.

use std::{collections::BTreeMap, fmt::Write as _};

use jiff::civil::Date;
use serde_json::json;

use super::{
    contract::PRODUCT,
    customers::{BUYS_EVERY, Bill, Customer, Term},
};

/// One file.
#[derive(Debug)]
pub struct Made {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
    /// The days that it is complete for.
    pub covers: (Date, Date),
}

/// The bill of a customer, by months, and what else its cloud says.
pub fn files(customer: &Customer, account: &str, term: &Term) -> Vec<Made> {
    let mut months: BTreeMap<Date, String> = BTreeMap::new();
    for (place, day) in term.billed_days() {
        let text = months.entry(day.first_of_month()).or_insert_with(|| format!("{}\n", heading(customer.bill)));
        for charge in charges(customer, place) {
            row(text, customer.bill, account, day, &charge);
        }
    }
    let month = |(first, text): (Date, String)| Made {
        name: format!("{}.csv", first.strftime("%Y-%m")),
        text,
        covers: (first.max(term.from), first.last_of_month().min(term.billed)),
    };
    let stated = (customer.bill == Bill::FocusCost).then(|| lots(customer, account, term));
    months.into_iter().map(month).chain(stated).collect()
}

/// One charge of a day.
struct Charge {
    kind: &'static str,
    service: &'static str,
    sold: bool,
    amount: i64,
}

/// What is charged on a day of the term.
fn charges(customer: &Customer, place: i64) -> Vec<Charge> {
    let own = |service, amount| Charge { kind: "Usage", service, sold: false, amount };
    let fifth = customer.spent / 5;
    let mut charges = match customer.bill {
        Bill::CostAndUsage => vec![
            own("Amazon Elastic Compute Cloud", customer.spent - fifth),
            own("Amazon Simple Storage Service", fifth),
        ],
        Bill::FocusCost => vec![own("Virtual Machines", customer.spent - fifth), own("Storage Accounts", fifth)],
        Bill::Focus => vec![own("BigQuery", customer.spent - fifth), own("Cloud Storage", fifth)],
    };
    if customer.bought > 0 && place % BUYS_EVERY == BUYS_EVERY - 1 {
        charges.push(Charge { kind: "Fee", service: PRODUCT, sold: true, amount: customer.bought });
        // Tax does not count, and is told apart.
        charges.push(Charge { kind: "Tax", amount: fifth, ..own("Amazon Elastic Compute Cloud", 0) });
    }
    charges
}

fn heading(bill: Bill) -> &'static str {
    match bill {
        Bill::CostAndUsage => {
            "bill_payer_account_id,line_item_usage_account_id,line_item_currency_code,bill_billing_entity,\
             bill_billing_period_start_date,bill_billing_period_end_date,line_item_line_item_type,\
             line_item_usage_start_date,line_item_usage_end_date,line_item_product_code,product_product_name,\
             line_item_net_unblended_cost"
        }
        Bill::FocusCost => {
            "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,\
             ChargeFrequency,ChargePeriodStart,ChargePeriodEnd,InvoiceIssuerName,ProviderName,PublisherName,\
             ServiceName,x_PublisherCategory"
        }
        Bill::Focus => {
            "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,\
             ChargeFrequency,ChargePeriodStart,ChargePeriodEnd,InvoiceIssuerName,ProviderName,PublisherName,ServiceName"
        }
    }
}

fn row(text: &mut String, bill: Bill, account: &str, day: Date, charge: &Charge) {
    let midnight = |day: Date| format!("{day}T00:00:00Z");
    let next = |day: Date| midnight(day.tomorrow().unwrap_or(day));
    let (from, to) = (midnight(day), next(day));
    let (billed_from, billed_to) = (midnight(day.first_of_month()), next(day.last_of_month()));
    let Charge { kind, service, sold, amount } = charge;
    // Writing into a text cannot fail.
    let _ = match bill {
        Bill::CostAndUsage => {
            let entity = if *sold { "AWS Marketplace" } else { "AWS" };
            writeln!(
                text,
                "{account},{account},USD,{entity},{billed_from},{billed_to},{kind},{from},{to},{service},{service},{amount}.00"
            )
        }
        Bill::FocusCost => writeln!(
            text,
            "{amount}.00,{account},USD,{billed_from},{billed_to},{kind},Usage-Based,{from},{to},Microsoft,Microsoft,\
             Microsoft,{service},Cloud Provider"
        ),
        Bill::Focus => writeln!(
            text,
            "{amount}.00,{account},USD,{billed_from},{billed_to},{kind},Usage-Based,{from},{to},Google LLC,Google Cloud,\
             Google Cloud,{service}"
        ),
    };
}

/// The last day of the last month that was invoiced.
fn invoiced(term: &Term) -> Date {
    let last = term.billed.last_of_month();
    if term.billed == last { last } else { term.billed.first_of_month().yesterday().unwrap_or(term.from) }
}

/// What Microsoft says remained at the last invoice, as its interface answers.
fn lots(customer: &Customer, account: &str, term: &Term) -> Made {
    let until = invoiced(term);
    let drawn = term.billed_days().filter(|(_, day)| *day <= until).map(|_| customer.spent).sum::<i64>();
    let money = |amount: i64| json!({ "currency": "USD", "value": amount });
    let lot = json!({
        "id": format!("/providers/Microsoft.Billing/billingAccounts/{account}/providers/Microsoft.Consumption/lots/1"),
        "type": "Microsoft.Consumption/lots",
        "properties": {
            "source": "ConsumptionCommitment", "status": "Active",
            "originalAmount": money(customer.committed()), "closedBalance": money(customer.committed() - drawn),
            "startDate": format!("{}T00:00:00Z", term.from), "expirationDate": format!("{}T23:59:59Z", term.through),
        },
    });
    Made { name: "lots.json".to_owned(), text: json!({ "value": [lot] }).to_string(), covers: (term.from, until) }
}
