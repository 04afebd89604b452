//! Structs to the impls of `claimsc::input`.

use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{
    Data, DeriveInput, Error, Fields, GenericParam, Generics, Ident, LitStr, Result, Type, parse_quote,
};

/// The names of roots, as policies know them.
const ROOTS: [&str; 8] =
    ["user", "client", "connection", "organization", "session", "actor", "request", "external"];

/// A field that policies can read.
struct Field<'a> {
    ident: &'a Ident,
    name: String,
    ty: &'a Type,
}

/// The impl of `Field`.
pub(crate) fn attributes(input: &DeriveInput) -> Result<TokenStream> {
    if let Data::Struct(data) = &input.data
        && let Fields::Unnamed(fields) = &data.fields
        && let (Some(field), 1) = (fields.unnamed.first(), fields.unnamed.len())
    {
        return Ok(wrapper(input, &field.ty));
    }
    Ok(record(input, &fields(input)?))
}

/// The impls of `Field` and `Roots`.
pub(crate) fn roots(input: &DeriveInput) -> Result<TokenStream> {
    let fields = fields(input)?;
    let wrong = fields.iter().filter(|field| !ROOTS.contains(&field.name.as_str())).map(|field| {
        let message = format!("`{}` is no root of attributes: these are {}", field.name, ROOTS.join(", "));
        Error::new(field.ident.span(), message)
    });
    let types = input.generics.type_params().map(|parameter| {
        Error::new(
            parameter.span(),
            "a struct of roots has no type parameters: a policy is bound to one type",
        )
    });
    if let Some(error) = all(wrong.chain(types)) {
        return Err(error);
    }
    let ident = &input.ident;
    let (parameters, arguments, bounds) = input.generics.split_for_impl();
    let forever = input.generics.params.iter().map(|parameter| match parameter {
        GenericParam::Lifetime(_) => quote!('static),
        GenericParam::Type(parameter) => parameter.ident.to_token_stream(),
        GenericParam::Const(parameter) => parameter.ident.to_token_stream(),
    });
    let record = record(input, &fields);
    let positions = positions(&fields);
    let members = fields.iter().map(|field| field.ident);
    Ok(quote! {
        #record

        impl #parameters ::claimsc::input::Roots for #ident #arguments #bounds {
            type Static = #ident<#(#forever),*>;

            fn root(&self, position: u16) -> ::claimsc::Value {
                match position {
                    #(#positions => ::claimsc::input::Field::value(&self.#members),)*
                    _ => ::claimsc::Value::Null,
                }
            }
        }
    })
}

/// A struct of one field without a name: that field.
fn wrapper(input: &DeriveInput, ty: &Type) -> TokenStream {
    let generics = with_bounds(&input.generics);
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let ident = &input.ident;
    quote! {
        impl #parameters ::claimsc::input::Field for #ident #arguments #bounds {
            fn form() -> ::claimsc::input::Form {
                <#ty as ::claimsc::input::Field>::form()
            }

            #[inline]
            fn read<'claims>(&'claims self, way: ::claimsc::input::Way<'_>) -> ::claimsc::input::Reading<'claims> {
                ::claimsc::input::Field::read(&self.0, way)
            }

            fn value(&self) -> ::claimsc::Value {
                ::claimsc::input::Field::value(&self.0)
            }
        }
    }
}

fn record(input: &DeriveInput, fields: &[Field<'_>]) -> TokenStream {
    let generics = with_bounds(&input.generics);
    let (parameters, arguments, bounds) = generics.split_for_impl();
    let ident = &input.ident;
    let struct_name = ident.unraw().to_string();
    let positions = positions(fields);
    let members: Vec<&Ident> = fields.iter().map(|field| field.ident).collect();
    let names: Vec<&String> = fields.iter().map(|field| &field.name).collect();
    let field_names = fields.iter().map(|field| field.ident.unraw().to_string());
    let types = fields.iter().map(|field| field.ty);
    let written = fields.iter().map(|field| written(field.ty));
    quote! {
        impl #parameters ::claimsc::input::Field for #ident #arguments #bounds {
            fn form() -> ::claimsc::input::Form {
                ::claimsc::input::Form::Record(
                    #struct_name,
                    const {
                        &[#(::claimsc::input::Member {
                            name: #names,
                            field: #field_names,
                            ty: #written,
                            form: <#types as ::claimsc::input::Field>::form,
                        }),*]
                    },
                )
            }

            #[inline]
            fn read<'claims>(&'claims self, way: ::claimsc::input::Way<'_>) -> ::claimsc::input::Reading<'claims> {
                match way.step() {
                    #(::core::option::Option::Some(#positions) => {
                        ::claimsc::input::Field::read(&self.#members, way.on())
                    })*
                    ::core::option::Option::Some(_) => way.breaks(),
                    ::core::option::Option::None => ::claimsc::input::Reading::Other,
                }
            }

            fn value(&self) -> ::claimsc::Value {
                ::claimsc::input::record([#((#names, ::claimsc::input::Field::value(&self.#members))),*])
            }
        }
    }
}

fn positions(fields: &[Field<'_>]) -> Vec<Literal> {
    (0..u16::MAX).take(fields.len()).map(Literal::u16_unsuffixed).collect()
}

/// Type parameters are types of attributes.
fn with_bounds(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(::claimsc::input::Field));
    }
    generics
}

/// The type as its author would write it.
fn written(ty: &Type) -> String {
    let mut text = ty.to_token_stream().to_string();
    for (long, short) in
        [(" :: ", "::"), (":: ", "::"), (" < ", "<"), (" >", ">"), ("& ", "&"), (" ,", ","), ("[ ", "[")]
    {
        text = text.replace(long, short);
    }
    text
}

/// The fields that policies can read, and everything that is wrong with what stands on fields.
fn fields(input: &DeriveInput) -> Result<Vec<Field<'_>>> {
    let named = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => Some(&fields.named),
            _ => None,
        },
        _ => None,
    };
    let named = named
        .ok_or_else(|| Error::new(input.ident.span(), "only structs with named fields have attributes"))?;
    let (mut fields, mut errors) = (Vec::<Field<'_>>::new(), Vec::new());
    for field in named {
        let Some(ident) = &field.ident else { continue };
        match options(field) {
            Ok(Options { skip: true, .. }) => {}
            Ok(Options { rename, .. }) => {
                let name = rename.map_or_else(|| ident.unraw().to_string(), |name| name.value());
                if fields.iter().any(|other| other.name == name) {
                    errors.push(Error::new(
                        ident.span(),
                        format!("another field has the name `{name}` already"),
                    ));
                }
                fields.push(Field { ident, name, ty: &field.ty });
            }
            Err(error) => errors.push(error),
        }
    }
    match all(errors.into_iter()) {
        Some(error) => Err(error),
        None => Ok(fields),
    }
}

/// What stands in `#[claims(..)]`.
#[derive(Default)]
struct Options {
    skip: bool,
    rename: Option<LitStr>,
}

fn options(field: &syn::Field) -> Result<Options> {
    let mut options = Options::default();
    for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("claims")) {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("skip") {
                options.skip = true;
                return Ok(());
            }
            if meta.path.is_ident("rename") {
                let name: LitStr = meta.value()?.parse()?;
                if name.value().is_empty() {
                    return Err(Error::new(name.span(), "a name is not empty"));
                }
                options.rename = Some(name);
                return Ok(());
            }
            Err(meta.error("expected `rename = \"name\"` or `skip`"))
        })?;
    }
    Ok(options)
}

/// All errors as one.
fn all(errors: impl Iterator<Item = Error>) -> Option<Error> {
    errors.reduce(|mut all, error| {
        all.combine(error);
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusals(expand: fn(&DeriveInput) -> Result<TokenStream>, text: &str) -> Vec<String> {
        let input = syn::parse_str(text).expect("a type");
        expand(&input).expect_err(text).into_iter().map(|error| error.to_string()).collect()
    }

    #[test]
    fn mistakes_are_found_all_at_once() {
        let wrong = "struct User {
            #[claims(renamed = \"a\")] a: String,
            #[claims(rename = \"\")] b: String,
            c: String,
            #[claims(rename = \"c\")] d: String,
        }";
        assert_eq!(
            refusals(attributes, wrong),
            [
                "expected `rename = \"name\"` or `skip`",
                "a name is not empty",
                "another field has the name `c` already"
            ]
        );
        assert_eq!(
            refusals(roots, "struct Login<T> { user: T, users: String }"),
            [
                "`users` is no root of attributes: these are user, client, connection, organization, session, actor, \
                 request, external",
                "a struct of roots has no type parameters: a policy is bound to one type"
            ]
        );
        for no_struct in ["enum E { A }", "struct S;", "struct S(String, String);", "union U { a: u8 }"] {
            assert_eq!(refusals(attributes, no_struct), ["only structs with named fields have attributes"]);
        }
    }

    #[test]
    fn types_are_shown_as_written() {
        for text in
            ["Option<&'a [String]>", "std::collections::HashMap<String, Vec<i64>>", "&str", "Cow<'a, str>"]
        {
            assert_eq!(written(&syn::parse_str(text).expect("a type")), text);
        }
    }
}
