//! Mail through a real SMTP server. `cargo xtask test mail` provides it; without `ENTENTE_PYTHON` the tests say so and end.
#![allow(clippy::unwrap_used, missing_docs)]

mod server;

use std::time::Duration;

use entente_mail::{Credentials, Error, Mail, Mailer, Party, Security, Settings, message_id};
use server::Server;

fn mail(to: &str) -> Mail {
    Mail {
        id: "OFR-2026-00042/3.0".into(),
        from: Party::named("Entente", "entente@vendor.example"),
        to: Party::named("Ann Müller", to),
        subject: "Offer waits for your approval".into(),
        text: "Hello,\nthe offer waits.\n.\nA line with a single dot is no end.\n".into(),
    }
}

fn mailer(server: &Server, security: Security) -> Mailer {
    Mailer::new(Settings { port: server.port, ..Settings::new("localhost", security) }).unwrap()
}

#[tokio::test]
async fn a_mail_arrives_as_written() {
    let Some(mut server) = Server::start("plain") else { return };
    mailer(&server, Security::None).send(&mail("ann@buyer.example")).await.unwrap();
    let got = server.next_mail();
    assert_eq!(got["from"], "entente@vendor.example");
    assert_eq!(got["to"], serde_json::json!(["ann@buyer.example"]));
    assert_eq!(got["to_name"], "Ann Müller");
    assert_eq!(got["subject"], "Offer waits for your approval");
    assert_eq!(got["text"].as_str().unwrap().replace("\r\n", "\n").trim_end(), mail("").text.trim_end());
}

#[tokio::test]
async fn the_same_mail_sent_twice_carries_the_same_message_id() {
    let Some(mut server) = Server::start("plain") else { return };
    let mailer = mailer(&server, Security::None);
    for _ in 0..2 {
        mailer.send(&mail("ann@buyer.example")).await.unwrap();
        assert_eq!(server.next_mail()["message_id"], message_id("OFR-2026-00042/3.0", "vendor.example"));
    }
}

#[tokio::test]
async fn row_79_text_from_outside_adds_no_header_and_no_recipient() {
    let Some(mut server) = Server::start("plain") else { return };
    let mailer = mailer(&server, Security::None);
    mailer.send(&mail("ann@buyer.example")).await.unwrap();
    let expected = server.next_mail();
    let injection = "Hi\r\nBcc: eve@evil.example\r\n\r\nsomething else";
    let bad = Mail {
        to: Party::named(injection, "ann@buyer.example"),
        subject: injection.into(),
        text: "dear\r\n.\r\nMAIL FROM:<eve@evil.example>\r\n".into(),
        ..mail("")
    };
    mailer.send(&bad).await.unwrap();
    let got = server.next_mail();
    assert_eq!(got["to"], serde_json::json!(["ann@buyer.example"]));
    assert_eq!(got["headers"], expected["headers"]);
    assert_eq!(got["subject"], "Hi Bcc: eve@evil.example something else");
    assert!(got["text"].as_str().unwrap().contains("MAIL FROM"), "the body is still one body: {got}");
}

#[tokio::test]
async fn a_mailbox_that_does_not_exist_is_permanent_and_a_busy_one_is_not() {
    let Some(server) = Server::start("plain") else { return };
    let mailer = mailer(&server, Security::None);
    let refused = mailer.send(&mail("refused@buyer.example")).await.unwrap_err();
    assert!(matches!(&refused, Error::Permanent { to, .. } if to == "refused@buyer.example"), "{refused}");
    assert!(refused.to_string().contains("no such mailbox"), "{refused}");
    let later = mailer.send(&mail("later@buyer.example")).await.unwrap_err();
    assert!(later.is_transient(), "{later}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_or_is_not_there_can_be_tried_again() {
    let Some(server) = Server::start("plain") else { return };
    let port = server.port;
    let settings = Settings { port, timeout: Duration::from_millis(400), ..Settings::new("localhost", Security::None) };
    let mailer = Mailer::new(settings).unwrap();
    let slow = mailer.send(&mail("slow@buyer.example")).await.unwrap_err();
    assert!(slow.is_transient(), "{slow}");
    drop(server);
    let gone = mailer.send(&mail("ann@buyer.example")).await.unwrap_err();
    assert!(gone.is_transient(), "{gone}");
}

#[tokio::test]
async fn a_protected_connection_needs_a_trusted_authority() {
    for (mode, security) in [("starttls", Security::StartTls), ("tls", Security::Tls)] {
        let Some(mut server) = Server::start(mode) else { return };
        let stranger = mailer(&server, security).send(&mail("ann@buyer.example")).await.unwrap_err();
        assert!(stranger.is_transient(), "{mode}: {stranger}");
        let authority_pem = Some(server.authority.clone().into_bytes());
        let settings = Settings { port: server.port, authority_pem, ..Settings::new("localhost", security) };
        Mailer::new(settings).unwrap().send(&mail("ann@buyer.example")).await.unwrap();
        assert_eq!(server.next_mail()["protected"], true, "{mode}");
    }
}

#[tokio::test]
async fn a_server_without_the_upgrade_gets_no_mail() {
    let Some(mut server) = Server::start("plain") else { return };
    mailer(&server, Security::StartTls).send(&mail("ann@buyer.example")).await.unwrap_err();
    mailer(&server, Security::None)
        .send(&Mail { subject: "second".into(), ..mail("ann@buyer.example") })
        .await
        .unwrap();
    assert_eq!(server.next_mail()["subject"], "second");
}

#[tokio::test]
async fn a_wrong_password_waits_for_the_operator_and_is_not_repeated_in_words() {
    let Some(mut server) = Server::start("login") else { return };
    for (password, accepted) in [("wrong-horse", false), ("right", true)] {
        let credentials = Some(Credentials { user: "mailer".into(), password: password.into() });
        let settings = Settings { port: server.port, credentials, ..Settings::new("localhost", Security::None) };
        let sent = Mailer::new(settings).unwrap().send(&mail("ann@buyer.example")).await;
        match (sent, accepted) {
            (Ok(()), true) => drop(server.next_mail()),
            (Err(error), false) => assert!(error.is_transient() && !error.to_string().contains("horse"), "{error}"),
            (sent, _) => panic!("`{password}`: {sent:?}"),
        }
    }
}
