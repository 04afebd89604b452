//! Whether Rust types are what claims.yaml declares.

use super::BindError;
use crate::catalog::{Catalog, Root, World};
use crate::eval;
use crate::input::{Attribute, Form, LACKING, Member};
use crate::ty::{Shape, ShapeKind};

/// The position of a field that policies know by this name.
pub(super) fn position(members: &[Member], name: &str) -> Option<u16> {
    members.iter().position(|member| member.name == name).and_then(|position| u16::try_from(position).ok())
}

/// The way to a field of a root.
pub(super) fn steps_to(roots: &[Member], root: &str, name: &str) -> Option<Box<[u16]>> {
    let first = position(roots, root)?;
    match inner((roots.get(usize::from(first))?.form)()).0 {
        Form::Record(_, members) => Some([first, position(members, name)?].into()),
        _ => None,
    }
}

/// What an option holds, and whether it is one.
fn inner(mut form: Form) -> (Form, bool) {
    let mut may_be_none = false;
    while let Form::Option(of) = form {
        (form, may_be_none) = (of(), true);
    }
    (form, may_be_none)
}

/// Finds attributes and collects what is wrong with them.
pub(super) struct Check<'c> {
    catalog: &'c Catalog,
    errors: Vec<BindError>,
}

/// Where the check is: in claims.yaml and in the structs.
#[derive(Clone)]
struct Spot {
    attribute: String,
    field: String,
    ty: Option<&'static str>,
}

impl Spot {
    /// A member of it, which a field is.
    fn field(&self, name: &str, owner: &str, member: &Member) -> Spot {
        Spot { field: format!("{owner}.{}", member.field), ty: Some(member.ty), ..self.member(name) }
    }

    /// A member of it.
    fn member(&self, name: &str) -> Spot {
        let attribute = match self.attribute.as_str() {
            "" => name.to_owned(),
            attribute => format!("{attribute}.{name}"),
        };
        Spot { attribute, ..self.clone() }
    }

    /// An element of it.
    fn element(&self) -> Spot {
        Spot { attribute: format!("{}[]", self.attribute), ..self.clone() }
    }
}

impl<'c> Check<'c> {
    pub(super) fn new(catalog: &'c Catalog) -> Self {
        Check { catalog, errors: Vec::new() }
    }

    /// All errors, each once.
    pub(super) fn errors(mut self) -> Vec<BindError> {
        self.errors.sort();
        self.errors.dedup();
        self.errors
    }

    /// The way to an attribute through the structs.
    pub(super) fn attribute(
        &mut self,
        attribute: &Attribute,
        owner: &'static str,
        members: &'static [Member],
    ) -> Vec<u16> {
        let root = attribute.root;
        // Constants are those of the policy.
        let Some(root_shape) = self.catalog.input(root).filter(|_| root != Root::Config) else {
            return vec![LACKING];
        };
        let mut shape = Some(root_shape);
        let mut form = Form::Record(owner, members);
        let mut spot = Spot { attribute: String::new(), field: owner.to_owned(), ty: None };
        let mut steps = Vec::new();
        let names = std::iter::once(root.as_str()).chain(attribute.path.iter().map(|name| &**name));
        for (depth, name) in names.enumerate() {
            let container = shape;
            if depth > 0 {
                shape = shape.and_then(|shape| member(shape, name));
            }
            let (step, below) = match form {
                Form::Record(owner, members) => {
                    let found = position(members, name)
                        .and_then(|step| Some((step, members.get(usize::from(step))?)));
                    let Some((step, member)) = found else {
                        steps.push(LACKING);
                        if !self.may_be_missing(attribute, root_shape, depth) {
                            self.lacking(&spot.member(name), owner, name, shape);
                        }
                        return steps;
                    };
                    spot = spot.field(name, owner, member);
                    (step, (member.form)())
                }
                // Which keys there are, only requests tell.
                Form::Map(of) => {
                    spot = spot.member(name);
                    (0, inner(of()).0)
                }
                Form::Json => (0, Form::Json),
                _ => {
                    self.unfit(&spot, container, holds(form), STRUCT);
                    return vec![LACKING];
                }
            };
            steps.push(step);
            let (below, may_be_none) = inner(below);
            if may_be_none && depth > 0 && !self.may_be_missing(attribute, root_shape, depth) {
                self.optional(&spot, shape);
            }
            form = below;
        }
        if let Some(shape) = shape {
            self.fits(&spot, shape, form);
        }
        steps
    }

    /// Whether requests may do without what follows so many steps to an attribute.
    fn may_be_missing(&self, attribute: &Attribute, shape: &Shape, found: usize) -> bool {
        let root = attribute.root;
        // Of clients that it lists, claims.yaml tells everything.
        if root == Root::Client && self.catalog.client_world == World::Closed {
            return true;
        }
        let is_record = |shape: &&Shape| matches!(shape.kind, ShapeKind::Record(_));
        let mut container = Some(shape);
        for name in attribute.path.iter().take(found.saturating_sub(1)) {
            container = container.filter(is_record).and_then(|shape| member(shape, name));
        }
        if found > 0 && !container.as_ref().is_some_and(is_record) {
            return true;
        }
        // Without a session or an HTTP request, it is their members that are missing.
        let least =
            usize::from(matches!(root, Root::Session | Root::Request | Root::Client | Root::External));
        eval::missing_from(shape, &attribute.path, found.max(least)).is_some()
    }

    /// Whether a form holds what is declared, as far as types tell.
    fn fits(&mut self, spot: &Spot, shape: &Shape, form: Form) {
        match (&shape.kind, form) {
            (ShapeKind::List(element), Form::List(of)) | (ShapeKind::Map(element), Form::Map(of)) => {
                self.part(&spot.element(), element, of(), element.optional);
            }
            (ShapeKind::Map(element), Form::Record(owner, members)) => {
                for member in members {
                    // What is `None` is no member.
                    self.part(&spot.field(member.name, owner, member), element, (member.form)(), true);
                }
            }
            (ShapeKind::Record(record), Form::Record(owner, members)) => {
                for (name, shape) in &record.members {
                    let may_be_missing = shape.optional || shape.default.is_some() || shape.reads_as_empty();
                    match members.iter().find(|member| member.name == &**name) {
                        Some(member) => {
                            let spot = spot.field(name, owner, member);
                            self.part(&spot, shape, (member.form)(), may_be_missing);
                        }
                        None if may_be_missing => {}
                        None => self.lacking(&spot.member(name), owner, name, Some(shape)),
                    }
                }
            }
            (kind, form) => {
                if let Some(wanted) = wanted(kind, form) {
                    self.unfit(spot, Some(shape), holds(form), wanted);
                }
            }
        }
    }

    /// A part of a list, map or record.
    fn part(&mut self, spot: &Spot, shape: &Shape, form: Form, may_be_missing: bool) {
        let (form, may_be_none) = inner(form);
        if may_be_none && !may_be_missing {
            self.optional(spot, Some(shape));
        }
        self.fits(spot, shape, form);
    }

    fn unfit(&mut self, spot: &Spot, shape: Option<&Shape>, problem: &str, wanted: &str) {
        let help = format!("{wanted}, or declare another type for `{}` in claims.yaml", spot.attribute);
        self.push(spot, shape, problem, help);
    }

    fn optional(&mut self, spot: &Spot, shape: Option<&Shape>) {
        let (problem, help) = if spot.attribute.ends_with("[]") {
            ("may hold `None`", "let it hold only what is there")
        } else {
            ("may be `None`", "make it a field that is always there")
        };
        let help =
            format!("{help}, or let claims.yaml say that `{}` is optional or has a default", spot.attribute);
        self.push(spot, shape, problem, help);
    }

    fn lacking(&mut self, spot: &Spot, owner: &str, name: &str, shape: Option<&Shape>) {
        let mut help = format!("add a field `{name}`");
        if spot.attribute != name {
            help.push_str(&format!(
                ", put `#[claims(rename = \"{name}\")]` on the one that it is, or let claims.yaml say that `{}` is \
                 optional or has a default",
                spot.attribute
            ));
        }
        let spot = Spot { field: owner.to_owned(), ty: None, ..spot.clone() };
        self.push(&spot, shape, "has no such field", help);
    }

    fn push(&mut self, spot: &Spot, shape: Option<&Shape>, problem: &str, help: String) {
        let declared = shape.map_or_else(|| "json".to_owned(), |shape| shape.ty().present().to_string());
        self.errors.push(BindError {
            attribute: spot.attribute.clone(),
            declared,
            field: spot.field.clone(),
            ty: spot.ty.map(str::to_owned),
            problem: problem.to_owned(),
            help,
        });
    }
}

/// The shape of a part that a name leads to; `None`: anything.
fn member<'s>(shape: &'s Shape, name: &str) -> Option<&'s Shape> {
    match &shape.kind {
        ShapeKind::Record(record) => record.member(name),
        ShapeKind::Map(element) => Some(element),
        _ => None,
    }
}

const STRUCT: &str = "make it a struct with `#[derive(Attributes)]`";

/// What a field of another form should become; `None` if it can hold what is declared.
fn wanted(kind: &ShapeKind, form: Form) -> Option<&'static str> {
    Some(match (kind, form) {
        (ShapeKind::Error | ShapeKind::Json, _)
        | (_, Form::Json)
        | (ShapeKind::Bool, Form::Bool)
        | (ShapeKind::Int | ShapeKind::Number | ShapeKind::Timestamp | ShapeKind::Duration, Form::Int)
        | (ShapeKind::Number, Form::Number)
        | (
            ShapeKind::String
            | ShapeKind::Email
            | ShapeKind::Enum(_)
            | ShapeKind::Timestamp
            | ShapeKind::Duration,
            Form::Text,
        )
        | (ShapeKind::Record(_), Form::Map(_)) => return None,
        (ShapeKind::Bool, _) => "make it a `bool`",
        (ShapeKind::Int, _) => "make it a whole number such as `i64`",
        (ShapeKind::Number, _) => "make it a number such as `f64`",
        (ShapeKind::String | ShapeKind::Email | ShapeKind::Enum(_), _) => "make it a text such as `String`",
        (ShapeKind::Timestamp, _) => "make it whole seconds since 1970 such as `i64`, or text as in RFC 3339",
        (ShapeKind::Duration, _) => "make it whole seconds such as `i64`, or text such as `5m`",
        (ShapeKind::List(_), _) => "make it a list such as `Vec<String>`",
        (ShapeKind::Map(_), _) => "make it a map such as `HashMap<String, String>`",
        (ShapeKind::Record(_), _) => STRUCT,
    })
}

fn holds(form: Form) -> &'static str {
    match form {
        Form::Bool => "holds a truth value",
        Form::Int => "holds a whole number",
        Form::Number => "holds a number with a fraction",
        Form::Text => "holds text",
        Form::List(_) => "holds a list",
        Form::Map(_) => "holds a map",
        Form::Record(..) => "holds a struct",
        Form::Json | Form::Option(_) => "holds anything",
    }
}
