//! US-11: five millions over three years, computed by hand. `golden.csv` has the charges, `golden-figures.csv` every figure
//! to the cent with its working.

use entente_core::commitment::{
    Amount, Band,
    drawdown::{Cause, Drawdown, Figures},
    eligibility::{Frequency, Line, Mark, daily_sums},
};

use super::support::{amount, batch, day, drawdown, globex, product, shipped, usage};

pub fn charges() -> Vec<Line> {
    let mut reader = csv::Reader::from_reader(include_str!("golden.csv").as_bytes());
    let rows = reader.records().map(|row| {
        let row = row.unwrap();
        let [on, account, name, channel, kind, runs_on_cloud, original, sum] =
            std::array::from_fn(|at| row.get(at).unwrap().to_owned());
        let mut line = if channel == "marketplace" { product(&name, &on, &sum) } else { usage(&on, &sum) };
        line.account = account;
        line.product = name;
        line.kind = serde_json::from_value(kind.into()).unwrap();
        line.frequency = Frequency::Recurring;
        line.dates.original = (!original.is_empty()).then(|| day(&original));
        if let Ok(runs) = runs_on_cloud.parse() {
            line.marks.insert(Mark::RunsOnCloud, runs);
        }
        line
    });
    rows.collect()
}

fn figures(on: &str) -> Figures {
    let commitment = globex();
    drawdown(&commitment, &charges()).figures(&commitment, day(on), day("2030-12-31")).unwrap()
}

fn known(band: Band) -> Amount {
    band.known().unwrap_or_else(|| panic!("a band: {band}"))
}

fn figure(figures: &Figures, name: &str) -> Amount {
    let period = &figures.period;
    if let Some(cause) = name.strip_prefix("ineligible ") {
        let found = figures.ineligible.iter().find(|(other, _)| other.to_string() == cause);
        return found.map_or_else(|| panic!("no cause `{cause}`"), |(_, band)| known(*band));
    }
    match name {
        "spent" => figures.spent,
        "eligible" => known(figures.eligible),
        "remaining" => known(figures.remaining),
        "expected" => known(figures.expected),
        "carried in" => known(period.carried_in),
        "period eligible" => known(period.eligible),
        "period remaining" => known(period.remaining),
        "period expected" => known(period.expected),
        "per day" => known(period.per_day.unwrap()),
        "head-room" => period.headroom.left.0.unwrap(),
        "settled excess" => known(figures.settled[0].excess),
        "settled shortfall" => known(figures.settled[0].shortfall),
        other => panic!("no figure `{other}`"),
    }
}

#[test]
fn the_golden_sheet_holds_to_the_cent() {
    let mut reader = csv::Reader::from_reader(include_str!("golden-figures.csv").as_bytes());
    let mut checked = 0;
    for row in reader.records() {
        let row = row.unwrap();
        let figures = figures(&row[0]);
        let shown = figure(&figures, &row[1]).money(figures.currency).unwrap();
        let expected = amount(&row[2]).money(figures.currency).unwrap();
        assert_eq!(shown, expected, "{} on {}: {}", &row[1], &row[0], &row[3]);
        checked += 1;
    }
    assert_eq!(checked, 32);
}

#[test]
fn pace_is_what_counts_over_what_was_expected() {
    // 900 005.10 / 814 743.4822 on the way, 1 257 009 / 1 200 000 at the first year's end.
    let pace = |on| figures(on).period.pace.0.unwrap().to_string();
    assert_eq!(pace("2027-06-30"), "1.104648");
    assert_eq!(pace("2026-12-31"), "1.047508");
}

#[test]
fn spend_is_what_counts_and_every_cause_why_the_rest_does_not() {
    for on in ["2026-01-01", "2026-03-31", "2026-12-31", "2027-06-30", "2027-12-31", "2028-02-29"] {
        let figures = figures(on);
        let left_out = Amount::sum(figures.ineligible.iter().map(|(_, band)| known(*band))).unwrap();
        assert_eq!(known(figures.eligible).plus(left_out).unwrap(), figures.spent, "{on}");
    }
}

#[test]
fn a_refund_reduces_in_the_period_that_the_contract_names() {
    // The refund of March is for February: at the end of February it already counts.
    assert_eq!(known(figures("2026-02-28").eligible), amount("207001.50"));
    assert!(figures("2026-02-28").ineligible.iter().all(|(cause, _)| *cause != Cause::OverCap));
}

#[test]
fn sums_of_another_basis_currency_or_commitment_are_refused_and_change_nothing() {
    let commitment = globex();
    let lines = charges();
    let sums = daily_sums(&commitment, &shipped(), day("2030-12-31"), &lines).unwrap();
    let mut drawdown = Drawdown::new(&commitment);
    let before = drawdown.clone();
    let sound = batch(&commitment, sums);
    let mut other = sound.clone();
    other.basis.cost = entente_core::commitment::Cost::Effective;
    let error = drawdown.take(&other).unwrap_err().to_string();
    assert!(error.contains("cost: billed, not effective"), "{error}");
    let mut other = sound.clone();
    other.currency = "EUR".parse().unwrap();
    assert!(drawdown.take(&other).unwrap_err().to_string().contains("is in USD and the sums are in EUR"));
    let mut other = sound.clone();
    other.commitment = "another".parse().unwrap();
    assert!(drawdown.take(&other).unwrap_err().to_string().contains("sums are of commitment `another`"));
    let mut other = sound.clone();
    other.through = day("2027-06-30");
    assert!(drawdown.take(&other).unwrap_err().to_string().contains("2027-07-10 does not lie within"));
    assert_eq!(drawdown, before);
    // 24 months of four charges and the strange account; the refund joins the sum of the day that it gives back.
    assert_eq!(drawdown.take(&sound).unwrap().len(), 97);
    assert_eq!(drawdown.take(&sound).unwrap(), [], "what comes twice changes nothing");
}

#[test]
fn a_restated_month_posts_its_differences_alone() {
    let commitment = globex();
    let mut lines = charges();
    let mut drawdown = drawdown(&commitment, &lines);
    lines.retain(|line| !(line.dates.charge == day("2027-05-10") && line.product == "product-q"));
    lines.iter_mut().find(|line| line.dates.charge == day("2027-05-10") && line.product == "compute").unwrap().amount =
        amount("110000.20");
    let in_may = lines.iter().filter(|line| line.dates.charge.first_of_month() == day("2027-05-01"));
    let mut may = batch(&commitment, daily_sums(&commitment, &shipped(), day("2030-12-31"), in_may).unwrap());
    (may.from, may.through) = (day("2027-05-01"), day("2027-05-31"));
    let differences = drawdown.take(&may).unwrap();
    let told: Vec<String> = differences
        .iter()
        .map(|difference| format!("{} {} {}", difference.key.product, difference.before, difference.after))
        .collect();
    assert_eq!(told, ["compute 110000.1 110000.2", "product-q 5000 0"]);
    assert_eq!(drawdown, super::support::drawdown(&commitment, &lines), "as if it had come so at once");
}
