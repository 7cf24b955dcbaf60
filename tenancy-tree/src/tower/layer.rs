//! The layer.

use core::net::SocketAddr;
use std::sync::Arc;

use http::Extensions;
use skeleton_invocation_context::TrustedProxies;
use tower::Layer;

use super::service::TenantService;
use crate::gate::TenantGate;
use crate::tenant::TenantDirectory;

/// Finds the tenant of every request by its host, notes it in the context, and refuses what is for nobody.
///
/// It stands inside `ContextLayer` and outside authentication: no credential is looked at before the tenant is
/// known and the client's address admitted. The resolved tenant travels in the request's extensions as
/// [`ResolvedTenant`](crate::ResolvedTenant).
#[derive(Clone, Debug)]
pub struct TenantLayer<D> {
    pub(super) gate: TenantGate<D>,
    pub(super) rules: Arc<Rules>,
}

/// What a door was told.
#[derive(Clone, Debug, Default)]
pub(super) struct Rules {
    /// Paths that the root domain serves.
    pub(super) tenantless: Vec<Box<str>>,
    /// Whose `X-Forwarded-Host` counts, and how the peer of a request is known.
    pub(super) forwarded: Option<(TrustedProxies, Peer)>,
}

/// How the socket's peer is known: as `ContextLayer` is told.
pub(super) type Peer = fn(&Extensions) -> Option<SocketAddr>;

impl<D: TenantDirectory> TenantLayer<D> {
    /// A layer that knows the tenants of `directory`.
    #[must_use]
    pub fn new(directory: D) -> Self {
        Self {
            gate: TenantGate::new(directory),
            rules: Arc::default(),
        }
    }

    /// The root domain itself serves these paths, compared byte by byte: health, sign-up. By default it serves none.
    ///
    /// A request to one of them has no tenant, and what stands behind must bear that.
    #[must_use]
    pub fn with_tenantless<P: Into<Box<str>>>(self, paths: impl IntoIterator<Item = P>) -> Self {
        let mut rules = Arc::unwrap_or_clone(self.rules);
        rules.tenantless.extend(paths.into_iter().map(Into::into));
        Self {
            rules: Arc::new(rules),
            ..self
        }
    }

    /// The host is what `X-Forwarded-Host` says, where the peer of the socket is one of `proxies`, the edge's own.
    /// From anybody else the header is not read.
    ///
    /// A trusted peer that sends the header twice, or a list in it, is answered 400.
    #[must_use]
    pub fn with_forwarded_host(
        self,
        proxies: TrustedProxies,
        peer: fn(&Extensions) -> Option<SocketAddr>,
    ) -> Self {
        let mut rules = Arc::unwrap_or_clone(self.rules);
        rules.forwarded = Some((proxies, peer));
        Self {
            rules: Arc::new(rules),
            ..self
        }
    }
}

impl<S, D: Clone> Layer<S> for TenantLayer<D> {
    type Service = TenantService<S, D>;

    fn layer(&self, inner: S) -> Self::Service {
        TenantService {
            inner,
            gate: self.gate.clone(),
            rules: Arc::clone(&self.rules),
        }
    }
}
