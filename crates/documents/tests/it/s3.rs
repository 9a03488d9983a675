//! The S3 server behind the tests, and plain requests to it that know nothing of our client.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Command, Stdio},
    sync::OnceLock,
};

/// The port of the server, which all tests share; it ends with them. `None`, said aloud, where there is no Python for it.
pub fn port() -> Option<u16> {
    static PORT: OnceLock<Option<u16>> = OnceLock::new();
    *PORT.get_or_init(|| {
        let Ok(python) = std::env::var("ENTENTE_PYTHON") else {
            println!("skipped: ENTENTE_PYTHON names no Python with moto; run `cargo xtask test evidence`");
            return None;
        };
        Some(start(&python))
    })
}

fn start(python: &str) -> u16 {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/s3_server.py");
    let mut command = Command::new(python);
    command.args(["-W", "ignore"]).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
    let child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.unwrap()).read_line(&mut line).unwrap();
    // The server ends when this end of its input is closed: with the tests.
    std::mem::forget(child.stdin);
    let number = line.trim().strip_prefix("{\"port\": ").and_then(|rest| rest.strip_suffix('}'));
    number.unwrap_or_else(|| panic!("the S3 server said {line:?}")).parse().unwrap()
}

/// Sends one request and gives the body of the answer, which is a success.
pub fn request(port: u16, method: &str, path: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.split(' ').nth(1).is_some_and(|status| status.starts_with('2')), "{method} {path}: {answer}");
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
}
