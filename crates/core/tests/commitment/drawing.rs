//! Pictures: what they show stands in them in words, texts are escaped, and nothing lies outside the frame.

use entente_core::commitment::{
    Amount, Band,
    drawing::{Bar, BurnDown, Caption, Step, bars, burn_down, waterfall},
    forecast::{Ending, Point},
};
use jiff::civil::Date;

use super::support::{amount, day};

const HOSTILE: &str = "Globex <script>alert(\"1\")</script> & 'sons'\u{1}\u{fffe}\u{ffff}";

fn titled(title: &str) -> Caption<'_> {
    Caption { title, foot: &[], id: "two" }
}

fn sound(svg: &str) {
    assert!(!svg.contains("<script") && !svg.contains("style="), "{svg}");
    assert!(svg.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;sons&#39;"), "{svg}");
    assert!(!svg.contains(['\u{1}', '\u{fffe}', '\u{ffff}']), "no character that XML has not: {svg}");
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    let opened = svg.matches('<').count() - svg.matches("</").count() - svg.matches("/>").count();
    assert_eq!(opened, svg.matches("</").count(), "every element is closed");
    let words = svg.split(['"', ' ', ',']).filter_map(|word| word.parse::<i64>().ok());
    assert!(words.filter(|number| number.abs() < 10_000).all(|number| (0..=720).contains(&number)), "{svg}");
}

fn ending(mid: &str) -> Ending {
    let (low, high) = (amount("650"), amount("1100"));
    Ending { low_80: low, low_50: low, mid: amount(mid), high_50: high, high_80: high }
}

fn drawn(mid: &str) -> String {
    let reached: Vec<(Date, Amount)> =
        [("2027-01-31", "100"), ("2027-06-30", "400")].map(|(on, sum)| (day(on), amount(sum))).into();
    let glide = [(day("2027-01-01"), Amount::ZERO), (day("2027-12-31"), amount("1000"))];
    let path = [Point { day: day("2027-12-31"), reached: ending(mid) }];
    let picture = BurnDown {
        caption: Caption { title: HOSTILE, foot: &["basis: cost billed".to_owned()], id: "one" },
        from: day("2027-01-01"),
        through: day("2027-12-31"),
        due: amount("1000"),
        reached: &reached,
        glide: &glide,
        path: &path,
        most: None,
        unknown: &[],
        currency: "USD".parse().unwrap(),
    };
    burn_down(&picture).unwrap()
}

#[test]
fn a_burn_down_shows_glide_path_fan_and_shortfall() {
    let svg = drawn("800.50");
    sound(&svg);
    for class in ["glide", "reached", "mid", "fan-80", "fan-50", "bracket"] {
        assert_eq!(svg.matches(&format!("class=\"{class}\"")).count(), 1, "{class}");
    }
    assert!(
        svg.contains(
            "USD 600.00 left on 2027-06-30; on 2027-12-31 USD 199.50 will be left, between USD 0.00 and USD 350.00"
        ),
        "{svg}"
    );
    assert!(svg.contains("short by USD 199.50"));
    assert!(svg.contains(">basis: cost billed</text>") && svg.contains("; basis: cost billed</desc>"), "{svg}");
    assert!(!drawn("1000").contains("shortfall"), "nothing lacks");
}

#[test]
fn names_that_would_run_into_each_other_are_shortened_or_left_out() {
    let usd = "USD".parse().unwrap();
    let months: Vec<Bar> = (0..36)
        .map(|n| Bar {
            label: format!("{}-{:02}", 2026 + n / 12, n % 12 + 1),
            counted: Some(Band::exactly(amount("90000"))),
            target: amount("100000"),
        })
        .collect();
    let svg = bars(titled("Months"), &months, usd);
    assert_eq!(svg.matches("class=\"bar\"").count(), 36);
    let named = svg.matches(">2026-").count() + svg.matches(">2027-").count() + svg.matches(">2028-").count();
    assert_eq!(named - 36, 9, "each bar's title, and every fourth name");
    let step = |label: &str, sum| Step { label: label.into(), amount: amount(sum), at_most: amount(sum) };
    let steps = [step("counts for another commitment", "120.25"), step("over the cap", "30")];
    let steps: Vec<Step> = steps.iter().cycle().take(8).cloned().collect();
    let svg = waterfall(titled("Waterfall"), amount("1234567.89"), &steps, usd).unwrap();
    assert!(
        svg.contains(">counts for anoth") && svg.contains("…</text>") && svg.contains(">over the cap</text>"),
        "{svg}"
    );
    assert!(svg.contains(">1,234,568</text>"), "an amount is rounded and whole, or not there");
    assert!(svg.contains("<title>counts for another commitment: USD 120.25</title>"), "the whole name is in the title");
}

#[test]
fn bars_count_the_months_under_their_target() {
    let bar = |label: &str, counted, target| Bar {
        label: label.into(),
        counted: Some(Band::exactly(amount(counted))),
        target: amount(target),
    };
    let months = [bar("Jan", "90", "100"), bar(HOSTILE, "120.5", "100"), bar("Mar", "-5", "100")];
    let svg = bars(titled("Months"), &months, "USD".parse().unwrap());
    sound(&svg);
    assert!(svg.contains("3 months, 2 of them under their target"));
    assert_eq!(svg.matches("class=\"bar\"").count(), 3);
    assert!(bars(titled("None"), &[], "USD".parse().unwrap()).contains("0 months"));
}

#[test]
fn a_waterfall_ends_with_what_counts() {
    let step = |label: &str, sum| Step { label: label.into(), amount: amount(sum), at_most: amount(sum) };
    let steps = [step(HOSTILE, "120.25"), step("over the cap", "30"), step("a credit", "-10")];
    let svg = waterfall(titled("Waterfall"), amount("1000"), &steps, "USD".parse().unwrap()).unwrap();
    sound(&svg);
    assert!(svg.contains("USD 1,000.00 spent, USD 859.75 of it counts"), "{svg}");
    assert_eq!(svg.matches("class=\"left-out\"").count(), 3);
}

#[test]
fn what_is_not_known_is_drawn_between_its_ends_and_a_month_without_data_is_a_gap() {
    let usd = "USD".parse().unwrap();
    let band = Some(Band { least: amount("50"), most: amount("80") });
    let months = [
        Bar { label: "2027-01".into(), counted: band, target: amount("100") },
        Bar { label: "2027-02".into(), counted: None, target: amount("100") },
    ];
    let svg = bars(titled("Months"), &months, usd);
    assert!(svg.contains("2 months, 1 of them under their target, 1 without data"), "{svg}");
    assert!(svg.contains("<title>2027-01: USD 50.00 to USD 80.00 of USD 100.00</title>"), "{svg}");
    assert!(svg.contains("<title>2027-02: no data, USD 100.00 was expected</title>"), "{svg}");
    let classes = ["bar", "may-be", "gap"].map(|class| svg.matches(&format!("class=\"{class}\"")).count());
    assert_eq!(classes, [1, 1, 1]);

    let steps = [Step { label: "K10".into(), amount: amount("90"), at_most: Amount::ZERO }];
    let svg = waterfall(titled("Waterfall"), amount("1000"), &steps, usd).unwrap();
    assert!(svg.contains("USD 1,000.00 spent, USD 910.00 to USD 1,000.00 of it counts"), "{svg}");
    assert!(svg.contains("<title>K10: USD 0.00 to USD 90.00</title>"), "{svg}");
    assert!(svg.contains("<title>may count: USD 90.00</title>") && svg.contains(">to 1,000</text>"), "{svg}");
}
