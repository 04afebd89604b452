//! Source files and places in them.
//!
//! Every tree node and every diagnostic carries a [`Span`]; only renderings turn it into lines and columns.

use std::sync::Arc;

/// One file of a [`Sources`] map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

impl FileId {
    /// The position in its [`Sources`].
    #[cfg(feature = "compiler")]
    pub(crate) fn index(self) -> u32 {
        self.0
    }

    /// The file at a position.
    pub(crate) fn at(index: u32) -> Self {
        FileId(index)
    }
}

/// A stretch of bytes in one file: `start` inclusive, `end` exclusive, both byte offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets. Offsets beyond `u32::MAX` are clamped; file size limits keep real ones far below.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span { file, start: clamp(start), end: clamp(end) }
    }

    /// The smallest span that covers both; `other` must be of the same file, else `self` is returned.
    #[must_use]
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether another span lies within this one.
    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    /// The empty span at the beginning.
    #[must_use]
    pub fn at_start(self) -> Span {
        Span { end: self.start, ..self }
    }

    /// The empty span at the end.
    #[must_use]
    pub fn at_end(self) -> Span {
        Span { start: self.end, ..self }
    }
}

/// A place for people: line and column count from 1, the column in Unicode code points, `offset` in bytes from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in code points, from 1.
    pub column: usize,
    /// Byte offset, from 0.
    pub offset: usize,
}

/// One file: its name as the user knows it, and its text.
#[derive(Debug, Clone)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
    /// Byte offset of the start of each line.
    lines: Vec<u32>,
}

impl Source {
    fn new(name: &str, text: &str) -> Self {
        let mut lines = vec![0];
        lines.extend(
            text.bytes()
                .enumerate()
                .filter(|(_, b)| *b == b'\n')
                .filter_map(|(i, _)| u32::try_from(i + 1).ok()),
        );
        Source { name: name.into(), text: text.into(), lines }
    }

    /// The name, with `/` between folders.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset; an offset behind the end is the end.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let start = self.lines.get(line - 1).copied().unwrap_or(0) as usize;
        let offset = (offset as usize).min(self.text.len());
        let column = self.text.get(start..offset).map_or(1, |text| text.chars().count() + 1);
        Position { line, column, offset }
    }
}

/// All files of one compilation, policy and claims.yaml alike.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// No files.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file and gives its id.
    pub fn add(&mut self, name: &str, text: &str) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source::new(name, text));
        id
    }

    /// The file of an id; `None` for an id of another map.
    pub fn get(&self, id: FileId) -> Option<&Source> {
        self.files.get(id.0 as usize)
    }

    /// The name of a span's file, or `?` for a span of another map.
    pub fn name(&self, id: FileId) -> &str {
        self.get(id).map_or("?", Source::name)
    }

    /// The text of a span; empty for a span of another map.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.file)
            .and_then(|source| source.text().get(span.start as usize..span.end as usize))
            .unwrap_or_default()
    }

    /// Where a span starts.
    pub fn start(&self, span: Span) -> Position {
        self.get(span.file)
            .map_or(Position { line: 1, column: 1, offset: 0 }, |source| source.position(span.start))
    }

    /// Where a span ends.
    pub fn end(&self, span: Span) -> Position {
        self.get(span.file)
            .map_or(Position { line: 1, column: 1, offset: 0 }, |source| source.position(span.end))
    }

    /// `file:line` of a span: how results and messages name a rule.
    pub fn place(&self, span: Span) -> String {
        format!("{}:{}", self.name(span.file), self.start(span).line)
    }

    /// All files in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        (0..).map(FileId).zip(&self.files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_code_points() {
        let mut sources = Sources::new();
        let file = sources.add("a.claims", "é x\r\nb");
        assert_eq!(sources.start(Span::new(file, 3, 4)), Position { line: 1, column: 3, offset: 3 });
        assert_eq!(sources.start(Span::new(file, 6, 7)), Position { line: 2, column: 1, offset: 6 });
        assert_eq!(sources.end(Span::new(file, 6, 99)).offset, 7);
    }
}
