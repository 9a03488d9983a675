//! What can go wrong, sorted by the one question a caller has: may trying again help?

/// The result of every call.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a mail was not sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The settings cannot work; nothing was tried.
    #[error("mail settings: {0}")]
    Settings(String),
    /// The mail as it stands will never be accepted.
    #[error(
        "mail `{id}` to `{to}` cannot be delivered: {reason}; correct the address or the mail server's rules, then send it again"
    )]
    Permanent {
        /// The caller's id of the mail.
        id: String,
        /// The recipient.
        to: String,
        /// The server's words, or what is wrong with the mail.
        reason: String,
    },
    /// A fault that may pass: no connection, a busy server, refused credentials. The mail may still have arrived when
    /// the answer was lost; it carries the same `Message-ID` when it is sent again.
    #[error("mail `{id}` to `{to}` was not sent for now: {reason}; it can be tried again")]
    Transient {
        /// The caller's id of the mail.
        id: String,
        /// The recipient.
        to: String,
        /// What happened.
        reason: String,
    },
}

impl Error {
    /// Whether trying again may help.
    pub fn is_transient(&self) -> bool {
        matches!(self, Error::Transient { .. })
    }
}
