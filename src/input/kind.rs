//! What kind of value a root may be, whoever reads it.

use crate::catalog::Root;
use crate::request::RequestError;

/// What a value is, as far as that decides whether it may be a root or describe the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Bool,
    EmptyText,
    Text,
    Object,
    Other,
}

/// Whether a root may be this.
pub(super) fn check(root: Root, kind: Kind) -> Result<(), RequestError> {
    let may_be_id = matches!(root, Root::Connection | Root::Organization | Root::Client);
    let problem = match kind {
        Kind::Null | Kind::Object => return Ok(()),
        Kind::Text if may_be_id => return Ok(()),
        Kind::EmptyText if may_be_id => "is empty",
        _ if may_be_id => "is not a string or an object",
        _ => "is not an object",
    };
    Err(RequestError::new(format!("`{root}` {problem}", root = root.as_str())))
}

/// Members that describe the client beyond its id.
pub(super) const DESCRIPTION: [&str; 3] = ["name", "confidential", "metadata"];

/// Whether one of them may be this.
pub(super) fn check_description(name: &str, kind: Kind) -> Result<(), RequestError> {
    let problem = match (name, kind) {
        (_, Kind::Null)
        | ("name", Kind::Text)
        | ("confidential", Kind::Bool)
        | ("metadata", Kind::Object) => return Ok(()),
        ("name", Kind::EmptyText) => "is empty",
        ("name", _) => "is not a string",
        ("confidential", _) => "is not a boolean",
        _ => "is not an object",
    };
    Err(RequestError::new(format!("`client.{name}` {problem}")))
}
