//! One pass over a text: is it JSON, and where does what is looked for stand.
//!
//! Says yes to the texts that [`Value::parse_json`](crate::value::Value::parse_json) reads and no to all others, without
//! saying why: that reader is asked then.

use super::tree::{NOBODY, NodeId, Tree, hash};
use super::{Cell, Found, JsonBuffer, Piece, offset};
use crate::value::{Form, escaped};

/// How many members of an object are compared one by one; names of larger ones are sorted.
const FEW: usize = 32;

/// The name of a member.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    hash: u64,
    piece: Piece,
}

/// Reads one value, with or without blanks around it, into the cells of the buffer; `None` if it is malformed. The text is
/// at most 4 GiB long.
pub(super) fn scan(
    text: &str,
    node: NodeId,
    tree: &Tree,
    depth: usize,
    buffer: &mut JsonBuffer,
) -> Option<()> {
    let mut scanner = Scanner { text, bytes: text.as_bytes(), at: 0, depth, tree, buffer };
    scanner.blanks();
    scanner.value(node)?;
    scanner.blanks();
    (scanner.at == scanner.bytes.len()).then_some(())
}

struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// How many more lists and objects may be nested.
    depth: usize,
    tree: &'a Tree,
    buffer: &'a mut JsonBuffer,
}

impl Scanner<'_> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// From here on back to a place before.
    #[inline]
    fn since(&self, start: usize) -> Piece {
        Piece::new(start, self.at)
    }

    fn value(&mut self, node: NodeId) -> Option<()> {
        let start = self.at;
        let found = match self.peek()? {
            b'"' if node == NOBODY => return self.skip_string(),
            b'"' => Found::Text(self.string()?),
            b'{' => {
                self.object(node)?;
                Found::Object(self.since(start))
            }
            b'[' => {
                let count = self.list(node != NOBODY)?;
                Found::List { start: offset(start), count }
            }
            b'-' | b'0'..=b'9' => match self.number()? {
                Form::Whole(value) => Found::Int(value),
                Form::Other => Found::Other(self.since(start)),
            },
            b't' => self.word(b"true", Found::Bool(true))?,
            b'f' => self.word(b"false", Found::Bool(false))?,
            b'n' => self.word(b"null", Found::Nothing)?,
            _ => return None,
        };
        if node != NOBODY
            && let Some(cell) = self.buffer.cells.get_mut(node as usize)
        {
            *cell = Cell { turn: self.buffer.turn, found };
        }
        Some(())
    }

    #[inline]
    fn word(&mut self, word: &[u8], found: Found) -> Option<Found> {
        let end = self.at + word.len();
        (self.bytes.get(self.at..end)? == word).then_some(())?;
        self.at = end;
        Some(found)
    }

    fn object(&mut self, node: NodeId) -> Option<()> {
        self.depth = self.depth.checked_sub(1)?;
        self.at += 1;
        self.blanks();
        if self.peek()? == b'}' {
            self.at += 1;
            self.depth += 1;
            return Some(());
        }
        let first = self.buffer.names.len();
        // One bit for each name that was seen, by its hash.
        let mut seen = 0_u64;
        loop {
            let name = self.name()?;
            let bit = 1 << (name.hash >> 58);
            if seen & bit != 0 && self.is_repeated(first, &name) {
                return None;
            }
            seen |= bit;
            self.buffer.names.push(name);
            let child = match node {
                NOBODY => NOBODY,
                node => self.tree.child(node, name.hash, self.text_of(name.piece)),
            };
            self.value(child)?;
            self.blanks();
            let next = self.peek()?;
            self.at += 1;
            match next {
                b',' => self.blanks(),
                b'}' => break,
                _ => return None,
            }
        }
        if self.buffer.names.len() - first > FEW && self.has_repeated(first) {
            return None;
        }
        self.buffer.names.truncate(first);
        self.depth += 1;
        Some(())
    }

    /// The name of a member and the colon behind it.
    #[inline]
    fn name(&mut self) -> Option<Name> {
        (self.peek()? == b'"').then_some(())?;
        let piece = self.string()?;
        let hash = hash(if piece.is_unescaped() {
            self.text_of(piece).as_bytes()
        } else {
            self.bytes.get(piece.start as usize..piece.end as usize)?
        });
        self.blanks();
        (self.peek()? == b':').then_some(())?;
        self.at += 1;
        self.blanks();
        Some(Name { hash, piece })
    }

    #[inline]
    fn text_of(&self, piece: Piece) -> &str {
        piece.of(self.text, &self.buffer.unescaped)
    }

    /// Whether a small object has the name already; large ones are tested at their end.
    fn is_repeated(&self, first: usize, name: &Name) -> bool {
        let before = self.buffer.names.get(first..).unwrap_or_default();
        before.len() <= FEW
            && before
                .iter()
                .any(|other| other.hash == name.hash && self.text_of(other.piece) == self.text_of(name.piece))
    }

    /// Whether a large object has a name twice. Sorted, so that no choice of names makes it slow.
    #[cold]
    fn has_repeated(&mut self, first: usize) -> bool {
        let JsonBuffer { names, unescaped, .. } = &mut *self.buffer;
        let text = |name: &Name| name.piece.of(self.text, unescaped);
        let names = names.get_mut(first..).unwrap_or_default();
        names.sort_unstable_by(|a, b| a.hash.cmp(&b.hash).then_with(|| text(a).cmp(text(b))));
        names.windows(2).any(|pair| match pair {
            [a, b] => a.hash == b.hash && text(a) == text(b),
            _ => false,
        })
    }

    /// How many elements there are. Texts of elements that are asked for are unescaped.
    fn list(&mut self, is_asked: bool) -> Option<u32> {
        self.depth = self.depth.checked_sub(1)?;
        self.at += 1;
        self.blanks();
        let mut count = 0;
        if self.peek()? == b']' {
            self.at += 1;
            self.depth += 1;
            return Some(count);
        }
        loop {
            let start = self.at;
            if is_asked && self.peek()? == b'"' {
                let piece = self.string()?;
                if piece.is_unescaped() {
                    self.buffer.elements.push((offset(start), piece));
                }
            } else {
                self.value(NOBODY)?;
            }
            count += 1;
            self.blanks();
            let next = self.peek()?;
            self.at += 1;
            match next {
                b',' => self.blanks(),
                b']' => break,
                _ => return None,
            }
        }
        self.depth += 1;
        Some(count)
    }

    /// A string that somebody asks for.
    #[inline]
    fn string(&mut self) -> Option<Piece> {
        let start = self.at + 1;
        let end = plain(self.bytes, start);
        match self.bytes.get(end)? {
            b'"' => {
                self.at = end + 1;
                Some(Piece::new(start, end))
            }
            b'\\' => self.unescape(start, end),
            _ => None,
        }
    }

    #[cold]
    fn unescape(&mut self, start: usize, mut at: usize) -> Option<Piece> {
        let first = self.buffer.unescaped.len();
        let mut plain_from = start;
        loop {
            self.buffer.unescaped.push_str(self.text.get(plain_from..at)?);
            match self.bytes.get(at)? {
                b'"' => break,
                b'\\' => {
                    let (c, length) = escaped(self.text.get(at..)?)?;
                    self.buffer.unescaped.push(c);
                    plain_from = at + length;
                    at = plain(self.bytes, plain_from);
                }
                _ => return None,
            }
        }
        self.at = at + 1;
        Some(Piece::unescaped(first, self.buffer.unescaped.len()))
    }

    /// A string that nobody asks for.
    #[inline]
    fn skip_string(&mut self) -> Option<()> {
        let mut at = plain(self.bytes, self.at + 1);
        loop {
            match self.bytes.get(at)? {
                b'"' => break,
                b'\\' => {
                    let (_, length) = escaped(self.text.get(at..)?)?;
                    at = plain(self.bytes, at + length);
                }
                _ => return None,
            }
        }
        self.at = at + 1;
        Some(())
    }

    #[inline]
    fn number(&mut self) -> Option<Form> {
        let (form, end) = number(self.text, self.at);
        self.at = end;
        form
    }
}

/// The number that begins here, and where it ends.
#[inline]
pub(super) fn number(text: &str, start: usize) -> (Option<Form>, usize) {
    let bytes = text.as_bytes();
    let digits_from = start + usize::from(bytes.get(start) == Some(&b'-'));
    let (mut at, mut value) = (digits_from, 0_i64);
    while let Some(digit @ b'0'..=b'9') = bytes.get(at) {
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
        at += 1;
    }
    let digits = at - digits_from;
    let is_short = matches!(digits, 1..=18);
    let is_canonical = is_short && bytes.get(digits_from) != Some(&b'0');
    let goes_on = matches!(bytes.get(at), Some(b'.' | b'e' | b'E' | b'+' | b'-'));
    if is_canonical && !goes_on {
        return (Some(Form::Whole(if digits_from > start { -value } else { value })), at);
    }
    while let Some(b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') = bytes.get(at) {
        at += 1;
    }
    (text.get(start..at).and_then(Form::of), at)
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = ONES << 7;

/// The next place from here on where a string ends, has an escape or a control character; eight bytes at a time.
#[inline]
pub(super) fn plain(bytes: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        // The lowest high bit that is set marks the first byte that is zero, or below a blank; those above it may lie.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word;
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let marks =
            (zero(word ^ (ONES * u64::from(b'"'))) | zero(word ^ (ONES * u64::from(b'\\'))) | control) & HIGH;
        if marks != 0 {
            return at + (marks.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(byte) = bytes.get(at)
        && !matches!(byte, b'"' | b'\\' | 0..b' ')
    {
        at += 1;
    }
    at
}
