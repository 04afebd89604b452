//! Stands in for the type parser until it is there.

use crate::ast::{Name, Text, Type, TypeKind};
use crate::catalog::codes::UNKNOWN_TYPE;
use crate::diag::Diagnostic;
use crate::source::{FileId, Span};

pub(super) fn parse_type(file: FileId, text: &str, offset: usize) -> Result<Type, Diagnostic> {
    let mut p = P { file, text, at: 0, offset };
    let ty = p.ty();
    p.ws();
    match ty {
        Some(ty) if p.at == text.len() => Ok(ty),
        _ => Err(Diagnostic::new(&UNKNOWN_TYPE, p.span(p.at, text.len()), "expected a type")),
    }
}

struct P<'a> {
    file: FileId,
    text: &'a str,
    at: usize,
    offset: usize,
}

impl P<'_> {
    fn span(&self, a: usize, b: usize) -> Span {
        Span::new(self.file, self.offset + a, self.offset + b)
    }
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }
    fn ws(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }
    fn eat(&mut self, s: &str) -> bool {
        self.ws();
        let ok = self.rest().starts_with(s);
        if ok {
            self.at += s.len();
        }
        ok
    }
    fn word(&mut self) -> Option<Name> {
        self.ws();
        let start = self.at;
        let len = self.rest().find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(self.rest().len());
        if len == 0 {
            return None;
        }
        self.at += len;
        Some(Name { text: self.text.get(start..self.at)?.to_owned(), span: self.span(start, self.at) })
    }
    fn make(&self, start: usize, kind: TypeKind) -> Type {
        Type { kind: Box::new(kind), span: self.span(start, self.at) }
    }
    fn ty(&mut self) -> Option<Type> {
        self.ws();
        let start = self.at;
        let mut ty = if self.eat("(") {
            let ty = self.ty()?;
            self.eat(")").then_some(ty)?
        } else if self.eat("{") {
            let mut members = Vec::new();
            let mut open = false;
            while !self.eat("}") {
                if self.eat("...") {
                    open = true;
                } else {
                    let name = self.word()?;
                    self.eat(":").then_some(())?;
                    members.push((name, self.ty()?));
                }
                self.eat(",");
            }
            self.make(start, TypeKind::Record { members, open })
        } else if self.rest().starts_with('"') {
            let mut words = Vec::new();
            loop {
                self.ws();
                let at = self.at;
                self.eat("\"").then_some(())?;
                let len = self.rest().find('"')?;
                let text = self.rest().get(..len)?.to_owned();
                self.at += len + 1;
                words.push(Text { text, span: self.span(at, self.at) });
                if !self.eat("|") {
                    break;
                }
            }
            self.make(start, TypeKind::Enum(words))
        } else {
            let word = self.word()?;
            if word.text == "map" && self.eat("[") {
                let ty = self.ty()?;
                self.eat("]").then_some(())?;
                self.make(start, TypeKind::Map(ty))
            } else {
                self.make(start, TypeKind::Named(word.text))
            }
        };
        loop {
            if self.eat("[]") {
                ty = self.make(start, TypeKind::List(ty));
            } else if self.eat("?") {
                ty = self.make(start, TypeKind::Optional(ty));
            } else {
                return Some(ty);
            }
        }
    }
}
