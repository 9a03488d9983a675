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

const SIGABRT: i32 = 6;

/// Servers that run at the same time, over all tests: two cores are enough for no more.
static SEATS: Semaphore = Semaphore::const_new(4);

/// A running server.
pub struct Server {
    child: Child,
    log: PathBuf,
    _seat: SemaphorePermit<'static>,
}

impl Server {
    /// Starts the program on a configuration. It ends itself at `failpoint`.
    pub async fn start(config: &Path, log: PathBuf, failpoint: Option<&str>) -> Server {
        let seat = SEATS.acquire().await.unwrap();
        let file = File::create(&log).unwrap();
        let mut command = program(config);
        command.arg("serve").stdout(Stdio::null()).stderr(file);
        if let Some(failpoint) = failpoint {
            command.env("ENTENTE_FAILPOINT", failpoint);
        }
        Server { child: command.spawn().unwrap(), log, _seat: seat }
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

    /// Everything that it said.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Waits until it has ended itself at its crash point.
    pub async fn died(mut self) {
        let status = self.ended().await;
        assert_eq!(status.signal(), Some(SIGABRT), "it ended otherwise ({status}): {}", self.said());
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
        self.address().await;
        // It listens for the signal right after it has said that it serves.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let pid = self.child.id().expect("it runs").to_string();
        assert!(std::process::Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
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

/// The program on a configuration, free of what the surrounding shell may have set for it.
pub fn program(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_entente"));
    command.arg("--config").arg(config).kill_on_drop(true);
    for name in ["ENTENTE_FAILPOINT", "ENTENTE_ACTOR", "ENTENTE_CONFIG", "ENTENTE_EVENTS_TOKEN", "RUST_LOG"] {
        command.env_remove(name);
    }
    command
}
