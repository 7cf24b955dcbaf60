//! What of an invocation is compared with the first attempt.

use crate::fingerprint::Canonical;
use crate::fingerprint::Fingerprint;
use crate::fingerprint::FingerprintKeys;
use crate::fingerprint::JsonError;
use crate::policy::PayloadForm;

/// The payload of an invocation, and the query of its request.
#[derive(Clone, Copy)]
#[must_use]
pub struct Payload<'p> {
    content: Content<'p>,
    query: &'p str,
}

#[derive(Clone, Copy)]
enum Content<'p> {
    /// In the form that the operation's policy names.
    Bytes(&'p [u8]),
    Typed(&'p dyn Canonical),
}

impl<'p> Payload<'p> {
    /// Bytes in the form that the operation's policy names.
    pub const fn bytes(bytes: &'p [u8]) -> Self {
        Self {
            content: Content::Bytes(bytes),
            query: "",
        }
    }

    /// A value that says itself what counts of it.
    pub const fn typed(value: &'p dyn Canonical) -> Self {
        Self {
            content: Content::Typed(value),
            query: "",
        }
    }

    /// The same payload with the query of its request.
    pub const fn with_query(self, query: &'p str) -> Self {
        Self { query, ..self }
    }

    pub(crate) fn fingerprint(
        self,
        keys: &FingerprintKeys,
        form: PayloadForm,
    ) -> Result<Fingerprint, JsonError> {
        match (self.content, form) {
            (Content::Typed(value), _) => Ok(keys.of_typed(value)),
            // A request without a payload has one all the same: nothing.
            (Content::Bytes([]), _) => Ok(keys.of_bytes_with(self.query, &[])),
            (Content::Bytes(bytes), PayloadForm::Json) => keys.of_json_with(self.query, bytes),
            (Content::Bytes(bytes), PayloadForm::Raw) => Ok(keys.of_bytes_with(self.query, bytes)),
        }
    }
}

impl<'p> From<&'p [u8]> for Payload<'p> {
    fn from(bytes: &'p [u8]) -> Self {
        Self::bytes(bytes)
    }
}

impl<'p, const N: usize> From<&'p [u8; N]> for Payload<'p> {
    fn from(bytes: &'p [u8; N]) -> Self {
        Self::bytes(bytes)
    }
}

impl<'p> From<&'p Vec<u8>> for Payload<'p> {
    fn from(bytes: &'p Vec<u8>) -> Self {
        Self::bytes(bytes)
    }
}

impl<'p> From<&'p bytes::Bytes> for Payload<'p> {
    fn from(bytes: &'p bytes::Bytes) -> Self {
        Self::bytes(bytes)
    }
}

impl core::fmt::Debug for Payload<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Payload(..)")
    }
}
