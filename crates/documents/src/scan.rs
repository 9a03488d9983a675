//! Asking a scanner for harmful content before others may download a file.

use std::{path::PathBuf, process::Stdio, time::Duration};

use async_trait::async_trait;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
};

use crate::{
    admit::Evidence,
    error::{Error, Result},
};

/// The most bytes of a scanner's complaint that are read.
const MOST_WORDS: u64 = 400;

/// What a scanner found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scan {
    /// Nothing harmful.
    Clean,
    /// Something harmful: the file is not given to anybody.
    Infected,
    /// No scanner has seen it.
    Pending,
}

/// Something that looks for harmful content.
#[async_trait]
pub trait Scanner: Send + Sync {
    /// Looks at a file.
    ///
    /// # Errors
    /// [`Error::Scan`] when there is no verdict; the file counts as pending then.
    async fn scan(&self, evidence: &Evidence) -> Result<Scan>;
}

/// No scanner is configured: everything stays pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoScanner;

#[async_trait]
impl Scanner for NoScanner {
    async fn scan(&self, _: &Evidence) -> Result<Scan> {
        Ok(Scan::Pending)
    }
}

/// A program that reads the file on its standard input and ends with 0 when it is clean, with 1 when it is infected, and
/// with anything else when it does not know, as `clamdscan -` does. It is started directly, not by a shell, and sees
/// `PATH` alone of our environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandScanner {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// How long one file may take; a program that takes longer is ended.
    pub timeout: Duration,
}

#[async_trait]
impl Scanner for CommandScanner {
    async fn scan(&self, evidence: &Evidence) -> Result<Scan> {
        match tokio::time::timeout(self.timeout, self.ask(evidence)).await {
            Ok(verdict) => verdict.map_err(|reason| self.error(reason)),
            Err(_) => Err(self.error(format!("it took longer than {} ms and was ended", self.timeout.as_millis()))),
        }
    }
}

impl CommandScanner {
    async fn ask(&self, evidence: &Evidence) -> std::result::Result<Scan, String> {
        let mut child = self.start().map_err(|error| format!("it cannot be started: {error}"))?;
        let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
        let feed = async {
            // A scanner that has seen enough may close its input before the end: its verdict counts, not the pipe.
            if let Some(mut stdin) = stdin {
                drop(stdin.write_all(evidence.bytes()).await);
            }
        };
        let listen = async {
            let mut words = Vec::new();
            if let Some(mut stderr) = stderr {
                drop((&mut stderr).take(MOST_WORDS).read_to_end(&mut words).await);
                // What follows is read too, so that the scanner does not wait for a reader.
                drop(tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await);
            }
            words
        };
        let ((), words, ended) = tokio::join!(feed, listen, child.wait());
        let status = ended.map_err(|error| format!("its end cannot be awaited: {error}"))?;
        match status.code() {
            Some(0) => Ok(Scan::Clean),
            Some(1) => Ok(Scan::Infected),
            _ => Err(format!("it ended with {status}{}", said(&words))),
        }
    }

    fn start(&self) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).env_clear().envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true).spawn()
    }

    fn error(&self, reason: String) -> Error {
        Error::Scan { program: self.program.display().to_string(), reason }
    }
}

/// A scanner's words in one line.
fn said(words: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(words).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() { line } else { format!(": {line}") }
}
