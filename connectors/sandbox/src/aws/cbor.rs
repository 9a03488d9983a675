//! CBOR as Smithy's rpc-v2-cbor uses it, to and from the JSON form in which handlers work.
//!
//! A timestamp inside a handler's answer is an object with the single key [`MARK`] and milliseconds
//! since the epoch; it leaves as a number in JSON and as tag 1 in CBOR.

use ciborium::Value as Cbor;
use jiff::Timestamp;
use serde_json::{Map, Number, Value, json};

const MARK: &str = "$epoch_ms";

/// A timestamp for an answer of the Agreement service.
pub(crate) fn timestamp(at: Timestamp) -> Value {
    json!({ MARK: at.as_millisecond() })
}

fn marked(map: &Map<String, Value>) -> Option<i64> {
    if map.len() == 1 { map.get(MARK).and_then(Value::as_i64) } else { None }
}

/// Seconds since the epoch; whole ones stay integers. Times are no money: a float is what the
/// protocols prescribe for fractions.
fn epoch_seconds(millis: i64) -> Number {
    let whole = Number::from(millis.div_euclid(1000));
    if millis.rem_euclid(1000) == 0 {
        return whole;
    }
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of this era are exact in a double")]
    let seconds = millis as f64 / 1000.0;
    Number::from_f64(seconds).unwrap_or(whole)
}

/// An answer as plain JSON: timestamps become epoch seconds (awsJson1.0).
pub(crate) fn plain_json(value: Value) -> Value {
    match value {
        Value::Object(map) => match marked(&map) {
            Some(millis) => Value::Number(epoch_seconds(millis)),
            None => Value::Object(map.into_iter().map(|(key, value)| (key, plain_json(value))).collect()),
        },
        Value::Array(items) => Value::Array(items.into_iter().map(plain_json).collect()),
        other => other,
    }
}

/// An answer as CBOR bytes.
pub(crate) fn encode(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a vector cannot fail.
    let _written = ciborium::into_writer(&to_cbor(value), &mut bytes);
    bytes
}

fn to_cbor(value: &Value) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(flag) => Cbor::Bool(*flag),
        Value::Number(number) => number_to_cbor(number),
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Array(items) => Cbor::Array(items.iter().map(to_cbor).collect()),
        Value::Object(map) => match marked(map) {
            Some(millis) => Cbor::Tag(1, Box::new(number_to_cbor(&epoch_seconds(millis)))),
            None => Cbor::Map(map.iter().map(|(key, value)| (Cbor::Text(key.clone()), to_cbor(value))).collect()),
        },
    }
}

fn number_to_cbor(number: &Number) -> Cbor {
    match (number.as_i64(), number.as_u64()) {
        (Some(signed), _) => Cbor::Integer(signed.into()),
        (None, Some(unsigned)) => Cbor::Integer(unsigned.into()),
        (None, None) => Cbor::Float(number.as_f64().unwrap_or_default()),
    }
}

/// A request body as JSON: tags vanish, so that a timestamp is epoch seconds in both protocols.
pub(crate) fn decode(bytes: &[u8]) -> Result<Value, String> {
    if bytes.is_empty() {
        return Ok(json!({}));
    }
    let value: Cbor = ciborium::from_reader(bytes).map_err(|error| error.to_string())?;
    to_json(value)
}

fn to_json(value: Cbor) -> Result<Value, String> {
    Ok(match value {
        Cbor::Null => Value::Null,
        Cbor::Bool(flag) => Value::Bool(flag),
        Cbor::Integer(integer) => {
            Value::Number(i64::try_from(integer).map_err(|_| "an integer is out of range".to_owned())?.into())
        }
        Cbor::Float(float) => Value::Number(Number::from_f64(float).ok_or("a number is not finite")?),
        Cbor::Text(text) => Value::String(text),
        Cbor::Tag(_, inner) => to_json(*inner)?,
        Cbor::Array(items) => Value::Array(items.into_iter().map(to_json).collect::<Result<_, _>>()?),
        Cbor::Map(entries) => {
            let mut map = Map::new();
            for (key, value) in entries {
                let key = key.into_text().map_err(|_| "a map key is not a text".to_owned())?;
                map.insert(key, to_json(value)?);
            }
            Value::Object(map)
        }
        _ => return Err("a value has a type that the service does not use".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timestamp_is_tag_1_and_comes_back_as_epoch_seconds() {
        let at: Timestamp = "2024-01-01T00:00:00.250Z".parse().expect("a timestamp");
        let answer = json!({ "endTime": timestamp(at), "items": [1, "two", null, true] });
        let read = decode(&encode(&answer)).expect("our own bytes");
        assert_eq!(read, json!({ "endTime": 1_704_067_200.25, "items": [1, "two", null, true] }));
        assert_eq!(plain_json(answer), read);
    }

    #[test]
    fn an_indefinite_length_map_is_read() {
        // As the Rust SDK writes it: map(*) "agreementId" "agmt-1" break.
        let bytes = b"\xbf\x6bagreementId\x66agmt-1\xff";
        assert_eq!(decode(bytes), Ok(json!({ "agreementId": "agmt-1" })));
    }

    #[test]
    fn broken_bytes_are_refused() {
        assert!(decode(b"\xbf\x6bagree").is_err());
    }
}
