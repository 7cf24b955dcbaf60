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
#[proc_macro_derive(Protected, attributes(pii, serde))]
pub fn derive_protected(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    expand::protected(&input)
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
