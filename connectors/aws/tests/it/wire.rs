//! A wire between the connector and the sandbox on which one operation's answers can be replaced.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, Uri, header::CONTENT_LENGTH},
    response::Response,
};

/// The wire's two ends, and what it does to answers.
#[derive(Clone)]
pub struct Wire(Arc<Inner>);

struct Inner {
    sandbox: String,
    http: reqwest::Client,
    seen: Mutex<Vec<(String, Vec<u8>)>>,
    put: Mutex<Option<(String, Vec<u8>)>>,
}

impl Wire {
    /// Lays a wire to the sandbox at `endpoint`; gives its near end, which takes the endpoint's place.
    pub fn to(endpoint: &str) -> (Wire, String) {
        let (base, prefix) = endpoint.rsplit_once('/').unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let inner = Inner { sandbox: base.to_owned(), http, seen: Mutex::default(), put: Mutex::default() };
        let wire = Wire(Arc::new(inner));
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let near = format!("http://{}/{prefix}", listener.local_addr().unwrap());
        let app = Router::new().fallback(forward).with_state(wire.clone());
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        (wire, near)
    }

    /// The last answer to an operation, as the sandbox gave it.
    pub fn answer(&self, operation: &str) -> Vec<u8> {
        let seen = self.0.seen.lock().unwrap();
        seen.iter().rev().find(|(of, _)| of == operation).map(|(_, body)| body.clone()).expect("it was asked")
    }

    /// Answers an operation with this body from now on, whatever the sandbox says.
    pub fn put(&self, operation: &str, body: &[u8]) {
        *self.0.put.lock().unwrap() = Some((operation.to_owned(), body.to_vec()));
    }

    /// Lets every answer pass.
    pub fn clear(&self) {
        *self.0.put.lock().unwrap() = None;
    }
}

async fn forward(
    State(Wire(wire)): State<Wire>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let operation = uri.path().rsplit('/').next().unwrap_or_default().to_owned();
    let answer = wire.http.request(method, format!("{}{uri}", wire.sandbox)).headers(headers).body(body).send().await;
    let answer = answer.unwrap();
    let mut response = Response::builder().status(answer.status());
    for (name, value) in answer.headers().iter().filter(|(name, _)| *name != CONTENT_LENGTH) {
        response = response.header(name, value);
    }
    let body = answer.bytes().await.unwrap().to_vec();
    wire.seen.lock().unwrap().push((operation.clone(), body.clone()));
    let put = wire.put.lock().unwrap().clone();
    let body = put.filter(|(of, _)| *of == operation).map_or(body, |(_, put)| put);
    response.body(Body::from(body)).unwrap()
}
