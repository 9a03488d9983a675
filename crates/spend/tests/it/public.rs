//! Files that others published, where they are at hand: `ENTENTE_FIDELITY_DATA` names their folder.

use std::{fs, path::PathBuf};

use crate::files::{read_all, wanted};

fn data(path: &str) -> Option<Vec<u8>> {
    let folder = PathBuf::from(std::env::var_os("ENTENTE_FIDELITY_DATA")?);
    // The folder may be that of one marketplace.
    folder.join("focus").is_dir().then(|| fs::read(folder.join(path)).unwrap())
}

#[test]
fn of_the_public_sample_every_row_is_counted_or_of_another_cloud() {
    let Some(bytes) = data("focus/focus_1.0_sample_1000.csv") else { return };
    for (cloud, counted) in [("aws", 942), ("microsoft", 51), ("oracle", 7)] {
        let whole = read_all(&bytes, &wanted(cloud)).unwrap();
        assert_eq!((whole.summary.rows, whole.counted(), whole.summary.quarantined), (1_000, counted, 1_000 - counted));
        let reasons: Vec<_> = whole.portions.iter().flat_map(|p| &p.quarantined).map(|q| q.reason.name()).collect();
        assert_eq!(reasons, ["other_cloud"], "{cloud}");
    }
    let aws = read_all(&bytes, &wanted("aws")).unwrap();
    let bought: Vec<String> = aws.classes().into_iter().filter(|class| class.contains("Marketplace")).collect();
    assert_eq!(bought.len(), 1);
    assert!(bought[0].contains("Red Hat OpenShift Service on AWS"), "{bought:?}");
}

#[test]
fn microsofts_own_examples_are_read() {
    let (Some(lots), Some(events)) =
        (data("azure/macc/lots-list-filtered.json"), data("azure/macc/events-list-billing-profile.json"))
    else {
        return;
    };
    assert_eq!(read_all(&lots, &wanted("microsoft")).unwrap().summary.lots.len(), 1);
    let events = read_all(&events, &wanted("microsoft")).unwrap();
    // They are events of credits: nothing of them was drawn down from a commitment.
    assert_eq!((events.counted(), events.summary.quarantined), (0, events.summary.rows));
}
