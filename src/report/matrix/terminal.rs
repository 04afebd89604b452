//! The matrix for people at a terminal: a block for each row, readable at 100 columns, of any width up from 60.

use crate::analysis::matrix::{Cell, Matrix, Row, Subject, Write};
use crate::report::one_line;
use crate::report::terminal::Style;

use super::{audiences, bound, clients, condition, deed, grants, rule, subject};

/// Names of claims that are longer stand on a line of their own.
const MAX_NAME: usize = 24;
/// Rules that are longer are wrapped.
const MAX_RULE: usize = 28;
/// Between columns.
const GAP: usize = 2;
/// The narrowest column of conditions and values.
const MIN_BODY: usize = 24;

pub(super) fn render(matrix: &Matrix, style: Style) -> String {
    let mut out = Text { out: String::new(), style };
    for (alias, prefix) in &matrix.namespaces {
        out.line(&out.paint(Ink::Dim, &one_line(&format!("{alias} = {prefix}"))));
    }
    let layout = Layout::of(matrix, style.width);
    for row in &matrix.rows {
        out.line("");
        out.row(matrix, row, &layout);
    }
    let (rows, plural) = (matrix.rows.len(), if matrix.rows.len() == 1 { "" } else { "s" });
    out.line(&format!("\n{rows} row{plural}"));
    out.out.trim_start_matches('\n').to_owned()
}

/// Widths of the columns.
struct Layout {
    name: usize,
    body: usize,
    rule: usize,
}

impl Layout {
    fn of(matrix: &Matrix, width: usize) -> Self {
        let cells = || matrix.rows.iter().flat_map(|row| &row.cells);
        let fitting = |lengths: &mut dyn Iterator<Item = usize>, most: usize| {
            lengths.filter(|length| *length <= most).max().unwrap_or(0)
        };
        let mut names = cells().map(|cell| length(&matrix.short_name(&cell.name)));
        let name = fitting(&mut names, MAX_NAME);
        let mut rules = cells()
            .flat_map(|cell| &cell.writes)
            .flat_map(|write| [length(&rule(write)), length(&write.labels.join(", "))]);
        let rule = fitting(&mut rules, MAX_RULE);
        let body = width.saturating_sub(name + rule + 3 * GAP).max(MIN_BODY);
        Layout { name, body, rule }
    }
}

#[derive(Clone, Copy)]
enum Ink {
    Heading,
    Name,
    Dim,
    Label,
    Warning,
}

impl Ink {
    /// SGR parameters of ECMA-48, section 8.3.117.
    fn parameters(self) -> &'static str {
        match self {
            Ink::Heading => "1;36",
            Ink::Name => "1",
            Ink::Dim => "2",
            Ink::Label => "33",
            Ink::Warning => "1;33",
        }
    }
}

struct Text {
    out: String,
    style: Style,
}

impl Text {
    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn paint(&self, ink: Ink, text: &str) -> String {
        if self.style.color && !text.is_empty() {
            format!("\u{1b}[{}m{text}\u{1b}[0m", ink.parameters())
        } else {
            text.to_owned()
        }
    }

    fn row(&mut self, matrix: &Matrix, row: &Row, layout: &Layout) {
        let (dot, arrow) = if self.style.unicode { ("·", "→") } else { ("|", "->") };
        let heading = format!(
            "{} {dot} {} {arrow} {} {dot} {}",
            clients(row),
            grants(row),
            audiences(row),
            subject(row.subject)
        );
        for (i, line) in wrapped(&one_line(&heading), self.style.width - 4).iter().enumerate() {
            let indent = if i == 0 { "" } else { "    " };
            self.line(&format!("{indent}{}", self.paint(Ink::Heading, line)));
        }
        if row.cells.is_empty() {
            let none =
                if row.subject == Subject::Request { "nothing is refused or limited" } else { "no claims" };
            self.line(&format!("  {}", self.paint(Ink::Dim, none)));
        }
        for cell in &row.cells {
            self.cell(matrix, cell, layout);
        }
        if let Some(bound) = bound(row) {
            self.line(&format!("  {}", self.paint(Ink::Dim, &bound)));
        }
        for undecided in &row.undecided {
            for line in wrapped(&one_line(&format!("undecided: {undecided}")), self.style.width - GAP) {
                self.line(&format!("  {}", self.paint(Ink::Warning, &line)));
            }
        }
    }

    fn cell(&mut self, matrix: &Matrix, cell: &Cell, layout: &Layout) {
        let mut name = one_line(&matrix.short_name(&cell.name));
        if length(&name) > layout.name {
            let line = format!("  {}", self.paint(Ink::Name, &name));
            self.line(&line);
            name.clear();
        }
        for write in &cell.writes {
            self.write(&name, write, layout);
            name.clear();
        }
    }

    /// The condition with the rule beside it, the value with its labels beside it.
    fn write(&mut self, name: &str, write: &Write, layout: &Layout) {
        let deed = wrapped(&one_line(&deed(write)), layout.body);
        let condition = wrapped(&one_line(&condition(&write.condition)), layout.body - GAP);
        let rule = wrapped(&one_line(&rule(write)), layout.rule);
        let labels = wrapped(&one_line(&write.labels.join(", ")), layout.rule);
        let body = deed
            .into_iter()
            .map(|line| (line, false))
            .chain(condition.into_iter().map(|line| (format!("{:GAP$}{line}", ""), true)));
        let side = rule
            .into_iter()
            .map(|line| (line, Ink::Dim))
            .chain(labels.into_iter().map(|line| (line, Ink::Label)));
        let (mut body, mut side, mut name) = (body.fuse(), side.fuse(), name);
        loop {
            let (left, right) = (body.next(), side.next());
            if left.is_none() && right.is_none() {
                return;
            }
            let (left, is_condition) = left.unwrap_or_default();
            let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(length(text)) + GAP);
            let mut line = format!("  {}{}", self.paint(Ink::Name, name), pad(name, layout.name));
            line += &if is_condition { self.paint(Ink::Dim, &left) } else { left.clone() };
            if let Some((right, ink)) = right.filter(|(right, _)| !right.is_empty()) {
                line += &pad(&left, layout.body);
                line += &self.paint(ink, &right);
            }
            self.line(&line);
            name = "";
        }
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Lines of at most `width` characters, broken at blanks; a longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if length(line) + 1 + length(word) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
