//! The Python process behind the tests.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

use serde_json::Value;

/// A running SMTP server; it ends with this value.
pub struct Server {
    child: Child,
    lines: BufReader<ChildStdout>,
    /// Where it listens on this machine.
    pub port: u16,
    /// The certificate authority behind its certificate, in PEM form.
    pub authority: String,
}

impl Server {
    /// Starts a server, or says why the test is skipped.
    pub fn start(mode: &str) -> Option<Server> {
        let Ok(python) = std::env::var("ENTENTE_PYTHON") else {
            println!("skipped: ENTENTE_PYTHON names no Python with aiosmtpd; run `cargo xtask test mail`");
            return None;
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/smtp_server.py");
        let mut child =
            Command::new(python).args(["-W", "ignore"]).arg(script).arg(mode).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let ready = read(&mut lines);
        let port = u16::try_from(ready["port"].as_u64().unwrap()).unwrap();
        let authority = ready["authority"].as_str().unwrap().to_owned();
        Some(Server { child, lines, port, authority })
    }

    /// The next mail that the server took.
    pub fn next_mail(&mut self) -> Value {
        read(&mut self.lines)
    }
}

fn read(lines: &mut BufReader<ChildStdout>) -> Value {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("the mail server said {line:?}: {error}"))
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; nothing is owed to a test server.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
