//! What an atom of a formula says about a request.

use std::fmt;
use std::sync::Arc;

use super::formula::Formula;
use super::numbers::NumberTest;
use super::text::TextTest;
use crate::catalog::Root;
use crate::standard::Grant;

/// A place in a request: a root, or the element of a list that a predicate is about, and the members from there on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    /// Where it starts.
    pub base: Base,
    /// Member names, through records and maps.
    pub members: Vec<Arc<str>>,
}

/// Where a path starts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Base {
    /// A root of what policies can read.
    Root(Root),
    /// Some element of the list at this path.
    Element(Arc<Path>),
}

impl Path {
    /// The whole of a root.
    pub fn root(root: Root) -> Path {
        Path { base: Base::Root(root), members: Vec::new() }
    }

    /// The elements of a list.
    pub fn element(list: &Arc<Path>) -> Path {
        Path { base: Base::Element(list.clone()), members: Vec::new() }
    }

    /// The path of a member.
    #[must_use]
    pub fn member(&self, name: &Arc<str>) -> Path {
        let mut members = self.members.clone();
        members.push(name.clone());
        Path { base: self.base.clone(), members }
    }

    /// The path of what holds it; `None` for a base.
    pub fn parent(&self) -> Option<Path> {
        let (_, members) = self.members.split_last()?;
        Some(Path { base: self.base.clone(), members: members.to_vec() })
    }
}

/// As policies write it; an element of a list as `user.groups[]`.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.base {
            Base::Root(root) => f.write_str(root.as_str())?,
            Base::Element(list) => write!(f, "{list}[]")?,
        }
        for member in &self.members {
            let is_plain =
                !member.is_empty() && member.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if is_plain { write!(f, ".{member}")? } else { write!(f, "[{member:?}]")? }
        }
        Ok(())
    }
}

/// Which audience of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aim {
    /// What the token is for, behind `set audience`.
    Token,
    /// What the request's `audience` says. Apart from [`Aim::Token`] only where a policy sets the audience.
    Asked,
    /// `requested.audience`.
    Requested,
}

/// What can be true of a request. Tests of a value speak of a value that is there; where it is not, they say nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Atom {
    /// It has this grant.
    Grant(Grant),
    /// The client has this id.
    Client(Arc<str>),
    /// The client is not listed in the catalog.
    UnlistedClient,
    /// The audience has this id among others.
    Audience(Aim, Arc<str>),
    /// The audience has an id that the catalog does not list.
    UnlistedAudience(Aim),
    /// There is no audience.
    NoAudience(Aim),
    /// There are two or more audiences.
    ManyAudiences(Aim),
    /// There is a user.
    User,
    /// A source of external data failed.
    Failed(Arc<str>),
    /// What is at the path is there, given that what holds it is.
    Present(Arc<Path>),
    /// A Boolean is true.
    True(Arc<Path>),
    /// A text passes a test.
    Text(Arc<Path>, TextTest),
    /// A number passes a test.
    Number(Arc<Path>, NumberTest),
    /// `left - right <= bound` of whole numbers, times and durations; a missing side is zero.
    AtMost(Option<Arc<Path>>, Option<Arc<Path>>, i128),
    /// Some element of the list makes the formula true, which is about [`Path::element`] and nothing else.
    Some(Arc<Path>, Formula),
    /// The list has at most so many elements.
    Items(Arc<Path>, u64),
    /// Something about an expression that is not understood, given by its [normal text](super::normal).
    Opaque(Arc<str>, Role),
}

/// What an opaque atom says about its expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A condition whose operands are there is true.
    Holds,
    /// There is a value, where all that it needs is there.
    There,
    /// There is no value because some part reads the user and there is none.
    NoUser,
}
