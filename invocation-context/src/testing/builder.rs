//! A context in one line.

use crate::access::Authenticated;
use crate::access::RequestedTenant;
use crate::account::Account;
use crate::account::AccountKind;
use crate::account::Actor;
use crate::account::Agent;
use crate::account::Beneficiary;
use crate::account::Impersonated;
use crate::account::Impersonator;
use crate::authentication::Assurance;
use crate::authentication::Authentication;
use crate::authentication::Identity;
use crate::authentication::Mechanism;
use crate::authentication::RoleAssignments;
use crate::context::Carried;
use crate::context::InvocationContext;
use crate::context::Locales;
use crate::id::AccountId;
use crate::id::ActionId;
use crate::id::ExternalInvocationId;
use crate::id::InvocationId;
use crate::id::SessionId;
use crate::id::TenantId;
use crate::locale::Locale;
use crate::provenance::Provenance;
use crate::source::IdGenerator;
use crate::testing::SeededIds;
use crate::time::Timestamp;
use crate::toggle::ToggleKey;
use crate::toggle::ToggleType;
use crate::toggle::Toggles;
use crate::trace::External;
use crate::trace::MadeBy;
use crate::trace::Trace;

/// Begins a context made at the edge; say [`ContextBuilder::user_in`] or another caller next.
#[must_use]
pub fn context() -> ContextBuilder {
    ContextBuilder {
        actor: None,
        requested: None,
        assurance: Assurance::Aal1,
        roles: RoleAssignments::none(),
        external: None,
        made_by: MadeBy::Client,
        now: Timestamp::from_millis(1_795_428_900_000),
        authenticated_at: None,
        seed: 1,
        toggles: Toggles::none(),
        provenance: Provenance::default(),
        locales: Locales::default(),
    }
}

/// A proof that some user of some tenant calls, drawn from the seed 1: stands where a test needs an authentication.
#[must_use]
pub fn identity() -> Identity {
    let ids = SeededIds::new(1);
    let now = Timestamp::from_millis(1_795_428_900_000);
    let (account, tenant) = (
        AccountId::generate(&ids, now),
        TenantId::generate(&ids, now),
    );
    let session = SessionId::generate(&ids, now);
    let actor = Actor::direct(Account::new(account, AccountKind::User, tenant));
    let proof = Authentication::new(Mechanism::Session { session }, Assurance::Aal1, now);
    Identity::new(actor, proof, RoleAssignments::none())
}

/// Makes contexts freely.
#[derive(Clone, Debug)]
pub struct ContextBuilder {
    actor: Option<Actor>,
    requested: Option<RequestedTenant>,
    assurance: Assurance,
    roles: RoleAssignments,
    external: Option<ExternalInvocationId>,
    made_by: MadeBy,
    now: Timestamp,
    authenticated_at: Option<Timestamp>,
    seed: u64,
    toggles: Toggles,
    provenance: Provenance,
    locales: Locales,
}

impl ContextBuilder {
    /// A user of `tenant`, drawn from the seed.
    #[must_use]
    pub fn user_in(self, tenant: TenantId) -> Self {
        let account = AccountId::generate(&self.ids(), self.now);
        self.acting(Actor::direct(Account::new(
            account,
            AccountKind::User,
            tenant,
        )))
    }

    /// A service of `tenant`, drawn from the seed.
    #[must_use]
    pub fn service_in(self, tenant: TenantId) -> Self {
        let account = AccountId::generate(&self.ids(), self.now);
        self.acting(Actor::direct(Account::new(
            account,
            AccountKind::Service,
            tenant,
        )))
    }

    /// This user of `tenant`.
    #[must_use]
    pub fn user(self, account: AccountId, tenant: TenantId) -> Self {
        self.acting(Actor::direct(Account::new(
            account,
            AccountKind::User,
            tenant,
        )))
    }

    /// This actor.
    #[must_use]
    pub fn acting(self, actor: Actor) -> Self {
        Self {
            actor: Some(actor),
            ..self
        }
    }

    /// The user named before, as whom another user of the same tenant acts.
    ///
    /// # Panics
    ///
    /// If no user was named before, or the impersonator is that user.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "a test that contradicts itself must stop"
    )]
    pub fn impersonated_by(self, impersonator: AccountId) -> Self {
        let of = self.effective().expect("a user was named before");
        let by = Account::new(impersonator, AccountKind::User, of.tenant());
        let actor = Actor::impersonating(Impersonator::new(by), Impersonated::new(of));
        self.acting(actor.expect("two users of one tenant"))
    }

    /// The account named before, for which a service of the same tenant acts.
    ///
    /// # Panics
    ///
    /// If no account was named before, or the agent is that account.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "a test that contradicts itself must stop"
    )]
    pub fn on_behalf_by(self, agent: AccountId) -> Self {
        let of = self.effective().expect("an account was named before");
        let by = Account::new(agent, AccountKind::Service, of.tenant());
        let actor = Actor::on_behalf(Agent::new(by), Beneficiary::new(of));
        self.acting(actor.expect("two accounts of one tenant"))
    }

    fn effective(&self) -> Option<Account> {
        self.actor.as_ref().map(Actor::effective_account).cloned()
    }

    /// Nobody known.
    #[must_use]
    pub fn anonymous(self) -> Self {
        Self {
            actor: None,
            ..self
        }
    }

    /// The tenant that the door asks for.
    #[must_use]
    pub fn requesting(self, tenant: TenantId) -> Self {
        Self {
            requested: Some(RequestedTenant::new(tenant)),
            ..self
        }
    }

    /// The strength of the proof.
    #[must_use]
    pub fn assurance(self, assurance: Assurance) -> Self {
        Self { assurance, ..self }
    }

    /// When the proof was given; by default at the time of the context.
    #[must_use]
    pub fn authenticated_at(self, at: Timestamp) -> Self {
        Self {
            authenticated_at: Some(at),
            ..self
        }
    }

    /// The roles that the credential names.
    #[must_use]
    pub fn roles(self, roles: RoleAssignments) -> Self {
        Self { roles, ..self }
    }

    /// The client's name for the invocation.
    #[must_use]
    pub fn invocation(self, id: ExternalInvocationId) -> Self {
        Self {
            external: Some(id),
            made_by: MadeBy::Client,
            ..self
        }
    }

    /// As if the client had sent no name for the invocation.
    #[must_use]
    pub fn made_by(self, made_by: MadeBy) -> Self {
        Self { made_by, ..self }
    }

    /// The time at which all ids are drawn.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        Self { now, ..self }
    }

    /// The seed from which all ids are drawn.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The toggles.
    #[must_use]
    pub fn toggles(self, toggles: Toggles) -> Self {
        Self { toggles, ..self }
    }

    /// One more toggle.
    ///
    /// # Panics
    ///
    /// If the key or the value cannot be one.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "a test that contradicts itself must stop"
    )]
    pub fn toggle<T: ToggleType>(self, key: &ToggleKey<T>, value: &T) -> Self {
        let toggles = self.toggles.with(key, value).expect("a toggle that can be");
        Self { toggles, ..self }
    }

    /// The language that the client asks for.
    #[must_use]
    pub fn locale(self, locale: Locale) -> Self {
        Self {
            locales: Locales {
                asked: Some(locale),
                browser: None,
            },
            ..self
        }
    }

    /// Where the call came from.
    #[must_use]
    pub fn provenance(self, provenance: Provenance) -> Self {
        Self { provenance, ..self }
    }

    /// The context as the edge would have made it.
    ///
    /// # Panics
    ///
    /// If the tenant asked for is not the actor's.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "a test that contradicts itself must stop"
    )]
    pub fn build(self) -> InvocationContext {
        let ids = SeededIds::new(self.seed.wrapping_add(0x5eed));
        let external = External::new(
            ActionId::generate(&ids, self.now),
            self.external
                .unwrap_or_else(|| ExternalInvocationId::generate(&ids, self.now)),
            self.made_by,
        );
        let trace = Trace::begun(external, InvocationId::generate(&ids, self.now));
        let carried = Carried::at_edge(trace, Toggles::none(), self.locales);
        let mut ctx = InvocationContext::at_edge(self.provenance, carried);
        if let Some(requested) = self.requested {
            ctx = ctx
                .requesting(requested)
                .expect("a fresh context asks for no tenant");
        }
        ctx = ctx
            .with_toggles(self.toggles)
            .expect("a fresh context is at the edge");
        if let Some(actor) = self.actor {
            let session = SessionId::generate(&ids, self.now);
            let proof = Authentication::new(
                Mechanism::Session { session },
                self.assurance,
                self.authenticated_at.unwrap_or(self.now),
            );
            let who = Identity::new(actor, proof, self.roles);
            ctx = ctx
                .authenticated_as(who)
                .expect("the actor is of the tenant asked for");
        }
        ctx
    }

    /// The context of a known caller.
    ///
    /// # Panics
    ///
    /// If no caller was named, or as [`ContextBuilder::build`].
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "a test that contradicts itself must stop"
    )]
    pub fn build_authenticated(self) -> InvocationContext<Authenticated> {
        self.build()
            .authenticated()
            .expect("the builder named a caller")
    }

    /// The context as a service of `domain` receives it from the edge, at the step `call`.
    ///
    /// # Panics
    ///
    /// If the domain does not sign, or as [`ContextBuilder::build`].
    #[cfg(feature = "wire")]
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "a test that contradicts itself must stop"
    )]
    pub fn build_received(self, domain: &crate::TrustDomain) -> InvocationContext {
        let ids = SeededIds::new(self.seed.wrapping_add(0xca11));
        let child = self.build().child(crate::step!("call"));
        let child = child.expect("a path of one step");
        let sealed = domain.seal(&child).expect("a domain that signs");
        let received = domain.receive(sealed.context(), sealed.hop());
        let received = received.expect("what was sealed just now");
        received.begin(&ids, domain.now())
    }

    fn ids(&self) -> impl IdGenerator {
        SeededIds::new(self.seed)
    }
}
