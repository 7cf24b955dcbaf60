//! The layer.

use std::collections::BTreeSet;
use std::sync::Arc;

use tower::Layer;

use super::service::Authentication;
use crate::authenticator::Authenticator;
use crate::kind::AccessToken;
use crate::verifier::Verifier;

/// Authenticates every request, or refuses it. See [the module](crate::tower) for its answers.
#[derive(Clone, Debug)]
pub struct AuthenticationLayer {
    pub(super) authenticator: Authenticator,
    pub(super) anonymous: Arc<BTreeSet<Box<str>>>,
}

impl AuthenticationLayer {
    /// A layer that accepts the access tokens of `verifier`, and lets nobody pass without one.
    #[must_use]
    pub fn new(verifier: Verifier<AccessToken>) -> Self {
        Self {
            authenticator: Authenticator::new(verifier),
            anonymous: Arc::default(),
        }
    }

    /// Lets requests to exactly these paths pass without credentials, with the context as it is. Further
    /// calls add to the list.
    ///
    /// Anonymous means *no* credentials: a bad token is refused there too.
    #[must_use]
    pub fn anonymous<'p>(self, paths: impl IntoIterator<Item = &'p str>) -> Self {
        let mut anonymous = BTreeSet::clone(&self.anonymous);
        anonymous.extend(paths.into_iter().map(Box::from));
        Self {
            anonymous: Arc::new(anonymous),
            ..self
        }
    }
}

impl<S> Layer<S> for AuthenticationLayer {
    type Service = Authentication<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Authentication::new(inner, self.clone())
    }
}
