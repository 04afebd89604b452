//! A policy's attributes to the fields of the host's own structs: found and checked against claims.yaml once, when the
//! policy is loaded.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::Policy;
use crate::catalog::Root;
use crate::input::{Attribute, Form, Input, Member, Reading, Roots, Way};
use crate::value::{Object, Value};

mod check;

/// Which fields of a struct of roots the attributes of one policy are. Made by [`Policy::bind`], used for any number of
/// requests and threads. Of a type that borrows, `T` is the one that borrows for ever: `Binding<Login<'static>>`.
pub struct Binding<T> {
    /// By index of the attribute.
    places: Vec<Place>,
    of: PhantomData<fn() -> T>,
}

/// Positions of fields, from the struct of roots on.
type Steps = Box<[u16]>;

/// Where an attribute lies.
#[derive(Debug, Clone, Default)]
struct Place {
    /// The first leads to the root.
    steps: Steps,
    names: Box<[Arc<str>]>,
    /// For the id of a party: the way to its name, which is its id where it has none.
    instead: Option<Steps>,
}

/// Why a struct does not fit a policy: all reasons, by attribute; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindErrors {
    /// The name of the struct.
    pub of: &'static str,
    /// One for each attribute or part of one, sorted.
    pub errors: Vec<BindError>,
}

/// Why an attribute cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BindError {
    /// The attribute, or the part of it: `user.address.city`.
    pub attribute: String,
    /// Its type in claims.yaml, or of the standard user where there is no claims.yaml.
    pub declared: String,
    /// The field: `Address.city`; the struct where there is none.
    pub field: String,
    /// The Rust type of the field; `None` where there is none.
    pub ty: Option<String>,
    /// The fact, behind the name of the field.
    pub problem: String,
    /// What to do.
    pub help: String,
}

impl fmt::Display for BindErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` does not fit the policy:", self.of)?;
        self.errors.iter().try_for_each(|error| write!(f, "\n{error}"))
    }
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BindError { attribute, declared, field, ty, problem, help } = self;
        write!(f, "`{attribute}` is declared as `{declared}`, but `{field}")?;
        if let Some(ty) = ty {
            write!(f, ": {ty}")?;
        }
        write!(f, "` {problem}\n  help: {help}")
    }
}

impl std::error::Error for BindErrors {}

impl Policy {
    /// Finds the attributes that the policy reads among the fields of a struct of roots, and checks their types against
    /// claims.yaml.
    ///
    /// # Errors
    /// Attributes that are not there though they are neither optional nor have a default, that may be `None` though
    /// claims.yaml says that they are there, or that are of another type.
    pub fn bind<T: Roots>(&self) -> Result<Binding<T::Static>, BindErrors> {
        let (name, members) = match T::form() {
            Form::Record(name, members) => (name, members),
            _ => ("", [].as_slice()),
        };
        let attributes = self.attributes();
        let count = attributes.iter().map(|attribute| attribute.index + 1).max().unwrap_or(0);
        let mut places = vec![Place::default(); count];
        let mut check = check::Check::new(self.catalog());
        for attribute in &attributes {
            let (id, instead) = id_and_name(attribute, members);
            let steps = match (id, &instead) {
                (None, Some(name)) => name.to_vec(),
                _ => check.attribute(attribute, name, members),
            };
            if let Some(place) = places.get_mut(attribute.index) {
                *place = Place { steps: steps.into(), names: attribute.path.clone().into(), instead };
            }
        }
        match check.errors() {
            errors if errors.is_empty() => Ok(Binding { places, of: PhantomData }),
            errors => Err(BindErrors { of: name, errors }),
        }
    }
}

/// The ways to id and name of a party, for an attribute that is its id.
fn id_and_name(attribute: &Attribute, members: &[Member]) -> (Option<Steps>, Option<Steps>) {
    match attribute {
        Attribute { root: root @ (Root::Connection | Root::Organization), path, .. } if matches!(path.as_slice(), [id] if **id == *"id") =>
        {
            let to = |name| check::steps_to(members, root.as_str(), name);
            (to("id"), to("name"))
        }
        _ => (None, None),
    }
}

impl<T> Clone for Binding<T> {
    fn clone(&self) -> Self {
        Binding { places: self.places.clone(), of: PhantomData }
    }
}

impl<T> fmt::Debug for Binding<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Binding").field("places", &self.places).finish_non_exhaustive()
    }
}

impl<T> Binding<T> {
    /// The attributes of one request.
    pub fn of<'a, R: Roots<Static = T>>(&'a self, roots: &'a R) -> Bound<'a, R> {
        Bound { places: &self.places, roots }
    }
}

/// The attributes of one request in the host's own structs.
#[derive(Debug)]
pub struct Bound<'a, R> {
    places: &'a [Place],
    roots: &'a R,
}

impl<R> Clone for Bound<'_, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Bound<'_, R> {}

impl<R: Roots> Bound<'_, R> {
    /// What is not there: its root at least is, if that is the client, and the name of a party stands for its id.
    #[cold]
    fn missing(&self, attribute: &Attribute, place: &Place, found: usize) -> Reading<'_> {
        match &place.instead {
            Some(name) if found > 0 => self.roots.read(Way::new(name, &place.names)),
            _ if attribute.root == Root::Client => Reading::Missing { found: found.max(1) },
            _ => Reading::Missing { found },
        }
    }

    fn position(root: Root) -> Option<u16> {
        match R::form() {
            Form::Record(_, members) => check::position(members, root.as_str()),
            _ => None,
        }
    }
}

impl<R: Roots> Input for Bound<'_, R> {
    fn has(&self, root: Root) -> bool {
        let is_there =
            |position: u16| !matches!(self.roots.read(Way::new(&[position], &[])), Reading::Missing { .. });
        Self::position(root).is_some_and(is_there)
    }

    #[inline]
    fn read(&self, attribute: &Attribute) -> Reading<'_> {
        let Some(place) = self.places.get(attribute.index) else {
            return Reading::Other;
        };
        match self.roots.read(Way::new(&place.steps, &place.names)) {
            Reading::Missing { found } => self.missing(attribute, place, found),
            reading => reading,
        }
    }

    fn whole(&self, root: Root) -> Option<Value> {
        match Self::position(root).map(|position| self.roots.root(position)) {
            None | Some(Value::Null) => (root == Root::Client).then(|| Value::object(Object::new())),
            whole => whole,
        }
    }
}
