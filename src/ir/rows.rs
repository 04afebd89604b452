//! The rows of a table, found by their keys.

use std::cmp::Ordering;

use crate::value::Value;

/// Rows in the order in which they were written, with an index.
#[derive(Debug, Clone)]
pub struct Rows {
    all: Vec<(Vec<Value>, Value)>,
    /// Positions of rows by their keys.
    exact: Vec<usize>,
    /// Positions of rows by their keys in lower case, the first row of equal ones first.
    folded: Vec<(Vec<Value>, usize)>,
}

impl Rows {
    /// Rows with their keys, which are literals, and as many in each.
    pub fn new(all: Vec<(Vec<Value>, Value)>) -> Self {
        let mut exact: Vec<usize> = (0..all.len()).collect();
        exact.sort_by(|a, b| match (all.get(*a), all.get(*b)) {
            (Some((a, _)), Some((b, _))) => order(a, b),
            _ => Ordering::Equal,
        });
        let mut folded: Vec<_> =
            all.iter().enumerate().map(|(i, (keys, _))| (keys.iter().map(lower).collect(), i)).collect();
        folded.sort_by(|(a, i), (b, j): &(Vec<Value>, usize)| order(a, b).then(i.cmp(j)));
        Rows { all, exact, folded }
    }

    /// Keys and value of every row, as written.
    pub fn iter(&self) -> impl Iterator<Item = (&[Value], &Value)> {
        self.all.iter().map(|(keys, value)| (keys.as_slice(), value))
    }

    /// The value of the row with these keys; `fold` says for each whether ASCII case is ignored. The exact spelling
    /// comes first, so that rows that differ in case only stay apart.
    pub fn find(&self, keys: &[Value], fold: &[bool]) -> Option<&Value> {
        let exact = self.exact.binary_search_by(|row| match self.all.get(*row) {
            Some((row, _)) => order(row, keys),
            None => Ordering::Less,
        });
        let position = exact.ok().and_then(|at| self.exact.get(at).copied());
        let position =
            position.or_else(|| fold.contains(&true).then(|| self.find_folded(keys, fold)).flatten())?;
        self.all.get(position).map(|(_, value)| value)
    }

    /// The value of the row whose only key is this text.
    pub(crate) fn find_text(&self, key: &str) -> Option<&Value> {
        let order = |row: &Value| match row {
            Value::String(text) => text.as_bytes().cmp(key.as_bytes()),
            Value::List(_) | Value::Object(_) => Ordering::Greater,
            _ => Ordering::Less,
        };
        let exact = self.exact.binary_search_by(|row| match self.all.get(*row) {
            Some((keys, _)) => keys.first().map_or(Ordering::Less, order),
            None => Ordering::Less,
        });
        let position = exact.ok().and_then(|at| self.exact.get(at).copied())?;
        self.all.get(position).map(|(_, value)| value)
    }

    fn find_folded(&self, keys: &[Value], fold: &[bool]) -> Option<usize> {
        let wanted: Vec<Value> = keys.iter().map(lower).collect();
        let start = self.folded.partition_point(|(row, _)| order(row, &wanted).is_lt());
        let alike = self.folded.iter().skip(start).take_while(|(row, _)| order(row, &wanted).is_eq());
        let fits =
            |row: &[Value]| row.iter().zip(keys).zip(fold).all(|((row, key), fold)| row.equals(key, *fold));
        alike.map(|(_, at)| *at).find(|at| self.all.get(*at).is_some_and(|(row, _)| fits(row)))
    }
}

fn order(a: &[Value], b: &[Value]) -> Ordering {
    a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|o| o.is_ne()).unwrap_or_else(|| a.len().cmp(&b.len()))
}

fn lower(key: &Value) -> Value {
    match key {
        Value::String(text) => Value::string(text.to_ascii_lowercase()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exact_spelling_first_then_the_first_row_that_differs_in_case_only() {
        let pair = |a: &str, b: i64| vec![Value::from(a), Value::int(b)];
        let rows = Rows::new(vec![
            (pair("B", 1), Value::from("first")),
            (pair("b", 1), Value::from("second")),
            (pair("a", 2), Value::from("third")),
        ]);
        let find = |a: &str, b: i64, fold| rows.find(&pair(a, b), &[fold, false]).and_then(Value::as_str);
        assert_eq!(find("b", 1, true), Some("second"));
        assert_eq!(find("B", 1, true), Some("first"));
        assert_eq!(find("A", 2, true), Some("third"));
        assert_eq!(find("A", 2, false), None);
        assert_eq!(find("a", 1, true), None);
        assert_eq!(rows.iter().count(), 3);
    }
}
