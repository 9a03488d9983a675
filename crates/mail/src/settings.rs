//! Where mail is handed over, and how the connection is protected.

use std::{fmt, net::IpAddr, time::Duration};

use crate::error::{Error, Result};

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314); port 465 by custom.
    Tls,
    /// Plain at first, then upgraded; a server that does not offer the upgrade gets no mail. Port 587 by custom.
    StartTls,
    /// No protection: accepted for a relay on this machine only.
    None,
}

impl Security {
    /// The customary port.
    pub fn port(self) -> u16 {
        match self {
            Security::Tls => 465,
            Security::StartTls => 587,
            Security::None => 25,
        }
    }
}

/// A name and password for the mail server. Neither appears in debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

/// Where mail is handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The mail server's name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// What to log in with, where the server asks for it.
    pub credentials: Option<Credentials>,
    /// A certificate authority to trust beside the system's own, in PEM form: for a server inside a company.
    pub authority_pem: Option<Vec<u8>>,
    /// How long one mail may take from the first packet to the last answer.
    pub timeout: Duration,
}

impl Settings {
    /// Settings for a server with its customary port, 30 seconds per mail and no login.
    pub fn new(host: impl Into<String>, security: Security) -> Settings {
        Settings {
            host: host.into(),
            port: security.port(),
            security,
            credentials: None,
            authority_pem: None,
            timeout: Duration::from_secs(30),
        }
    }

    /// Refuses what would send mail or passwords readable over a network.
    pub(crate) fn check(&self) -> Result<()> {
        if self.host.is_empty() {
            return Err(Error::Settings("no host is given; name the mail server".into()));
        }
        if self.security == Security::None && !self.is_local() {
            let host = &self.host;
            return Err(Error::Settings(format!(
                "`{host}` is not this machine and the connection would be readable by others; use `starttls` or `tls`"
            )));
        }
        Ok(())
    }

    fn is_local(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unprotected_mail_stays_on_this_machine() {
        for (host, accepted) in [
            ("localhost", true),
            ("127.0.0.1", true),
            ("::1", true),
            ("mail.example.com", false),
            ("10.0.0.5", false),
            ("localhost.example.com", false),
            ("", false),
        ] {
            assert_eq!(Settings::new(host, Security::None).check().is_ok(), accepted, "{host}");
        }
        assert!(Settings::new("mail.example.com", Security::StartTls).check().is_ok());
    }

    #[test]
    fn debug_output_shows_no_password() {
        let credentials = Credentials { user: "mailer".into(), password: "correct horse".into() };
        let settings = Settings { credentials: Some(credentials), ..Settings::new("localhost", Security::Tls) };
        let text = format!("{settings:?}");
        assert!(!text.contains("horse") && !text.contains("mailer"), "{text}");
    }
}
