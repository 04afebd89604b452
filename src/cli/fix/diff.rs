//! Two texts as a unified diff, which `patch` and `git apply` read.

use std::fmt::Write as _;
use std::ops::Range;

/// Lines of context around a change.
const CONTEXT: usize = 3;
/// Lines between the common beginning and end that are compared line by line; what is larger is one change.
const MAX_COMPARED: usize = 4_000;

/// The change of one file; empty if there is none.
pub(crate) fn unified(name: &str, before: &str, after: &str) -> String {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let changes = changes(&old, &new);
    if changes.is_empty() {
        return String::new();
    }
    let mut out = format!("--- a/{name}\n+++ b/{name}\n");
    let mut rest = changes.as_slice();
    while let Some((first, _)) = rest.split_first() {
        // Changes whose context meets stand in one hunk.
        let gaps = rest.windows(2).map(|pair| match pair {
            [a, b] => b.0.start - a.0.end,
            _ => 0,
        });
        let count = 1 + gaps.take_while(|gap| *gap <= 2 * CONTEXT).count();
        let (hunk, others) = rest.split_at(count);
        let last = hunk.last().unwrap_or(first);
        let lead = CONTEXT.min(first.0.start);
        let tail = CONTEXT.min(old.len() - last.0.end);
        write_hunk(
            &mut out,
            &old,
            &new,
            hunk,
            [first.0.start - lead..last.0.end + tail, first.1.start - lead..last.1.end + tail],
        );
        rest = others;
    }
    out
}

fn write_hunk(
    out: &mut String,
    old: &[&str],
    new: &[&str],
    hunk: &[(Range<usize>, Range<usize>)],
    [from, to]: [Range<usize>; 2],
) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "@@ -{} +{} @@", range(&from), range(&to));
    let mut at = from.start;
    for (removed, added) in hunk {
        lines(out, ' ', old, at..removed.start);
        lines(out, '-', old, removed.clone());
        lines(out, '+', new, added.clone());
        at = removed.end;
    }
    lines(out, ' ', old, at..from.end);
}

/// Lines count from 1; an empty range stands behind the line that it names.
fn range(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        count => format!("{},{count}", lines.start + 1),
    }
}

fn lines(out: &mut String, mark: char, all: &[&str], range: Range<usize>) {
    for line in all.get(range).unwrap_or_default() {
        out.push(mark);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// The ranges of lines that differ, in order.
fn changes(old: &[&str], new: &[&str]) -> Vec<(Range<usize>, Range<usize>)> {
    let same = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| pairs.take_while(|(a, b)| a == b).count();
    let head = same(&mut old.iter().zip(new));
    let (old_rest, new_rest) = (old.get(head..).unwrap_or_default(), new.get(head..).unwrap_or_default());
    let tail = same(&mut old_rest.iter().rev().zip(new_rest.iter().rev()));
    let old_middle = old_rest.get(..old_rest.len() - tail).unwrap_or_default();
    let new_middle = new_rest.get(..new_rest.len() - tail).unwrap_or_default();
    if old_middle.is_empty() && new_middle.is_empty() {
        return Vec::new();
    }
    let kept = if old_middle.len().max(new_middle.len()) > MAX_COMPARED {
        Vec::new()
    } else {
        common(old_middle, new_middle)
    };
    let mut changes = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (a, b) in kept.into_iter().chain([(old_middle.len(), new_middle.len())]) {
        if a > i || b > j {
            changes.push((head + i..head + a, head + j..head + b));
        }
        (i, j) = (a + 1, b + 1);
    }
    changes
}

/// Positions of a longest common subsequence.
fn common(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    // For each pair of positions, how many lines the rests have in common.
    let width = new.len() + 1;
    let mut lengths = vec![0_u16; (old.len() + 1) * width];
    let at = |lengths: &[u16], i: usize, j: usize| lengths.get(i * width + j).copied().unwrap_or(0);
    for (i, a) in old.iter().enumerate().rev() {
        for (j, b) in new.iter().enumerate().rev() {
            let length = if a == b {
                at(&lengths, i + 1, j + 1) + 1
            } else {
                at(&lengths, i + 1, j).max(at(&lengths, i, j + 1))
            };
            if let Some(cell) = lengths.get_mut(i * width + j) {
                *cell = length;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::new();
    while let (Some(a), Some(b)) = (old.get(i), new.get(j)) {
        if a == b {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if at(&lengths, i + 1, j) >= at(&lengths, i, j + 1) {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_far_apart_have_hunks_of_their_own() {
        let old = (1..=20).fold(String::new(), |all, n| format!("{all}{n}\n"));
        let new = old.replace("2\n3\n", "2\nnew\n3\n").replace("18\n", "eighteen\n");
        assert_eq!(
            unified("p", &old, &new),
            "--- a/p\n+++ b/p\n@@ -1,5 +1,6 @@\n 1\n 2\n+new\n 3\n 4\n 5\n@@ -15,6 +16,6 @@\n 15\n 16\n 17\n-18\n+eighteen\n 19\n 20\n"
        );
    }

    #[test]
    fn ends_of_files_are_told() {
        assert_eq!(
            unified("p", "a", "a\n"),
            "--- a/p\n+++ b/p\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"
        );
        assert_eq!(unified("p", "", "a\n"), "--- a/p\n+++ b/p\n@@ -0,0 +1 @@\n+a\n");
        assert_eq!(unified("p", "a\n", "a\n"), "");
    }
}
