//! The story's engine as several processes of this program on one database server, of which one may be killed again and
//! again.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::Context as _;
use tokio::{
    process::{Child, Command},
    task::JoinHandle,
    time::Instant,
};
use tokio_util::sync::CancellationToken;

/// Several processes in place of one.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The server, as a configuration names it.
    pub database: String,
    /// How many processes.
    pub processes: u16,
    /// How often one of them is killed, if at all.
    pub kill_every: Option<Duration>,
}

/// How often the processes are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long a process may take to stop.
const STOP: Duration = Duration::from_secs(30);

/// The processes, kept at their number.
pub struct Fleet {
    /// Nobody, once it is known what is wrong.
    keeper: Option<JoinHandle<anyhow::Result<u32>>>,
    no_more_kills: CancellationToken,
    stop: CancellationToken,
}

impl Fleet {
    /// Starts the processes of the installation in `folder`.
    ///
    /// # Errors
    /// When this program cannot be started once more.
    pub fn start(folder: &Path, plan: &Plan) -> anyhow::Result<Fleet> {
        let program = std::env::current_exe().context("the path of this program is not known")?;
        let mut keeper = Keeper {
            program,
            folder: folder.to_owned(),
            alive: Vec::new(),
            started: 0,
            no_more_kills: CancellationToken::new(),
            stop: CancellationToken::new(),
        };
        for _ in 0..plan.processes {
            keeper.add()?;
        }
        let (no_more_kills, stop) = (keeper.no_more_kills.clone(), keeper.stop.clone());
        Ok(Fleet { keeper: Some(tokio::spawn(keeper.keep(plan.kill_every))), no_more_kills, stop })
    }

    /// From here on nobody is killed.
    pub fn spare(&self) {
        self.no_more_kills.cancel();
    }

    /// Lets all of them stop in good order; how many were killed before.
    ///
    /// # Errors
    /// When one of them ended by itself.
    pub async fn stop(self) -> anyhow::Result<u32> {
        self.stop.cancel();
        match self.keeper {
            Some(keeper) => keeper.await?,
            None => anyhow::bail!("the processes have ended"),
        }
    }

    /// Waits until something is wrong with them.
    pub async fn fails(&mut self) -> anyhow::Error {
        let Some(keeper) = &mut self.keeper else { return std::future::pending().await };
        let ended = keeper.await;
        self.keeper = None;
        match ended {
            Ok(Err(error)) => error,
            Ok(Ok(_)) => anyhow::anyhow!("the processes were stopped"),
            Err(error) => error.into(),
        }
    }
}

struct Keeper {
    program: PathBuf,
    folder: PathBuf,
    /// The one that has run longest comes first.
    alive: Vec<(Child, PathBuf)>,
    started: u32,
    no_more_kills: CancellationToken,
    stop: CancellationToken,
}

impl Keeper {
    async fn keep(mut self, kill_every: Option<Duration>) -> anyhow::Result<u32> {
        let mut killed = 0;
        let mut next = kill_every.map(|every| Instant::now() + every);
        while !self.stop.is_cancelled() {
            tokio::select! {
                () = tokio::time::sleep(LOOK_EVERY) => {}
                () = self.stop.cancelled() => break,
            }
            self.none_ended()?;
            let due = next.is_some_and(|next| Instant::now() >= next) && !self.no_more_kills.is_cancelled();
            if let Some(every) = kill_every.filter(|_| due) {
                // The oldest has most to lose: it delivers for the account as a rule.
                let (mut oldest, _) = self.alive.remove(0);
                oldest.kill().await.context("a process cannot be killed")?;
                killed += 1;
                self.add()?;
                next = Some(Instant::now() + every);
            }
        }
        for (mut child, log) in std::mem::take(&mut self.alive) {
            // Its standard input ends here, and with it the process.
            drop(child.stdin.take());
            if tokio::time::timeout(STOP, child.wait()).await.is_err() {
                anyhow::bail!("a process does not stop, see `{}`", log.display());
            }
        }
        Ok(killed)
    }

    /// A process that ends by itself would end again.
    fn none_ended(&mut self) -> anyhow::Result<()> {
        for (child, log) in &mut self.alive {
            if let Some(status) = child.try_wait()? {
                anyhow::bail!("a process ended by itself ({status}), see `{}`", log.display());
            }
        }
        Ok(())
    }

    fn add(&mut self) -> anyhow::Result<()> {
        self.started += 1;
        let log = self.folder.join(format!("process-{}.log", self.started));
        let said = File::create(&log).with_context(|| format!("`{}` cannot be written", log.display()))?;
        let mut command = Command::new(&self.program);
        command.arg("--config").arg(self.folder.join("entente.yaml")).args(["run", "--until-stdin-ends"]);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(said).kill_on_drop(true);
        let child = command.spawn().context("a process cannot be started")?;
        self.alive.push((child, log));
        Ok(())
    }
}
