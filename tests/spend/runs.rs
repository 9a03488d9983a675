//! Exports that write each run into a folder of its own, as Azure and AWS do.

use std::{fs, path::PathBuf, time::SystemTime};

use entente::spend::{ImportError, SourceError, Sources, come_in_place_of_all, sources};

use crate::desk::{AWS, Desk, days, focus, globex};

/// An Azure export of March, day by day.
const MARCH: &str = "exports/costs/20260301-20260331";

/// A run of Azure, as it is called where its instant is not part of it.
const RUNS: [&str; 2] = ["b7c1f2d0-0a1b-4c2d-8e3f-000000000001", "0a8e6f90-1a2b-4c3d-9e4f-000000000002"];

impl Desk {
    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    async fn found(&self, below: &str) -> Result<Sources, SourceError> {
        sources(self.folder.join(below).to_str().unwrap()).await
    }

    /// Takes in all that a folder holds, as the command does.
    async fn take_all(&self, below: &str) -> Result<Vec<String>, ImportError> {
        let found = self.found(below).await.unwrap();
        come_in_place_of_all(self.store.as_ref(), &globex(), &found.files).await?;
        let mut partitions = Vec::new();
        for source in found.files {
            let local = source.local().await.unwrap();
            self.import(&source.partition, &fs::read_to_string(local.path()).unwrap()).await?;
            partitions.push(source.partition);
        }
        Ok(partitions)
    }
}

fn list(run: &str, parts: &[&str], at: &str) -> String {
    let blobs: Vec<String> = parts.iter().map(|part| format!("{{\"blobName\":\"costs/{run}/{part}\"}}")).collect();
    format!(
        "{{\"blobCount\":{},\"blobs\":[{}],\"runInfo\":{{\"submittedTime\":\"{at}\"}}}}",
        parts.len(),
        blobs.join(",")
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_run_of_an_azure_export_restates_the_earlier_one_whichever_folder_is_named() {
    for (first, second) in [
        (RUNS[0].to_owned(), RUNS[1].to_owned()),
        (format!("202603040100/{}", RUNS[0]), format!("202603130100/{}", RUNS[1])),
    ] {
        let desk = Desk::new().await;
        // The last days have grown since, so that the sums of the two have little in common.
        desk.write(&format!("{MARCH}/{first}/part_0_0001.csv"), &focus([(1, "900", AWS), (2, "300", AWS)]));
        let partitions = desk.take_all("exports").await.unwrap();
        assert_eq!(partitions, ["costs/20260301-20260331/part_0_0001"]);

        let later = focus([(1, "1000", AWS), (2, "1000", AWS), (3, "300", AWS)]);
        let path = desk.write(&format!("{MARCH}/{second}/part_0_0001.csv"), &later);
        fs::File::open(&path).unwrap().set_modified(SystemTime::now() + std::time::Duration::from_secs(9)).unwrap();
        let found = desk.found("exports").await.unwrap();
        assert_eq!((found.files.len(), found.older.len()), (1, 1));
        assert_eq!((found.older[0].of.as_str(), &found.older[0].folder), ("costs/20260301-20260331", &first));
        assert_eq!(desk.take_all("exports").await.unwrap(), partitions);
        assert_eq!(desk.spent(None).await, days(&[(1, "1000"), (2, "1000"), (3, "300")]));

        // Seen from the range, or from the run itself, it is called after the range.
        for below in [MARCH.to_owned(), format!("{MARCH}/{second}")] {
            let found = desk.found(&below).await.unwrap();
            let called: Vec<&str> = found.files.iter().map(|file| file.partition.as_str()).collect();
            assert_eq!(called, ["20260301-20260331/part_0_0001"], "{below}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_a_later_run_has_no_longer_does_not_count_beside_it() {
    for below in ["exports", MARCH] {
        let desk = Desk::new().await;
        let run = |run: usize, part: &str| format!("{MARCH}/{}/{part}", RUNS[run]);
        desk.write(&run(0, "part_0_0001.csv"), &focus([(1, "10", AWS)]));
        desk.write(&run(0, "part_1_0001.csv"), &focus([(2, "20", AWS)]));
        assert_eq!(desk.take_all(below).await.unwrap().len(), 2);
        fs::remove_dir_all(desk.folder.join(MARCH).join(RUNS[0])).unwrap();
        desk.write(&run(1, "part_0_0001.csv"), &focus([(1, "10", AWS), (2, "20", AWS), (3, "1", AWS)]));
        let refused = desk.take_all(below).await.unwrap_err();
        let gone = |partition: &str| partition.ends_with("20260301-20260331/part_1_0001");
        assert!(matches!(&refused, ImportError::PartGone { partition, .. } if gone(partition)), "{refused}");
        assert_eq!(desk.spent(None).await, days(&[(1, "10"), (2, "20")]), "nothing was taken in");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_files_is_no_spend_and_tells_the_newest_run_and_whether_it_is_whole() {
    let desk = Desk::new().await;
    let run = |run: usize, file: &str| format!("{MARCH}/{}/{file}", RUNS[run]);
    let parts = ["part_0_0001.csv", "part_1_0001.csv"];
    // The older run was copied here last.
    desk.write(&run(1, "part_0_0001.csv"), &focus([(1, "10", AWS)]));
    desk.write(&run(1, "manifest.json"), &list(RUNS[1], &parts, "2026-03-05T01:00:00Z"));
    let old = desk.write(&run(0, "part_0_0001.csv"), &focus([(1, "9", AWS)]));
    fs::File::open(&old).unwrap().set_modified(SystemTime::now() + std::time::Duration::from_secs(9)).unwrap();
    desk.write(&run(0, "manifest.json"), &list(RUNS[0], &parts[..1], "2026-03-04T01:00:00Z"));

    let refused = desk.found("exports").await.unwrap_err();
    assert!(
        matches!(&refused, SourceError::PartMissing { part, .. } if part.ends_with("part_1_0001.csv")),
        "{refused}"
    );
    desk.write(&run(1, "part_1_0001.csv"), &focus([(2, "20", AWS)]));
    let found = desk.found("exports").await.unwrap();
    let names: Vec<&str> = found.files.iter().map(|file| file.name.rsplit('/').next().unwrap()).collect();
    assert_eq!((names, found.older[0].folder.as_str()), (parts.to_vec(), RUNS[0]));

    // AWS keeps its lists apart; that of a month whose files are elsewhere lacks nothing.
    let aws = Desk::new().await;
    for (month, files) in [("2026-02", 2), ("2026-03", 1)] {
        let all: Vec<String> =
            (1..=files).map(|file| format!("\"s3://b/e/data/BILLING_PERIOD={month}/e-0000{file}.csv\"")).collect();
        let text = format!("{{\"exportName\":\"e\",\"dataFiles\":[{}]}}", all.join(","));
        aws.write(&format!("e/metadata/BILLING_PERIOD={month}/e-Manifest.json"), &text);
    }
    aws.write("e/data/BILLING_PERIOD=2026-03/e-00001.csv", &focus([(1, "10", AWS)]));
    assert_eq!(aws.found("e").await.unwrap().files.len(), 1);
    aws.write("e/data/BILLING_PERIOD=2026-02/e-00001.csv", &focus([]));
    let refused = aws.found("e").await.unwrap_err();
    assert!(
        matches!(&refused, SourceError::PartMissing { part, .. } if part.ends_with("2026-02/e-00002.csv")),
        "{refused}"
    );
}
