//! Just enough of Rust's grammar to tell code, comments and string literals apart.

/// A string literal, and the code around it on its line.
#[derive(Debug, PartialEq, Eq)]
pub struct Literal {
    /// Its content, escapes left as written.
    pub text: String,
    /// Its line, from 1.
    pub line: usize,
    /// Where its opening quote stands in the code.
    pub start: usize,
    /// Where the code goes on after its closing quote.
    pub end: usize,
}

/// A Rust file, taken apart.
pub struct RustSource {
    /// The code: comments and the insides of literals are spaces, so that every position is that of the file.
    pub code: String,
    /// Every string literal outside comments.
    pub literals: Vec<Literal>,
}

impl RustSource {
    /// Takes a file apart.
    pub fn read(text: &str) -> RustSource {
        let mut reader = Reader { text: text.as_bytes(), at: 0, code: text.as_bytes().to_vec(), literals: Vec::new() };
        reader.read();
        let code = String::from_utf8_lossy(&reader.code).into_owned();
        RustSource { code, literals: reader.literals }
    }

    /// The same without modules under `#[cfg(test)]`.
    pub fn without_tests(mut self) -> RustSource {
        while let Some(start) = self.code.find("#[cfg(test)]") {
            let end = end_of_item(&self.code, start);
            let blank: String = self.code[start..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
            self.literals.retain(|literal| literal.start < start || literal.start >= end);
            let blank = format!("{blank:width$}", width = end - start);
            self.code.replace_range(start..end, &blank);
        }
        self
    }

    /// The lines of code, numbered from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(at, line)| (at + 1, line))
    }

    /// The code before a literal on its line.
    pub fn before(&self, literal: &Literal) -> &str {
        let before = &self.code[..literal.start];
        before[before.rfind('\n').map_or(0, |at| at + 1)..].trim()
    }

    /// The code after a literal on its line.
    pub fn after(&self, literal: &Literal) -> &str {
        self.code[literal.end..].lines().next().unwrap_or_default().trim()
    }

    /// The code of the body of a function or type, found by its heading such as `fn code(`.
    pub fn item(&self, heading: &str) -> Option<std::ops::Range<usize>> {
        let start = self.code.find(heading)?;
        Some(start..end_of_item(&self.code, start))
    }
}

/// Where the item that begins at `start` ends: after its closing brace, or its semicolon if that comes first.
fn end_of_item(code: &str, start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            b'{' => depth += 1,
            b'}' if depth <= 1 => return at + 1,
            b'}' => depth -= 1,
            b';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    code: Vec<u8>,
    literals: Vec<Literal>,
}

impl Reader<'_> {
    fn read(&mut self) {
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            match rest {
                [b'/', b'/', ..] => self.blank(rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len())),
                [b'/', b'*', ..] => self.blank(block_comment(rest)),
                [b'"', ..] => self.literal(0, quoted(rest)),
                [b'r', b'"' | b'#', ..] if !self.inside_word() => self.raw(rest, 1),
                [b'b', b'r', b'"' | b'#', ..] if !self.inside_word() => self.raw(rest, 2),
                [b'\'', ..] => self.char_or_lifetime(rest),
                _ => self.at += 1,
            }
        }
    }

    fn inside_word(&self) -> bool {
        self.at
            .checked_sub(1)
            .is_some_and(|before| self.text[before].is_ascii_alphanumeric() || self.text[before] == b'_')
    }

    fn blank(&mut self, len: usize) {
        for byte in &mut self.code[self.at..self.at + len] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        self.at += len;
    }

    /// A literal of `len` bytes with `fence` bytes of prefix and `#` on each side of its quotes.
    fn literal(&mut self, fence: usize, len: usize) {
        let (start, end) = (self.at, self.at + len);
        let inside = start + fence + 1..(end - 1).saturating_sub(fence).max(start + fence + 1);
        let text = String::from_utf8_lossy(&self.text[inside]).into_owned();
        let line = 1 + self.text[..start].iter().filter(|b| **b == b'\n').count();
        self.literals.push(Literal { text, line, start, end });
        self.blank(len);
    }

    fn raw(&mut self, rest: &[u8], prefix: usize) {
        let hashes = rest[prefix..].iter().take_while(|b| **b == b'#').count();
        if rest.get(prefix + hashes) != Some(&b'"') {
            self.at += prefix;
            return;
        }
        let close: Vec<u8> = std::iter::once(b'"').chain(std::iter::repeat_n(b'#', hashes)).collect();
        let open = prefix + hashes + 1;
        let inside = rest[open..].windows(close.len()).position(|window| window == close).unwrap_or(rest.len() - open);
        let (start, end) = (self.at, (self.at + open + inside + close.len()).min(self.text.len()));
        let text = String::from_utf8_lossy(&rest[open..open + inside]).into_owned();
        let line = 1 + self.text[..start].iter().filter(|b| **b == b'\n').count();
        self.literals.push(Literal { text, line, start, end });
        self.blank(end - start);
    }

    fn char_or_lifetime(&mut self, rest: &[u8]) {
        let len = match rest {
            [_, b'\\', ..] => rest[2..].iter().skip(1).position(|b| *b == b'\'').map(|at| at + 4),
            _ => {
                let width = std::str::from_utf8(&rest[1..rest.len().min(5)])
                    .map_or_else(|error| error.valid_up_to(), str::len)
                    .min(rest.len() - 1);
                let first = std::str::from_utf8(&rest[1..=width]).ok().and_then(|text| text.chars().next());
                first.map(char::len_utf8).filter(|len| rest.get(1 + len) == Some(&b'\'')).map(|len| len + 2)
            }
        };
        match len {
            Some(len) => self.blank(len),
            None => self.at += 1,
        }
    }
}

fn block_comment(rest: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => {
                depth += 1;
                at += 2;
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    rest.len()
}

fn quoted(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literals(text: &str) -> Vec<String> {
        RustSource::read(text).literals.into_iter().map(|literal| literal.text).collect()
    }

    #[test]
    fn comments_and_literals_are_told_apart() {
        let text = r##"let a = "one // not a comment"; // "not a literal" /* nor this */
/* "nor" /* nested */ "this" */ let b = r#"two "quoted" words"#; let c = 'x'; let d: &'static str = "th\"ree"; '"'; "é""##;
        assert_eq!(literals(text), ["one // not a comment", r#"two "quoted" words"#, r#"th\"ree"#, "é"]);
        let code = RustSource::read(text).code;
        assert_eq!(code.len(), text.len());
        assert!(!code.contains("nested") && code.contains("let d: &'static str ="));
    }

    #[test]
    fn code_around_a_literal_and_its_line_are_known() {
        let source = RustSource::read("fn f() {\n    match word {\n        \"draft\" => 1,\n    }\n}");
        let literal = &source.literals[0];
        assert_eq!((literal.line, source.before(literal), source.after(literal)), (3, "", "=> 1,"));
        assert!(source.item("fn f(").unwrap().contains(&literal.start));
    }

    #[test]
    fn test_modules_are_left_out() {
        let text =
            "fn a() { \"kept\"; }\n#[cfg(test)]\nmod tests { fn b() { { \"dropped\" } } }\nfn c() { \"kept too\"; }";
        let source = RustSource::read(text).without_tests();
        let texts: Vec<&str> = source.literals.iter().map(|literal| literal.text.as_str()).collect();
        assert_eq!(texts, ["kept", "kept too"]);
        assert_eq!(source.code.lines().count(), text.lines().count());
    }
}
