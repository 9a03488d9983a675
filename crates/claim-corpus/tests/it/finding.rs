//! Duplicates are found in corpora of seeds that nothing was tuned on. Seeds below 7000 are for tuning.

use std::{env, time::Instant};

use entente_claim_corpus::{Corpus, Size};
use sha2::{Digest, Sha256};

use super::evaluation::Evaluation;

/// What is demanded, in hundredths of a percent.
const RECALL: usize = 9_800;
const PRECISION: usize = 9_000;
const CLEAN_FOUND: usize = 50;
const CLEAN_MONEY_FOUND: i128 = 100;

fn size(claims: usize) -> Size {
    let planted = if claims >= 100_000 { claims / 200 } else { (claims / 80).max(49) };
    Size { claims, planted, controls: planted }
}

fn evaluate(claims: usize, seeds: impl Iterator<Item = u64>) -> Evaluation {
    let mut all = Evaluation::default();
    for seed in seeds {
        let corpus = Corpus::of(seed, size(claims));
        let started = Instant::now();
        let evaluation = Evaluation::of(&corpus);
        let took = started.elapsed();
        let text = serde_json::to_vec(&corpus.claims).unwrap();
        let started = Instant::now();
        let hash = Sha256::digest(&text);
        let anchor = started.elapsed().as_micros().max(1);
        println!("seed {seed} ({:02x}…): as long as hashing the corpus {} times", hash[0], took.as_micros() / anchor);
        println!("{evaluation}");
        all.add(evaluation);
    }
    println!("all seeds together\n{all}");
    for note in all.notes.iter().take(60) {
        println!("{note}");
    }
    all
}

/// Fails when less was found, or more was found wrongly, than is demanded.
fn assert_good(all: &Evaluation) {
    assert_eq!(all.classes.len(), 7, "{all}");
    for (class, tally) in &all.classes {
        // Of few planted cases one may be missed, or it alone would be more than two percent.
        let found = tally.recall() >= RECALL || tally.found + 1 >= tally.planted;
        assert!(found && tally.precision() >= PRECISION, "{class}\n{all}\n{:#?}", all.notes);
    }
    assert!(all.total().recall() >= RECALL && all.total().precision() >= PRECISION, "{all}\n{:#?}", all.notes);
    assert!(10_000 * all.clean_found <= CLEAN_FOUND * all.clean, "{all}\n{:#?}", all.notes);
    assert!(10_000 * all.clean_money_found <= CLEAN_MONEY_FOUND * all.clean_money, "{all}\n{:#?}", all.notes);
}

/// Fails when finding took more work per claim than it may. Only pictures grow with the corpus: one in 4,096 or more of
/// them is looked at for each neighbour of each part, by one comparison of bits.
fn assert_cheap(all: &Evaluation, claims: usize) {
    let per = |sum: usize| sum / all.claims;
    let pictures = claims / 250;
    assert!(per(all.keys) <= 100 && per(all.compared) <= 30 + pictures && per(all.handed_to_rules) <= 30, "{all}");
    assert!(all.most_compared <= 1_000 + 10 * pictures && all.most_handed_to_rules <= 500, "{all}");
}

/// `ENTENTE_DUPLICATES=100000x20` plays so many claims of so many seeds, as `cargo xtask duplicates` does.
#[test]
fn duplicates_are_found_in_twenty_corpora_and_little_else() {
    let asked = env::var("ENTENTE_DUPLICATES").unwrap_or_else(|_| "1500x20".to_owned());
    let (claims, seeds) = asked.split_once('x').unwrap();
    let first = env::var("ENTENTE_DUPLICATES_FIRST").map_or(7_001, |first| first.parse().unwrap());
    let claims = claims.parse().unwrap();
    let all = evaluate(claims, first..first + seeds.parse::<u64>().unwrap());
    assert_good(&all);
    assert_cheap(&all, claims);
}

#[test]
fn duplicates_are_found_in_a_corpus_of_twenty_thousand_claims_with_as_little_work_per_claim() {
    let all = evaluate(20_000, 7_021..7_022);
    assert_good(&all);
    assert_cheap(&all, 20_000);
}
