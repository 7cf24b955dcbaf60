//! A call under way.

use std::sync::Arc;

use super::Carried;
use super::InvocationContext;
use crate::access::Access;
use crate::access::AccessKind;
use crate::id::InvocationId;
use crate::source::IdGenerator;
use crate::step::StepPath;
use crate::time::Timestamp;

/// A call under way: the caller's context and the longer path, but no id of its own yet.
///
/// The receiver draws the id, so two deliveries of one call are two lines in the log. Clone it to send it again.
#[derive(Clone, Debug)]
pub struct Child<A: AccessKind = Access> {
    access: A,
    /// The caller's.
    carried: Arc<Carried>,
    path: StepPath,
}

impl<A: AccessKind> Child<A> {
    pub(crate) const fn of(access: A, carried: Arc<Carried>, path: StepPath) -> Self {
        Self {
            access,
            carried,
            path,
        }
    }

    /// Begins the hop: draws its id.
    #[must_use]
    pub fn begin(self, ids: &dyn IdGenerator, now: Timestamp) -> InvocationContext<A> {
        let Self {
            access,
            mut carried,
            path,
        } = self;
        let current = InvocationId::generate(ids, now);
        Arc::make_mut(&mut carried).fork(path, current);
        InvocationContext::of(access, carried)
    }

    /// The calls that lead to the receiver.
    #[must_use]
    pub const fn step(&self) -> &StepPath {
        &self.path
    }

    /// The id of the hop that calls.
    #[must_use]
    pub fn caller(&self) -> InvocationId {
        self.carried.trace().current()
    }

    /// The same call where either kind of access will do.
    #[must_use]
    pub fn into_access(self) -> Child {
        Child {
            access: self.access.to_access(),
            carried: self.carried,
            path: self.path,
        }
    }

    /// Hands the call to whoever sends the request: `PropagateLayer` turns it into headers.
    #[cfg(feature = "http")]
    pub fn attach<B>(self, request: &mut http::Request<B>) {
        request.extensions_mut().insert(self.into_access());
    }

    #[cfg(feature = "wire")]
    pub(crate) fn access(&self) -> Access {
        self.access.to_access()
    }

    #[cfg(feature = "wire")]
    pub(crate) fn carried(&self) -> &Carried {
        &self.carried
    }
}
