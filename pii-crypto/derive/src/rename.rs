//! The name of a field on the wire, as serde will have it.

use syn::Attribute;
use syn::Error;
use syn::LitStr;
use syn::Result;
use syn::Token;

/// How a container renames its fields.
#[derive(Clone, Copy)]
pub(crate) enum RenameAll {
    AsIs,
    Kebab,
    Camel,
}

/// What `#[serde(rename_all = "…")]` on the struct says.
pub(crate) fn rename_all(attributes: &[Attribute]) -> Result<RenameAll> {
    let mut found = RenameAll::AsIs;
    for_each_serde(attributes, |name, value| {
        if name == "rename_all" {
            let value =
                value.ok_or_else(|| Error::new(proc_macro2::Span::call_site(), "name the case"))?;
            found = match value.value().as_str() {
                "kebab-case" => RenameAll::Kebab,
                "camelCase" => RenameAll::Camel,
                "snake_case" => RenameAll::AsIs,
                _ => {
                    return Err(Error::new(
                        value.span(),
                        "this case has no tag: use kebab-case, camelCase or snake_case",
                    ));
                }
            };
        }
        Ok(())
    })?;
    Ok(found)
}

/// The name of a field on the wire.
pub(crate) fn wire_name(field: &str, attributes: &[Attribute], all: RenameAll) -> Result<String> {
    let mut renamed = None;
    for_each_serde(attributes, |name, value| {
        if name == "rename" {
            renamed = value.map(|value| value.value());
        }
        Ok(())
    })?;
    let field = field.trim_start_matches("r#");
    Ok(renamed.unwrap_or_else(|| match all {
        RenameAll::AsIs => field.to_owned(),
        RenameAll::Kebab => field.replace('_', "-"),
        RenameAll::Camel => camel(field),
    }))
}

fn camel(field: &str) -> String {
    let mut words = field.split('_');
    let mut out = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut chars = word.chars();
        out.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        out.push_str(chars.as_str());
    }
    out
}

fn for_each_serde(
    attributes: &[Attribute],
    mut each: impl FnMut(&str, Option<LitStr>) -> Result<()>,
) -> Result<()> {
    for attribute in attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
    {
        attribute.parse_nested_meta(|meta| {
            let name = meta
                .path
                .get_ident()
                .map(ToString::to_string)
                .unwrap_or_default();
            let value = if meta.input.peek(Token![=]) {
                Some(meta.value()?.parse()?)
            } else {
                None
            };
            each(&name, value)
        })?;
    }
    Ok(())
}
