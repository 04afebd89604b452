//! A part of the table.

use crate::standard::Grant;

use super::{Matrix, Party, Row, Subject};

/// What is asked for; an empty list asks for everything.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Aliases or ids of clients.
    pub clients: Vec<String>,
    /// Grants.
    pub grants: Vec<Grant>,
    /// Aliases or ids of audiences; sets that have one of them.
    pub audiences: Vec<String>,
    /// Subjects.
    pub subjects: Vec<Subject>,
}

/// How the ones that claims.yaml does not list are asked for.
pub const OTHER: &str = "other";
/// How tokens without audience are asked for.
pub const NONE: &str = "none";

impl Filter {
    /// The rows that fit, each without what does not.
    pub fn apply(&self, matrix: Matrix) -> Matrix {
        let rows = matrix.rows.into_iter().filter_map(|row| self.row(row)).collect();
        Matrix::new(rows, matrix.namespaces)
    }

    fn row(&self, mut row: Row) -> Option<Row> {
        row.clients.retain(|client| is_asked(&self.clients, client));
        row.grants.retain(|grant| self.grants.is_empty() || self.grants.contains(grant));
        row.audiences.retain(|set| {
            let is_none = set.is_empty() && self.audiences.iter().any(|word| word == NONE);
            self.audiences.is_empty() || is_none || set.iter().any(|party| is_asked(&self.audiences, party))
        });
        let is_subject = self.subjects.is_empty() || self.subjects.contains(&row.subject);
        let is_empty = row.clients.is_empty() || row.grants.is_empty() || row.audiences.is_empty();
        (is_subject && !is_empty).then_some(row)
    }
}

fn is_asked(words: &[String], party: &Party) -> bool {
    words.is_empty()
        || words.iter().any(|word| match party {
            Party::Listed { alias, id, .. } => **alias == **word || **id == **word,
            Party::Other => word == OTHER,
        })
}

#[cfg(test)]
mod tests {
    use super::super::testing::sample;
    use super::*;

    fn filter(change: impl FnOnce(&mut Filter)) -> Matrix {
        let mut filter = Filter::default();
        change(&mut filter);
        filter.apply(sample())
    }

    #[test]
    fn everything_is_asked_for_by_asking_nothing() {
        assert_eq!(filter(|_| ()), sample());
    }

    #[test]
    fn a_part_of_a_row_stays() {
        let part = filter(|f| {
            f.clients = vec!["spa-id".to_owned()];
            f.subjects = vec![Subject::parse("access_token").unwrap()];
        });
        assert!(!part.rows.is_empty());
        assert!(part.rows.iter().all(|row| row.clients.len() == 1 && row.subject.as_str() == "access_token"));
        assert!(filter(|f| f.clients = vec!["nobody".to_owned()]).rows.is_empty());
    }

    #[test]
    fn others_and_none_have_words() {
        let others = filter(|f| f.clients = vec![OTHER.to_owned()]);
        assert!(others.rows.iter().all(|row| row.clients == [Party::Other]) && !others.rows.is_empty());
        let none = filter(|f| f.audiences = vec![NONE.to_owned()]);
        assert!(none.rows.iter().all(|row| row.audiences == [Vec::new()]) && !none.rows.is_empty());
    }
}
