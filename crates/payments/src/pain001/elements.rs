//! Elements on their way out, indented, in the order in which they are asked for.

use std::io;

use quick_xml::{
    Writer,
    events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event},
};

/// A document that is being written.
pub(super) struct Elements<W>(Writer<W>);

impl<W: io::Write> Elements<W> {
    /// Begins a document.
    pub(super) fn begin(out: W) -> io::Result<Elements<W>> {
        let mut writer = Writer::new_with_indent(out, b' ', 2);
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        Ok(Elements(writer))
    }

    /// An element with others inside.
    pub(super) fn holding(&mut self, name: &str, inside: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.element(BytesStart::new(name), inside)
    }

    /// An element of a namespace with others inside.
    pub(super) fn of_namespace(
        &mut self,
        (name, namespace): (&str, &str),
        inside: impl FnOnce(&mut Self) -> io::Result<()>,
    ) -> io::Result<()> {
        self.element(BytesStart::new(name).with_attributes([("xmlns", namespace)]), inside)
    }

    /// An element with text.
    pub(super) fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.element(BytesStart::new(name), |inside| inside.words(text))
    }

    /// An amount with its currency.
    pub(super) fn amount(&mut self, name: &str, amount: &str, currency: &str) -> io::Result<()> {
        let start = BytesStart::new(name).with_attributes([("Ccy", currency)]);
        self.element(start, |inside| inside.words(amount))
    }

    /// Ends the document with a line end.
    pub(super) fn end(self) -> io::Result<()> {
        let mut out = self.0.into_inner();
        out.write_all(b"\n")?;
        out.flush()
    }

    fn words(&mut self, text: &str) -> io::Result<()> {
        self.0.write_event(Event::Text(BytesText::new(text)))
    }

    fn element(&mut self, start: BytesStart<'_>, inside: impl FnOnce(&mut Self) -> io::Result<()>) -> io::Result<()> {
        self.0.write_event(Event::Start(start.borrow()))?;
        inside(self)?;
        self.0.write_event(Event::End(BytesEnd::new(start.name().as_ref())))
    }
}
