//! Whether a value is of a type that charts are checked against.

use serde_json::Value;

use super::{FieldError, Type};

impl Type {
    /// Checks that a value has every field of this type, each of its kind. Fields that the type does not name are
    /// nobody's business here.
    ///
    /// # Errors
    /// The first field that is missing or of another kind.
    pub fn fits(&self, value: &Value) -> Result<(), FieldError> {
        self.fits_at(value, "")
    }

    fn fits_at(&self, value: &Value, field: &str) -> Result<(), FieldError> {
        let wrong = |kind: &str| {
            let message = if value.is_null() { format!("{kind} is missing") } else { format!("it is not {kind}") };
            Err(FieldError { field: field.to_owned(), message })
        };
        match self {
            Type::Optional(_) if value.is_null() => Ok(()),
            Type::Optional(of) => of.fits_at(value, field),
            Type::Bool if !value.is_boolean() => wrong("`true` or `false`"),
            Type::Int if !value.is_i64() && !value.is_u64() => wrong("a whole number"),
            Type::Text if !value.is_string() => wrong("a text"),
            Type::Bool | Type::Int | Type::Text => Ok(()),
            Type::List(of) => {
                let Some(items) = value.as_array() else { return wrong("a list") };
                let mut items = items.iter().enumerate();
                items.try_for_each(|(at, item)| of.fits_at(item, &format!("{field}/{at}")))
            }
            Type::Object(fields) => {
                let Some(values) = value.as_object() else { return wrong("an object") };
                let mut fields = fields.iter();
                fields.try_for_each(|(name, of)| {
                    of.fits_at(values.get(name).unwrap_or(&Value::Null), &format!("{field}/{name}"))
                })
            }
        }
    }
}
