//! Derives of claimsc: a host's own structs as attributes of policies.
//!
//! Use them through claimsc with its feature `derive`; its page on inputs tells how they work together with
//! `Policy::bind`.

use proc_macro::TokenStream;
use syn::DeriveInput;

mod expand;

/// A struct whose fields are attributes.
///
/// Every field is an attribute of its name. `#[claims(rename = "email_verified")]` gives it another one, and
/// `#[claims(skip)]` keeps a field away from policies. A struct of one field without a name is that field.
///
/// ```
/// use claimsc::input::Attributes;
///
/// #[derive(Attributes)]
/// struct User {
///     sub: String,
///     #[claims(rename = "email_verified")]
///     verified: bool,
///     groups: Vec<String>,
///     address: Option<Address>,
///     #[claims(skip)]
///     password: String,
/// }
///
/// #[derive(Attributes)]
/// struct Address {
///     country: String,
/// }
/// ```
#[proc_macro_derive(Attributes, attributes(claims))]
pub fn attributes(input: TokenStream) -> TokenStream {
    derived(input, expand::attributes)
}

/// A struct whose fields are the roots of attributes: `user`, `client` (what is known of it beyond its id), `connection`,
/// `organization`, `session`, `actor`, `request` (the HTTP request) and `external`. Attributes on fields are those of
/// `Attributes`.
///
/// ```
/// use claimsc::input::{Attributes, Roots};
///
/// #[derive(Roots)]
/// struct Login<'a> {
///     user: Option<&'a User>,
///     organization: Option<Organization>,
/// }
///
/// #[derive(Attributes)]
/// struct User {
///     sub: String,
/// }
///
/// #[derive(Attributes)]
/// struct Organization {
///     id: String,
/// }
/// ```
#[proc_macro_derive(Roots, attributes(claims))]
pub fn roots(input: TokenStream) -> TokenStream {
    derived(input, expand::roots)
}

fn derived(
    input: TokenStream,
    expand: fn(&DeriveInput) -> syn::Result<proc_macro2::TokenStream>,
) -> TokenStream {
    syn::parse(input).and_then(|input| expand(&input)).unwrap_or_else(syn::Error::into_compile_error).into()
}
