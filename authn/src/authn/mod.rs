//! The entrance: built once, cloned everywhere.

mod builder;
mod create;

use core::fmt;
use std::sync::Arc;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::TenantId;

use crate::door::Door;
use crate::hash::HashingPool;
use crate::identifier::Identifier;
use crate::login::AwaitingPassword;
use crate::login::Challenge;
use crate::login::LogInError;
use crate::policy::PasswordPolicy;
use crate::store::AnyAccounts;
use crate::store::Deactivation;
use crate::store::StoreError;

pub use builder::AuthnBuilder;
pub use builder::Missing;
pub use builder::WithAccounts;
pub use builder::WithHashing;
pub use create::CreateAccountError;

/// Proves who somebody is. Cheap to clone.
#[derive(Clone)]
pub struct Authn {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) accounts: Box<dyn AnyAccounts>,
    pub(crate) hashing: HashingPool,
    pub(crate) policy: PasswordPolicy,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) ids: Box<dyn IdGenerator>,
}

impl Authn {
    /// Begins to build one; a store of accounts and a pool for hashes are required.
    ///
    /// ```compile_fail
    /// use skeleton_authn::{Argon2Cost, Authn, HashingPool};
    /// use skeleton_invocation_context::{RandomIds, SystemClock};
    /// let pool = HashingPool::new(Argon2Cost::FLOOR);
    /// let _ = Authn::builder().hashing(pool).build(SystemClock, RandomIds); // no store
    /// ```
    pub fn builder() -> AuthnBuilder {
        AuthnBuilder::new()
    }

    /// Begins a log-in at a door.
    ///
    /// The challenge is the same whether or not the identifier names an account.
    ///
    /// # Errors
    ///
    /// [`LogInError::Unavailable`] if the store does not answer.
    pub async fn log_in(
        &self,
        door: &Door,
        identifier: Identifier,
    ) -> Result<Challenge<AwaitingPassword>, LogInError> {
        let found = self
            .shared
            .accounts
            .find(door.tenant(), &identifier.canonical())
            .await?;
        Ok(Challenge::begun(self.clone(), found))
    }

    /// Deactivates an account: from now on it cannot log in, and a log-in under way starts no session.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store does not answer.
    pub async fn deactivate(
        &self,
        tenant: TenantId,
        account: AccountId,
    ) -> Result<Deactivation, StoreError> {
        self.shared.accounts.deactivate(tenant, account).await
    }
}

impl fmt::Debug for Authn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authn")
            .field("hashing", &self.shared.hashing)
            .field("policy", &self.shared.policy)
            .finish_non_exhaustive()
    }
}
