//! Sends one plain-text mail at a time over SMTP.
//!
//! The caller decides what to say and when to try again; this crate makes sure that a mail is well formed, that
//! nobody's name or subject can add a header, and that a failure says whether trying again may help. A mail carries a
//! `Message-ID` derived from the caller's id: when an unknown outcome makes the caller send it twice, the two are
//! recognisably the same mail.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod error;
mod mail;
mod mailer;
mod message_id;
mod printable;
mod settings;

pub use error::{Error, Result};
pub use mail::{Mail, Party};
pub use mailer::Mailer;
pub use message_id::message_id;
pub use settings::{Credentials, Security, Settings};
