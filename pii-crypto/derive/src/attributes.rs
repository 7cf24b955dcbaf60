//! What the attributes say.

use syn::Attribute;
use syn::Error;
use syn::Field;
use syn::GenericArgument;
use syn::LitStr;
use syn::PathArguments;
use syn::Result;
use syn::Type;
use syn::spanned::Spanned;

/// What `#[pii(..)]` on a field says.
#[derive(Default)]
pub(crate) struct FieldAttributes {
    pub(crate) is_subject: bool,
    pub(crate) padding: Option<PaddingChoice>,
    pub(crate) category: Option<String>,
}

/// A padding as it is written.
#[derive(Clone, Copy)]
pub(crate) enum PaddingChoice {
    Bucket(u16),
    Exact,
}

/// The value of a personal field.
pub(crate) enum Personal {
    /// `Pii<T>`.
    Plain(Type),
    /// `Option<Pii<T>>`.
    Optional(Type),
}

/// The event's name.
pub(crate) fn event(attributes: &[Attribute], struct_span: proc_macro2::Span) -> Result<String> {
    let mut event = None;
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("pii"))
    {
        attribute.parse_nested_meta(|meta| {
            if !meta.path.is_ident("event") {
                return Err(meta.error("on a struct, `pii` takes `event = \"…\"`"));
            }
            let name: LitStr = meta.value()?.parse()?;
            check_code(&name)?;
            event = Some(name.value());
            Ok(())
        })?;
    }
    event.ok_or_else(|| {
        Error::new(
            struct_span,
            "name the event: `#[pii(event = \"user-registered\")]`",
        )
    })
}

pub(crate) fn field(field: &Field) -> Result<FieldAttributes> {
    let mut found = FieldAttributes::default();
    for attribute in field
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("pii"))
    {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("subject") {
                found.is_subject = true;
            } else if meta.path.is_ident("pad") {
                found.padding = Some(padding(&meta.value()?.parse()?)?);
            } else if meta.path.is_ident("category") {
                let name: LitStr = meta.value()?.parse()?;
                check_code(&name)?;
                found.category = Some(name.value());
            } else {
                return Err(meta.error("on a field, `pii` takes `subject`, `pad` and `category`"));
            }
            Ok(())
        })?;
    }
    Ok(found)
}

/// What is personal in a type; nothing for a type without `Pii`.
pub(crate) fn personal(ty: &Type) -> Result<Option<Personal>> {
    if let Some(value) = argument_of(ty, "Pii") {
        return Ok(Some(Personal::Plain(value.clone())));
    }
    if let Some(inner) = argument_of(ty, "Option")
        && let Some(value) = argument_of(inner, "Pii")
    {
        return Ok(Some(Personal::Optional(value.clone())));
    }
    if mentions_pii(ty) {
        return Err(Error::new(
            ty.span(),
            "a personal field is `Pii<T>` or `Option<Pii<T>>`",
        ));
    }
    Ok(None)
}

fn argument_of<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    let Type::Path(path) = ty else { return None };
    let last = path
        .path
        .segments
        .last()
        .filter(|segment| segment.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn mentions_pii(ty: &Type) -> bool {
    let tokens = quote::quote!(#ty).to_string();
    tokens
        .split(|char: char| !char.is_alphanumeric() && char != '_')
        .any(|word| word == "Pii")
}

fn padding(text: &LitStr) -> Result<PaddingChoice> {
    let value = text.value();
    if value == "exact" {
        return Ok(PaddingChoice::Exact);
    }
    let size = value
        .strip_prefix("bucket:")
        .and_then(|size| size.parse::<u16>().ok());
    size.filter(|size| size.is_power_of_two() && (8..=1024).contains(size))
        .map(PaddingChoice::Bucket)
        .ok_or_else(|| {
            Error::new(
                text.span(),
                "a padding is \"exact\" or \"bucket:n\", n a power of two from 8 to 1024",
            )
        })
}

fn check_code(text: &LitStr) -> Result<()> {
    let value = text.value();
    let is_code = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    if (1..=64).contains(&value.len()) && value.bytes().all(is_code) {
        Ok(())
    } else {
        Err(Error::new(text.span(), "a name is 1 to 64 of [a-z0-9-]"))
    }
}
