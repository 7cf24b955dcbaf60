//! Writes the sealed half, and the way there and back.

use proc_macro2::TokenStream;
use quote::format_ident;
use quote::quote;
use syn::Attribute;
use syn::Data;
use syn::DeriveInput;
use syn::Error;
use syn::Fields;
use syn::Ident;
use syn::Result;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

use crate::attributes;
use crate::attributes::PaddingChoice;
use crate::attributes::Personal;
use crate::rename;

/// What is written for one field.
struct Parts {
    /// The tag of a personal field.
    tag: Option<String>,
    declaration: TokenStream,
    seal: TokenStream,
    open: TokenStream,
    map: TokenStream,
    detached: TokenStream,
}

pub(crate) fn protected(input: &DeriveInput) -> Result<TokenStream> {
    if !input.generics.params.is_empty() {
        return Err(Error::new(
            input.generics.span(),
            "`Protected` takes no generic parameters",
        ));
    }
    let Data::Struct(data) = &input.data else {
        return Err(Error::new(
            input.ident.span(),
            "`Protected` is derived for structs",
        ));
    };
    let Fields::Named(fields) = &data.fields else {
        return Err(Error::new(
            input.ident.span(),
            "`Protected` takes named fields",
        ));
    };
    let event = attributes::event(&input.attrs, input.ident.span())?;
    let subject = subject(fields, &input.ident)?;
    let mut parts = Vec::new();
    let all = rename::rename_all(&input.attrs)?;
    for field in &fields.named {
        let part = field_parts(field, &event, &subject, all)?;
        // One tag for two fields would let their values be exchanged.
        if part.tag.is_some() && parts.iter().any(|other: &Parts| other.tag == part.tag) {
            return Err(Error::new(
                field.span(),
                "two personal fields have this name on the wire",
            ));
        }
        parts.push(part);
    }
    Ok(assemble(input, &event, &subject, &parts))
}

fn subject(fields: &syn::FieldsNamed, name: &Ident) -> Result<Ident> {
    let mut found = None;
    for field in &fields.named {
        if !attributes::field(field)?.is_subject {
            continue;
        }
        if attributes::personal(&field.ty)?.is_some() {
            return Err(Error::new(
                field.ty.span(),
                "a data subject is an id, not a personal value",
            ));
        }
        if found.is_some() {
            return Err(Error::new(field.span(), "an event has one data subject"));
        }
        found.clone_from(&field.ident);
    }
    found.ok_or_else(|| Error::new(name.span(), "mark the data subject: `#[pii(subject)]`"))
}

fn field_parts(
    field: &syn::Field,
    event: &str,
    subject: &Ident,
    all: rename::RenameAll,
) -> Result<Parts> {
    let said = attributes::field(field)?;
    let Some(name) = &field.ident else {
        return Err(Error::new(field.span(), "`Protected` takes named fields"));
    };
    let (vis, ty, kept) = (&field.vis, &field.ty, kept(&field.attrs));
    let Some(personal) = attributes::personal(ty)? else {
        if said.padding.is_some() || said.category.is_some() {
            return Err(Error::new(
                field.span(),
                "only a personal field has a padding or a category",
            ));
        }
        return Ok(Parts {
            tag: None,
            declaration: quote!(#(#kept)* #vis #name: #ty),
            seal: quote!(#name: self.#name),
            open: quote!(#name: self.#name),
            map: TokenStream::new(),
            detached: TokenStream::new(),
        });
    };
    let tag = format!(
        "{event}/{}",
        rename::wire_name(&name.unraw().to_string(), &field.attrs, all)?
    );
    let category = said.category.unwrap_or_else(|| "general".to_owned());
    let padding = match said.padding {
        None => quote!(::skeleton_pii_crypto::Padding::DEFAULT),
        Some(PaddingChoice::Exact) => quote!(::skeleton_pii_crypto::Padding::Exact),
        Some(PaddingChoice::Bucket(size)) => quote!(::skeleton_pii_crypto::Padding::Bucket(#size)),
    };
    let subject_name = subject.unraw().to_string();
    let place = quote! {
        ::skeleton_pii_crypto::Field {
            tag: #tag,
            subject: #subject_name,
            category: #category,
            padding: #padding,
        }
    };
    let parts = personal_parts(field, name, &personal, &place, &kept);
    Ok(Parts {
        tag: Some(tag),
        ..parts
    })
}

fn personal_parts(
    field: &syn::Field,
    name: &Ident,
    personal: &Personal,
    place: &TokenStream,
    kept: &[&Attribute],
) -> Parts {
    let (vis, bare) = (&field.vis, name.unraw());
    let method = format_ident!("detached_{bare}");
    let doc = format!("The sealed `{bare}` on its own, with what it is bound to.");
    let sealed = quote!(::skeleton_pii_crypto::SealedField);
    let detached = quote!(::skeleton_pii_crypto::Detached);
    let call = quote!(record, &::skeleton_pii_crypto::SealedEvent::subject(self)?, &#place);
    let record = quote!(record: &::skeleton_pii_crypto::RecordId);
    let error = quote!(::skeleton_pii_crypto::IdError);
    let head = quote! {
        #[doc = #doc]
        ///
        /// # Errors
        ///
        /// If the id of the data subject has no canonical text.
    };
    let (declaration, seal, open, detached) = match personal {
        Personal::Plain(ty) => (
            quote!(#(#kept)* #vis #name: #sealed<#ty>),
            quote!(#name: #sealed::seal(session, record, &subject, &#place, &self.#name)?),
            quote!(#name: self.#name.open(session, record, &subject, &#place)),
            quote! {
                #head
                #vis fn #method(&self, #record) -> ::core::result::Result<#detached<#ty>, #error> {
                    ::core::result::Result::Ok(self.#name.detached(#call))
                }
            },
        ),
        Personal::Optional(ty) => (
            quote!(#(#kept)* #vis #name: ::core::option::Option<#sealed<#ty>>),
            quote! {
                #name: match &self.#name {
                    ::core::option::Option::None => ::core::option::Option::None,
                    ::core::option::Option::Some(value) => ::core::option::Option::Some(
                        #sealed::seal(session, record, &subject, &#place, value)?,
                    ),
                }
            },
            quote! {
                #name: self.#name.map(|value| value.open(session, record, &subject, &#place))
            },
            quote! {
                #head
                #vis fn #method(
                    &self,
                    #record,
                ) -> ::core::result::Result<::core::option::Option<#detached<#ty>>, #error> {
                    let subject = ::skeleton_pii_crypto::SealedEvent::subject(self)?;
                    ::core::result::Result::Ok(
                        self.#name.as_ref().map(|value| value.detached(record, &subject, &#place)),
                    )
                }
            },
        ),
    };
    Parts {
        tag: None,
        declaration,
        seal,
        open,
        map: quote!(#place,),
        detached,
    }
}

fn assemble(input: &DeriveInput, event: &str, subject: &Ident, parts: &[Parts]) -> TokenStream {
    let (name, vis, kept) = (&input.ident, &input.vis, serde_attributes(&input.attrs));
    let sealed = format_ident!("Sealed{}", name.unraw());
    let doc = format!("[`{name}`] with its personal fields sealed: what is kept.");
    let declarations = parts.iter().map(|part| &part.declaration);
    let seals = parts.iter().map(|part| &part.seal);
    let opens = parts.iter().map(|part| &part.open);
    let map = parts.iter().map(|part| &part.map);
    let detached = parts.iter().map(|part| &part.detached);
    quote! {
        #[doc = #doc]
        #[derive(
            ::core::clone::Clone,
            ::core::fmt::Debug,
            ::skeleton_pii_crypto::__private::serde::Serialize,
            ::skeleton_pii_crypto::__private::serde::Deserialize,
        )]
        #[serde(crate = "::skeleton_pii_crypto::__private::serde")]
        #(#kept)*
        #vis struct #sealed { #(#declarations,)* }

        impl #sealed { #(#detached)* }

        impl ::skeleton_pii_crypto::Protected for #name {
            type Sealed = #sealed;
            const EVENT: &'static str = #event;
            const FIELDS: &'static [::skeleton_pii_crypto::Field] = &[#(#map)*];

            fn subject(
                &self,
            ) -> ::core::result::Result<::skeleton_pii_crypto::SubjectId, ::skeleton_pii_crypto::IdError> {
                ::skeleton_pii_crypto::AsSubject::as_subject(&self.#subject)
            }

            fn seal_in(
                self,
                session: &::skeleton_pii_crypto::Session,
                record: &::skeleton_pii_crypto::RecordId,
            ) -> ::core::result::Result<#sealed, ::skeleton_pii_crypto::SealError> {
                let subject = ::skeleton_pii_crypto::Protected::subject(&self)?;
                ::core::result::Result::Ok(#sealed { #(#seals,)* })
            }
        }

        impl ::skeleton_pii_crypto::SealedEvent for #sealed {
            type Clear = #name;

            fn subject(
                &self,
            ) -> ::core::result::Result<::skeleton_pii_crypto::SubjectId, ::skeleton_pii_crypto::IdError> {
                ::skeleton_pii_crypto::AsSubject::as_subject(&self.#subject)
            }

            fn open_in(
                self,
                session: &::skeleton_pii_crypto::Session,
                record: &::skeleton_pii_crypto::RecordId,
            ) -> ::core::result::Result<#name, ::skeleton_pii_crypto::IdError> {
                let subject = ::skeleton_pii_crypto::SealedEvent::subject(&self)?;
                ::core::result::Result::Ok(#name { #(#opens,)* })
            }
        }
    }
}

/// The attributes of a field that its sealed half keeps: documentation, and what serde is told.
fn kept(attributes: &[Attribute]) -> Vec<&Attribute> {
    let is_kept = |attribute: &&Attribute| {
        attribute.path().is_ident("doc") || attribute.path().is_ident("serde")
    };
    attributes.iter().filter(is_kept).collect()
}

fn serde_attributes(attributes: &[Attribute]) -> Vec<&Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("serde"))
        .collect()
}
