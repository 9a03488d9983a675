//! Exchange rates: as they are published, as a contract uses them, and how far they have moved.

use entente_core::commitment::{
    AmountError, Commitment,
    eligibility::{Sums, daily_sums},
    rates::{Apart, Cited, Conversions, CsvSource, Foreign, Published, Quote, Rates, Source, Used, moves},
};
use jiff::civil::Date;

use super::support::{GLOBEX, amount, commitment, day, shipped, usage};

/// As the European Central Bank publishes its history: the newest day first, a comma at the end, currencies that are gone.
const TABLE: &str =
    "Date,USD,GBP,CYP,\n2026-03-31,1.0800,0.9000,N/A,\n2026-03-30,1.0900,N/A,N/A,\n2026-03-02,1.1000,0.8800,0.5852,\n";

fn source(read: &str) -> Source {
    Source { at: "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip".into(), read: day(read) }
}

fn told() -> CsvSource {
    CsvSource { source: source("2026-04-01"), base: "EUR".parse().unwrap(), only: Vec::new(), since: None }
}

fn table(text: &str) -> Published {
    Published::from_csv("ecb.csv", text, &told()).unwrap().published
}

fn ecb() -> Rates {
    let mut rates = Rates::default();
    rates.take("ecb", &table(TABLE));
    rates
}

fn rate(rates: &Rates, from: &str, to: &str, on: &str) -> Option<(String, String)> {
    let cited = rates.on("ecb", (from.parse().unwrap(), to.parse().unwrap()), day(on))?;
    Some((cited.published.to_string(), cited.rate.to_string()))
}

fn found(on: &str, rate: &str) -> Option<(String, String)> {
    Some((on.to_owned(), rate.to_owned()))
}

/// The contract with conversions.
fn converting(conversions: &str) -> Commitment {
    commitment(&GLOBEX.replace("    glide: ramp\n", &format!("    glide: ramp\n    conversions: {conversions}\n")))
}

fn billed(commitment: &Commitment, charges: &[(&str, &str)]) -> Sums {
    let lines: Vec<_> = charges.iter().map(|(on, sum)| usage(on, sum)).collect();
    daily_sums(commitment, &shipped(), day("2030-12-31"), &lines).unwrap()
}

fn conversions<'a>(commitment: &'a Commitment, rates: &'a Rates, statements: &'a [Date]) -> Conversions<'a> {
    Conversions { commitment, rates, statements, known_on: day("2026-04-01") }
}

fn converted(conversions: &Conversions<'_>, sums: &Sums) -> (Vec<String>, Foreign) {
    let mut foreign = Foreign::default();
    let converted = conversions.convert("EUR".parse().unwrap(), sums, &mut foreign).unwrap();
    (converted.iter().map(|(key, sum)| format!("{} {sum}", key.day)).collect(), foreign)
}

#[test]
fn a_table_is_read_with_its_gaps_and_says_which_currencies_are_gone() {
    let read = Published::from_csv("ecb.csv", TABLE, &told()).unwrap();
    assert_eq!((read.published.rates.len(), read.left_out), (5, vec!["CYP".to_owned()]));
    let only = CsvSource { only: vec!["GBP".parse().unwrap()], since: Some(day("2026-03-30")), ..told() };
    let read = Published::from_csv("ecb.csv", TABLE, &only).unwrap();
    let quotes: Vec<String> =
        read.published.rates.iter().map(|quote| format!("{} {} {}", quote.day, quote.to, quote.rate)).collect();
    assert_eq!(quotes, ["2026-03-31 GBP 0.9"]);
    let daily = table("Date, USD, GBP, \n31 March 2026, 1.0800, 0.9000, \n");
    assert_eq!((daily.rates.len(), daily.rates[0].day), (2, day("2026-03-31")), "the table of one day");
}

#[test]
fn a_table_that_cannot_be_read_is_refused_with_its_line() {
    for (text, says) in [
        (
            "day,USD\n2026-03-31,1.08\n",
            "ecb.csv:1:1: the first column is not `Date`; give the table as it is published, or YAML",
        ),
        ("Date,USD\n31.3.2026,1.08\n", "ecb.csv:2:1: field `Date`: is no day; write it as 2026-11-30"),
        ("Date,USD\n2026-04-02,1.08\n", "ecb.csv:2:1: field `Date`: comes after the day on which the source was read"),
        (
            "Date,USD\n2026-03-31,0\n",
            "ecb.csv:2:1: field `USD`: `0` is not a rate; write a positive decimal number of at most 12 decimals such as `1.0857`",
        ),
        ("Date,USD\n2026-03-31,N/A\n", "ecb.csv:1:1: no rate is left of it; name other days or currencies"),
        (
            "Date,USD\n2026-03-31,1.08\n2026-03-31,1.09\n",
            "ecb.csv:1:1: field `Date`: a day stands there twice with different rates",
        ),
    ] {
        assert_eq!(Published::from_csv("ecb.csv", text, &told()).unwrap_err().to_string(), says);
    }
    assert_eq!("1e3".parse::<entente_core::commitment::rates::Rate>(), Err(AmountError::NotARate("1e3".into())));
}

#[test]
fn rates_that_a_person_wrote_name_their_source() {
    let text = "source: { at: the desk's daily mail, read: 2026-03-31 }\n\
                rates: [{ day: 2026-03-31, from: EUR, to: USD, rate: \"1.08\" }]\n";
    let quote = Quote {
        day: day("2026-03-31"),
        from: "EUR".parse().unwrap(),
        to: "USD".parse().unwrap(),
        rate: "1.08".parse().unwrap(),
    };
    assert_eq!(Published::from_yaml("own.yaml", text).unwrap().rates, [quote]);
    for (from, to, says) in [
        ("to: USD", "to: EUR", "is the same currency"),
        ("day: 2026-03-31", "day: 2026-04-01", "comes after the day on which the source was read"),
        ("at: the desk's daily mail", "at: ''", "is empty; write where the rates were read"),
        ("\"1.08\"", "\"-1\"", "is not a rate"),
    ] {
        let refused = Published::from_yaml("own.yaml", &text.replace(from, to)).unwrap_err().to_string();
        assert!(refused.contains(says), "{refused}");
    }
}

#[test]
fn the_rate_of_a_day_is_its_own_or_the_last_one_of_the_week_before() {
    let rates = ecb();
    assert_eq!(rate(&rates, "EUR", "USD", "2026-03-31"), found("2026-03-31", "1.08"));
    assert_eq!(rate(&rates, "EUR", "USD", "2026-04-07"), found("2026-03-31", "1.08"));
    assert_eq!(rate(&rates, "EUR", "USD", "2026-04-08"), None, "a rate of more than a week ago is none");
    assert_eq!(rate(&rates, "EUR", "USD", "2026-03-01"), None);
    assert_eq!(rate(&rates, "EUR", "GBP", "2026-03-30"), None, "N/A says nothing, and the one before is too old");
    // 1 / 1.08, and 1.08 / 0.9: to twelve decimals, half to even.
    assert_eq!(rate(&rates, "USD", "EUR", "2026-03-31"), found("2026-03-31", "0.925925925926"));
    assert_eq!(rate(&rates, "GBP", "USD", "2026-03-31"), found("2026-03-31", "1.2"));
}

#[test]
fn what_comes_later_corrects_what_came_before_and_only_that_is_news() {
    let mut rates = ecb();
    let mut corrected = table(&TABLE.replace("1.0800", "1.0850"));
    corrected.rates = rates.news("ecb", corrected.rates);
    assert_eq!(corrected.rates.len(), 1);
    rates.take("ecb", &corrected);
    assert_eq!(rate(&rates, "EUR", "USD", "2026-03-31"), found("2026-03-31", "1.085"));
    assert_eq!(rate(&rates, "EUR", "USD", "2026-03-30"), found("2026-03-30", "1.09"));
    assert_eq!(rates.news("ecb", table(TABLE).rates).len(), 1);
    assert_eq!(rates.news("other", table(TABLE).rates).len(), 5, "each name stands for itself");
}

#[test]
fn spend_is_converted_by_the_rate_of_the_day_that_the_contract_names() {
    let (rates, stated) = (ecb(), [day("2026-03-02")]);
    let charges = [("2026-03-03", "10"), ("2026-03-30", "100.01")];
    for (rule, comes_to) in [
        ("[{ from: EUR, rate: \"1.25\" }]", ["2026-03-03 12.5", "2026-03-30 125.0125"]),
        ("[{ from: EUR, rates: ecb, day: charge }]", ["2026-03-03 11", "2026-03-30 109.0109"]),
        ("[{ from: EUR, rates: ecb, day: month_end }]", ["2026-03-03 10.8", "2026-03-30 108.0108"]),
        ("[{ from: EUR, rates: ecb, day: statement }]", ["2026-03-03 11", "2026-03-30 110.011"]),
    ] {
        let commitment = converting(rule);
        let (told, foreign) = converted(&conversions(&commitment, &rates, &stated), &billed(&commitment, &charges));
        assert_eq!(told, comes_to, "{rule}");
        assert_eq!(foreign.waiting(Date::MAX).unwrap(), []);
    }
}

#[test]
fn what_was_converted_is_told_rate_by_rate_with_its_source() {
    let (rates, commitment) = (ecb(), converting("[{ from: EUR, rates: ecb, day: charge }]"));
    let sums = billed(&commitment, &[("2026-03-03", "10"), ("2026-03-04", "20"), ("2026-03-30", "100")]);
    let (_, foreign) = converted(&conversions(&commitment, &rates, &[]), &sums);
    let steps = foreign.steps(day("2026-03-29")).unwrap();
    let Source { at, read } = source("2026-04-01");
    let (rates, published, rate) = ("ecb".to_owned(), day("2026-03-02"), "1.1".parse().unwrap());
    let [step] = steps.as_slice() else { panic!("one rate to that day: {steps:?}") };
    assert_eq!(step.rate, Used::Published(Cited { rates, published, rate, at, read }));
    assert_eq!((step.billed, step.amount), (amount("30"), amount("33")));
    assert_eq!((step.from, step.through), (day("2026-03-03"), day("2026-03-04")));
    assert_eq!(foreign.steps(Date::MAX).unwrap().len(), 2);
}

#[test]
fn what_has_no_rule_or_no_rate_stays_apart() {
    let rates = ecb();
    let apart = |rule: &str, stated: &[Date]| {
        let commitment = converting(rule);
        let sums = billed(&commitment, &[("2026-02-10", "10"), ("2026-02-11", "0.5")]);
        let (told, foreign) = converted(&conversions(&commitment, &rates, stated), &sums);
        assert!(told.is_empty() && foreign.steps(Date::MAX).unwrap().is_empty(), "{rule}");
        let waiting = foreign.waiting(Date::MAX).unwrap();
        let [one] = waiting.as_slice() else { panic!("for one reason: {waiting:?}") };
        assert_eq!((one.billed, one.from, one.through), (amount("10.5"), day("2026-02-10"), day("2026-02-11")));
        one.why.clone()
    };
    assert_eq!(apart("[]", &[]), Apart::NoRule);
    assert_eq!(apart("[{ from: GBP, rate: \"1.2\" }]", &[]), Apart::NoRule);
    assert_eq!(apart("[{ from: EUR, rates: ecb, day: charge }]", &[]), Apart::NoRate("ecb".into()));
    assert_eq!(apart("[{ from: EUR, rates: desk, day: charge }]", &[]), Apart::NoRate("desk".into()));
    assert_eq!(apart("[{ from: EUR, rates: ecb, day: statement }]", &[day("2026-02-12")]), Apart::NoStatement);
}

#[test]
fn the_last_rate_of_a_month_is_known_once_the_month_is_over() {
    let (rates, commitment) = (ecb(), converting("[{ from: EUR, rates: ecb, day: month_end }]"));
    let known = |on: &str| Conversions { known_on: day(on), ..conversions(&commitment, &rates, &[]) };
    let eur = "EUR".parse().unwrap();
    assert_eq!(known("2026-03-30").rate(eur, day("2026-03-05")), Err(Apart::NoRate("ecb".into())));
    assert_eq!(known("2026-03-31").rate(eur, day("2026-03-05")).unwrap().rate().to_string(), "1.08");
}

#[test]
fn a_move_is_told_from_the_contracts_reference_else_from_the_last_statement_else_from_the_terms_first_day() {
    let mut rates = ecb();
    rates.take("ecb", &table("Date,USD\n2026-01-01,1.2\n"));
    let moved = |rule: &str, stated: &[Date]| {
        let commitment = converting(rule);
        let moved = moves(&conversions(&commitment, &rates, stated), day("2026-03-31"));
        moved.iter().map(|fx| format!("{} {} {}", fx.currency, fx.since, fx.moved)).collect::<Vec<_>>()
    };
    let published = "[{ from: EUR, rates: ecb, day: charge }]";
    assert_eq!(moved(published, &[]), ["EUR 2026-01-01 -0.1"]);
    // 1.08 / 1.1 - 1; a statement of a later day says nothing of this one.
    assert_eq!(moved(published, &[day("2026-03-02"), day("2026-04-01")]), ["EUR 2026-03-02 -0.018182"]);
    let referring = "[{ from: EUR, rates: ecb, day: charge, reference: \"1\" }]";
    assert_eq!(moved(referring, &[day("2026-03-02")]), ["EUR 2026-01-01 0.08"]);
    let commitment = converting(referring);
    assert_eq!(moves(&conversions(&commitment, &rates, &[]), day("2026-03-31"))[0].percent().to_string(), "8");
    assert_eq!(moved("[{ from: EUR, rate: \"1.08\", rates: ecb }]", &[]), ["EUR 2026-01-01 0"]);
    assert_eq!(moved("[{ from: EUR, rate: \"1.08\" }]", &[]), Vec::<String>::new(), "nothing is watched");
}

#[test]
fn a_conversion_that_says_too_little_or_too_much_is_refused_with_its_field() {
    for (rule, says) in [
        ("[{ from: USD, rate: \"1\" }]", "field `/versions/0/conversions/0/from`: is the commitment's own currency"),
        (
            "[{ from: EUR, rate: \"1\" }, { from: EUR, rate: \"2\" }]",
            "`/versions/0/conversions/1/from`: is converted twice",
        ),
        ("[{ from: EUR }]", "says no rate"),
        ("[{ from: EUR, rates: ecb }]", "says no rate"),
        ("[{ from: EUR, rate: \"1\", day: charge }]", "has a fixed `rate` and a `day`"),
        ("[{ from: EUR, rate: \"-1\" }]", "is not a rate"),
    ] {
        let text = GLOBEX.replace("    glide: ramp\n", &format!("    glide: ramp\n    conversions: {rule}\n"));
        let refused = Commitment::from_yaml("c.yaml", &text).unwrap_err().to_string();
        assert!(refused.contains(says), "{rule}: {refused}");
    }
}
