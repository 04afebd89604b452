//! How things become bytes and things again: one description of each gives writing, reading and checking.
//!
//! [`Wire::check`] walks bytes that nobody vouches for. [`Wire::read`] makes things of bytes that were checked. Both follow
//! from the same list of fields, so what was checked can be read.

use super::Fault;
use super::checker::Checker;
use super::reader::Reader;
#[cfg(feature = "compiler")]
use super::writer::Writer;

/// What has a form in an artifact.
pub(super) trait Wire: Sized {
    /// Appends it.
    #[cfg(feature = "compiler")]
    fn write(&self, to: &mut Writer);

    /// Takes it from checked bytes.
    fn read(from: &mut Reader<'_>) -> Option<Self>;

    /// Walks over it.
    fn check(of: &mut Checker<'_>) -> Result<(), Fault>;
}

/// Checks a field of a structure, whose type is known from the field.
pub(super) fn check_field<S, T: Wire>(_: impl FnOnce(&S) -> &T, of: &mut Checker<'_>) -> Result<(), Fault> {
    T::check(of)
}

/// The form of a structure: its fields, in this order; `as` puts another form of a field in the place of its own.
macro_rules! wire_struct {
    ($name:ident { $($field:ident $(as $form:ident)?),* $(,)? }) => {
        impl $crate::artifact::wire::Wire for $name {
            #[cfg(feature = "compiler")]
            fn write(&self, to: &mut $crate::artifact::writer::Writer) {
                let $name { $($field),* } = self;
                $($crate::artifact::wire::wire_field!(write $($form)?)($field, to);)*
            }

            fn read(from: &mut $crate::artifact::reader::Reader<'_>) -> Option<Self> {
                Some($name { $($field: $crate::artifact::wire::wire_field!(read $($form)?)(from)?),* })
            }

            fn check(
                of: &mut $crate::artifact::checker::Checker<'_>,
            ) -> Result<(), $crate::artifact::Fault> {
                $($crate::artifact::wire::wire_field!(check $name $field of $($form)?)?;)*
                Ok(())
            }
        }
    };
}
pub(super) use wire_struct;

/// What is done with a field: by its own form or another.
macro_rules! wire_field {
    (write) => {
        $crate::artifact::wire::Wire::write
    };
    (write $form:ident) => {
        $form::write
    };
    (read) => {
        $crate::artifact::wire::Wire::read
    };
    (read $form:ident) => {
        $form::read
    };
    (check $name:ident $field:ident $of:ident) => {
        $crate::artifact::wire::check_field(|it: &$name| &it.$field, $of)
    };
    (check $name:ident $field:ident $of:ident $form:ident) => {
        $form::check($of)
    };
}
pub(super) use wire_field;

/// The form of an enumeration: a byte that tells the variant, then its fields.
macro_rules! wire_enum {
    ($name:ident { $($tag:literal => $variant:ident
        $( ( $($place:ident: $place_ty:ty),* ) )?
        $( { $($field:ident: $field_ty:ty),* } )?,)* }) => {
        impl $crate::artifact::wire::Wire for $name {
            #[cfg(feature = "compiler")]
            fn write(&self, to: &mut $crate::artifact::writer::Writer) {
                match self {
                    $($name::$variant $( ( $($place),* ) )? $( { $($field),* } )? => {
                        to.out.push($tag);
                        $($(<$place_ty as $crate::artifact::wire::Wire>::write($place, to);)*)?
                        $($(<$field_ty as $crate::artifact::wire::Wire>::write($field, to);)*)?
                    })*
                }
            }

            fn read(from: &mut $crate::artifact::reader::Reader<'_>) -> Option<Self> {
                // Each variant is a function of its own, so that whoever recurses pays for no other's variables.
                let read: fn(&mut $crate::artifact::reader::Reader<'_>) -> Option<Self> = match from.byte()? {
                    $($tag => |_from| {
                        $($(let $place = <$place_ty as $crate::artifact::wire::Wire>::read(_from)?;)*)?
                        $($(let $field = <$field_ty as $crate::artifact::wire::Wire>::read(_from)?;)*)?
                        Some($name::$variant $( ( $($place),* ) )? $( { $($field),* } )?)
                    },)*
                    _ => return None,
                };
                read(from)
            }

            fn check(
                of: &mut $crate::artifact::checker::Checker<'_>,
            ) -> Result<(), $crate::artifact::Fault> {
                let check: fn(
                    &mut $crate::artifact::checker::Checker<'_>,
                ) -> Result<(), $crate::artifact::Fault> = match of.byte()? {
                    $($tag => |_of| {
                        $($(<$place_ty as $crate::artifact::wire::Wire>::check(_of)?;)*)?
                        $($(<$field_ty as $crate::artifact::wire::Wire>::check(_of)?;)*)?
                        Ok(())
                    },)*
                    _ => return Err($crate::artifact::Fault::Kind),
                };
                check(of)
            }
        }
    };
}
pub(super) use wire_enum;
