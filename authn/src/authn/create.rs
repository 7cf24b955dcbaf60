//! Creates accounts that can log in.

use skeleton_invocation_context::TenantId;

use super::Authn;
use crate::account::NewAccount;
use crate::account::StoredAccount;
use crate::hash::HashingError;
use crate::policy::PolicyError;
use crate::store::Insertion;
use crate::store::StoreError;

/// Why an account was not created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateAccountError {
    /// The password may not be set.
    #[error("the password is refused by the policy")]
    Policy(#[source] PolicyError),
    /// Another account of the tenant has the identifier.
    #[error("the identifier is taken in this tenant")]
    IdentifierTaken,
    /// An account of the tenant has the id.
    #[error("the account exists already in this tenant")]
    AccountTaken,
    /// Too many passwords are being hashed. Try again.
    #[error("too many passwords are being hashed")]
    Saturated,
    /// The operating system gave no salt.
    #[error("the operating system gave no randomness for a salt")]
    NoRandomness,
    /// The store did not answer.
    #[error("the account was not stored")]
    Unavailable(#[source] StoreError),
}

impl Authn {
    /// Creates an account of `tenant` that can log in with its address and password.
    ///
    /// # Errors
    ///
    /// [`CreateAccountError`]. Nothing is hashed if the policy refuses the password.
    pub async fn create_account(
        &self,
        tenant: TenantId,
        new: NewAccount,
    ) -> Result<(), CreateAccountError> {
        let shared = &self.shared;
        shared
            .policy
            .check(&new.password)
            .map_err(CreateAccountError::Policy)?;
        let hash = shared.hashing.create(&new.password).await?;
        let account = StoredAccount::new(tenant, new.account, new.kind, new.email, hash);
        match shared.accounts.insert(account).await {
            Ok(Insertion::Inserted) => Ok(()),
            Ok(Insertion::IdentifierTaken) => Err(CreateAccountError::IdentifierTaken),
            Ok(Insertion::AccountTaken) => Err(CreateAccountError::AccountTaken),
            Err(error) => Err(CreateAccountError::Unavailable(error)),
        }
    }
}

impl From<HashingError> for CreateAccountError {
    fn from(error: HashingError) -> Self {
        match error {
            HashingError::Saturated => Self::Saturated,
            HashingError::NoRandomness => Self::NoRandomness,
        }
    }
}
