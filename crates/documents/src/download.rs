//! How evidence leaves: saved by the reader, never shown inside a page of ours.

use std::fmt::Write as _;

use crate::{media::MediaType, name::shown_name};

/// The value of `Content-Disposition` for a file of this name (RFC 6266): always `attachment`, with the cleaned name in
/// the extended notation of RFC 8187, whose letters can neither end the value nor the line.
pub fn content_disposition(name: &str) -> String {
    let mut value = String::from("attachment; filename*=UTF-8''");
    for byte in shown_name(name).bytes() {
        match is_plain(byte) {
            true => value.push(char::from(byte)),
            // Writing to a text cannot fail.
            false => drop(write!(value, "%{byte:02X}")),
        }
    }
    value
}

/// `attr-char` of RFC 8187, section 3.2.1.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte)
}

/// The headers of every answer that carries evidence: name and value. Whatever a file holds, no browser runs or shows
/// it in our pages.
pub fn download_headers(kind: MediaType, name: &str) -> [(&'static str, String); 6] {
    [
        ("Content-Type", kind.essence().to_owned()),
        ("Content-Disposition", content_disposition(name)),
        ("X-Content-Type-Options", "nosniff".to_owned()),
        ("Content-Security-Policy", "sandbox; default-src 'none'".to_owned()),
        ("Cross-Origin-Resource-Policy", "same-origin".to_owned()),
        ("Cache-Control", "no-store".to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BEGINNING: &str = "attachment; filename*=UTF-8''";

    /// What a browser makes of the value.
    fn read(value: &str) -> String {
        let encoded = value.strip_prefix(BEGINNING).unwrap();
        let mut bytes = Vec::new();
        let mut rest = encoded.as_bytes();
        while let [first, tail @ ..] = rest {
            match first {
                b'%' => {
                    bytes.push(u8::from_str_radix(std::str::from_utf8(&tail[..2]).unwrap(), 16).unwrap());
                    rest = &tail[2..];
                }
                byte => {
                    bytes.push(*byte);
                    rest = tail;
                }
            }
        }
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn row_56_a_name_stands_in_the_extended_notation() {
        for (name, value) in [
            ("invoice.pdf", "invoice.pdf"),
            ("März €.pdf", "M%C3%A4rz%20%E2%82%AC.pdf"),
            ("it's 100%.pdf", "it%27s%20100%25.pdf"),
            ("a\r\nX: y\".pdf", "aX_%20y_.pdf"),
        ] {
            assert_eq!(content_disposition(name), format!("{BEGINNING}{value}"), "{name:?}");
        }
    }

    #[test]
    fn row_55_no_kind_is_ever_served_inside_a_page() {
        for kind in MediaType::ALL {
            let headers = download_headers(kind, "x.html");
            for expected in [
                ("Content-Type", kind.essence()),
                ("Content-Disposition", "attachment; filename*=UTF-8''x.html"),
                ("X-Content-Type-Options", "nosniff"),
                ("Content-Security-Policy", "sandbox; default-src 'none'"),
            ] {
                assert!(headers.iter().any(|(name, value)| (*name, value.as_str()) == expected), "{expected:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn row_56_no_name_leaves_its_header_and_each_reads_back(name in any::<String>()) {
            let value = content_disposition(&name);
            prop_assert!(value.bytes().all(|b| (0x20..0x7f).contains(&b)));
            let encoded = value.strip_prefix(BEGINNING).unwrap();
            prop_assert!(!encoded.contains(['"', '\'', ';', ',', '\\', ' ', '(', '=', '/']));
            prop_assert_eq!(read(&value), shown_name(&name));
        }
    }
}
