//! What the issuers of tokens are called.

use core::fmt;
use std::sync::Arc;

use skeleton_invocation_context::TenantId;

use crate::key::KeyScope;

/// Names the issuer of a key scope: `https://<slug>.<root>` for a tenant, `https://<root>` for all of them.
///
/// Slugs are looked up each time through a function of the app, so that this crate does not need to
/// know where tenants are kept. A name that the function gives is written into tokens as it is.
#[derive(Clone)]
pub struct IssuerNames {
    root: Arc<str>,
    slugs: Arc<dyn Fn(TenantId) -> Option<String> + Send + Sync>,
}

impl IssuerNames {
    /// Issuers are the subdomains of `root`, such as `bank.example`; `slugs` gives a tenant's label, or
    /// `None` for a tenant that there is not.
    pub fn subdomains_of(
        root: &str,
        slugs: impl Fn(TenantId) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            root: root.into(),
            slugs: Arc::new(slugs),
        }
    }

    /// The issuer of a key scope; `None` if its tenant has no slug.
    #[must_use]
    pub fn issuer_of(&self, scope: KeyScope) -> Option<String> {
        let root = &self.root;
        match scope {
            KeyScope::Global => Some(format!("https://{root}")),
            KeyScope::Tenant(tenant) => self
                .slug_of(tenant)
                .map(|slug| format!("https://{slug}.{root}")),
        }
    }

    /// The label of a tenant.
    #[must_use]
    pub fn slug_of(&self, tenant: TenantId) -> Option<String> {
        (self.slugs)(tenant)
    }

    /// Whether `text` is the issuer of `scope`, byte for byte.
    pub(crate) fn is_issuer_of(&self, scope: KeyScope, text: &str) -> bool {
        let Some(host) = text.strip_prefix("https://") else {
            return false;
        };
        match scope {
            KeyScope::Global => *host == *self.root,
            KeyScope::Tenant(tenant) => host
                .strip_suffix(&*self.root)
                .and_then(|rest| rest.strip_suffix('.'))
                .is_some_and(|label| self.slug_of(tenant).is_some_and(|slug| slug == label)),
        }
    }
}

impl fmt::Debug for IssuerNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuerNames")
            .field("root", &self.root)
            .finish_non_exhaustive()
    }
}
