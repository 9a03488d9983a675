//! One `entente serve`, started with a crash point or without.

use std::{
    fs::{self, File},
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use tokio::{
    process::{Child, Command},
    sync::{Semaphore, SemaphorePermit},
};

/// The bound after which a test counts as hanging. No test measures time.
pub const HANG: Duration = Duration::from_secs(120);

/// What `/readyz` says of a server that works.
pub const READY: (u16, bool) = (200, false);

/// What it says of one that cannot.
pub const AWAY: (u16, bool) = (503, true);

const SIGABRT: i32 = 6;

/// Servers that run at the same time, over all tests of a process. Tests hold several: too few seats, and they wait for each other.
static SEATS: Semaphore = Semaphore::const_new(16);

/// A running server.
pub struct Server {
    child: Child,
    log: PathBuf,
    crashes: bool,
    _seat: SemaphorePermit<'static>,
}

impl Server {
    /// Starts the program on a configuration, to `serve` or to `run`. It ends itself at `failpoint`.
    pub async fn start(config: &Path, verb: &str, log: PathBuf, failpoint: Option<&str>) -> Server {
        let variables: Vec<(&str, &str)> = failpoint.iter().map(|point| ("ENTENTE_FAILPOINT", *point)).collect();
        Server::with(config, verb, log, &variables).await
    }

    /// The same, with these variables in its environment.
    pub async fn with(config: &Path, verb: &str, log: PathBuf, variables: &[(&str, &str)]) -> Server {
        let seat = SEATS.acquire().await.unwrap();
        let file = File::create(&log).unwrap();
        let mut command = program(config);
        command.arg(verb).stdout(Stdio::null()).stderr(file);
        command.envs(variables.iter().copied());
        let crashes = variables.iter().any(|(name, _)| *name == "ENTENTE_FAILPOINT");
        Server { child: command.spawn().unwrap(), log, crashes, _seat: seat }
    }

    /// The address that it serves, once it does.
    pub async fn address(&self) -> String {
        let serving = async {
            loop {
                let said = self.said();
                let address = said.split("on http://").nth(1).and_then(|rest| rest.split(';').next());
                if let Some(address) = address {
                    return format!("http://{address}");
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(HANG, serving).await.unwrap_or_else(|_| panic!("it never served: {}", self.said()))
    }

    /// Waits until whoever distributes work among servers is told this: the status, and whether there is a time to ask again.
    pub async fn until_readiness(&self, wished: (u16, bool)) {
        let address = self.address().await;
        let http = reqwest::Client::builder().no_proxy().timeout(HANG).build().unwrap();
        let asking = async {
            loop {
                let answer = http.get(format!("{address}/readyz")).send().await.unwrap();
                if (answer.status().as_u16(), answer.headers().contains_key("retry-after")) == wished {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let in_time = tokio::time::timeout(HANG, asking).await;
        in_time.unwrap_or_else(|_| panic!("readiness never became {wished:?}: {}", self.said()));
    }

    /// Everything that it said.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it has ended itself at its crash point.
    pub async fn died(mut self) {
        let status = self.ended().await;
        assert_eq!(status.signal(), Some(SIGABRT), "it ended otherwise ({status}): {}", self.said());
    }

    /// Whether it ends itself at a crash point, sooner or later.
    pub fn has_crash_point(&self) -> bool {
        self.crashes
    }

    /// Whether it still runs.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// kill -9.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// Asks it to stop, as service managers do, once it has started.
    pub async fn terminate(&self) {
        self.says("stop with Ctrl-C").await;
        // It listens for the signal right after it has said that it serves.
        tokio::time::sleep(Duration::from_millis(50)).await;
        self.signal("-TERM");
    }

    /// Its process id.
    pub fn pid(&self) -> String {
        self.child.id().expect("it runs").to_string()
    }

    fn signal(&self, signal: &str) {
        assert!(std::process::Command::new("kill").args([signal, &self.pid()]).status().unwrap().success());
    }

    /// Stops it where it stands, as an operator's Ctrl-Z or a starved machine does.
    pub async fn freeze(&self) {
        self.signal("-STOP");
        self.frozen().await;
    }

    /// Waits until all of it stands still.
    pub async fn frozen(&self) {
        let stopping = async {
            loop {
                let shown = std::process::Command::new("ps").args(["-o", "stat=", "-p", &self.pid()]).output().unwrap();
                if shown.stdout.starts_with(b"T") {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(HANG, stopping).await.unwrap_or_else(|_| panic!("it never stopped: {}", self.said()));
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Waits until it has said this.
    pub async fn says(&self, words: &str) {
        let waiting = async {
            while !self.said().contains(words) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let heard = tokio::time::timeout(HANG, waiting).await;
        heard.unwrap_or_else(|_| panic!("it never said `{words}`: {}", self.said()));
    }

    /// Asks it to stop, and waits until it has done so in good order.
    pub async fn stop(mut self) {
        self.terminate().await;
        let status = self.ended().await;
        assert_eq!(status.code(), Some(0), "{}", self.said());
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> ExitStatus {
        match tokio::time::timeout(HANG, self.child.wait()).await {
            Ok(status) => status.unwrap(),
            Err(_) => panic!("it does not end: {}", self.said()),
        }
    }
}

/// Has all of them stop in good order.
pub async fn stop_all(servers: Vec<Server>) {
    for server in servers {
        server.stop().await;
    }
}

/// The program on a configuration, free of what the surrounding shell may have set for it.
pub fn program(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_entente"));
    command.arg("--config").arg(config).kill_on_drop(true);
    for name in [
        "ENTENTE_FAILPOINT",
        "ENTENTE_NEXT_VERSION",
        "ENTENTE_ACTOR",
        "ENTENTE_CONFIG",
        "ENTENTE_EVENTS_TOKEN",
        "RUST_LOG",
    ] {
        command.env_remove(name);
    }
    command
}
