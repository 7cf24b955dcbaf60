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

/// The name on the wire of a field whose name in Rust, without `r#`, is `field`.
pub(crate) fn wire_name(field: &str, attributes: &[Attribute], all: RenameAll) -> Result<String> {
    let mut renamed = None;
    for_each_serde(attributes, |name, value| {
        if name == "rename" {
            renamed = value.map(|value| value.value());
        }
        Ok(())
    })?;
    Ok(renamed.unwrap_or_else(|| match all {
        RenameAll::AsIs => field.to_owned(),
        RenameAll::Kebab => field.replace('_', "-"),
        RenameAll::Camel => camel(field),
    }))
}

/// As serde does it: each word begins large, then the first letter becomes small.
fn camel(field: &str) -> String {
    let mut pascal = String::new();
    for word in field.split('_') {
        let mut chars = word.chars();
        pascal.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        pascal.push_str(chars.as_str());
    }
    let mut chars = pascal.chars();
    let first = chars.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
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

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::RenameAll;
    use super::rename_all;
    use super::wire_name;

    fn renamed(field: &str, all: RenameAll) -> String {
        wire_name(field, &[], all).unwrap()
    }

    #[test]
    fn a_container_renames_its_fields_as_serde_does() {
        assert_eq!(renamed("full_name", RenameAll::AsIs), "full_name");
        assert_eq!(renamed("full_name", RenameAll::Kebab), "full-name");
        assert_eq!(renamed("full_name", RenameAll::Camel), "fullName");
        assert_eq!(renamed("_name", RenameAll::Camel), "name");
        assert_eq!(renamed("line__2", RenameAll::Camel), "line2");
    }

    #[test]
    fn a_field_renamed_by_itself_keeps_that_name() {
        let said = [parse_quote!(#[serde(default, rename = "mail")])];
        assert_eq!(wire_name("email", &said, RenameAll::Camel).unwrap(), "mail");
    }

    #[test]
    fn other_words_of_serde_change_no_name() {
        let said = [
            parse_quote!(#[serde(skip_serializing_if = "Option::is_none", alias = "mail")]),
            parse_quote!(#[doc = "The address."]),
        ];
        assert_eq!(
            wire_name("e_mail", &said, RenameAll::Kebab).unwrap(),
            "e-mail"
        );
    }

    #[test]
    fn a_case_without_a_tag_is_refused() {
        let known = [parse_quote!(#[serde(deny_unknown_fields, rename_all = "camelCase")])];
        assert!(matches!(rename_all(&known), Ok(RenameAll::Camel)));
        let unknown = [parse_quote!(#[serde(rename_all = "SCREAMING_SNAKE_CASE")])];
        assert!(rename_all(&unknown).is_err());
    }

    #[test]
    fn a_name_that_differs_between_writing_and_reading_is_refused() {
        let said = [parse_quote!(#[serde(rename(serialize = "a", deserialize = "b"))])];
        assert!(wire_name("email", &said, RenameAll::AsIs).is_err());
        assert!(
            rename_all(&[parse_quote!(#[serde(rename_all(serialize = "camelCase"))])]).is_err()
        );
    }
}
