//! The connection to the mail server, one per mail.

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    transport::smtp::{
        authentication,
        client::{Certificate, Tls, TlsParameters},
        response::Code,
    },
};

use crate::{
    error::{Error, Result},
    mail::Mail,
    settings::{Security, Settings},
};

/// Hands mails over to one server. Cheap to clone; each mail uses a connection of its own.
#[derive(Debug, Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    settings: Settings,
}

impl Mailer {
    /// A mailer; nothing is connected yet.
    ///
    /// # Errors
    /// [`Error::Settings`] when the settings would send mail readable over a network, or name an unusable certificate.
    pub fn new(settings: Settings) -> Result<Mailer> {
        settings.check()?;
        let tls = match settings.security {
            Security::None => Tls::None,
            Security::StartTls => Tls::Required(tls_parameters(&settings)?),
            Security::Tls => Tls::Wrapper(tls_parameters(&settings)?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(settings.timeout));
        if let Some(login) = &settings.credentials {
            builder = builder.credentials(authentication::Credentials::new(login.user.clone(), login.password.clone()));
        }
        Ok(Mailer { transport: builder.build(), settings })
    }

    /// Hands one mail over. `Ok` means that the server has taken responsibility for it.
    ///
    /// # Errors
    /// [`Error::Permanent`] when trying again changes nothing, [`Error::Transient`] when it may.
    pub async fn send(&self, mail: &Mail) -> Result<()> {
        let message = mail.message()?;
        // The transport's own limit is per answer; a server that drips could take for ever.
        match tokio::time::timeout(self.settings.timeout, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(self.explain(mail, &error)),
            Err(_) => {
                Err(mail.transient(format!("`{}` did not answer within {:?}", self.server(), self.settings.timeout)))
            }
        }
    }

    fn explain(&self, mail: &Mail, error: &lettre::transport::smtp::Error) -> Error {
        let reason = format!("`{}` said: {}", self.server(), crate::printable::line(&error.to_string()));
        let about_login = error.status().is_some_and(is_about_login);
        // A missing upgrade or login method is the connection's fault and hits every mail: it waits for the operator.
        if error.is_permanent() && !about_login { mail.permanent(reason) } else { mail.transient(reason) }
    }

    fn server(&self) -> String {
        format!("{}:{}", self.settings.host, self.settings.port)
    }
}

/// Replies 530, 534, 535 and 538 (RFC 4954) speak of the login, not of the mail: correcting it lets the mail through.
fn is_about_login(code: Code) -> bool {
    matches!(u16::from(code), 530 | 534 | 535 | 538)
}

fn tls_parameters(settings: &Settings) -> Result<TlsParameters> {
    let unusable = |error: lettre::transport::smtp::Error| Error::Settings(format!("TLS cannot be used: {error}"));
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.authority_pem {
        let authority = Certificate::from_pem(pem)
            .map_err(|error| Error::Settings(format!("the certificate authority is not a PEM certificate: {error}")))?;
        builder = builder.add_root_certificate(authority);
    }
    builder.build_rustls().map_err(unusable)
}
