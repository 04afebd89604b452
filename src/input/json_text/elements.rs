//! The elements of a list that a scan has found, read where they stand.

use super::scan::{number, plain};
use super::{Found, Piece, offset};
use crate::value::{Form, escaped};

/// One element after the other.
pub(super) struct Elements<'a> {
    text: &'a str,
    /// Texts with escapes, by their places in the text.
    unescaped: &'a [(u32, Piece)],
    at: usize,
    left: u32,
}

impl<'a> Elements<'a> {
    /// The elements of a list that begins here.
    pub(super) fn new(text: &'a str, unescaped: &'a [(u32, Piece)], start: u32, count: u32) -> Self {
        Elements { text, unescaped, at: start as usize + 1, left: count }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn string(&mut self) -> Found {
        let (start, bytes) = (self.at, self.text.as_bytes());
        let end = plain(bytes, start + 1);
        if bytes.get(end) == Some(&b'"') {
            self.at = end + 1;
            return Found::Text(Piece::new(start + 1, end));
        }
        self.escaped(start)
    }

    #[cold]
    fn escaped(&mut self, start: usize) -> Found {
        self.skip_string();
        match self.unescaped.binary_search_by_key(&offset(start), |(at, _)| *at) {
            Ok(index) => self.unescaped.get(index).map_or(Found::Nothing, |(_, piece)| Found::Text(*piece)),
            Err(_) => Found::Other(Piece::new(start, self.at)),
        }
    }

    fn skip_string(&mut self) {
        let mut at = plain(self.text.as_bytes(), self.at + 1);
        while let Some(b'\\') = self.text.as_bytes().get(at) {
            let length = self.text.get(at..).and_then(escaped).map_or(2, |(_, length)| length);
            at = plain(self.text.as_bytes(), at + length);
        }
        self.at = at + 1;
    }

    /// Skips a list or an object.
    #[cold]
    fn nested(&mut self) -> Found {
        let (start, mut depth) = (self.at, 0_usize);
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.skip_string();
                    continue;
                }
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                break;
            }
        }
        Found::Other(Piece::new(start, self.at))
    }

    fn word(&mut self, length: usize, found: Found) -> Found {
        self.at += length;
        found
    }
}

impl Iterator for Elements<'_> {
    type Item = Found;

    #[inline]
    fn next(&mut self) -> Option<Found> {
        self.left = self.left.checked_sub(1)?;
        while let Some(b' ' | b'\n' | b'\r' | b'\t' | b',') = self.peek() {
            self.at += 1;
        }
        Some(match self.peek()? {
            b'"' => self.string(),
            b't' => self.word(4, Found::Bool(true)),
            b'f' => self.word(5, Found::Bool(false)),
            b'n' => self.word(4, Found::Nothing),
            b'[' | b'{' => self.nested(),
            _ => {
                let (form, end) = number(self.text, self.at);
                let piece = Piece::new(self.at, end);
                self.at = end;
                match form {
                    Some(Form::Whole(value)) => Found::Int(value),
                    _ => Found::Other(piece),
                }
            }
        })
    }
}
