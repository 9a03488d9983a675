//! Exact decimals as the services write them: texts.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An exact amount or unit price that keeps the text in which it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Price {
    text: String,
    value: Decimal,
}

impl Price {
    pub(crate) fn value(&self) -> Decimal {
        self.value
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.value.is_zero()
    }

    /// Digits after the point, as written.
    pub(crate) fn decimals(&self) -> u32 {
        self.value.scale()
    }

    /// A price that the sandbox computed.
    pub(crate) fn of(value: Decimal) -> Self {
        Self { text: value.to_string(), value }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

impl TryFrom<String> for Price {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match Decimal::from_str_exact(&text) {
            Ok(value) => Ok(Self { text, value }),
            Err(_) => Err(format!("`{text}` is not a decimal number")),
        }
    }
}

impl From<Price> for String {
    fn from(price: Price) -> Self {
        price.text
    }
}
