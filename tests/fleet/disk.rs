//! The server's disk: full for a while, or not telling what was written to it.

use crate::{
    ground,
    house::{
        House,
        sandbox::Sandbox,
        selling::{connected, label, submitted},
        server::{HANG, Server, stop_all},
    },
};

/// From here on the server says of every step what it says when no space is left.
const FULL: &str = "
CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER disk_is_full BEFORE INSERT ON history FOR EACH STATEMENT EXECUTE FUNCTION no_space();";

const ROOM: &str = "DROP TRIGGER disk_is_full ON history; DROP FUNCTION no_space();";

/// Waits until one of the processes says this.
async fn one_says(processes: &[Server], words: &str) {
    let waiting = async {
        while !processes.iter().any(|process| process.said().contains(words)) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(HANG, waiting).await.unwrap_or_else(|_| panic!("none ever said `{words}`"));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_43_a_server_without_space_is_read_and_everything_goes_on_once_there_is_room() {
    ground::require_server();
    let sandbox = Sandbox::at_rate("20").await;
    let house = connected(&sandbox, "").await;
    let database = house.path("entente.db");
    let run = submitted(&sandbox, &house, "D-1").await;
    let crew = house.crew().await;
    house.until(run, "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;
    ground::sql(&database, FULL).await;
    house.approve(run).await;
    one_says(&crew, "cannot be written").await;
    assert_eq!(house.row(run).await.snapshot.state, "approvals", "reading goes on");
    house.command("ada", &["verify"]).await;
    assert!(sandbox.effects().await.is_empty(), "what cannot be written down first is not sent");
    ground::sql(&database, ROOM).await;
    house.state(run, "published").await;
    stop_all(crew).await;
    assert_eq!(sandbox.applied(&label(&house, run).await).await.len(), 1);
    house.verify().await;
}

/// A house with one published offer that nobody serves.
async fn at_rest(sandbox: &Sandbox) -> (House, String) {
    let house = connected(sandbox, "").await;
    let run = submitted(sandbox, &house, "D-2").await;
    let crew = house.crew().await;
    house.approve(run).await;
    house.state(run, "published").await;
    stop_all(crew).await;
    let label = label(&house, run).await;
    (house, label)
}

#[tokio::test(flavor = "multi_thread")]
async fn row_44_a_byte_of_history_that_the_disk_changed_is_named_by_the_check() {
    ground::require_server();
    let sandbox = Sandbox::at_rate("20").await;
    let (house, label) = at_rest(&sandbox).await;
    let flip = "ALTER TABLE history DISABLE TRIGGER USER;
        UPDATE history SET record = replace(record, 'approvals', 'approvald') WHERE record LIKE '%approvals%';
        ALTER TABLE history ENABLE TRIGGER USER;";
    ground::sql(&house.path("entente.db"), flip).await;
    let found = house.run_command("ada", &["audit", "verify"]).await;
    assert_eq!(found.status.code(), Some(7), "{}", String::from_utf8_lossy(&found.stderr));
    let checked = house.run_command("ada", &["verify"]).await;
    let said = String::from_utf8_lossy(&checked.stdout).into_owned() + &String::from_utf8_lossy(&checked.stderr);
    assert!(!checked.status.success() && said.contains(&label), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn row_44_a_database_whose_runs_do_not_fit_their_histories_is_not_served() {
    ground::require_server();
    let sandbox = Sandbox::at_rate("20").await;
    let (house, label) = at_rest(&sandbox).await;
    let sent = sandbox.asked("StartChangeSet").await;
    ground::sql(&house.path("entente.db"), "UPDATE runs SET head = set_byte(head, 0, get_byte(head, 0) # 1)").await;
    let mut server = house.serve().await;
    let status = server.ended().await;
    assert_eq!(status.code(), Some(1), "{}", server.said());
    assert!(server.said().contains("is damaged") && server.said().contains(&label), "{}", server.said());
    assert_eq!(sandbox.asked("StartChangeSet").await, sent);
}
