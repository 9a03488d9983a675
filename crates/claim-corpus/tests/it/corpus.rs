//! What the corpus promises.

use std::collections::BTreeSet;

use entente_claim_corpus::{Class, Corpus, Size};

const SIZE: Size = Size { claims: 3_000, planted: 70, controls: 40 };

#[test]
fn the_same_seed_makes_the_same_corpus_and_another_seed_another() {
    let text = |seed| serde_json::to_string(&Corpus::of(seed, SIZE)).unwrap();
    assert_eq!(text(7), text(7));
    assert_ne!(text(7), text(8));
}

#[test]
fn every_class_is_planted_equally_often_and_the_last_claim_of_a_case_came_last() {
    let corpus = Corpus::of(7, SIZE);
    let at = |id: &String| corpus.claims.iter().position(|claim| claim.id == *id).unwrap();
    for class in Class::ALL {
        assert_eq!(corpus.planted.iter().filter(|case| case.class == class).count(), 10, "{class}");
    }
    for case in &corpus.planted {
        assert!(case.claims.iter().map(at).is_sorted(), "{case:?}");
    }
    assert!(corpus.claims.iter().map(|claim| claim.submitted).is_sorted());
}

#[test]
fn a_claim_belongs_to_one_case_at_most() {
    let corpus = Corpus::of(7, SIZE);
    let cases = corpus.planted.iter().map(|case| &case.claims).chain(corpus.controls.iter().map(|case| &case.claims));
    let ids: Vec<&String> = cases.flatten().collect();
    assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len());
    assert!(ids.iter().all(|id| corpus.claims.iter().any(|claim| claim.id == **id)));
}
