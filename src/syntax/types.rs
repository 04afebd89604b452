//! Types, in policies and in claims.yaml.

use pest::iterators::Pair;

use crate::ast::{Name, Type, TypeKind};
use crate::syntax::MAX_HEIGHT;
use crate::syntax::build::{Builder, Children};
use crate::syntax::grammar::Rule;

impl Builder<'_> {
    /// The type that is the next child.
    pub(super) fn ty(&self, mut children: Children<'_>) -> Type {
        self.built_type(children.expect(Rule::r#type)).0
    }

    /// A type and its height.
    fn built_type(&self, pair: Pair<'_, Rule>) -> (Type, usize) {
        let whole = self.span(&pair);
        let mut children = Children::of(pair);
        let base = children.child();
        let start = self.span(&base);
        let (mut kind, mut height) = self.type_base(base);
        let mut end = start;
        for mark in children {
            if height >= MAX_HEIGHT {
                self.report_too_deep(whole, "this type", MAX_HEIGHT);
                kind = TypeKind::Error;
                height = 1;
            }
            let inner = Type { kind: Box::new(kind), span: end };
            end = start.to(self.span(&mark));
            height += 1;
            kind = match (mark.as_rule(), &*inner.kind) {
                (Rule::list_mark, _) => TypeKind::List(inner),
                (_, TypeKind::Optional(_)) => *inner.kind,
                _ => TypeKind::Optional(inner),
            };
        }
        (Type { kind: Box::new(kind), span: end }, height)
    }

    fn type_base(&self, pair: Pair<'_, Rule>) -> (TypeKind, usize) {
        let rule = pair.as_rule();
        if rule == Rule::type_name {
            return (TypeKind::Named(pair.as_str().to_owned()), 1);
        }
        let children = Children::of(pair);
        match rule {
            Rule::type_enum => {
                let words = children.filter(|child| child.as_rule() == Rule::string);
                (TypeKind::Enum(words.map(|word| self.literal_text(word)).collect()), 1)
            }
            Rule::type_record => self.type_record(children),
            _ => {
                let inner = children.into_iter().find(|child| child.as_rule() == Rule::r#type);
                let Some((inner, height)) = inner.map(|inner| self.built_type(inner)) else {
                    return (TypeKind::Error, 1);
                };
                if rule == Rule::type_map {
                    (TypeKind::Map(inner), height + 1)
                } else {
                    (*inner.kind, height)
                }
            }
        }
    }

    fn type_record(&self, children: Children<'_>) -> (TypeKind, usize) {
        let mut members = Vec::new();
        let mut open = false;
        let mut highest = 0;
        for entry in children.filter(|child| child.as_rule() == Rule::type_entry) {
            let mut entry = Children::of(entry);
            let key = entry.child();
            let name = match key.as_rule() {
                Rule::dots => {
                    open = true;
                    continue;
                }
                Rule::string => {
                    let text = self.literal_text(key);
                    Name { text: text.text, span: text.span }
                }
                _ => self.name(&key),
            };
            entry.expect(Rule::colon);
            let (ty, height) = self.built_type(entry.expect(Rule::r#type));
            highest = highest.max(height);
            members.push((name, ty));
        }
        (TypeKind::Record { members, open }, highest + 1)
    }
}
