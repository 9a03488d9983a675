//! A server of a test's own, to be restarted or measured without disturbing others.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

const PROGRAMS: &str = "ENTENTE_TEST_POSTGRES_BIN";

/// A server that ends with this value.
pub struct Server {
    /// The URL of a maintenance database.
    pub url: String,
    programs: PathBuf,
    data: PathBuf,
    _folder: TempDir,
}

impl Server {
    /// A new one. Its socket lies in a folder of its own.
    pub fn start() -> Server {
        let programs = PathBuf::from(std::env::var(PROGRAMS).unwrap_or_else(|_| {
            panic!("{PROGRAMS} names no folder with PostgreSQL's programs: run `cargo xtask test`, or `cargo xtask postgres` in another terminal and the `export` lines that it prints here")
        }));
        let folder = tempfile::Builder::new().prefix("entente-pg-").tempdir().expect("a folder");
        if is_root() {
            let given = Command::new("chown").arg(unprivileged()).arg(folder.path()).status().expect("`chown` starts");
            assert!(given.success(), "the folder is given away");
        }
        let data = folder.path().join("data");
        let initdb = ["--username=entente", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "--pgdata"];
        succeed(run(&programs.join("initdb"), folder.path()).args(initdb).arg(&data));
        let url = format!("postgres://entente@localhost/postgres?host={}", folder.path().display());
        let server = Server { url, programs, data, _folder: folder };
        server.control(&["start"]);
        server
    }

    /// Stops it as a failure would, and starts it again.
    pub fn restart_at_once(&self) {
        self.stop_at_once();
        self.start_again();
    }

    /// Stops it as a failure would.
    pub fn stop_at_once(&self) {
        self.control(&["stop", "-m", "immediate"]);
    }

    /// Starts it once more.
    pub fn start_again(&self) {
        self.control(&["start"]);
    }

    fn control(&self, action: &[&str]) {
        let folder = self._folder.path();
        let options = format!(
            "-k {} -c listen_addresses= -c fsync=off -c max_wal_size=4GB -c checkpoint_timeout=1h",
            folder.display()
        );
        let mut control = run(&self.programs.join("pg_ctl"), folder);
        control.args(action).args(["-w", "-s", "-D"]).arg(&self.data).arg("-l").arg(folder.join("log"));
        succeed(control.args(["-o", &options]));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = run(&self.programs.join("pg_ctl"), self._folder.path());
        // A server that has ended already is as good.
        let _ = stop.args(["stop", "-m", "immediate", "-w", "-s", "-D"]).arg(&self.data).output();
    }
}

/// A command that is not run as root: the server refuses to be.
fn run(program: &Path, folder: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        let (reuid, regid) =
            (format!("--reuid={}", unprivileged()), format!("--regid={}", id(&["-g", unprivileged()])));
        command.args([reuid, regid, "--clear-groups".to_owned()]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir(folder);
    command
}

fn is_root() -> bool {
    id(&["-u"]) == "0"
}

fn unprivileged() -> &'static str {
    let exists =
        |name: &&str| Command::new("id").args(["-u", name]).output().is_ok_and(|output| output.status.success());
    ["postgres", "nobody"].into_iter().find(exists).expect("a user that is not root")
}

fn id(arguments: &[&str]) -> String {
    String::from_utf8(succeed(Command::new("id").args(arguments)).stdout).expect("a number").trim().to_owned()
}

fn succeed(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}
