//! Looks for what one tenant sees of another: every registered method is called as one tenant with every id of the
//! other one.

use core::fmt;
use core::future::Future;
use core::pin::Pin;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::IdGenerator;

use super::two_by_two::Planted;
use super::two_by_two::TwoByTwo;
use crate::in_tenant::InTenant;

/// What a method, or a look at the state, answers: the bytes that leave it.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Vec<u8>> + Send + 'a>>;

type Look<S> = Box<dyn for<'a> Fn(&'a S, InTenant<'a>) -> Answer<'a> + Send + Sync>;
type Call<S> = Box<dyn for<'a> Fn(&'a S, InTenant<'a>, AnyId) -> Answer<'a> + Send + Sync>;

/// An id that a caller may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AnyId {
    /// Of a container.
    Container(ContainerId),
    /// Of an account.
    Account(AccountId),
}

impl AnyId {
    /// As a container: what a careless caller makes of any id.
    #[must_use]
    pub fn as_container(self) -> Option<ContainerId> {
        match self {
            Self::Container(id) => Some(id),
            Self::Account(id) => ContainerId::from_bytes(id.to_bytes()).ok(),
        }
    }

    /// As an account: what a careless caller makes of any id.
    #[must_use]
    pub fn as_account(self) -> Option<AccountId> {
        match self {
            Self::Account(id) => Some(id),
            Self::Container(id) => AccountId::from_bytes(id.to_bytes()).ok(),
        }
    }

    fn drawn_alike(self, ids: &dyn IdGenerator, clock: &dyn Clock) -> Self {
        match self {
            Self::Container(_) => Self::Container(ContainerId::generate(ids, clock.now())),
            Self::Account(_) => Self::Account(AccountId::generate(ids, clock.now())),
        }
    }
}

impl fmt::Display for AnyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Container(id) => id.fmt(f),
            Self::Account(id) => id.fmt(f),
        }
    }
}

/// A subject, its methods, and the world in which they are called.
///
/// A method gets the tenant that acts and an id of the other tenant; it answers the bytes that leave it. Whatever is
/// drawn anew for every call must be masked by the method; the id itself is masked here.
pub struct Isolation<S> {
    subject: S,
    world: TwoByTwo,
    sources: (Box<dyn Clock>, Box<dyn IdGenerator>),
    state: Option<Look<S>>,
    methods: Vec<Method<S>>,
}

struct Method<S> {
    name: &'static str,
    may_write: bool,
    call: Call<S>,
}

impl<S> Isolation<S> {
    /// A subject in a world that was planted in it. Random ids are drawn from `ids`.
    #[must_use]
    pub fn new(
        subject: S,
        world: TwoByTwo,
        clock: impl Clock + 'static,
        ids: impl IdGenerator + 'static,
    ) -> Self {
        Self {
            subject,
            world,
            sources: (Box::new(clock), Box::new(ids)),
            state: None,
            methods: Vec::new(),
        }
    }

    /// How all that the subject keeps of a tenant is read, in a form that is equal if and only if the state is.
    #[must_use]
    pub fn with_state(
        self,
        look: impl for<'a> Fn(&'a S, InTenant<'a>) -> Answer<'a> + Send + Sync + 'static,
    ) -> Self {
        Self {
            state: Some(Box::new(look)),
            ..self
        }
    }

    /// A method that finds something by an id: with an id of another tenant it must change nothing at all.
    #[must_use]
    pub fn with_method(
        self,
        name: &'static str,
        call: impl for<'a> Fn(&'a S, InTenant<'a>, AnyId) -> Answer<'a> + Send + Sync + 'static,
    ) -> Self {
        self.with(name, false, Box::new(call))
    }

    /// A method that makes something under the id: its own tenant may change, the other one must not.
    #[must_use]
    pub fn with_creation(
        self,
        name: &'static str,
        call: impl for<'a> Fn(&'a S, InTenant<'a>, AnyId) -> Answer<'a> + Send + Sync + 'static,
    ) -> Self {
        self.with(name, true, Box::new(call))
    }

    fn with(mut self, name: &'static str, may_write: bool, call: Call<S>) -> Self {
        self.methods.push(Method {
            name,
            may_write,
            call,
        });
        self
    }

    /// Calls every method as each tenant with every id of every other one.
    ///
    /// How many calls were made.
    ///
    /// # Errors
    ///
    /// What one tenant could see or change of another, in words; or that no state or no method was registered.
    pub async fn run(&self) -> Result<usize, String> {
        let state = self
            .state
            .as_ref()
            .ok_or("no way to read the state was registered")?;
        if self.methods.is_empty() {
            return Err("no method was registered".to_owned());
        }
        let mut calls = 0;
        for actor in self.world.tenants() {
            for victim in self.world.tenants() {
                if actor.tenant().id() == victim.tenant().id() {
                    continue;
                }
                for method in &self.methods {
                    for id in ids_of(victim) {
                        self.probe(state, method, (actor, victim), id).await?;
                        calls += 1;
                    }
                }
            }
        }
        Ok(calls)
    }

    async fn probe(
        &self,
        state: &Look<S>,
        method: &Method<S>,
        (actor, victim): (&Planted, &Planted),
        id: AnyId,
    ) -> Result<(), String> {
        let Self {
            subject, sources, ..
        } = self;
        let (own, other) = (actor.inside(), victim.inside());
        let before = (state(subject, own).await, state(subject, other).await);
        let foreign = (method.call)(subject, own, id).await;
        let after = (state(subject, own).await, state(subject, other).await);
        let random_id = id.drawn_alike(&*sources.1, &*sources.0);
        let random = (method.call)(subject, own, random_id).await;
        let told = |what: &str| {
            let (actor, victim) = (actor.tenant().slug(), victim.tenant().slug());
            Err(format!(
                "{}, called as {actor} with an id of {victim}, {what}",
                method.name
            ))
        };
        if before.1 != after.1 {
            return told("changes the other tenant");
        }
        if before.0 != after.0 && !method.may_write {
            return told("changes its own tenant");
        }
        if masked(&foreign, id) != masked(&random, random_id) {
            return told("answers otherwise than to an id that nobody has");
        }
        let shown = |id: &AnyId| contains(&foreign, id.to_string().as_bytes());
        if ids_of(victim).any(|other| other != id && shown(&other)) {
            return told("shows another id of that tenant");
        }
        // A slug that is part of the actor's own is no sign.
        let (slug, own_slug) = (victim.tenant().slug(), actor.tenant().slug());
        let is_sign = !own_slug.as_str().contains(slug.as_str());
        if is_sign && contains(&foreign, slug.as_str().as_bytes()) {
            return told("shows that tenant's slug");
        }
        Ok(())
    }
}

impl<S> fmt::Debug for Isolation<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.methods.iter().map(|method| method.name);
        f.debug_list().entries(names).finish()
    }
}

/// Every id that belongs to a tenant; the tenant's own is that of its root.
fn ids_of(planted: &Planted) -> impl Iterator<Item = AnyId> {
    let containers = planted.containers().map(AnyId::Container);
    containers.chain(planted.accounts().iter().copied().map(AnyId::Account))
}

fn masked(answer: &[u8], id: AnyId) -> Vec<u8> {
    let id = id.to_string();
    let mut rest = answer;
    let mut masked = Vec::with_capacity(answer.len());
    while let Some((first, tail)) = rest.split_first() {
        match rest.strip_prefix(id.as_bytes()) {
            Some(behind) => {
                masked.extend_from_slice(b"<id>");
                rest = behind;
            }
            None => {
                masked.push(*first);
                rest = tail;
            }
        }
    }
    masked
}

fn contains(answer: &[u8], text: &[u8]) -> bool {
    answer.windows(text.len()).any(|window| window == text)
}

/// Makes a test of an [`Isolation`](crate::testing::Isolation): `isolation_suite!(factory)`, where `factory` is a
/// function or closure without arguments whose future makes one. The caller's development dependencies have tokio
/// with `macros` and `rt-multi-thread`.
#[macro_export]
macro_rules! isolation_suite {
    ($factory:expr) => {
        #[::tokio::test(flavor = "multi_thread")]
        async fn no_tenant_sees_or_changes_another() {
            let isolation: $crate::testing::Isolation<_> = ($factory)().await;
            let calls = isolation.run().await;
            ::std::assert!(calls.is_ok(), "{}", calls.unwrap_err());
        }
    };
}
