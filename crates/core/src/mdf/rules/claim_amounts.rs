//! What is paid, in which currency and with which tax: V1, V4, V5, V7 and V10.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::{
    funding::{Q6, caps},
    ids, param, quoted,
};
use crate::{
    ids::RoleId,
    mdf::{
        cell::{Amounts, Words, choices},
        figures::not_below_zero,
        model::{Claim, Conversion, TaxBasis},
        rule::{Kind, Rule},
        ruling::{Effect, Ruling, Stuck, Told},
        view::View,
    },
    money::{Currency, Money},
};

ids!(Amounts: V1 = 1, V4 = 4, V5 = 5, V7 = 7, V10 = 10);

choices! {
    /// Of which day the rate of a conversion is.
    RateDay {
        InvoiceDate = "invoice_date": "Of the latest invoice.",
        ActivityEnd = "activity_end": "Of the last day of the activity.",
        Approval = "approval": "Of the day on which the claim was approved.",
        MonthAverage = "month_average": "The average of the month in which the activity ended.",
    }
}

param!(RATE_DAY: RateDay = V5 "rate_of" (), "\"activity_end\"", "of which day the rate is");
param!(GROSS: Words = V7 "gross" (), "[]", "countries where cost is counted with tax");
param!(NET: Words = V7 "net" (), "[]", "countries where cost is counted without tax");
param!(WITHHOLDING: Words = V7 "withholding" (), "[]", "countries where tax is withheld, on a line of its own");
param!(REVERSE: Words = V7 "reverse_charge" (), "[]", "countries where the payer owes the tax");
param!(TAX_OWNER: Option<RoleId> = V7 "role" (), "\"tax\"", "who answers for tax");
param!(MINIMUM: Amounts = V10 "minimum" (), "{}", "claims below it are bundled");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: V1,
        title: "what is paid is the lowest of all bounds, and the claim says which one",
        kinds: &[Kind::Reduce],
        source: "ours, from Huawei [H4], Magentrix [P9], ZINFI [P2]",
        parameters: &[],
        exceptable: false,
        judge: payable,
    },
    Rule {
        id: V4,
        title: "everything in a claim is of one currency, and it is paid in that of the payment profile",
        kinds: &[Kind::Block],
        source: "Microsoft [M12]",
        parameters: &[],
        exceptable: false,
        judge: one_currency,
    },
    Rule {
        id: V5,
        title: "a conversion is at the pinned rate of its day, with its source, and is never rated again",
        kinds: &[Kind::Define],
        source: "ZINFI [P1], WorkSpan [W2]",
        parameters: &[&RATE_DAY],
        exceptable: false,
        judge: pinned_rate,
    },
    Rule {
        id: V7,
        title: "cost is counted with or without tax as the country has it; other taxes are lines of their own",
        kinds: &[Kind::Approve],
        source: "Huawei [H1], NetApp [X2]",
        parameters: &[&GROSS, &NET, &WITHHOLDING, &REVERSE, &TAX_OWNER],
        exceptable: false,
        judge: tax,
    },
    Rule {
        id: V10,
        title: "a claim is large enough to be paid alone",
        kinds: &[Kind::Warn],
        source: "ours",
        parameters: &[&MINIMUM],
        exceptable: false,
        judge: material,
    },
];

fn payable(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, request) = (view.claim()?, view.request()?);
    let unapproved = || Stuck::Unknown("the request is not approved, so that nothing can be paid on it".into());
    let approval = request.approval.as_ref().ok_or_else(unapproved)?;
    let figures = view.figures()?;
    let cost = figures.payable_cost()?;
    told.input("cost", figures.cost);
    told.input("eligible cost", figures.vendor_part);
    told.input("share", figures.share);
    told.input("paid before", request.consumed);
    told.rounding = figures.told(figures.vendor_part, cost)?;
    // The money of an approved request has left the allocation already: what is free there is no bound.
    let mut bounds = vec![
        ("what is claimed", claim.amount),
        ("what was approved", approval.amount),
        ("the share of the eligible cost", cost),
        ("what is reserved and not consumed", not_below_zero(request.reserved)),
    ];
    if view.enables(Q6) {
        bounds.extend(caps(view, claim.currency)?);
    }
    for (_, amount) in &bounds {
        amount.minus(claim.amount)?;
    }
    let Some((name, to)) = told.lowest(bounds) else { return Err(Stuck::Nothing("nothing bounds it")) };
    if to.minor >= claim.amount.minor {
        return Ok(Ruling::satisfied(format!("{} is paid as claimed", claim.amount)));
    }
    let because = format!("of {} claimed, {to} is paid, by {name}", claim.amount);
    Ok(Ruling::found(Effect::Reduce { to }, "/claim/amount", because, "the rest is the partner's own cost"))
}

/// Every amount of a claim, with its place.
fn amounts(claim: &Claim) -> Vec<(String, Money)> {
    let mut all = vec![("/claim/amount".to_owned(), claim.amount)];
    all.extend(claim.lines.iter().enumerate().map(|(at, line)| (format!("/claim/lines/{at}/amount"), line.amount)));
    all.extend(claim.income.iter().enumerate().map(|(at, one)| (format!("/claim/income/{at}/amount"), one.amount)));
    all.extend(claim.shares.iter().enumerate().map(|(at, one)| (format!("/claim/shares/{at}/amount"), one.amount)));
    for (at, invoice) in claim.invoices.iter().enumerate() {
        all.push((format!("/claim/invoices/{at}/total"), invoice.total));
        all.push((format!("/claim/invoices/{at}/claimed"), invoice.claimed));
    }
    all
}

fn one_currency(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, profile) = (view.claim()?, view.case.partner.payment_currency);
    told.input("currency of the claim", claim.currency);
    told.list("currency of the profile", profile);
    let foreign = amounts(claim).into_iter().find(|(_, amount)| amount.currency != claim.currency);
    if let Some((field, amount)) = foreign {
        let because = format!("{amount} is in a claim in {}", claim.currency);
        return Ok(Ruling::block(field, because, "make one claim per currency"));
    }
    let Some(profile) = profile else {
        let remedy = "complete the payment profile";
        return Ok(Ruling::block("/partner/payment_currency", "the payment profile names no currency", remedy));
    };
    match view.case.payout.as_ref().map(|payout| payout.currency).filter(|paid| *paid != profile) {
        None => Ok(Ruling::satisfied(format!("everything is in {}, paid in {profile}", claim.currency))),
        Some(paid) => {
            let because = format!("the payout is in {paid} and the payment profile in {profile}");
            Ok(Ruling::block("/payout/currency", because, format!("pay in {profile}")))
        }
    }
}

/// The day whose rate applies; `None` while it is not known.
fn rate_day(view: &View<'_>, claim: &Claim) -> Result<Option<Date>, Stuck> {
    let end = view.request()?.activity.end;
    Ok(match RATE_DAY.of(view.terms) {
        RateDay::InvoiceDate => claim.invoices.iter().map(|invoice| invoice.date).max(),
        RateDay::ActivityEnd => Some(end),
        RateDay::Approval => claim.approved_at.map(|at| view.day(at)),
        RateDay::MonthAverage => Some(end.first_of_month()),
    })
}

fn pinned_rate(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let claim = view.claim()?;
    let target = view.case.partner.payment_currency;
    let target = target.ok_or_else(|| Stuck::Unknown("the payment profile names no currency".into()))?;
    if target == claim.currency {
        return Ok(Ruling::satisfied(format!("{target} is paid as it is claimed, without a rate")));
    }
    let day = rate_day(view, claim)?.ok_or(Stuck::Nothing("the day of the rate is not known yet"))?;
    told.input("rate of", day);
    let contradict = |because: String| {
        let remedy = format!("pin the rate of {day} from {} to {target}, with its source", claim.currency);
        Ok(Ruling::found(Effect::Contradict, "/claim/conversion", because, remedy))
    };
    let Some(conversion) = &claim.conversion else {
        return contradict(format!("{} is paid in {target} and no rate is pinned", claim.amount));
    };
    told.input("rate", conversion.rate);
    told.input("source", &conversion.source);
    told.input("pinned at", conversion.pinned_at);
    let amount = converted(view, claim, conversion, target, told)?;
    let late = claim.approved_at.is_some_and(|approved| conversion.pinned_at > approved);
    if conversion.day != day {
        contradict(format!("the rate is of {}, and that of {day} applies", conversion.day))
    } else if conversion.source.trim().is_empty() || conversion.rate <= Decimal::ZERO {
        contradict("the rate has no source or is not above zero".to_owned())
    } else if late {
        contradict(format!("the rate was pinned on {}, after the approval", view.day(conversion.pinned_at)))
    } else if conversion.amount != amount {
        contradict(format!("{} comes to {amount}, not {}", claim.amount, conversion.amount))
    } else {
        let because = format!("{} comes to {amount} at {} of {day}", claim.amount, conversion.rate.normalize());
        Ok(Ruling::satisfied(because))
    }
}

fn converted(
    view: &View<'_>,
    claim: &Claim,
    conversion: &Conversion,
    target: Currency,
    told: &mut Told,
) -> Result<Money, Stuck> {
    let product = claim.amount.decimal().checked_mul(conversion.rate).ok_or(crate::money::MoneyError::Overflow)?;
    let amount = Money::rounded(product, target, view.figures()?.rounding)?;
    told.rounding = format!("{} is rounded once, to {amount}", product.normalize());
    Ok(amount)
}

fn tax(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, country) = (view.claim()?, &view.case.partner.country);
    told.input("country", country);
    let named = |words: Words| words.contains(country);
    let basis = match (named(GROSS.of(view.terms)), named(NET.of(view.terms))) {
        (true, false) => Some(TaxBasis::Gross),
        (false, true) => Some(TaxBasis::Net),
        _ => None,
    };
    let ask = |because: String| match TAX_OWNER.of(view.terms) {
        Some(role) if view.approved_by(&role) => Ok(Ruling::satisfied(format!("{because}, and `{role}` approved it"))),
        role => Ok(Ruling::approve(role, "/claim/tax", because)),
    };
    let Some(basis) = basis else {
        return ask(format!("the pack does not say how tax is treated in `{country}`"));
    };
    let Some(tax) = &claim.tax else { return ask("the claim does not say how tax is treated".to_owned()) };
    told.input("with tax", basis == TaxBasis::Gross);
    told.input("self-billing", tax.self_billing);
    told.input("reverse charge", tax.reverse_charge);
    told.list("withheld", tax.withheld);
    let wrong = [
        (tax.basis != basis, "the basis, with or without tax"),
        (named(WITHHOLDING.of(view.terms)) != tax.withheld.is_some(), "the line of tax withheld"),
        (named(REVERSE.of(view.terms)) != tax.reverse_charge, "the reverse charge"),
    ];
    let wrong: Vec<&str> = wrong.into_iter().filter_map(|(differs, what)| differs.then_some(what)).collect();
    if wrong.is_empty() {
        return Ok(Ruling::satisfied(format!("tax is treated as `{country}` has it")));
    }
    ask(format!("not as `{country}` has it: {}", quoted(wrong)))
}

fn material(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let amount = view.claim()?.amount;
    let minimum = MINIMUM.of(view.terms).in_currency(amount.currency);
    told.input("claimed", amount);
    told.list("minimum", minimum);
    match minimum.filter(|minimum| amount.minor < minimum.minor) {
        None => Ok(Ruling::satisfied(format!("{amount} is paid alone"))),
        Some(minimum) => {
            let because = format!("{amount} is below the minimum of {minimum}");
            Ok(Ruling::found(Effect::Warn, "/claim/amount", because, "bundle it with the next claim"))
        }
    }
}
