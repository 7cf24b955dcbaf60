#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod attributes;
mod expand;
mod rename;

use proc_macro::TokenStream;
use syn::DeriveInput;
use syn::parse_macro_input;

/// Derives `Protected`: the sealed half of an event, and the way there and back.
///
/// On the struct: `#[pii(event = "user-registered")]`. On exactly one field: `#[pii(subject)]`. On fields of type
/// `Pii<T>` or `Option<Pii<T>>`: `#[pii(pad = "bucket:32")]` or `"exact"`, and `#[pii(category = "kyc")]`.
///
/// # What does not compile
///
/// An event whose person nobody named, or that has two:
///
/// ```compile_fail
/// # use skeleton_pii_crypto::{Pii, Protected, SubjectId};
/// #[derive(Protected)]
/// #[pii(event = "user-registered")]
/// struct UserRegistered {
///     user: SubjectId,
///     email: Pii<String>,
/// }
/// ```
///
/// ```compile_fail
/// # use skeleton_pii_crypto::{Pii, Protected, SubjectId};
/// #[derive(Protected)]
/// #[pii(event = "user-registered")]
/// struct UserRegistered {
///     #[pii(subject)]
///     user: SubjectId,
///     #[pii(subject)]
///     referrer: SubjectId,
///     email: Pii<String>,
/// }
/// ```
///
/// A person named by something personal:
///
/// ```compile_fail
/// # use skeleton_pii_crypto::{Pii, Protected, SubjectId};
/// #[derive(Protected)]
/// #[pii(event = "user-registered")]
/// struct UserRegistered {
///     #[pii(subject)]
///     email: Pii<String>,
/// }
/// ```
///
/// Two values that could be exchanged for each other:
///
/// ```compile_fail
/// # use skeleton_pii_crypto::{Pii, Protected, SubjectId};
/// #[derive(Protected)]
/// #[pii(event = "user-registered")]
/// struct UserRegistered {
///     #[pii(subject)]
///     user: SubjectId,
///     email: Pii<String>,
///     #[serde(rename = "email")]
///     work_email: Pii<String>,
/// }
/// ```
///
/// A personal value where the macro would not see it:
///
/// ```compile_fail
/// # use skeleton_pii_crypto::{Pii, Protected, SubjectId};
/// #[derive(Protected)]
/// #[pii(event = "emails-added")]
/// struct EmailsAdded {
///     #[pii(subject)]
///     user: SubjectId,
///     emails: Vec<Pii<String>>,
/// }
/// ```
#[proc_macro_derive(Protected, attributes(pii, serde))]
pub fn derive_protected(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::protected(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
