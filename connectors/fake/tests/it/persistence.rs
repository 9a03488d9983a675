//! The world survives its process.

use entente_fake::{Fake, Fault, Settings, StateError};
use entente_port::Marketplace;

use crate::bench::{call, create};

#[tokio::test]
async fn what_was_applied_is_there_after_a_restart_even_if_its_answer_was_lost() {
    let folder = tempfile::tempdir().unwrap();
    let settings = || Settings { state: Some(folder.path().join("fake.json")), ..Settings::default() };
    let first = Fake::open(settings()).unwrap();
    first.inject(Fault::LoseAnswer.once());
    first.submit(&call(1), &create(1)).await.unwrap_err();
    drop(first);

    let second = Fake::open(settings()).unwrap();
    assert_eq!(second.applied_with_token(call(1).token), 1);
    second.submit(&call(1), &create(1)).await.unwrap();
    assert_eq!(second.applied_with_token(call(1).token), 1, "the token is known after the restart");
    assert_eq!(second.find(&call(1).key, &create(1)).await.unwrap().len(), 1);
}

#[test]
fn a_file_that_is_no_world_is_refused_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fake.json");
    std::fs::write(&path, "half a wor").unwrap();
    let refused = Fake::open(Settings { state: Some(path.clone()), ..Settings::default() });
    assert!(matches!(refused, Err(StateError::Malformed { path: named, .. }) if named == path));
}
