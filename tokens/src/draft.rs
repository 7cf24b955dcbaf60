//! What a token shall say, before it is signed.

use core::fmt;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Locale;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::SessionId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;

use crate::kind::AccessToken;
use crate::lifetime::TokenLifetime;
use crate::proof::Acr;
use crate::proof::Amr;

impl AccessToken {
    /// Begins an access token for `account` of `tenant`.
    ///
    /// Session, client, audience and proof are required: without them
    /// [`Issuer::issue`](crate::Issuer::issue) does not compile.
    ///
    /// ```compile_fail
    /// use skeleton_tokens::{AccessToken, Issuer};
    /// # use skeleton_invocation_context::{AccountId, AccountKind, TenantId};
    /// fn hasty(issuer: &Issuer, tenant: TenantId, account: AccountId) {
    ///     issuer.issue(AccessToken::of(tenant, account, AccountKind::User));
    /// }
    /// ```
    pub fn of(tenant: TenantId, account: AccountId, kind: AccountKind) -> AccessTokenDraft {
        AccessTokenDraft {
            subject: Subject {
                tenant,
                account,
                kind,
                locale: None,
                is_test: false,
            },
            session: Missing(()),
            client: Missing(()),
            audience: Missing(()),
            proof: Missing(()),
            grants: RoleAssignments::none(),
            lifetime: TokenLifetime::default(),
        }
    }
}

/// An access token in the making. The parameters say which of the four required things are there.
#[derive(Clone, Debug)]
#[must_use = "a draft is no token until it is issued"]
pub struct AccessTokenDraft<S = Missing, C = Missing, A = Missing, P = Missing> {
    pub(crate) subject: Subject,
    pub(crate) session: S,
    pub(crate) client: C,
    pub(crate) audience: A,
    pub(crate) proof: P,
    pub(crate) grants: RoleAssignments,
    pub(crate) lifetime: TokenLifetime,
}

/// Whom the token is about.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) tenant: TenantId,
    pub(crate) account: AccountId,
    pub(crate) kind: AccountKind,
    pub(crate) locale: Option<Locale>,
    pub(crate) is_test: bool,
}

/// Something that a draft still needs.
#[derive(Clone, Copy, Debug)]
pub struct Missing(());

/// The draft names its session.
#[derive(Clone, Copy, Debug)]
pub struct WithSession(pub(crate) SessionId);

/// The draft names its client.
#[derive(Clone, Debug)]
pub struct WithClient(pub(crate) String);

/// The draft names its audience.
#[derive(Clone, Debug)]
pub struct WithAudience(pub(crate) String);

/// The draft says when and how the account proved who it is.
#[derive(Clone)]
pub struct WithProof {
    pub(crate) at: Timestamp,
    pub(crate) acr: Acr,
    pub(crate) amr: Vec<Amr>,
}

impl<S, C, A, P> AccessTokenDraft<S, C, A, P> {
    /// The session at the client (claim `sid`).
    pub fn session(self, session: SessionId) -> AccessTokenDraft<WithSession, C, A, P> {
        let Self {
            subject,
            session: _,
            client,
            audience,
            proof,
            grants,
            lifetime,
        } = self;
        let session = WithSession(session);
        AccessTokenDraft {
            subject,
            session,
            client,
            audience,
            proof,
            grants,
            lifetime,
        }
    }

    /// The program that asks (claim `client_id`), such as `bank-web`. Checked when issued, by
    /// [`ClientId::parse`](crate::ClientId::parse).
    pub fn client(self, client: &str) -> AccessTokenDraft<S, WithClient, A, P> {
        let Self {
            subject,
            session,
            client: _,
            audience,
            proof,
            grants,
            lifetime,
        } = self;
        let client = WithClient(client.to_owned());
        AccessTokenDraft {
            subject,
            session,
            client,
            audience,
            proof,
            grants,
            lifetime,
        }
    }

    /// The service that shall accept the token (claim `aud`), such as `https://api.bank.example`: visible
    /// ASCII, at most 255 bytes, checked when issued.
    pub fn audience(self, audience: &str) -> AccessTokenDraft<S, C, WithAudience, P> {
        let Self {
            subject,
            session,
            client,
            audience: _,
            proof,
            grants,
            lifetime,
        } = self;
        let audience = WithAudience(audience.to_owned());
        AccessTokenDraft {
            subject,
            session,
            client,
            audience,
            proof,
            grants,
            lifetime,
        }
    }

    /// When and how the account proved who it is (claims `auth_time`, `acr`, `amr`). A method named
    /// twice counts once.
    pub fn authenticated(
        self,
        at: Timestamp,
        acr: Acr,
        methods: impl IntoIterator<Item = Amr>,
    ) -> AccessTokenDraft<S, C, A, WithProof> {
        let mut amr = Vec::new();
        for method in methods {
            if !amr.contains(&method) {
                amr.push(method);
            }
        }
        let Self {
            subject,
            session,
            client,
            audience,
            proof: _,
            grants,
            lifetime,
        } = self;
        let proof = WithProof { at, acr, amr };
        AccessTokenDraft {
            subject,
            session,
            client,
            audience,
            proof,
            grants,
            lifetime,
        }
    }

    /// The roles of the account (claim `grants`, or `grants-ref` if they are too many). None unless said.
    pub fn grants(self, grants: RoleAssignments) -> Self {
        Self { grants, ..self }
    }

    /// The language that the account chose (claim `locale`).
    pub fn locale(self, locale: Locale) -> Self {
        Self {
            subject: Subject {
                locale: Some(locale),
                ..self.subject
            },
            ..self
        }
    }

    /// The account exists for tests (claim `test`).
    pub fn test(self) -> Self {
        Self {
            subject: Subject {
                is_test: true,
                ..self.subject
            },
            ..self
        }
    }

    /// How long the token lives. Thirty minutes unless said.
    pub fn lifetime(self, lifetime: TokenLifetime) -> Self {
        Self { lifetime, ..self }
    }
}

impl fmt::Debug for WithProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithProof")
            .field("acr", &self.acr)
            .finish_non_exhaustive()
    }
}
