//! Row 43: no space left. Writes are refused, nothing is half written, reading goes on, and work resumes with the space.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use entente_core::scope::Scope;
use entente_store::{Batch, Error, Member, MemberOutcome, conformance::fixture::World};
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};

use crate::{
    child::{prepare, tell},
    folder,
};

/// In a mount namespace of its own the child gets a file system of 8 MB. Where the kernel does not allow that, a limit
/// on the size of files makes the same writes fail, and only the return of the space is left untested.
#[test]
fn row_43_a_full_disk_refuses_writes_keeps_reads_and_resumes() {
    let folder = folder();
    let mount = folder.path().join("small");
    std::fs::create_dir(&mount).expect("a folder");
    let namespace = ["--user", "--map-root-user", "--mount"];
    let may_mount = Command::new("unshare")
        .args(namespace)
        .args(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs"])
        .arg(&mount)
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let mut command = if may_mount {
        let mut command = Command::new("unshare");
        command.args(namespace).args(["sh", "-c", r#"mount -t tmpfs -o size=8m tmpfs "$0" && exec "$@""#]).arg(&mount);
        command
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", r#"trap '' XFSZ; ulimit -f 8000; exec "$@""#, "sh"]);
        command
    };
    command.arg(std::env::current_exe().expect("this binary"));
    prepare(&mut command, "fill", &mount.join("entente.db"));
    let output = command.stderr(Stdio::piped()).output().expect("the child runs");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("refused, read on"), "{told}");
    assert!(!may_mount || told.contains("resumed"), "{told}");
}

/// The child's task.
pub async fn fill(path: &Path) {
    let ballast = path.with_file_name("ballast");
    std::fs::write(&ballast, vec![7; 2 << 20]).expect("room for the ballast");
    let store = SqliteStore::open(path, OpenOptions::default()).await.expect("the store opens");
    let world = World::new(Arc::new(store)).await;
    let (mut stored, mut n) = (Vec::new(), 0);
    let refused = loop {
        let members = heavy(&world, n);
        n += 1;
        match world.store.commit(Arc::new(Batch { appends: Vec::new(), members: members.clone() })).await {
            Ok(outcome) => {
                assert!(outcome.members.iter().all(|outcome| matches!(outcome, MemberOutcome::Committed { .. })));
                stored.extend(members);
            }
            Err(error) => break (error, members),
        }
        assert!(n < 1000, "the disk never fills");
    };
    let (error, lost) = refused;
    assert!(matches!(error, Error::ReadOnly { .. }), "{error:?}");
    let again = world.store.commit(Arc::new(Batch { appends: Vec::new(), members: lost.clone() })).await;
    assert!(matches!(again, Err(Error::ReadOnly { .. })), "{again:?}");
    for member in &stored {
        assert!(world.store.run(&Scope::vendor(), member.snapshot.run).await.expect("reading goes on").is_some());
    }
    for member in &lost {
        assert!(world.store.run(&Scope::vendor(), member.snapshot.run).await.expect("reading goes on").is_none());
    }
    tell("refused, read on");
    std::fs::remove_file(&ballast).expect("space comes back");
    let resumed = world.store.commit(Arc::new(Batch { appends: Vec::new(), members: lost })).await;
    if resumed.is_ok() {
        assert_eq!(world.store.integrity().await.expect("a check"), Vec::<String>::new());
        tell("resumed");
    }
    let beside = SqliteStore::open(path, OpenOptions::new(Mode::ReadOnly)).await.expect("it still opens");
    assert_eq!(entente_store::Audit::integrity(&beside).await.expect("a check"), Vec::<String>::new());
}

/// Steps of 20 kB each.
fn heavy(world: &World, n: usize) -> Vec<Member> {
    (0..8)
        .map(|at| {
            let mut member = world.first(&format!("R{n}-{at}"));
            member.record = "x".repeat(20_000);
            member
        })
        .collect()
}
