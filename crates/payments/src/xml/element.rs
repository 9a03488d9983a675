//! An element of a document from outside, with its line.

use entente_core::money::{Currency, Money};
use jiff::{Timestamp, civil::Date};

use crate::fault::{ReadError, ReadFault, shown};

/// An element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Element {
    /// Its name without a prefix.
    pub(crate) name: String,
    /// Where it begins, from 1.
    line: u64,
    pub(super) text: String,
    pub(super) attributes: Vec<(String, String)>,
    /// What is in it.
    pub(crate) children: Vec<Element>,
}

impl Element {
    pub(super) fn new(name: String, line: u64) -> Element {
        Element { name, line, text: String::new(), attributes: Vec::new(), children: Vec::new() }
    }

    /// Its text without white space at the ends.
    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    /// An error about it.
    pub(crate) fn fault(&self, fault: ReadFault) -> ReadError {
        ReadError::at(self.line, &self.name, fault)
    }

    /// The children of this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The child of this name, if there is one.
    ///
    /// # Errors
    /// When there are two.
    pub(crate) fn one(&self, name: &str) -> Result<Option<&Element>, ReadError> {
        let mut found = self.children.iter().filter(|child| child.name == name);
        let first = found.next();
        match found.next() {
            Some(second) => Err(second.fault(ReadFault::Twice)),
            None => Ok(first),
        }
    }

    /// The child of this name.
    ///
    /// # Errors
    /// When there is none, or two.
    pub(crate) fn need(&self, name: &'static str) -> Result<&Element, ReadError> {
        self.one(name)?.ok_or_else(|| self.fault(ReadFault::Missing(name)))
    }

    /// What a path of names leads to, if it is there.
    ///
    /// # Errors
    /// When a part of the path is there twice.
    pub(crate) fn path(&self, names: &[&str]) -> Result<Option<&Element>, ReadError> {
        let mut at = self;
        for name in names {
            match at.one(name)? {
                Some(next) => at = next,
                None => return Ok(None),
            }
        }
        Ok(Some(at))
    }

    /// An attribute's value.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The namespaces that it declares.
    pub(crate) fn namespaces(&self) -> impl Iterator<Item = &str> {
        let declares = |key: &str| key == "xmlns" || key.starts_with("xmlns:");
        self.attributes.iter().filter(move |(key, _)| declares(key)).map(|(_, value)| value.as_str())
    }

    /// Its amount, whose currency is its attribute `Ccy`.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn money(&self) -> Result<Money, ReadError> {
        let code = self.attribute("Ccy").ok_or_else(|| self.fault(ReadFault::Missing("Ccy")))?;
        let amount = code.parse::<Currency>().and_then(|currency| Money::parse(self.text(), currency));
        amount.map_err(|error| self.fault(ReadFault::Amount(error)))
    }

    /// Its day: a date, or the day of an instant on the clock that it was written with.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn day(&self) -> Result<Date, ReadError> {
        let text = self.text();
        // `2027-03-31`, or with a zone behind it as XML allows; of an instant the part before the `T`.
        let date = text.get(..10).and_then(|date| date.parse::<Date>().ok());
        let rest = text.get(10..).unwrap_or_default();
        let bounded = rest.is_empty() || rest.starts_with(['T', 'Z', '+', '-']);
        date.filter(|_| bounded).ok_or_else(|| self.fault(ReadFault::NotADate(shown(text))))
    }

    /// Its instant.
    ///
    /// # Errors
    /// When it is none.
    pub(crate) fn instant(&self) -> Result<Timestamp, ReadError> {
        self.text().parse().map_err(|_| self.fault(ReadFault::NotADate(shown(self.text()))))
    }
}
