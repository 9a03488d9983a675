//! PNG and JPEG: judged by their outlines, never decoded.

use entente_documents::{Declared, Limits, MediaType, Refusal, admit};

use crate::{
    corpus::{assert_refused, jpeg, kind, pdf, png, refusal},
    workbook,
};

#[test]
fn row_54_a_flood_of_pixels_is_refused_by_the_header() {
    let limit = 50_000_000;
    for (bytes, name, width, height) in [
        (png(60_000, 60_000), "a.png", 60_000, 60_000),
        (png(u32::MAX, u32::MAX), "a.png", u32::MAX, u32::MAX),
        (png(50_000_001, 1), "a.png", 50_000_001, 1),
        (jpeg(65_500, 65_500), "a.jpg", 65_500, 65_500),
    ] {
        assert_eq!(refusal(bytes, name), Refusal::TooManyPixels { width, height, limit });
    }
    assert_eq!(kind(png(50_000_000, 1), "a.png"), MediaType::Png);
    assert_eq!(kind(jpeg(10_000, 5_000), "a.jpg"), MediaType::Jpeg);
    let small = Limits { pixels: 100, ..Limits::default() };
    for (width, accepted) in [(10, true), (11, false)] {
        let judged = admit(png(width, 10), &Declared { name: "a.png", media_type: None }, &small);
        assert_eq!(judged.is_ok(), accepted, "{width} x 10: {judged:?}");
    }
}

#[test]
fn row_54_a_second_header_does_not_hide_the_size() {
    let (small, large) = (png(8, 8), png(60_000, 60_000));
    let second = [&small[..33], &large[8..33], &small[33..]].concat();
    assert_refused(second, "a.png", "does not begin with one header");
    let (small, large) = (jpeg(8, 8), jpeg(65_500, 65_500));
    // The frame stands after the 2 bytes of the start mark and the 18 of the first segment.
    let second = [&small[..34], &large[20..34], &small[34..]].concat();
    assert!(matches!(refusal(second, "a.jpg"), Refusal::TooManyPixels { width: 65_500, .. }));
}

#[test]
fn row_54_pictures_without_a_size_or_without_a_picture_are_refused() {
    let png_without_data = {
        let whole = png(8, 8);
        let data = whole.windows(4).position(|four| four == b"IDAT").unwrap() - 4;
        [&whole[..data], &whole[data + 16..]].concat()
    };
    for (bytes, name, words) in [
        (png(0, 8), "a.png", "names no size"),
        (png(8, 0), "a.png", "names no size"),
        (jpeg(8, 0), "a.jpg", "names no size"),
        (png_without_data, "a.png", "holds no picture"),
        (b"\xff\xd8\xff\xd9".to_vec(), "a.jpg", "holds no picture"),
        (b"\xff\xd8\xff\xda\0\x02\xff\xd9".to_vec(), "a.jpg", "before its header"),
        (b"\xff\xd8\xff\xd8".to_vec(), "a.jpg", "where none may be"),
        (b"\xff\xd8\xff\xc0\0\x01".to_vec(), "a.jpg", "cut off inside a segment"),
        (b"\xff\xd8\xff\xc0\0\x04\x08\0".to_vec(), "a.jpg", "its header is cut off"),
    ] {
        assert_refused(bytes, name, words);
    }
}

#[test]
fn row_54_a_picture_is_nothing_else_at_once() {
    let png_with = |text: &[u8]| {
        let whole = png(8, 8);
        let chunk = [&u32::try_from(text.len()).unwrap().to_be_bytes()[..], b"tEXt", text, &[0; 4]].concat();
        [&whole[..33], &chunk, &whole[33..]].concat()
    };
    let jpeg_with = |comment: &[u8]| {
        let whole = jpeg(8, 8);
        let length = u16::try_from(comment.len() + 2).unwrap().to_be_bytes();
        [&whole[..2], &[0xff, 0xfe], &length, comment, &whole[2..]].concat()
    };
    let archive = workbook::plain().build();
    for (hidden, words) in [
        (&archive[..], "holds an archive"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "holds an archive"),
        (&pdf()[..], "holds a PDF document"),
        (b"<html>", "holds a page of HTML"),
        (b"<script >x", "holds a page of HTML"),
        (b"<?php system($_GET[0]);", "holds a page of HTML"),
    ] {
        assert_refused(png_with(hidden), "a.png", words);
        assert_refused(jpeg_with(hidden), "a.jpg", words);
        assert_refused([jpeg(8, 8), hidden.to_vec()].concat(), "a.jpg", words);
    }
    assert_refused([png(8, 8), b"x".to_vec()].concat(), "a.png", "something stands after its end");
    assert_eq!(kind(png_with(b"<x:xmpmeta>"), "a.png"), MediaType::Png, "descriptions of pictures are XML");
    assert_eq!(kind([jpeg(8, 8), jpeg(2, 2)].concat(), "a.jpg"), MediaType::Jpeg, "phones append a preview");
}

#[test]
fn pictures_of_other_kinds_are_refused_with_their_remedy() {
    for (bytes, name) in [
        (&b"GIF89a\x01\0\x01\0\0\0\0;"[..], "a.gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "a.webp"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "a.heic"),
        (b"II*\0\x08\0\0\0", "a.tiff"),
    ] {
        assert_refused(bytes, name, "save it as PNG or JPEG");
    }
}
