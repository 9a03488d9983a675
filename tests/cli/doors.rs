//! The server's doors, as monitors and marketplaces find them.

use std::net::TcpListener;

use reqwest::{Method, StatusCode};

use crate::installation::Installation;

/// Status, content type and body of an answer.
fn asked(method: Method, url: &str, body: Vec<u8>) -> (StatusCode, String, String) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.request(method, url).body(body).send().await.unwrap();
        let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        (answer.status(), kind.unwrap_or_default(), answer.text().await.unwrap())
    })
}

#[test]
fn whatever_is_wrong_with_a_request_is_answered_as_a_problem_with_a_code() {
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut installation = Installation::with_config(&format!(
        "listen: {address}\nconnectors: {{ fake/acme-us: {{ kind: fake, legal_entity: acme-us }} }}\n"
    ));
    installation.serve();
    let url = |path: &str| format!("http://{address}{path}");
    assert_eq!(asked(Method::GET, &url("/healthz"), Vec::new()).0, StatusCode::OK);
    let table = [
        (Method::GET, "/nowhere", Vec::new(), 404, "not_found"),
        (Method::GET, "/v1/connectors/fake/acme-us/events", Vec::new(), 404, "not_found"),
        (Method::POST, "/v1/connectors/fake/nobody/events", b"{}".to_vec(), 404, "not_found"),
        (Method::POST, "/v1/connectors/fake/acme-us/events", vec![b' '; 300_000], 413, "event_unreadable"),
    ];
    for (method, path, body, status, code) in table {
        let (got, kind, text) = asked(method.clone(), &url(path), body);
        assert_eq!((got.as_u16(), kind.as_str()), (status, "application/problem+json"), "{method} {path}: {text}");
        assert!(text.contains(&format!("\"code\":\"{code}\"")), "{method} {path}: {text}");
    }
}
