//! The stretches of a file that are drawn around a place.
//!
//! A policy is somebody's text: a line of a megabyte, a span over the whole file or an escape sequence in a comment
//! may neither flood nor steer the terminal. So characters that steer are replaced (byte for byte, so offsets hold),
//! long lines are cut around the place, and long spans are shown by their first line.

use std::ops::Range;

use miette::{MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use crate::report::{is_steering, visible};
use crate::source::Source;

/// Bytes of one line that are shown on either side of a place in a long line.
const AROUND: usize = 100;
/// Lines up to this many bytes are shown whole.
const LONG_LINE: usize = 240;
/// Spans over more lines than this are shown by their first.
const MANY_LINES: usize = 8;
/// Places further apart than this are not drawn into one frame.
const FRAME: usize = 4096;

/// A file, ready to be drawn from.
#[derive(Debug)]
pub(super) struct Excerpt<'a> {
    name: String,
    source: &'a Source,
    text: String,
}

impl<'a> Excerpt<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        let mut text = harmless(source.text());
        // A place to point at, for what is missing at the end.
        text.push(' ');
        Excerpt { name: visible(source.name()), source, text }
    }

    /// The part of a span that is marked: on character boundaries, at most a few lines, at most part of a long line.
    pub(super) fn shown(&self, start: usize, end: usize) -> Range<usize> {
        let start = self.boundary(start);
        let end = self.boundary(end.max(start));
        let marked = self.text.get(start..end).unwrap_or_default();
        let is_long = marked.lines().nth(MANY_LINES).is_some() || marked.len() > FRAME / 2;
        let len =
            if is_long { marked.find('\n').unwrap_or(marked.len()).min(LONG_LINE) } else { marked.len() };
        start..self.boundary(start + len).max(start)
    }

    /// The character boundary at or before an offset.
    fn boundary(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        (0..=offset).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }

    fn line_start(&self, offset: usize) -> usize {
        self.text.get(..offset).and_then(|text| text.rfind('\n')).map_or(0, |at| at + 1)
    }

    /// The offset behind the line's `\n`, or the end of the text.
    fn line_end(&self, offset: usize) -> usize {
        self.text.get(offset..).and_then(|text| text.find('\n')).map_or(self.text.len(), |at| offset + at + 1)
    }

    /// What is drawn for a span: its lines, one more on either side if asked for, cut where lines are long.
    fn frame(&self, Range { start, end }: Range<usize>, before: usize, after: usize) -> Range<usize> {
        let mut first = self.line_start(start);
        if start - first > LONG_LINE {
            first = self.boundary(start - AROUND);
        } else {
            for _ in 0..before {
                let previous = self.line_start(first.saturating_sub(1));
                if first - previous > LONG_LINE {
                    break;
                }
                first = previous;
            }
        }
        let mut last = self.line_end(end);
        if last - end > LONG_LINE {
            last = self.boundary(end + AROUND);
        } else {
            for _ in 0..after {
                let next = self.line_end(last);
                // The last line may be the blank that stands for the end.
                if next - last > LONG_LINE || last + 1 >= self.text.len() {
                    break;
                }
                last = next;
            }
        }
        first..last
    }
}

/// The files of one finding as one text, because miette knows only one: each file has its stretch of offsets, far
/// enough from the next one that no frame spans two.
#[derive(Debug, Default)]
pub(super) struct Files<'a> {
    /// Where each file starts.
    files: Vec<(usize, &'a Excerpt<'a>)>,
    end: usize,
}

impl<'a> Files<'a> {
    pub(super) fn contains(&self, excerpt: &Excerpt<'_>) -> bool {
        self.base(excerpt).is_some()
    }

    /// The part of a span that is marked, see [`Excerpt::shown`].
    pub(super) fn shown(&mut self, excerpt: &'a Excerpt<'a>, start: usize, end: usize) -> Range<usize> {
        let base = self.base(excerpt).unwrap_or_else(|| {
            let base = self.end;
            self.files.push((base, excerpt));
            self.end += excerpt.text.len() + FRAME + 1;
            base
        });
        let shown = excerpt.shown(start, end);
        base + shown.start..base + shown.end
    }

    fn base(&self, excerpt: &Excerpt<'_>) -> Option<usize> {
        self.files.iter().find(|(_, file)| std::ptr::eq(file.source, excerpt.source)).map(|(base, _)| *base)
    }
}

impl SourceCode for Files<'_> {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        if span.len() > FRAME {
            // Two places of one finding: drawn in two frames.
            return Err(MietteError::OutOfBounds);
        }
        let (base, excerpt) = self
            .files
            .iter()
            .rfind(|(base, _)| *base <= span.offset())
            .copied()
            .ok_or(MietteError::OutOfBounds)?;
        let start = span.offset() - base;
        let marked = start..start + span.len();
        let frame = if before == 0 && after == 0 { marked } else { excerpt.frame(marked, before, after) };
        let text = excerpt.text.get(frame.clone()).ok_or(MietteError::OutOfBounds)?;
        let place = excerpt.source.position(u32::try_from(frame.start).unwrap_or(u32::MAX));
        Ok(Box::new(MietteSpanContents::new_named(
            excerpt.name.clone(),
            text.as_bytes(),
            (base + frame.start, frame.len()).into(),
            place.line - 1,
            place.column - 1,
            text.lines().count(),
        )))
    }
}

/// The text with characters that steer a terminal replaced by as many bytes that do not.
fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 1);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let is_line_end = c == '\r' && chars.peek() == Some(&'\n');
        match c.len_utf8() {
            _ if is_line_end || !is_steering(c) => out.push(c),
            3 => out.push(char::REPLACEMENT_CHARACTER),
            bytes => out.extend(std::iter::repeat_n('?', bytes)),
        }
    }
    out
}
