//! Files that prove something: small, valid, and another one for each name.

/// A picture, in which a text can be put after its head.
const PICTURE: &[u8] = include_bytes!("../../examples/funding/room.png");

/// How long a picture's signature and head are.
const HEAD: usize = 33;

/// The file of a name, of the kind that its extension says.
pub fn bytes(name: &str) -> Vec<u8> {
    match name.rsplit('.').next() {
        Some("pdf") => format!(
            "%PDF-1.7\n% {name}\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n\
             xref\n0 3\n0000000000 65535 f \ntrailer\n<</Size 3/Root 1 0 R>>\nstartxref\n9\n%%EOF\n"
        )
        .into_bytes(),
        Some("png") => picture(name),
        _ => format!("name,company,list\nAda,Globex,{name}\nBo,Initech,{name}\n").into_bytes(),
    }
}

/// A picture that says its name.
fn picture(name: &str) -> Vec<u8> {
    let (head, rest) = PICTURE.split_at(HEAD);
    let text = [b"tEXtTitle\0".as_slice(), name.as_bytes()].concat();
    let length = u32::try_from(text.len() - 4).unwrap();
    [head, &length.to_be_bytes(), &text, &crc(&text).to_be_bytes(), rest].concat()
}

/// The check of a part of a picture (ISO 3309).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (if crc & 1 == 1 { 0xedb8_8320 } else { 0 }))
    })
}
