//! Why a command failed: what happened, to which object, and the next command.

use std::fmt;

use entente_core::{context::FieldError, offer::DocumentError, people::NoAuthority, settings::SettingsError};
use entente_store::Error as StoreError;

use super::exit::Exit;
use crate::{
    authz::{Denied, Refused},
    config::ConfigError,
    connectors::ConnectError,
    offers::DeskError,
    schedule::JobTimeError,
};

/// A command's failure.
#[derive(Debug)]
pub struct Failure {
    /// How the process ends.
    pub exit: Exit,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl Failure {
    /// A failure that ends the process like this.
    pub fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure { exit, message: message.into(), hint: None }
    }

    /// Bad input.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, message)
    }

    /// With what to do next.
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// How a command ends that the database refused.
fn store_exit(error: &StoreError) -> Exit {
    match error {
        StoreError::NotFound { .. } => Exit::NotFound,
        StoreError::Conflict { .. } | StoreError::KeyReused { .. } | StoreError::RunnerLocked { .. } => Exit::Conflict,
        _ => Exit::Error,
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        let failure = Failure::new(store_exit(&error), error.to_string());
        match error {
            StoreError::NotFound { kind: "offer", .. } => {
                failure.hint("list the offers with `entente offer list --ended`")
            }
            StoreError::NotFound { kind: "refund", .. } => failure.hint("list the refunds with `entente refund list --ended`"),
            StoreError::NotFound { kind: "cancellation", .. } => {
                failure.hint("list such requests with `entente cancellation list --ended`")
            }
            StoreError::NotFound { kind: "payment request", .. } => {
                failure.hint("list such requests with `entente payment-request list --ended`")
            }
            StoreError::NotFound { kind: "commitment", .. } => {
                failure.hint("list the commitments with `entente commitment list --ended`")
            }
            StoreError::NotFound { kind: "card", .. } => failure.hint("list your cards with `entente card list --ended`"),
            StoreError::NotFound { kind: "agreement", .. } => failure.hint(
                "list the agreements of our offers with `entente agreement list`, or name the connection of another one with --connector",
            ),
            _ => failure,
        }
    }
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Failure {
        match error {
            DeskError::Store(error) => error.into(),
            DeskError::Marketplace(error) => Failure::new(marketplace_exit(&error), error.to_string()),
            DeskError::NotConnected { .. } | DeskError::Day { .. } | DeskError::Money(_) | DeskError::Id(_) => {
                Failure::usage(error.to_string())
            }
            DeskError::Unreadable { .. } => Failure::new(Exit::Error, error.to_string()),
        }
    }
}

fn marketplace_exit(error: &entente_port::Error) -> Exit {
    match error {
        entente_port::Error::NotFound { .. } => Exit::NotFound,
        entente_port::Error::Rejected { .. } => Exit::Usage,
        _ => Exit::Error,
    }
}

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Failure {
        Failure::usage(error.to_string())
    }
}

impl From<FieldError> for Failure {
    fn from(wrong: FieldError) -> Failure {
        Failure::usage(format!("field `{}`: {}", wrong.field, wrong.message)).hint("nothing was written")
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Failure {
        Failure::usage(error.to_string())
    }
}

impl From<Box<Denied>> for Failure {
    fn from(denied: Box<Denied>) -> Failure {
        Failure::new(Exit::Forbidden, denied.to_string()).hint("see who holds which role with `entente people check`")
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Failure {
        let failure = Failure::new(Exit::Forbidden, refused.to_string());
        match refused {
            Refused::Denied(denied) => denied.into(),
            Refused::NoAuthority(_) | Refused::NotForPartners { .. } => failure,
            Refused::OfNoBuyer => failure.hint("name the buyer as the person's `party` in the people file"),
            Refused::NotForBuyers => failure.hint(
                "theirs are `entente commitment list`, `show`, `forecast` and `draw`, `entente card`, `entente inbox`, `entente token` \
                 and `entente help`",
            ),
        }
    }
}

impl From<NoAuthority> for Failure {
    fn from(error: NoAuthority) -> Failure {
        Failure::new(Exit::Forbidden, error.to_string())
    }
}

impl From<anyhow::Error> for Failure {
    /// Errors of the library reach the terminal with their causes; known ones keep their exit code.
    fn from(error: anyhow::Error) -> Failure {
        let bad_input = error.chain().any(|cause| {
            cause.is::<DocumentError>()
                || cause.is::<SettingsError>()
                || cause.is::<ConfigError>()
                || cause.is::<ConnectError>()
                || cause.is::<JobTimeError>()
        });
        let refused = error.chain().find_map(|cause| cause.downcast_ref::<StoreError>());
        let exit = match (bad_input, refused) {
            (true, _) => Exit::Usage,
            (_, Some(refused)) => store_exit(refused),
            _ => Exit::Error,
        };
        Failure::new(exit, causes(&error))
    }
}

/// The error and its causes in one line, without saying the same thing twice.
fn causes(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let words = cause.to_string();
        if !text.contains(&words) {
            let separator = if text.is_empty() { "" } else { ": " };
            text.push_str(separator);
            text.push_str(&words);
        }
    }
    text
}
