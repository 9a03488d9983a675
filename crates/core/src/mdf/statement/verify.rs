//! Verifying a statement's file with nothing else at hand.

use super::{
    Line, Period, Section, Statement,
    entry::{Entry, FORMAT, Signature, line_hash},
    finding::{Restored, StatementFinding},
    open::{Chain, Opened, Suspect},
    section::direction,
};
use crate::{
    audit::{Fingerprint, Verifier},
    money::Money,
};

/// The most bytes of a file that [`verify()`] reads.
pub const BYTES_MOST: usize = 16 * 1024 * 1024;
/// How many hashes that a line should have had are remembered, however many lines in a row were changed.
const CANDIDATES: usize = 4;

/// What a verification came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementReport {
    /// Everything that is not as it was signed; empty means that all is well.
    pub findings: Vec<StatementFinding>,
    /// Lines seen.
    pub lines: u64,
    /// The key that the file names as its signer's.
    pub key: Option<String>,
    /// The statement, when all is well.
    pub statement: Option<Statement>,
}

/// Why a file cannot be verified at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableStatement {
    /// Not text.
    #[error("it is not UTF-8 text, and so no statement")]
    NotText,
    /// Larger than a statement is.
    #[error("it has more than {BYTES_MOST} bytes, and so is no statement")]
    TooLarge,
    /// Another kind of file.
    #[error("neither its first nor its last line is that of a statement; give the file as it was received")]
    NotAStatement,
    /// Signed as it is, and not understood.
    #[error("line {line} is as it was signed and not understood; verify it with the newest version of this program")]
    Newer {
        /// From 1.
        line: u64,
    },
}

/// Reads a statement's file and says what is not as it was signed. The verifier decides which keys count.
///
/// # Errors
/// When the file is no statement that this program understands.
pub fn verify(file: &[u8], verifier: &dyn Verifier) -> Result<StatementReport, UnreadableStatement> {
    if file.len() > BYTES_MOST {
        return Err(UnreadableStatement::TooLarge);
    }
    let text = std::str::from_utf8(file).map_err(|_| UnreadableStatement::NotText)?;
    // Marks and line ends that mail programs add say nothing.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = text.strip_suffix('\n').unwrap_or(text);
    let opened: Vec<Opened> =
        text.split('\n').map(|line| Opened::read(line.strip_suffix('\r').unwrap_or(line))).collect();
    let begins = matches!(opened.first(), Some(Opened::Chained(Chain { no: 1, fields, .. }))
        if fields.get("entry").is_some_and(|entry| entry == "statement"));
    if !begins && !matches!(opened.last(), Some(Opened::Signature(_))) {
        return Err(UnreadableStatement::NotAStatement);
    }
    let mut walk = Walk { before: vec![Fingerprint::ZERO], expected: 1, ..Walk::default() };
    let lines = opened.len() as u64;
    for (line, opened) in (1..).zip(opened) {
        walk.take(line, line == lines, opened)?;
    }
    walk.end(lines, verifier)
}

/// A verification under way. After a finding it goes on with what is written, so that one change is one finding.
#[derive(Default)]
struct Walk {
    findings: Vec<StatementFinding>,
    /// The hashes that may stand before the next line; none known means that it cannot be checked.
    before: Vec<Fingerprint>,
    expected: u64,
    records: Vec<Record>,
    signature: Option<Signature>,
}

/// A line of the chain, in its place.
struct Record {
    line: u64,
    entry: Option<Entry>,
    suspect: Option<Suspect>,
}

impl Walk {
    fn take(&mut self, line: u64, is_last: bool, opened: Opened) -> Result<(), UnreadableStatement> {
        match opened {
            Opened::Signature(signature) if is_last => self.signature = Some(signature),
            Opened::Chained(chain) => return self.chained(line, chain),
            Opened::Signature(_) | Opened::Foreign => {
                self.changed(line, None);
                self.before.clear();
                // Where the last line was, no line of the chain is missed.
                self.expected += u64::from(!is_last);
            }
        }
        Ok(())
    }

    fn chained(&mut self, line: u64, chain: Chain) -> Result<(), UnreadableStatement> {
        let Chain { no, hash, fields, entry, is_canonical } = chain;
        let hashes = |no| self.before.iter().map(|before| line_hash(before, no, &fields)).collect::<Vec<_>>();
        let renumbered = no != self.expected && hashes(self.expected).contains(&hash);
        let no = if renumbered { self.expected } else { no };
        if no < self.expected {
            self.findings.push(StatementFinding::Misplaced { line, no });
            return Ok(());
        }
        if no > self.expected {
            self.findings.push(StatementFinding::Missing { line, first: self.expected, last: no - 1 });
            self.before.clear();
        }
        self.expected = no.saturating_add(1);
        let made = self.before.iter().map(|before| line_hash(before, no, &fields)).collect::<Vec<_>>();
        let fits = is_canonical && !renumbered && (made.is_empty() || made.contains(&hash));
        if fits && entry.is_none() {
            return Err(UnreadableStatement::Newer { line });
        }
        if fits {
            self.before = vec![hash];
            self.records.push(Record { line, entry, suspect: None });
            return Ok(());
        }
        // Either what the line says was changed, or the hash beside it: the next line fits to one of them.
        let next = std::iter::once(hash).chain(made.into_iter().take(CANDIDATES)).collect();
        let before = std::mem::replace(&mut self.before, next);
        self.changed(line, None);
        self.records.push(Record { line, entry, suspect: Some(Suspect { before, no, hash, fields }) });
        Ok(())
    }

    fn changed(&mut self, line: u64, restored: Option<Restored>) {
        self.findings.push(StatementFinding::Changed { line, restored });
    }

    fn end(mut self, lines: u64, verifier: &dyn Verifier) -> Result<StatementReport, UnreadableStatement> {
        let key = self.signature.as_ref().map(|signature| signature.key.clone());
        match self.signature.take() {
            None => self.findings.push(StatementFinding::Unsigned),
            Some(signature) => self.check_signature(lines, &signature, verifier),
        }
        let restored = self.restored();
        for finding in &mut self.findings {
            if let StatementFinding::Changed { line, restored: found } = finding {
                *found = restored.iter().find(|(at, _)| at == line).map(|(_, restored)| *restored);
            }
        }
        let mut findings = self.findings;
        let mut statement = None;
        if findings.is_empty() {
            match assembled(self.records)? {
                Ok(whole) => statement = Some(whole),
                Err(finding) => findings.push(finding),
            }
        }
        Ok(StatementReport { findings, lines, key, statement })
    }

    fn check_signature(&mut self, line: u64, signature: &Signature, verifier: &dyn Verifier) {
        let seen = self.expected - 1;
        if !verifier.verifies(&signature.key, &signature.signed_bytes(), &signature.signature) {
            self.findings.push(StatementFinding::Signature);
        } else if signature.lines > seen {
            let (first, last) = (self.expected, signature.lines);
            self.findings.push(StatementFinding::Missing { line, first, last });
        } else if signature.lines < seen || !self.before.is_empty() && !self.before.contains(&signature.last) {
            self.findings.push(StatementFinding::Rewritten);
        }
    }

    /// What was changed in sections in which one line was, as their totals tell and the line's hash proves.
    fn restored(&self) -> Vec<(u64, Restored)> {
        let closes = |record: &&Record| matches!(record.entry, Some(Entry::Closing { .. }));
        let mut rest = self.records.as_slice();
        let mut restored = Vec::new();
        while let Some(end) = rest.iter().position(|record| closes(&record)) {
            let (section, after) = rest.split_at(end + 1);
            restored.extend(restore(section));
            rest = after;
        }
        restored
    }
}

/// The one changed amount of a section.
fn restore(section: &[Record]) -> Option<(u64, Restored)> {
    let mut suspects = section.iter().filter(|record| record.suspect.is_some());
    let (record, None) = (suspects.next()?, suspects.next()) else { return None };
    // By how much the section misses its closing, and in which currency it is.
    let (mut missed, mut currency) = (0_i64, None);
    for record in section {
        match record.entry.as_ref()? {
            Entry::Opening { owed, .. } => (missed, currency) = (owed.minor, Some(owed.currency)),
            Entry::Line(Line { movement, amount, .. }) => {
                missed = missed.checked_add(direction(*movement).checked_mul(amount.minor)?)?;
            }
            Entry::Closing { owed } => missed = missed.checked_sub(owed.minor)?,
            Entry::Statement { .. } => {}
        }
    }
    let (field, found, minor) = match record.entry.as_ref()? {
        Entry::Statement { .. } => return None,
        Entry::Opening { owed, .. } => ("owed", *owed, owed.minor.checked_sub(missed)?),
        Entry::Line(Line { movement, amount, .. }) => {
            ("amount", *amount, amount.minor.checked_sub(missed.checked_mul(direction(*movement))?)?)
        }
        Entry::Closing { owed } => ("owed", *owed, owed.minor.checked_add(missed)?),
    };
    let signed = Money { minor, currency: currency? };
    let proven = signed != found && record.suspect.as_ref()?.was(field, signed);
    proven.then_some((record.line, Restored { field, signed, found }))
}

/// The statement of lines that are as they were signed, or what keeps them from being one.
fn assembled(records: Vec<Record>) -> Result<Result<Statement, StatementFinding>, UnreadableStatement> {
    let mut records = records.into_iter();
    let head = records.next().and_then(|record| record.entry);
    let Some(Entry::Statement { format, partner, entity, period, zone, preliminary }) = head else {
        return Ok(Err(StatementFinding::Shape { line: 1 }));
    };
    if format != FORMAT {
        return Err(UnreadableStatement::Newer { line: 1 });
    }
    let Ok(period) = Period::new(&period, &zone) else { return Ok(Err(StatementFinding::Shape { line: 1 })) };
    let (mut sections, mut open): (Vec<Section>, Option<Section>) = (Vec::new(), None);
    let mut last = 1;
    for Record { line, entry, .. } in records {
        last = line;
        match (entry, open.take()) {
            (Some(Entry::Opening { fund, owed }), None) => {
                open = Some(Section { fund, opening: owed, lines: Vec::new(), closing: owed });
            }
            (Some(Entry::Line(moved)), Some(mut section)) => {
                section.lines.push(moved);
                open = Some(section);
            }
            (Some(Entry::Closing { owed }), Some(section)) => sections.push(Section { closing: owed, ..section }),
            _ => return Ok(Err(StatementFinding::Shape { line })),
        }
    }
    if open.is_some() {
        return Ok(Err(StatementFinding::Shape { line: last }));
    }
    let statement = Statement::new(partner, entity, period, sections);
    let statement = statement.map(|statement| Statement { preliminary, ..statement });
    Ok(statement.map_err(|error| StatementFinding::of_section(error.fund.clone(), &error.fault)))
}
