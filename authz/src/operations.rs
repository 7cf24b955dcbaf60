//! The registry of operations: each named once, with what it needs.

use core::any::Any;
use core::any::TypeId;
use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use std::collections::HashMap;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::json;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

use crate::catalogue::Permission;
use crate::catalogue::PermissionId;
use crate::check::CheckError;
use crate::check::check;
use crate::decision::DecisionRecord;
use crate::guarded::ErasedLocator;
use crate::guarded::Guarded;
use crate::proof::Authorized;
use crate::snapshot::Snapshot;

/// Every operation of a service, and what it needs. An operation that is not here, or that was named twice, is refused
/// before its handler.
#[derive(Clone, Default)]
pub struct Operations(HashMap<&'static str, Registered>);

#[derive(Clone)]
struct Registered {
    operation: Operation,
    need: Need,
}

/// What an operation needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Need {
    /// Nothing.
    Public,
    /// A known caller, about itself.
    Own,
    /// This permission, where its payload says.
    Permission(&'static str),
    /// This permission, asked for every row of a list.
    Listing(&'static str),
}

#[derive(Clone)]
pub(crate) enum Operation {
    /// Needs no check.
    Public,
    /// Needs a check of its payload.
    Checked(Arc<dyn Check>),
    /// Was named twice: nobody knows what it needs.
    Ambiguous,
}

/// What was checked, on its way to the handler: payload and proof, or payload and snapshot.
pub(crate) type Handed = Box<dyn Any + Send>;

/// What an allowed check hands over, with its record; or the answer to a refused one, with its record if it came to a decision.
pub(crate) type Outcome =
    Result<(Handed, Option<DecisionRecord>), (Problem, Option<DecisionRecord>)>;

/// What a check may use.
pub(crate) struct Means<'m> {
    pub(crate) locator: Option<&'m dyn ErasedLocator>,
    pub(crate) snapshot: Snapshot,
}

/// The check of one operation, its payload's type forgotten.
pub(crate) trait Check: Send + Sync {
    /// The type of payload that has to be checked; nothing if its handler asks the snapshot.
    fn guards(&self) -> Option<TypeId>;

    /// The permission that its handler has to ask the snapshot for; nothing if it need not.
    fn lists_by(&self) -> Option<PermissionId>;

    /// The kind of target that a payload names; nothing if it cannot be read.
    #[cfg(feature = "testing")]
    fn target(&self, payload: &[u8]) -> Option<&'static str>;

    fn check<'f>(
        &'f self,
        means: Means<'f>,
        payload: &'f [u8],
    ) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'f>>;
}

/// Payload and proof of a guarded operation.
#[cfg_attr(
    not(feature = "axum-08"),
    expect(dead_code, reason = "its reader is an extractor")
)]
pub(crate) struct GuardedParts<C: Guarded> {
    pub(crate) payload: C,
    pub(crate) proof: Authorized<'static, C::Needs>,
}

/// Payload and snapshot of a listing.
#[cfg_attr(
    not(feature = "axum-08"),
    expect(dead_code, reason = "its reader is an extractor")
)]
pub(crate) struct ListingParts<Q> {
    pub(crate) payload: Q,
    pub(crate) snapshot: Snapshot,
}

impl Operations {
    /// No operations.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An operation that anybody may ask for: it checks for itself what it must, as a log-in does.
    #[must_use]
    pub fn public(self, name: &'static str) -> Self {
        self.with(name, Need::Public, Operation::Public)
    }

    /// An operation whose payload says what it needs and where.
    #[must_use]
    pub fn guarded<C>(self, name: &'static str) -> Self
    where
        C: Guarded + DeserializeOwned + Send + Sync + 'static,
    {
        let check = GuardedCheck::<C>(PhantomData);
        let need = Need::Permission(C::Needs::NAME);
        self.with(name, need, Operation::Checked(Arc::new(check)))
    }

    /// An operation about the caller itself: it needs a known caller, and no permission. Its handler gets the snapshot,
    /// for what it says about others.
    #[must_use]
    pub fn own<Q>(self, name: &'static str) -> Self
    where
        Q: DeserializeOwned + Send + 'static,
    {
        let check = SnapshotCheck::<Q> {
            lists_by: None,
            of: PhantomData,
        };
        self.with(name, Need::Own, Operation::Checked(Arc::new(check)))
    }

    /// An operation that lists what its caller may see: its handler gets the snapshot and asks it about every row. One
    /// that succeeds without having asked for `P` has checked nothing: its answer is dropped.
    #[must_use]
    pub fn listing<P, Q>(self, name: &'static str) -> Self
    where
        P: Permission,
        Q: DeserializeOwned + Send + 'static,
    {
        let check = SnapshotCheck::<Q> {
            lists_by: Some(P::ID),
            of: PhantomData,
        };
        let need = Need::Listing(P::NAME);
        self.with(name, need, Operation::Checked(Arc::new(check)))
    }

    /// Whether an operation of that name is here.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Every operation and what it needs, by name.
    #[must_use]
    pub fn needs(&self) -> Vec<(&'static str, Need)> {
        let all = self.0.iter();
        let mut needs: Vec<_> = all.map(|(name, held)| (*name, held.need)).collect();
        needs.sort_unstable_by_key(|(name, _)| *name);
        needs
    }

    /// Every operation and what it needs, as JSON: for front ends, beside what somebody may do.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let all = self.needs().into_iter();
        let each = all.map(|(name, need)| {
            let need = match need {
                Need::Permission(permission) => json!({ "permission": permission }),
                Need::Listing(permission) => json!({ "lists-by": permission }),
                Need::Own => json!({ "own": true }),
                Need::Public => json!({ "public": true }),
            };
            (name.to_owned(), need)
        });
        each.collect::<serde_json::Map<_, _>>().into()
    }

    /// The kind of target that a payload of an operation names.
    #[cfg(feature = "testing")]
    pub(crate) fn target_of(&self, name: &str, payload: &[u8]) -> Option<&'static str> {
        match self.get(name)? {
            Operation::Public => Some("-"),
            Operation::Checked(check) => check.target(payload),
            Operation::Ambiguous => None,
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Operation> {
        self.0.get(name).map(|held| &held.operation)
    }

    fn with(mut self, name: &'static str, need: Need, operation: Operation) -> Self {
        let held = self.0.entry(name);
        held.and_modify(|held| held.operation = Operation::Ambiguous)
            .or_insert(Registered { operation, need });
        self
    }
}

impl fmt::Debug for Operations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<_> = self.0.keys().collect();
        names.sort();
        f.debug_tuple("Operations").field(&names).finish()
    }
}

struct GuardedCheck<C>(PhantomData<fn() -> C>);

impl<C: Guarded + DeserializeOwned + Send + Sync + 'static> Check for GuardedCheck<C> {
    fn guards(&self) -> Option<TypeId> {
        Some(TypeId::of::<C>())
    }

    fn lists_by(&self) -> Option<PermissionId> {
        None
    }

    #[cfg(feature = "testing")]
    fn target(&self, payload: &[u8]) -> Option<&'static str> {
        let payload = parse::<C>(payload).ok()?;
        Some(payload.target().word())
    }

    fn check<'f>(
        &'f self,
        means: Means<'f>,
        payload: &'f [u8],
    ) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'f>> {
        let parsed = parse::<C>(payload);
        Box::pin(async move {
            let payload = parsed.map_err(|problem| (problem, None))?;
            let checked = check(&means.snapshot, means.locator, &payload).await;
            let proof = checked.map_err(refused)?;
            let record = proof.record();
            Ok((
                Box::new(GuardedParts { payload, proof }) as Handed,
                Some(record),
            ))
        })
    }
}

/// Checks nothing itself: its handler asks the snapshot.
struct SnapshotCheck<Q> {
    lists_by: Option<PermissionId>,
    of: PhantomData<fn() -> Q>,
}

impl<Q: DeserializeOwned + Send + 'static> Check for SnapshotCheck<Q> {
    fn guards(&self) -> Option<TypeId> {
        None
    }

    fn lists_by(&self) -> Option<PermissionId> {
        self.lists_by
    }

    #[cfg(feature = "testing")]
    fn target(&self, payload: &[u8]) -> Option<&'static str> {
        parse::<Q>(payload).ok().map(|_| "-")
    }

    fn check<'f>(
        &'f self,
        means: Means<'f>,
        payload: &'f [u8],
    ) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'f>> {
        let parsed = parse::<Q>(payload);
        Box::pin(async move {
            let payload = parsed.map_err(|problem| (problem, None))?;
            Ok((
                Box::new(ListingParts {
                    payload,
                    snapshot: means.snapshot,
                }) as Handed,
                None,
            ))
        })
    }
}

fn refused(error: CheckError) -> (Problem, Option<DecisionRecord>) {
    let record = error.record().cloned();
    (error.into(), record)
}

fn parse<T: DeserializeOwned>(payload: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(payload)
        .map_err(|_| Problem::new(ProblemKind::Malformed).with_detail("the body is not valid"))
}
