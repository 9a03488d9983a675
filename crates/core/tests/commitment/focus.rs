//! What is written as FOCUS reads back to what it was made of, and what is applied adds up to what is eligible.

use std::collections::BTreeMap;

use entente_core::commitment::{
    Amount, Band, Commitment, DailySums, Part, Partition, Percent, SumKey, Weight,
    drawdown::{Drawdown, Figures, Share},
    focus::{
        Edition, FocusError, MANDATORY, Snapshot, USAGE_COLUMNS, allocate, applied_costs, contract_commitments,
        cost_and_usage, cost_and_usage_preview, read_contract_commitments, read_cost_and_usage,
    },
};
use jiff::civil::Date;
use proptest::prelude::*;

use super::{
    golden::charges,
    support::{GLOBEX, amount, batch, commitment, day, drawdown, globex},
};

/// Three periods by two versions, of which the later one has all that a contract can have.
const AMENDED: &str = include_str!("amended.yaml");

fn snapshot(on: &str) -> Snapshot<'static> {
    Snapshot { day: day(on), known_on: day("2030-12-31"), figures: None }
}

fn written(commitment: &Commitment, on: &str, edition: Edition) -> String {
    contract_commitments(commitment, &snapshot(on), edition).unwrap()
}

fn column(text: &str, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let place = reader.headers().unwrap().iter().position(|header| header == name).unwrap();
    reader.records().map(|row| row.unwrap()[place].to_owned()).collect()
}

#[test]
fn a_commitment_reads_back_from_its_dataset() {
    for text in [GLOBEX, AMENDED] {
        let commitment = commitment(text);
        for edition in [Edition::V1_3, Edition::V1_4Preview] {
            let written = written(&commitment, "2027-06-30", edition);
            assert_eq!(read_contract_commitments(&written).unwrap(), std::slice::from_ref(&commitment), "{written}");
        }
    }
}

#[test]
fn several_commitments_read_back_from_one_file() {
    let (one, other) = (globex(), commitment(AMENDED));
    let second = written(&other, "2027-06-30", Edition::V1_3);
    let both = written(&one, "2027-06-30", Edition::V1_3) + second.split_once('\n').unwrap().1;
    assert_eq!(read_contract_commitments(&both).unwrap(), [one, other]);
}

#[test]
fn the_mandatory_columns_come_first_and_days_are_instants_of_the_contracts_zone() {
    let text = written(&globex(), "2027-06-30", Edition::V1_3);
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    assert_eq!(header[..MANDATORY.len()], MANDATORY);
    assert!(
        header[MANDATORY.len()..].iter().all(|name| name.starts_with("x_")),
        "1.3 has no other columns: {header:?}"
    );
    assert_eq!(column(&text, "ContractCommitmentCost"), ["1200000", "1700000", "2100000"]);
    assert_eq!(column(&text, "ContractCommitmentPeriodStart")[1], "2027-01-01T08:00:00Z");
    assert_eq!(column(&text, "ContractCommitmentPeriodEnd")[1], "2028-01-01T08:00:00Z", "exclusive");
    assert_eq!(column(&text, "ContractPeriodEnd"), vec!["2029-01-01T08:00:00Z"; 3]);
    assert_eq!(column(&text, "ContractCommitmentUnit"), vec![""; 3], "no unit without a quantity");
}

#[test]
fn the_preview_tells_where_each_row_stands_and_ids_are_unique() {
    let amended = commitment(AMENDED);
    let text = written(&amended, "2027-06-30", Edition::V1_4Preview);
    let status = column(&text, "ContractCommitmentLifecycleStatus");
    assert_eq!(status, ["Superseded", "Superseded", "Superseded", "Expired", "Active", "Pending"]);
    let ids = column(&text, "ContractCommitmentId");
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), 6, "{ids:?}");
    assert_eq!(ids[4], "initech-2026:2027-01-01", "the id of what is in force stays when terms are amended");
    let before = column(&written(&amended, "2026-03-01", Edition::V1_4Preview), "ContractCommitmentLifecycleStatus");
    assert_eq!(before, ["Active", "Pending", "Pending", "Pending", "Pending", "Pending"]);
}

#[test]
fn a_period_that_is_used_up_is_exhausted() {
    let commitment = globex();
    let figures = drawdown(&commitment, &charges()).figures(&commitment, day("2026-12-31"), day("2030-12-31")).unwrap();
    let snapshot = Snapshot { figures: Some(&figures), ..snapshot("2026-12-31") };
    let text = contract_commitments(&commitment, &snapshot, Edition::V1_4Preview).unwrap();
    assert_eq!(column(&text, "ContractCommitmentLifecycleStatus"), ["Exhausted", "Pending", "Pending"]);
}

#[test]
fn a_dataset_that_says_something_else_is_refused_with_its_place() {
    let text = written(&globex(), "2027-06-30", Edition::V1_3);
    let refused =
        |from: &str, to: &str| read_contract_commitments(&text.replacen(from, to, 1)).unwrap_err().to_string();
    assert!(refused("ContractCommitmentCost", "Cost").contains("lacks the columns ContractCommitmentCost"));
    assert!(
        refused("2027-01-01T08:00:00Z,,", "2027-01-01T09:00:00Z,,").contains("row 2, `ContractCommitmentPeriodStart`")
    );
    assert!(refused(",1700000,", ",much,").contains("`much` is not an amount"));
    assert!(refused("EDP-77", "EDP-78").contains("row 2 tells another `ContractId` of `globex-2026`"));
    assert!(refused(",1700000,", ",-5,").contains("is not positive"), "what a commitment's own file may not say");
}

fn figures(commitment: &Commitment, drawdown: &Drawdown, on: &str) -> Figures {
    drawdown.figures(commitment, day(on), day("2030-12-31")).unwrap()
}

/// What a file applies in all, at both ends.
fn applied(text: &str) -> Band {
    column(text, "ContractApplied").iter().flat_map(|cell| applied_costs(cell).unwrap()).fold(
        Band::ZERO,
        |sum, cost| {
            let least = cost.cost.unwrap();
            sum.plus(Band { least, most: cost.most.unwrap_or(least) }).unwrap()
        },
    )
}

#[test]
fn what_is_applied_adds_up_to_what_is_eligible_on_every_day_of_the_golden_sheet() {
    let commitment = globex();
    let drawdown = drawdown(&commitment, &charges());
    for on in ["2026-01-31", "2026-03-31", "2026-12-31", "2027-06-30", "2027-12-31"] {
        let text = cost_and_usage(&commitment, &drawdown, day(on), day("2030-12-31"), Default::default()).unwrap();
        assert_eq!(applied(&text), figures(&commitment, &drawdown, on).eligible, "{on}");
    }
}

#[test]
fn daily_sums_read_back_and_every_row_has_every_column() {
    let commitment = globex();
    let drawdown = drawdown(&commitment, &charges());
    let text =
        cost_and_usage(&commitment, &drawdown, day("2030-12-31"), day("2030-12-31"), Default::default()).unwrap();
    assert_eq!(text.lines().next().unwrap(), USAGE_COLUMNS.join(","));
    assert_eq!(read_cost_and_usage(&text, &commitment).unwrap(), *drawdown.partitions());
    let other = commitment_with_id("another");
    assert!(matches!(read_cost_and_usage(&text, &other), Err(FocusError::Other { .. })));
}

#[test]
fn the_preview_names_the_commitment_where_a_sum_surely_counts_and_reads_back() {
    let write = |commitment: &Commitment| {
        let drawdown = drawdown(commitment, &charges());
        let known_on = day("2030-12-31");
        let text = cost_and_usage_preview(commitment, &drawdown, known_on, known_on, Default::default()).unwrap();
        assert_eq!(read_cost_and_usage(&text, commitment).unwrap(), *drawdown.partitions());
        text
    };
    let text = write(&globex());
    let heading: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    assert!(!heading.contains(&"ProviderName") && !heading.contains(&"PublisherName"));
    assert_eq!(heading.len(), USAGE_COLUMNS.len() - 1);
    let programs = column(&text, "CommitmentProgramEligibilityDetails");
    let counts = column(&text, "x_CountsLeast");
    let named = |own: &str| format!(r#"{{"CommitmentPrograms":[{{"ProgramType":"{own}"}}]}}"#);
    for (programs, least) in programs.iter().zip(&counts) {
        let expected = if least == "0" { String::new() } else { named("Committed spend") };
        assert_eq!(*programs, expected, "{least}");
    }
    assert!(counts.iter().any(|least| least == "0") && counts.iter().any(|least| least != "0"));
    let called = commitment(&GLOBEX.replace("versions:\n", "programs: [EDP]\nversions:\n"));
    assert!(column(&write(&called), "CommitmentProgramEligibilityDetails").contains(&named("EDP")));
}

fn commitment_with_id(id: &str) -> Commitment {
    commitment(&GLOBEX.replace("globex-2026", id))
}

#[test]
fn contract_applied_is_read_in_every_way_it_is_written() {
    let costs = |text: &str| applied_costs(text).unwrap();
    let wrapped = r#"{"ContractApplied":[{"ContractCommitmentID":"cc-1","ContractCommitmentAppliedCost":1250.40,"ContractCommitmentAppliedQuantity":null,"ContractCommitmentAppliedUnit":null}]}"#;
    let bare = r#"[{"ContractCommitmentId":"cc-1","ContractCommitmentAppliedCost":"1250.40","x_ContractCommitmentCostBalance":-2.9e3}]"#;
    for text in [wrapped, bare] {
        let [cost] = &costs(text)[..] else { panic!("one: {text}") };
        assert_eq!((cost.commitment.as_str(), cost.cost), ("cc-1", Some(amount("1250.40"))));
    }
    let exact = r#"[{"ContractCommitmentID":"a \"1\" -2","ContractCommitmentAppliedCost":123456789012.123456789012}]"#;
    assert_eq!(costs(exact)[0].cost, Some(amount("123456789012.123456789012")), "no binary fraction on the way");
    assert_eq!(costs(exact)[0].commitment, "a \"1\" -2");
    let usage = r#"[{"ContractCommitmentID":"cc-2","ContractCommitmentAppliedCost":null,"ContractCommitmentAppliedQuantity":10}]"#;
    assert_eq!(costs(usage)[0].cost, None);
    assert_eq!(costs(""), []);
    assert!(applied_costs("{}").is_err() && applied_costs("12").is_err());
}

/// A sum: days after 2026-01-01, millionths, percent that counts at least and at most, on the marketplace, which partition.
type Sum = (u16, i64, u8, u8, bool, u8);

fn taken(commitment: &Commitment, sums: &[Sum]) -> Drawdown {
    let percent = |n: u8| n.to_string().parse::<Percent>().unwrap();
    let mut partitions: BTreeMap<u8, BTreeMap<SumKey, Amount>> = BTreeMap::new();
    for (after, millionths, one, other, bought, partition) in sums {
        let key = SumKey {
            day: day("2026-01-01").checked_add(jiff::Span::new().days(i64::from(*after))).unwrap(),
            account: format!("a-{}", after % 2),
            product: "p, \"quoted\"".into(),
            part: if *bought { Part::Marketplace } else { Part::Cloud },
            reason: "own-1".parse().unwrap(),
            weight: Weight { least: percent(*one.min(other)), most: percent(*one.max(other)) },
        };
        let millionths = Amount::new(rust_decimal::Decimal::new(*millionths, 6)).unwrap();
        partitions.entry(*partition).or_default().insert(key, millionths);
    }
    let mut drawdown = Drawdown::new(commitment);
    for (name, sums) in partitions {
        let sums = sums.into_iter().filter(|(_, amount)| !amount.is_zero()).collect();
        let partition = Partition(format!("file {name}"));
        drawdown.take(&DailySums { partition, ..batch(commitment, sums) }).unwrap();
    }
    drawdown
}

fn sums() -> impl Strategy<Value = Vec<Sum>> {
    let amount = prop_oneof![4 => 0_i64..300_000_000_000, 1 => -100_000_000_000_i64..0];
    // Few days and weights, so that partitions share keys.
    let weight = || prop_oneof![Just(0_u8), Just(50), Just(100)];
    prop::collection::vec((0u16..1_200, amount, weight(), weight(), any::<bool>(), 0u8..3), 0..60)
}

fn shares(commitment: &Commitment, drawdown: &Drawdown, on: Date, share: Share) -> (Band, Band) {
    let known_on = day("2030-12-31");
    let figures = drawdown.figures_within(commitment, on, known_on, (share, share)).unwrap();
    let allocated = allocate(commitment, drawdown, on, known_on, (share, share)).unwrap();
    let all = allocated.iter().fold((Amount::ZERO, Amount::ZERO), |(least, most), row| {
        (least.plus(row.counts.least).unwrap(), most.plus(row.counts.most).unwrap())
    });
    (Band::between(all.0, all.1), figures.eligible)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_was_spent_what_is_applied_adds_up_and_reads_back(
        sums in sums(), after in 0_i64..1_200, cap in prop_oneof![Just("none"), Just("unknown"), Just("5 to 20"), Just("10")],
    ) {
        let commitment = commitment(&GLOBEX.replace("cap: \"25\"", &format!("cap: \"{cap}\"")));
        let drawdown = taken(&commitment, &sums);
        let on = day("2026-01-01").checked_add(jiff::Span::new().days(after)).unwrap();
        let known_on = day("2030-12-31");
        let text = cost_and_usage(&commitment, &drawdown, on, known_on, Default::default()).unwrap();
        let eligible = drawdown.figures(&commitment, on, known_on).unwrap().eligible;
        let applied = applied(&text);
        prop_assert_eq!(Band::between(applied.least, applied.most), eligible);
        let all = cost_and_usage(&commitment, &drawdown, day("2035-12-31"), known_on, Default::default()).unwrap();
        let read = read_cost_and_usage(&all, &commitment).unwrap();
        let there: BTreeMap<_, _> =
            drawdown.partitions().iter().filter(|(_, sums)| !sums.is_empty()).map(|(p, s)| (p.clone(), s.clone())).collect();
        prop_assert_eq!(read, there);
    }

    #[test]
    fn it_adds_up_within_a_sequence_too(sums in sums(), from in 0_i64..600, length in 0_i64..600) {
        let commitment = globex();
        let drawdown = taken(&commitment, &sums);
        let after = |days: i64| day("2026-01-01").checked_add(jiff::Span::new().days(days)).unwrap();
        let share = Share { from: Some(after(from)), through: Some(after(from + length)), ..Share::default() };
        let (applied, eligible) = shares(&commitment, &drawdown, day("2028-12-31"), share);
        prop_assert_eq!(applied, eligible);
    }
}

#[test]
fn of_a_day_that_two_commitments_share_only_its_part_is_applied() {
    use entente_core::commitment::drawdown::Split;
    let commitment = globex();
    let sums =
        [(10, 600_000_000, 100, 100, false, 0), (10, 300_000_001, 100, 100, true, 0), (10, 99_999, 0, 50, false, 1)];
    let drawdown = taken(&commitment, &sums);
    let split = Split { day: day("2026-01-11"), part: amount("301"), whole: amount("900.000001") };
    for share in [
        Share { opening: Some(split), ..Share::default() },
        Share { closing: Some(split), through: Some(split.day), ..Share::default() },
    ] {
        let (applied, eligible) = shares(&commitment, &drawdown, day("2026-12-31"), share);
        assert_eq!(applied, eligible);
        assert!(eligible.least > Amount::ZERO && eligible.most < amount("900"), "only a part: {eligible}");
    }
}
