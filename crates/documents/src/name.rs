//! The name under which people see a file. It names nothing in the vault.

/// The most bytes of a shown name, which every file system takes.
const MOST: usize = 255;

/// What a file is called when nothing is left of its name.
const NAMELESS: &str = "unnamed";

/// Names that Windows takes for devices, whatever follows their first dot.
/// See <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// The name as it may be shown and offered for saving: the last part of a path, in one line, readable in one direction,
/// without what file systems refuse, at most 255 bytes with its extension, and never a device. Cleaning it again changes
/// nothing.
pub fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !is_hidden(*c)).map(|c| if is_reserved(c) { '_' } else { c }).collect();
    let short = shorten(trim(&kept), MOST);
    match (short.is_empty(), is_device(&short)) {
        (true, _) => NAMELESS.to_owned(),
        (false, true) => format!("_{}", shorten(&short, MOST - 1)),
        (false, false) => short,
    }
}

/// The part after the last dot, in lower case; empty where there is none.
pub(crate) fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase()).unwrap_or_default()
}

/// Characters that show nothing, or that change the order in which others are read: control characters, line and
/// paragraph separators, marks of direction, invisible spaces and tags. Joiners stay: scripts need them.
fn is_hidden(c: char) -> bool {
    let direction =
        matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{206F}');
    let invisible = matches!(
        c,
        '\u{AD}' | '\u{180E}' | '\u{200B}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{FEFF}'
    );
    let special = matches!(c, '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}');
    c.is_control() || direction || invisible || special
}

/// Characters that a file system refuses, or that end a quoted text.
fn is_reserved(c: char) -> bool {
    matches!(c, '"' | '<' | '>' | '|' | ':' | '*' | '?')
}

/// Without white space and dots at the ends: a leading dot hides a file, a trailing one is lost on Windows.
fn trim(name: &str) -> &str {
    name.trim_matches(|c: char| c.is_whitespace() || c == '.')
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_uppercase();
    let numbered = ["COM", "LPT"].iter().filter_map(|device| stem.strip_prefix(device)).any(|number| {
        let mut digits = number.chars();
        matches!((digits.next(), digits.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    });
    numbered || DEVICES.contains(&stem.as_str())
}

/// At most `most` bytes, cut before the extension where that is short.
fn shorten(name: &str, most: usize) -> String {
    if name.len() <= most {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 16 => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let room = most - extension.len();
    let end = (0..=room.min(stem.len())).rev().find(|at| stem.is_char_boundary(*at)).unwrap_or_default();
    let stem = stem.get(..end).unwrap_or_default();
    trim(&format!("{}{extension}", stem.trim_end())).to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn row_56_a_name_loses_paths_devices_and_what_deceives() {
        for (name, shown) in [
            ("invoice.pdf", "invoice.pdf"),
            ("Rechnung März 2027.pdf", "Rechnung März 2027.pdf"),
            ("領収書.pdf", "領収書.pdf"),
            ("../../x", "x"),
            ("..\\..\\windows\\system32\\x.pdf", "x.pdf"),
            ("C:\\Users\\ann\\a.pdf", "a.pdf"),
            ("C:a.pdf", "C_a.pdf"),
            ("/etc/", "unnamed"),
            ("..", "unnamed"),
            ("", "unnamed"),
            ("\u{202E}", "unnamed"),
            (".htaccess", "htaccess"),
            ("a.pdf. . .", "a.pdf"),
            ("CON", "_CON"),
            ("con.pdf", "_con.pdf"),
            ("nul .tar.pdf", "_nul .tar.pdf"),
            ("Com1.png", "_Com1.png"),
            ("lpt³", "_lpt³"),
            ("COM10.png", "COM10.png"),
            ("console.pdf", "console.pdf"),
            ("invoice\u{202E}fdp.exe", "invoicefdp.exe"),
            ("a\r\nSet-Cookie: x=y.pdf", "aSet-Cookie_ x=y.pdf"),
            ("a\0.pdf", "a.pdf"),
            ("say \"hi\"; filename=b.exe", "say _hi_; filename=b.exe"),
            ("a\u{2028}b\u{FEFF}c\u{200B}.pdf", "abc.pdf"),
        ] {
            assert_eq!(shown_name(name), shown, "{name:?}");
        }
    }

    #[test]
    fn row_56_a_name_of_four_kilobytes_is_cut_and_keeps_its_extension() {
        let long = shown_name(&format!("{}.pdf", "ä".repeat(2048)));
        assert_eq!((long.len(), long.ends_with("ä.pdf")), (254, true), "{long}");
        assert_eq!(shown_name(&"a".repeat(4096)).len(), 255);
        assert_eq!(shown_name(&format!("a.{}", "b".repeat(4096))).len(), 255);
        let device = shown_name(&format!("con.{}", "b".repeat(4096)));
        assert_eq!((device.len(), device.starts_with("_con.")), (255, true), "{device}");
    }

    proptest! {
        #[test]
        fn row_56_no_name_keeps_anything_that_deceives(name in any::<String>()) {
            let shown = shown_name(&name);
            prop_assert!(!shown.is_empty() && shown.len() <= MOST);
            prop_assert!(!shown.chars().any(|c| is_hidden(c) || is_reserved(c) || matches!(c, '/' | '\\')));
            prop_assert!(!is_device(&shown) && shown != "." && shown != "..");
            prop_assert_eq!(shown_name(&shown), shown);
        }

        #[test]
        fn row_56_no_long_or_odd_name_does_either(name in "[ .\u{e4}a\u{202e}\n\"/nulCON]{0,600}\\.?[a-z .]{0,20}") {
            let shown = shown_name(&name);
            prop_assert!(!shown.is_empty() && shown.len() <= MOST && !is_device(&shown));
            prop_assert_eq!(shown_name(&shown), shown);
        }
    }
}
