//! From credentials to an identity: the engine of every door, without HTTP.

use core::fmt;

use skeleton_invocation_context::Identity;
use skeleton_invocation_context::TenantId;

use crate::kind::AccessToken;
use crate::names::IssuerNames;
use crate::refused::Refused;
use crate::verifier::Verifier;

/// What a caller shows.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Credentials<'a> {
    /// What follows the scheme `Bearer` (RFC 6750).
    Bearer(&'a str),
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bearer(_) => f.write_str("Bearer(..)"),
        }
    }
}

/// Turns credentials into an [`Identity`], or refuses. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Authenticator {
    access: Verifier<AccessToken>,
}

impl Authenticator {
    /// An authenticator that accepts the access tokens of `verifier`.
    #[must_use]
    pub const fn new(verifier: Verifier<AccessToken>) -> Self {
        Self { access: verifier }
    }

    /// The identity that the credentials prove at the door of `tenant`.
    ///
    /// # Errors
    ///
    /// [`Refused`], the same for every bad credential.
    pub fn authenticate(
        &self,
        credentials: Credentials<'_>,
        tenant: TenantId,
    ) -> Result<Identity, Refused> {
        match credentials {
            Credentials::Bearer(token) => self
                .access
                .verify(token, tenant)
                .map(|token| token.identity()),
        }
    }

    /// The names of the issuers that it accepts.
    #[must_use]
    pub fn names(&self) -> &IssuerNames {
        self.access.names()
    }
}
