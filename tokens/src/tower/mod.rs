//! Step 3 of the way of an invocation: from a bearer token to an authenticated context.
//!
//! [`AuthenticationLayer`] goes inside `ContextLayer`, which makes the context, and inside `TenantLayer`,
//! which says for which tenant; the layer that is added last runs first. It takes the context from the
//! request's extensions, verifies the one `Authorization` header, puts the context back authenticated,
//! and removes the header before the handler. It reads no other header, no query, no body, no cookie.
//!
//! | case | status | `WWW-Authenticate` |
//! |---|---|---|
//! | no credentials, and the path is not anonymous | 401 | `Bearer realm="<slug>"` |
//! | a scheme other than `Bearer` | 401 | `Bearer realm="<slug>"` |
//! | two headers, or one that is not `scheme token` | 400 | `error="invalid_request"` |
//! | a bad, expired or other tenant's token | 401 | `error="invalid_token"`, one description |
//! | no key for the tenant is loaded | 503, `Retry-After` | none |
//! | `ContextLayer` or `TenantLayer` is missing, or this layer stands twice | 500 | none |
//!
//! Every answer carries `Vary: Authorization`; every refusal `Cache-Control: no-store`.

mod future;
mod layer;
mod service;

pub use future::ResponseFuture;
pub use layer::AuthenticationLayer;
pub use service::Authentication;
