//! One mail, and its form on the wire.

use lettre::{
    Address, Message,
    message::{Mailbox, header},
};

use crate::{
    error::{Error, Result},
    message_id::message_id,
    printable,
};

/// The longest id of a mail, in bytes: its `Message-ID` must fit on one line.
const ID_BYTES_MAX: usize = 250;

/// A sender or recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// The name to show, if any; it may hold any text and never becomes more than a name.
    pub name: Option<String>,
    /// The address, such as `deal-desk@example.com`.
    pub address: String,
}

impl Party {
    /// A party known by address alone.
    pub fn address(address: impl Into<String>) -> Party {
        Party { name: None, address: address.into() }
    }

    /// A party with a name.
    pub fn named(name: impl Into<String>, address: impl Into<String>) -> Party {
        Party { name: Some(name.into()), address: address.into() }
    }

    fn mailbox(&self) -> std::result::Result<Mailbox, String> {
        let address: Address = self
            .address
            .parse()
            .map_err(|error| format!("`{}` is not a mail address ({error})", self.address.escape_debug()))?;
        let name = self.name.as_deref().map(printable::line).filter(|name| !name.is_empty());
        Ok(Mailbox::new(name, address))
    }
}

/// A plain-text mail to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The caller's id: two attempts with the same id are the same mail. At most 250 bytes.
    pub id: String,
    /// Who sends it.
    pub from: Party,
    /// Who receives it.
    pub to: Party,
    /// The subject.
    pub subject: String,
    /// The body, in plain text.
    pub text: String,
}

impl Mail {
    /// The mail in the form in which it is handed over.
    ///
    /// # Errors
    /// [`Error::Permanent`] when an address cannot be one, or the id is too long.
    pub(crate) fn message(&self) -> Result<Message> {
        if self.id.len() > ID_BYTES_MAX {
            return Err(self.permanent(format!("its id has {} bytes, {ID_BYTES_MAX} are allowed", self.id.len())));
        }
        let from = self.from.mailbox().map_err(|reason| self.permanent(reason))?;
        let to = self.to.mailbox().map_err(|reason| self.permanent(reason))?;
        let id = message_id(&self.id, from.email.domain());
        Message::builder()
            .from(from)
            .to(to)
            .subject(printable::line(&self.subject))
            .message_id(Some(id))
            // RFC 3834: out-of-office programs do not answer what a program sent.
            .raw_header(header::HeaderValue::new(
                header::HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".into(),
            ))
            .header(header::ContentType::TEXT_PLAIN)
            .body(printable::body(&self.text))
            .map_err(|error| self.permanent(error.to_string()))
    }

    pub(crate) fn permanent(&self, reason: String) -> Error {
        Error::Permanent { id: self.id.clone(), to: self.to.address.clone(), reason }
    }

    pub(crate) fn transient(&self, reason: String) -> Error {
        Error::Transient { id: self.id.clone(), to: self.to.address.clone(), reason }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mail(name: &str, subject: &str, text: &str) -> Mail {
        Mail {
            id: "OFR-2026-00042/3.0".into(),
            from: Party::named("Entente", "entente@example.com"),
            to: Party::named(name, "buyer@example.org"),
            subject: subject.into(),
            text: text.into(),
        }
    }

    fn header_names(mail: &Mail) -> Vec<String> {
        let wire = String::from_utf8(mail.message().unwrap().formatted()).unwrap();
        let (head, _) = wire.split_once("\r\n\r\n").unwrap();
        let starts = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
        starts.map(|line| line.split(':').next().unwrap_or_default().to_owned()).collect()
    }

    const HEADERS: [&str; 9] = [
        "From",
        "To",
        "Subject",
        "Message-ID",
        "Auto-Submitted",
        "Content-Type",
        "Date",
        "Content-Transfer-Encoding",
        "MIME-Version",
    ];

    fn assert_no_foreign_header(mail: &Mail) {
        for name in header_names(mail) {
            assert!(HEADERS.contains(&name.as_str()), "header `{name}` came from outside: {mail:?}");
        }
    }

    #[test]
    fn row_79_a_subject_cannot_add_a_recipient() {
        for bad in
            ["Hi\r\nBcc: eve@example.com", "Hi\nBcc: eve@example.com", "Hi\rBcc: eve@example.com", "Hi\r\n\r\nbody"]
        {
            assert_no_foreign_header(&mail(bad, bad, "text"));
        }
    }

    #[test]
    fn row_79_an_address_with_line_ends_is_refused() {
        let mut mail = mail("Ann", "Hi", "text");
        mail.to.address = "ann@example.com\r\nBcc: eve@example.com".into();
        let error = mail.message().unwrap_err();
        assert!(!error.is_transient(), "{error}");
        assert!(error.to_string().contains("is not a mail address"), "{error}");
    }

    #[test]
    fn an_id_that_fits_no_line_is_refused() {
        let mail = Mail { id: "x".repeat(251), ..mail("Ann", "Hi", "text") };
        assert!(mail.message().unwrap_err().to_string().contains("251 bytes"));
    }

    proptest! {
        #[test]
        fn row_79_no_name_subject_or_text_adds_a_header(name in any::<String>(), subject in any::<String>(), text in any::<String>()) {
            assert_no_foreign_header(&mail(&name, &subject, &text));
        }
    }
}
