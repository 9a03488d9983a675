//! Archives written byte by byte, as an attacker would.

/// An entry, with what its list says and what its own header says.
#[derive(Clone)]
pub struct Entry {
    pub name: String,
    pub own_name: String,
    pub content: Vec<u8>,
    pub method: u16,
    pub flags: u16,
    /// What the list says that it unpacks to.
    pub unpacked: u32,
    pub mode: u32,
    /// Another place than its own.
    pub offset: Option<u32>,
    /// Bytes after its content.
    pub after: Vec<u8>,
}

/// A stored entry.
pub fn entry(name: &str, content: &[u8]) -> Entry {
    Entry {
        name: name.into(),
        own_name: name.into(),
        content: content.to_vec(),
        method: 0,
        flags: 0,
        unpacked: u32::try_from(content.len()).unwrap(),
        mode: 0o100_644,
        offset: None,
        after: Vec::new(),
    }
}

impl Entry {
    /// Packed: the list says that it unpacks to so many bytes.
    pub fn deflated(self, unpacked: u32) -> Entry {
        Entry { method: 8, unpacked, ..self }
    }
}

/// An archive.
#[derive(Clone, Default)]
pub struct Workbook {
    pub entries: Vec<Entry>,
    /// What the end says, instead of how many there are.
    pub count: Option<u16>,
    pub before: Vec<u8>,
    pub comment: Vec<u8>,
    /// Bytes between the list and the end.
    pub gap: Vec<u8>,
}

/// The smallest workbook.
pub fn plain() -> Workbook {
    let names = ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/worksheets/sheet1.xml"];
    let mut entries: Vec<Entry> = names.iter().map(|name| entry(name, b"packed").deflated(60)).collect();
    entries.push(entry("xl/media/image1.png", b"\x89PNG"));
    entries.push(entry("xl/printerSettings/printerSettings1.bin", b"\0\0"));
    Workbook { entries, ..Workbook::default() }
}

impl Workbook {
    pub fn with(mut self, entry: Entry) -> Workbook {
        self.entries.push(entry);
        self
    }

    pub fn build(&self) -> Vec<u8> {
        let (mut file, mut list) = (self.before.clone(), Vec::new());
        for entry in &self.entries {
            let (at, packed) = (length32(&file), length32(&entry.content));
            // Where its own header stands under another name or flag, an entry contradicts its list.
            let sizes = [packed.to_le_bytes(), entry.unpacked.to_le_bytes()].concat();
            let common = |name: &str| {
                let start = [&entry.flags.to_le_bytes()[..], &entry.method.to_le_bytes(), &[0; 8]].concat();
                [&start[..], &sizes, &length16(name).to_le_bytes(), &[0; 2]].concat()
            };
            file.extend([b"PK\x03\x04\x14\0", &common(&entry.own_name)[..], entry.own_name.as_bytes()].concat());
            file.extend(&entry.content);
            file.extend(&entry.after);
            list.extend([b"PK\x01\x02\x14\x03\x14\0", &common(&entry.name)[..], &[0; 6]].concat());
            list.extend((entry.mode << 16).to_le_bytes());
            list.extend(entry.offset.unwrap_or(at).to_le_bytes());
            list.extend(entry.name.as_bytes());
        }
        let (start, size) = (length32(&file), length32(&list));
        let count = self.count.unwrap_or(u16::try_from(self.entries.len()).unwrap()).to_le_bytes();
        let end = [b"PK\x05\x06\0\0\0\0", &count[..], &count, &size.to_le_bytes(), &start.to_le_bytes()].concat();
        let comment = u16::try_from(self.comment.len()).unwrap().to_le_bytes();
        [file, list, self.gap.clone(), end, comment.to_vec(), self.comment.clone()].concat()
    }
}

fn length32(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap()
}

fn length16(text: &str) -> u16 {
    u16::try_from(text.len()).unwrap()
}
