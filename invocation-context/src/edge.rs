//! The edge: bytes of a client become a context here, and nowhere else.

mod client_headers;

use core::fmt;
use core::net::SocketAddr;
use std::sync::Arc;

use http::HeaderMap;
use http::header;

use crate::context::InvocationContext;
use crate::id::InvocationId;
use crate::problem::Problem;
use crate::provenance::ClientIp;
use crate::provenance::Provenance;
use crate::provenance::UserAgent;
use crate::source::IdGenerator;
use crate::time::Clock;
use crate::trace::Trace;

/// Which peers may say for whom they speak.
#[derive(Clone, Debug)]
pub struct TrustedProxies(());

impl TrustedProxies {
    /// No peer is a proxy: the client is whoever opened the connection, and forwarding headers are not read.
    #[must_use]
    pub const fn none() -> Self {
        Self(())
    }
}

/// Makes the context of a request. A plain function with its clock and its source of ids; cheap to clone.
#[derive(Clone)]
pub struct Edge {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGenerator>,
    proxies: TrustedProxies,
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
        }
    }

    /// Admits a request of an unknown caller: reads what a client may send, strips what it may not.
    ///
    /// The trace begins here. Headers that begin with `skeleton-` are the platform's own: they are removed.
    ///
    /// # Errors
    ///
    /// A 400 problem if `X-Action-Id`, `X-Invocation-Id` or `Idempotency-Key` is doubled or malformed, or
    /// if the latter two name different invocations.
    pub fn admit(
        &self,
        headers: &mut HeaderMap,
        peer: Option<SocketAddr>,
    ) -> Result<InvocationContext, Problem> {
        strip_internal(headers);
        let now = self.clock.now();
        let id = InvocationId::generate(&*self.ids, now);
        let external = client_headers::external(headers, &*self.ids, now)
            .map_err(|problem| problem.with_instance(id))?;
        let provenance = Provenance::new(self.client_ip(peer), user_agent(headers));
        Ok(InvocationContext::at_edge(
            Trace::begun(external, id),
            provenance,
        ))
    }

    fn client_ip(&self, peer: Option<SocketAddr>) -> Option<ClientIp> {
        let TrustedProxies(()) = self.proxies;
        peer.map(|peer| ClientIp::new(peer.ip()))
    }
}

impl fmt::Debug for Edge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Edge")
            .field("proxies", &self.proxies)
            .finish_non_exhaustive()
    }
}

/// Removes the headers that only the platform writes. Proxies fold `_` and `-`, so either counts.
pub(crate) fn strip_internal(headers: &mut HeaderMap) {
    let is_internal = |name: &header::HeaderName| {
        let (start, rest) = name.as_str().split_at_checked(8).unwrap_or_default();
        start == "skeleton" && rest.starts_with(['-', '_'])
    };
    let internal: Vec<_> = headers
        .keys()
        .filter(|name| is_internal(name))
        .cloned()
        .collect();
    for name in internal {
        headers.remove(name);
    }
}

fn user_agent(headers: &HeaderMap) -> Option<UserAgent> {
    let mut lines = headers.get_all(header::USER_AGENT).iter();
    let only = lines.next().filter(|_| lines.next().is_none())?;
    UserAgent::new(only.to_str().ok()?)
}
