//! The S3 server behind the tests, and plain requests to it that know nothing of our client.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::OnceLock,
};

/// What it runs.
const SCRIPT: &str = include_str!("../s3_server.py");

/// A running server. It ends when its input does, which this process holds open: with the tests.
struct Server {
    port: u16,
    _child: Child,
}

/// The port of the server that all tests share. `None`, said aloud, where there is no Python for it.
pub fn port() -> Option<u16> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&[])).as_ref().map(|server| server.port)
}

/// A server that knows nobody and refuses each request.
pub fn refusing_port() -> Option<u16> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let requests_before_keys_are_checked = ("INITIAL_NO_AUTH_ACTION_COUNT", "0");
    SERVER.get_or_init(|| Server::start(&[requests_before_keys_are_checked])).as_ref().map(|server| server.port)
}

impl Server {
    fn start(environment: &[(&str, &str)]) -> Option<Server> {
        let Ok(python) = std::env::var("ENTENTE_PYTHON") else {
            println!("skipped: ENTENTE_PYTHON names no Python with moto; run `cargo xtask test evidence`");
            return None;
        };
        let mut command = Command::new(python);
        command.args(["-W", "ignore", "-c", SCRIPT]).envs(environment.iter().copied());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let number = line.trim().strip_prefix("{\"port\": ").and_then(|rest| rest.strip_suffix('}'));
        let port = number.unwrap_or_else(|| panic!("the S3 server said {line:?}")).parse().unwrap();
        Some(Server { port, _child: child })
    }
}

/// The server wants to see who asks, and believes everybody.
const ASKED_BY: &str = "Authorization: AWS4-HMAC-SHA256 Credential=tests/20270101/us-east-1/s3/aws4_request";

/// Sends one request and gives the body of the answer, which is a success.
pub fn request(port: u16, method: &str, path: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{ASKED_BY}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.split(' ').nth(1).is_some_and(|status| status.starts_with('2')), "{method} {path}: {answer}");
    answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
}
