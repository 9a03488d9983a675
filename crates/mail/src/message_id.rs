//! The stable `Message-ID` of a mail.

use std::fmt::Write;

/// The `Message-ID` of the mail with this id, sent from `domain`: the same for every attempt, and different for
/// different ids. Letters, digits, `-` and `_` stand for themselves; every other byte becomes `=` and two hexadecimal
/// digits, which keeps the result within the characters that RFC 5322 allows there.
pub fn message_id(id: &str, domain: &str) -> String {
    let mut text = String::with_capacity(id.len() + domain.len() + 3);
    text.push('<');
    for byte in id.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => text.push(char::from(byte)),
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(text, "={byte:02X}");
            }
        }
    }
    text.push('@');
    text.push_str(domain);
    text.push('>');
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_of_a_notice_stays_readable() {
        assert_eq!(message_id("OFR-2026-00042/7.1", "example.com"), "<OFR-2026-00042=2F7=2E1@example.com>");
    }

    proptest! {
        #[test]
        fn the_same_id_gives_the_same_message_id_and_another_gives_another(a in ".*", b in ".*") {
            prop_assert_eq!(message_id(&a, "x.org"), message_id(&a, "x.org"));
            prop_assert_eq!(message_id(&a, "x.org") == message_id(&b, "x.org"), a == b);
        }

        #[test]
        fn whatever_the_id_the_header_is_one_plain_line(id in any::<String>()) {
            let text = message_id(&id, "x.org");
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(text.matches(['<', '>', '@']).count(), 3);
        }
    }
}
