//! Where data and words go: data to standard output, words to standard error.

use std::io::{BufWriter, IsTerminal as _, Write as _};

use comfy_table::{ContentArrangement, Table, presets};
use jiff::Timestamp;
use serde::Serialize;

use super::{
    failure::Failure,
    printable::{self, Safe},
};

/// When colours are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The two streams of a command.
#[derive(Debug, Clone)]
pub struct Out {
    json: bool,
    quiet: bool,
    terminal: bool,
    color: bool,
}

impl Out {
    /// Streams that behave as the global options say.
    pub fn new(json: bool, quiet: bool, color: Color) -> Out {
        let wanted =
            || std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let color = match color {
            Color::Auto => wanted(),
            Color::Always => true,
            Color::Never => false,
        };
        Out { json, quiet, terminal: std::io::stdout().is_terminal(), color }
    }

    /// Whether data is wanted as JSON.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Whether colours are used.
    pub fn has_color(&self) -> bool {
        self.color
    }

    /// Data as JSON: indented on a terminal, one line otherwise. It is written as it is made, however much it is.
    ///
    /// # Errors
    /// When the value has no JSON form.
    pub fn json(&self, value: &impl Serialize) -> Result<(), Failure> {
        let mut to = Safe::new(BufWriter::new(std::io::stdout().lock()));
        let written = match self.terminal {
            true => serde_json::to_writer_pretty(&mut to, value),
            false => serde_json::to_writer(&mut to, value),
        };
        match written {
            Err(error) if !error.is_io() => {
                Err(Failure::new(super::exit::Exit::Error, format!("the answer has no JSON form: {error}")))
            }
            // A reader that has gone away is no reason to complain.
            Err(_) => Ok(()),
            Ok(()) => {
                let _gone = to.write_all(b"\n").and_then(|()| to.flush());
                Ok(())
            }
        }
    }

    /// Rows of data: an aligned table on a terminal, tab-separated values without a heading otherwise.
    pub fn table(&self, heading: &[&str], rows: &[Vec<String>]) {
        if !self.terminal {
            for row in rows {
                let cells: Vec<String> = row.iter().map(|cell| printable::line(cell)).collect();
                emit(&cells.join("\t"));
            }
            return;
        }
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(heading.iter().map(|name| name.to_uppercase()));
        for row in rows {
            table.add_row(row.iter().map(|cell| printable::line(cell)));
        }
        emit(&table.trim_fmt());
    }

    /// A table under a heading of its own, where it has rows.
    pub fn part(&self, title: &str, heading: &[&str], rows: &[Vec<String>]) {
        if !rows.is_empty() {
            self.heading(title);
            self.table(heading, rows);
        }
    }

    /// Named values, one per line. Values that are empty are left out.
    pub fn fields(&self, fields: &[(&str, String)]) {
        let shown = fields.iter().filter(|(_, value)| !value.is_empty());
        let width = fields.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0) + 1;
        for (name, value) in shown {
            let value = printable::line(value);
            emit(&match self.terminal {
                true => format!("{:<width$} {value}", format!("{name}:")),
                false => format!("{name}\t{value}"),
            });
        }
    }

    /// Whether a terminal shows the data.
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// How many characters a line has.
    pub fn width(&self) -> usize {
        Table::new().width().map_or(100, usize::from)
    }

    /// A heading within data; only a terminal shows it.
    pub fn heading(&self, text: &str) {
        if self.terminal {
            emit(&format!("\n{text}"));
        }
    }

    /// Lines of data, as they are but for what would act on a terminal.
    pub fn data(&self, text: &str) {
        emit(&printable::lines(text));
    }

    /// A file, byte by byte where it is taken by a program, made safe where a terminal shows it.
    pub fn bytes(&self, text: &str) {
        if self.terminal {
            emit(&printable::lines(text.replace("\r\n", "\n").trim_end()));
            return;
        }
        let _gone = std::io::stdout().lock().write_all(text.as_bytes());
    }

    /// Words for the person at the keyboard, left out under `--quiet`.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            tell(&printable::line(text));
        }
    }

    /// A warning, shown even under `--quiet`.
    pub fn warn(&self, text: &str) {
        tell(&format!("{} {}", self.paint("warning:", "33"), printable::line(text)));
    }

    /// A failure: what happened, and what to do next.
    pub fn fail(&self, failure: &Failure) {
        tell(&format!("{} {}", self.paint("error:", "31"), printable::line(&failure.message)));
        if let Some(hint) = &failure.hint {
            tell(&format!("{} {}", self.paint("hint:", "36"), printable::line(hint)));
        }
    }

    fn paint(&self, text: &str, code: &str) -> String {
        if self.color { format!("\u{1b}[1;{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// An instant as tables show it: to the second. JSON keeps all of it.
pub fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A reader that has gone away (`| head`) is no reason to complain, and nobody is left to complain to.
pub fn emit(text: &str) {
    let _gone = writeln!(std::io::stdout().lock(), "{text}");
}

fn tell(text: &str) {
    let _gone = writeln!(std::io::stderr().lock(), "{text}");
}
