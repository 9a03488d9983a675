//! The XML of a part, event by event: no document types, no entities but XML's own, nothing deep, nothing without an end.

use std::io::BufReader;

use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};

use super::package::{Part, RATIO_MOST, is_bomb};
use crate::{
    ROW_MOST,
    error::Fault,
    guard::{Allowance, Guarded, is_spent},
};

/// The deepest element. A sheet needs six levels.
const DEPTH_MOST: u64 = 32;
/// What the reader may have ahead.
const AHEAD: u64 = 64 * 1024;

/// What happens in a part.
#[derive(Debug)]
pub(super) enum Happening {
    /// An element begins. Empty ones begin and end.
    Begins(Element),
    /// An element ends.
    Ends(String),
    /// Text.
    Text(String),
}

/// The beginning of an element.
#[derive(Debug)]
pub(super) struct Element {
    /// Its name, without a prefix.
    pub(super) name: String,
    attributes: Vec<(String, String)>,
}

impl Element {
    /// An attribute, by its name without a prefix.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A part of the package as XML.
pub(super) struct Xml {
    name: &'static str,
    reader: Reader<BufReader<Guarded<Part>>>,
    allowed: Allowance,
    buffer: Vec<u8>,
    depth: u64,
    /// The end of an empty element, which comes next.
    ends: Option<String>,
}

impl Xml {
    pub(super) fn new(name: &'static str, part: Part) -> Xml {
        let (source, allowed) = Guarded::new(part);
        let reader = Reader::from_reader(BufReader::new(source));
        Xml { name, reader, allowed, buffer: Vec::new(), depth: 0, ends: None }
    }

    /// What happens next; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Happening>, Fault> {
        if let Some(name) = self.ends.take() {
            return Ok(Some(Happening::Ends(name)));
        }
        loop {
            self.allowed.up_to(self.reader.buffer_position() + ROW_MOST + AHEAD);
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer).map_err(|error| broken(self.name, error))?;
            let happening = match event {
                Event::Start(start) => {
                    self.depth += 1;
                    Happening::Begins(element(&start)?)
                }
                Event::Empty(start) => {
                    let element = element(&start)?;
                    self.ends = Some(element.name.clone());
                    Happening::Begins(element)
                }
                Event::End(end) => {
                    self.depth = self.depth.saturating_sub(1);
                    Happening::Ends(end.local_name().as_ref().to_owned())
                }
                Event::Text(text) => Happening::Text(text.xml10_content().into_owned()),
                Event::CData(text) => Happening::Text(text.xml10_content().into_owned()),
                Event::GeneralRef(reference) => Happening::Text(resolve(&reference)?.to_string()),
                Event::DocType(_) => return Err(Fault::Entities),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => continue,
                Event::Eof if self.depth > 0 => return Err(Fault::Malformed(format!("`{}` is cut off", self.name))),
                Event::Eof => return Ok(None),
            };
            return match self.depth > DEPTH_MOST {
                true => Err(Fault::TooMuch { most: DEPTH_MOST, what: "levels of elements" }),
                false => Ok(Some(happening)),
            };
        }
    }

    /// The next beginning of an element; `None` at the end.
    pub(super) fn next_element(&mut self) -> Result<Option<Element>, Fault> {
        while let Some(happening) = self.next()? {
            if let Happening::Begins(element) = happening {
                return Ok(Some(element));
            }
        }
        Ok(None)
    }
}

fn broken(part: &str, error: quick_xml::Error) -> Fault {
    match error {
        quick_xml::Error::Io(error) if is_spent(&error) => Fault::TooMuch { most: ROW_MOST, what: "bytes in a piece" },
        quick_xml::Error::Io(error) if is_bomb(&error) => Fault::Bomb { part: part.to_owned(), most: RATIO_MOST },
        error => malformed(&error),
    }
}

fn malformed(error: &impl std::fmt::Display) -> Fault {
    Fault::Malformed(error.to_string().chars().take(200).collect())
}

fn element(start: &BytesStart<'_>) -> Result<Element, Fault> {
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| malformed(&error))?;
        let value = attribute.normalized_value(quick_xml::XmlVersion::default()).map_err(|error| malformed(&error))?;
        attributes.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
    }
    Ok(Element { name: start.local_name().as_ref().to_owned(), attributes })
}

/// A character given by its number, or one of XML's own five entities.
fn resolve(reference: &BytesRef<'_>) -> Result<char, Fault> {
    if let Some(character) = reference.resolve_char_ref().map_err(|error| malformed(&error))? {
        return Ok(character);
    }
    let name: &str = reference;
    match name {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(Fault::Entities),
    }
}
