//! The edge: bytes of a client become a context here, and nowhere else.

mod client_headers;
mod proxies;

use core::fmt;
use core::net::SocketAddr;
use std::sync::Arc;

use http::HeaderMap;
use http::header;

pub use proxies::CidrError;
pub use proxies::TrustedProxies;

use crate::context::AtDoor;
use crate::context::Carried;
use crate::context::InvocationContext;
use crate::id::InvocationId;
use crate::problem::Problem;
use crate::provenance::Provenance;
use crate::provenance::UserAgent;
use crate::source::IdGenerator;
use crate::time::Clock;
use crate::time::Timestamp;
use crate::toggle::DeclareError;
use crate::toggle::ToggleKey;
use crate::toggle::ToggleRegistry;
use crate::toggle::ToggleType;
use crate::trace::Trace;

/// Makes the context of a request. A plain function with its clock and its source of ids; cheap to clone.
#[derive(Clone)]
pub struct Edge {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    proxies: TrustedProxies,
    toggles: Arc<ToggleRegistry>,
}

impl Edge {
    /// An edge that tells the time by `clock` and draws its ids from `ids`.
    #[must_use]
    pub fn new(
        clock: impl Clock + 'static,
        ids: impl IdGenerator + 'static,
        proxies: TrustedProxies,
    ) -> Self {
        Self {
            clock: Arc::new(clock),
            ids: Arc::new(ids),
            proxies,
            toggles: Arc::default(),
        }
    }

    /// An edge that knows this toggle, too.
    ///
    /// # Errors
    ///
    /// [`DeclareError`] if its name cannot be one, or is declared already.
    pub fn with_toggle<T: ToggleType>(mut self, key: &ToggleKey<T>) -> Result<Self, DeclareError> {
        let registry = Arc::unwrap_or_clone(self.toggles).declare(key)?;
        self.toggles = Arc::new(registry);
        Ok(self)
    }

    /// An edge that knows the toggles of this registry, and no others.
    #[must_use]
    pub fn with_toggles(self, registry: ToggleRegistry) -> Self {
        Self {
            toggles: Arc::new(registry),
            ..self
        }
    }

    /// Admits a request of an unknown caller: reads what a client may send, strips what it may not.
    ///
    /// The trace begins here. Headers that begin with `skeleton-` are the platform's own: they are removed.
    ///
    /// # Errors
    ///
    /// A 400 problem if a header that is the platform's to read is doubled or malformed, or if two headers name
    /// different invocations. Its detail names the header, never its value.
    pub fn admit(
        &self,
        headers: &mut HeaderMap,
        peer: Option<SocketAddr>,
    ) -> Result<InvocationContext, Problem> {
        self.admit_counting(headers, peer).map(|(ctx, _)| ctx)
    }

    /// As [`Edge::admit`], with the number of headers that were stripped.
    pub(crate) fn admit_counting(
        &self,
        headers: &mut HeaderMap,
        peer: Option<SocketAddr>,
    ) -> Result<(InvocationContext, usize), Problem> {
        let stripped = strip_internal(headers);
        let now = self.clock.now();
        let id = InvocationId::generate(&*self.ids, now);
        let ctx = self
            .read(headers, peer, (id, now))
            .map_err(|problem| problem.with_instance(id))?;
        Ok((ctx, stripped))
    }

    fn read(
        &self,
        headers: &HeaderMap,
        peer: Option<SocketAddr>,
        (id, now): (InvocationId, Timestamp),
    ) -> Result<InvocationContext, Problem> {
        let external = client_headers::external(headers, &*self.ids, now)?;
        let (toggles, wishes) = client_headers::toggles(headers, &self.toggles)?;
        let locales = client_headers::locales(headers)?;
        let client_ip = self.proxies.client_ip(headers, peer)?;
        let link = client_headers::link(headers);
        let carried = Carried::at_edge(Trace::begun(external, id), toggles, locales)
            .with_door(AtDoor { wishes, link });
        let provenance = Provenance::new(client_ip, user_agent(headers));
        Ok(InvocationContext::at_edge(provenance, carried))
    }
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge")
            .field("proxies", &self.proxies)
            .finish_non_exhaustive()
    }
}

/// Removes the headers that only the platform writes, and counts them. Proxies fold `_` and `-`, so either counts.
pub(crate) fn strip_internal(headers: &mut HeaderMap) -> usize {
    let is_internal = |name: &header::HeaderName| {
        let (start, rest) = name.as_str().split_at_checked(8).unwrap_or_default();
        start == "skeleton" && rest.starts_with(['-', '_'])
    };
    let internal: Vec<_> = headers
        .keys()
        .filter(|name| is_internal(name))
        .cloned()
        .collect();
    for name in &internal {
        headers.remove(name);
    }
    internal.len()
}

fn user_agent(headers: &HeaderMap) -> Option<UserAgent> {
    let mut lines = headers.get_all(header::USER_AGENT).iter();
    let only = lines.next().filter(|_| lines.next().is_none())?;
    UserAgent::new(only.to_str().ok()?)
}
