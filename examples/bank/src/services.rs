//! What doors, processors and projections share. Cheap to clone; built once in `wiring`.

use core::fmt;
use std::sync::Arc;

use skeleton_authn::Authn;
use skeleton_authn::MemoryAccounts;
use skeleton_authz::AccessViews;
use skeleton_authz::Authorizer;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::ServiceIdentity;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::Tenants;
use skeleton_tokens::Issuer;

use crate::adapters::in_process::InProcessBus;
use crate::adapters::in_process::InProcessMessages;
use crate::adapters::in_process::InProcessReplies;
use crate::adapters::sqlite::SqliteLog;
use crate::personal::Vaults;

/// The name of the access tokens' audience.
pub const AUDIENCE: &str = "https://api.bank.example";

/// The parts of the running bank.
#[derive(Clone)]
#[non_exhaustive]
pub struct Services {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Draws ids.
    pub ids: Arc<dyn IdGenerator>,
    /// The logs, one per tenant.
    pub log: SqliteLog,
    /// Announces how far the logs have grown.
    pub bus: InProcessBus,
    /// Announces how far the views have come.
    pub views: InProcessBus,
    /// Carries answers from processors to doors.
    pub replies: InProcessReplies,
    /// Carries commands that come as messages.
    pub messages: InProcessMessages,
    /// The tenants and their entry points.
    pub tenants: Tenants,
    /// The tenants' trees.
    pub forest: Forest,
    /// The tenants' grants.
    pub access: AccessViews,
    /// Decides.
    pub authorizer: Authorizer,
    /// Seals and reveals personal data.
    pub vaults: Vaults,
    /// Who can log in.
    pub accounts: MemoryAccounts,
    /// Proves who somebody is.
    pub authn: Authn,
    /// Issues access tokens.
    pub issuer: Issuer,
    /// Under whose name the bank itself acts.
    pub identity: ServiceIdentity,
}

impl Services {
    /// A new id for an event.
    #[must_use]
    pub fn new_event_id(&self) -> EventId {
        EventId::generate(&*self.ids, self.clock.now())
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Services")
            .field("tenants", &self.tenants)
            .finish_non_exhaustive()
    }
}
