//! Text from outside, made harmless before it becomes part of a mail.

/// One line for a header: every control character (line ends and escape sequences among them) and every mark that
/// reverses the reading direction becomes a space, runs of spaces become one, and the line ends after 200 characters.
pub(crate) fn line(text: &str) -> String {
    let harmless: String = text.chars().map(|c| if is_dangerous(c) { ' ' } else { c }).collect();
    let words: Vec<&str> = harmless.split_whitespace().collect();
    words.join(" ").chars().take(200).collect()
}

/// A body: line ends and tabs stay, other control characters and direction marks become visible as `\u{FFFD}`.
pub(crate) fn body(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines.chars().map(|c| if is_dangerous(c) && !matches!(c, '\n' | '\t') { '\u{FFFD}' } else { c }).collect()
}

fn is_dangerous(c: char) -> bool {
    let separates_lines = matches!(c, '\u{2028}' | '\u{2029}');
    let turns_direction = matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    c.is_control() || separates_lines || turns_direction
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn row_79_a_name_with_line_ends_stays_one_line() {
        assert_eq!(line("Acme\r\nBcc: eve@example.com"), "Acme Bcc: eve@example.com");
        assert_eq!(line("\u{1b}[31mred\u{1b}[0m"), "[31mred [0m");
        assert_eq!(line("invoice\u{202E}fdp.exe"), "invoice fdp.exe");
    }

    #[test]
    fn a_body_keeps_its_lines_and_shows_what_it_lost() {
        assert_eq!(body("one\r\ntwo\rthree\n\tfour"), "one\ntwo\nthree\n\tfour");
        assert_eq!(body("a\u{0}b\u{1b}[2J"), "a\u{FFFD}b\u{FFFD}[2J");
    }

    proptest! {
        #[test]
        fn row_79_no_text_puts_a_control_character_into_a_header(text in any::<String>()) {
            let line = line(&text);
            prop_assert!(!line.chars().any(is_dangerous));
            prop_assert!(line.chars().count() <= 200);
        }

        #[test]
        fn ordinary_text_is_left_as_it_is(text in "[a-zA-Zäöüß0-9]{1,12}( [a-zA-Z0-9€.,:;-]{1,9}){0,5}") {
            prop_assert_eq!(line(&text), text.clone());
            prop_assert_eq!(body(&text), text);
        }
    }
}
