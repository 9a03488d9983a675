//! Reading changes page by page loses none and always advances, also when many happen in one instant.

use std::collections::BTreeSet;

use entente_fake::{Fake, Settings};
use entente_port::{AgreementStatus, Marketplace, Observation};
use jiff::Timestamp;

use crate::bench::{call, create};

async fn world(agreements: usize, page: usize) -> (Fake, Vec<String>) {
    let fake = Fake::open(Settings { page, ..Settings::default() }).unwrap();
    fake.submit(&call(1), &create(1)).await.unwrap();
    let offer = fake.applied()[0].object_id.clone();
    let ids = (0..agreements).map(|_| fake.accept(&offer, "111122223333").unwrap()).collect();
    (fake, ids)
}

#[tokio::test]
async fn row_32_every_change_is_read_once_the_pages_are_followed() {
    for page in [1, 2, 7, 100] {
        let (fake, ids) = world(23, page).await;
        let mut seen = BTreeSet::new();
        let mut from = Timestamp::UNIX_EPOCH;
        for _ in 0..100 {
            let read = fake.agreements_since(from).await.unwrap();
            seen.extend(read.observations.iter().map(|observation| match observation {
                Observation::Agreement(agreement) => agreement.id.clone(),
                other => panic!("{other:?}"),
            }));
            from = read.read_to;
            if !read.more {
                break;
            }
        }
        assert_eq!(seen, ids.into_iter().collect(), "pages of {page}");
    }
}

#[tokio::test]
async fn a_cancelled_agreement_comes_up_again_as_cancelled() {
    let (fake, ids) = world(2, 20).await;
    let read_to = fake.agreements_since(Timestamp::UNIX_EPOCH).await.unwrap().read_to;
    fake.cancel(&ids[0]).unwrap();
    let changed = fake.agreements_since(read_to).await.unwrap().observations;
    let cancelled = changed.iter().any(|observation| {
        matches!(observation, Observation::Agreement(a) if a.id == ids[0] && a.status == AgreementStatus::Cancelled)
    });
    assert!(cancelled, "{changed:?}");
}
