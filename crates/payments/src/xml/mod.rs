//! Reading XML from outside, within bounds and without anything that a document could make the reader do.
//!
//! A document becomes a small tree whose elements know their lines. Document types are refused, so no entity is ever
//! defined, expanded or fetched; size, depth and number of elements are bounded before anything is kept.

mod element;

use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};

pub(crate) use element::Element;

use crate::fault::{ReadError, ReadFault, shown};

/// The most bytes of a file.
pub(crate) const BYTES_MOST: usize = 16 * 1024 * 1024;
/// The deepest element. Bank messages need fifteen levels.
const DEPTH_MOST: usize = 32;
/// The most elements, which bounds the memory of the tree.
const ELEMENTS_MOST: usize = 500_000;

/// The text of a file, without a byte-order mark.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, ReadError> {
    let at = |line, fault| ReadError::at(line, "the file", fault);
    if bytes.len() > BYTES_MOST {
        return Err(at(1, ReadFault::TooMuch { most: BYTES_MOST, what: "bytes" }));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        at(1 + newlines(before), ReadFault::NotUtf8)
    })
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// The document's root element.
pub(crate) fn parse(bytes: &[u8]) -> Result<Element, ReadError> {
    let text = text(bytes)?;
    let mut reader = Reader::from_str(text);
    let mut builder = Builder { line: 1, elements: 0, open: Vec::new(), root: None };
    let mut counted = 0;
    loop {
        let begins = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        builder.line += newlines(text.as_bytes().get(counted..begins).unwrap_or_default());
        counted = begins.max(counted);
        let event = reader.read_event();
        let event = event.map_err(|error| builder.fault(ReadFault::Malformed(shown(&error.to_string()))))?;
        if !builder.take(event)? {
            return builder.end();
        }
    }
}

/// The tree as far as it was read.
struct Builder {
    line: u64,
    elements: usize,
    open: Vec<Element>,
    root: Option<Element>,
}

impl Builder {
    /// Takes the next event; false at the end.
    fn take(&mut self, event: Event<'_>) -> Result<bool, ReadError> {
        match event {
            Event::Start(start) => self.start(&start)?,
            Event::Empty(start) => {
                self.start(&start)?;
                self.close()?;
            }
            Event::End(_) => self.close()?,
            Event::Text(text) => self.text(&text.xml10_content())?,
            Event::CData(text) => self.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let resolved = self.resolve(&reference)?;
                self.text(resolved.encode_utf8(&mut [0; 4]))?;
            }
            Event::Decl(declared) => {
                let encoding = declared.encoding().transpose();
                let encoding = encoding.map_err(|error| self.fault(ReadFault::Malformed(shown(&error.to_string()))))?;
                if encoding.is_some_and(|name| !name.eq_ignore_ascii_case("UTF-8")) {
                    return Err(self.fault(ReadFault::NotUtf8));
                }
            }
            Event::DocType(_) => return Err(self.fault(ReadFault::Doctype)),
            Event::Comment(_) | Event::PI(_) => {}
            Event::Eof => return Ok(false),
        }
        Ok(true)
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), ReadError> {
        let name = start.local_name().as_ref().to_owned();
        if self.open.is_empty() && self.root.is_some() {
            return Err(ReadError::at(self.line, &name, malformed("something follows the document")));
        }
        self.elements += 1;
        let bounds = [(self.open.len(), DEPTH_MOST, "levels"), (self.elements, ELEMENTS_MOST, "elements")];
        if let Some((_, most, what)) = bounds.into_iter().find(|(found, most, _)| found > most) {
            return Err(ReadError::at(self.line, &name, ReadFault::TooMuch { most, what }));
        }
        let mut element = Element::new(name, self.line);
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| element.fault(malformed(&error.to_string())))?;
            let value = attribute.normalized_value(quick_xml::XmlVersion::default());
            let value = value.map_err(|error| element.fault(malformed(&error.to_string())))?;
            element.attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
        }
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<(), ReadError> {
        let Some(element) = self.open.pop() else {
            return Err(self.fault(malformed("an element ends that has not begun")));
        };
        if !element.children.is_empty() && !element.text().is_empty() {
            return Err(element.fault(malformed("text stands between elements")));
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), ReadError> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(self.fault(malformed("text stands outside the document"))),
        }
        Ok(())
    }

    /// A character given by its number, or one of XML's own five entities.
    fn resolve(&self, reference: &BytesRef<'_>) -> Result<char, ReadError> {
        let name: &str = reference;
        let entity = || self.fault(ReadFault::Entity(shown(name)));
        if let Some(character) = reference.resolve_char_ref().map_err(|_| entity())? {
            return Ok(character);
        }
        match name {
            "amp" => Ok('&'),
            "lt" => Ok('<'),
            "gt" => Ok('>'),
            "quot" => Ok('"'),
            "apos" => Ok('\''),
            _ => Err(entity()),
        }
    }

    fn end(mut self) -> Result<Element, ReadError> {
        if let Some(open) = self.open.last() {
            return Err(open.fault(malformed("the file ends inside it")));
        }
        self.root.take().ok_or_else(|| self.fault(malformed("it holds no document")))
    }

    fn fault(&self, fault: ReadFault) -> ReadError {
        let element = self.open.last().map_or("the file", |element| element.name.as_str());
        ReadError::at(self.line, element, fault)
    }
}

fn malformed(what: &str) -> ReadFault {
    ReadFault::Malformed(shown(what))
}
