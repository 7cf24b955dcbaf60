//! Builds an [`Authn`].

use core::fmt;
use std::sync::Arc;

use skeleton_invocation_context::Clock;
use skeleton_invocation_context::IdGenerator;

use super::Authn;
use super::Shared;
use crate::hash::HashingPool;
use crate::policy::PasswordPolicy;
use crate::store::AccountStore;
use crate::store::AnyAccounts;

/// An [`Authn`] in the making. The parameters say which of the two required parts are there.
#[derive(Debug)]
#[must_use = "nothing is built before `build`"]
pub struct AuthnBuilder<S = Missing, H = Missing> {
    accounts: S,
    hashing: H,
    policy: PasswordPolicy,
}

/// A part that the builder still needs.
#[derive(Clone, Copy, Debug)]
pub struct Missing(());

/// The builder has a store of accounts.
pub struct WithAccounts(Box<dyn AnyAccounts>);

/// The builder has a pool for hashes.
#[derive(Debug)]
pub struct WithHashing(HashingPool);

impl AuthnBuilder {
    pub(super) fn new() -> Self {
        Self {
            accounts: Missing(()),
            hashing: Missing(()),
            policy: PasswordPolicy::default(),
        }
    }
}

impl<S, H> AuthnBuilder<S, H> {
    /// Where accounts are kept.
    pub fn accounts(self, store: impl AccountStore) -> AuthnBuilder<WithAccounts, H> {
        let Self {
            accounts: _,
            hashing,
            policy,
        } = self;
        AuthnBuilder {
            accounts: WithAccounts(Box::new(store)),
            hashing,
            policy,
        }
    }

    /// Where passwords are hashed.
    pub fn hashing(self, pool: HashingPool) -> AuthnBuilder<S, WithHashing> {
        let Self {
            accounts,
            hashing: _,
            policy,
        } = self;
        AuthnBuilder {
            accounts,
            hashing: WithHashing(pool),
            policy,
        }
    }

    /// What a new password must be. At least 15 code points unless said.
    pub fn policy(self, policy: PasswordPolicy) -> Self {
        Self { policy, ..self }
    }
}

impl AuthnBuilder<WithAccounts, WithHashing> {
    /// Builds it, with the clock and the source of session ids that it shall use.
    #[must_use]
    pub fn build(self, clock: impl Clock + 'static, ids: impl IdGenerator + 'static) -> Authn {
        let shared = Shared {
            accounts: self.accounts.0,
            hashing: self.hashing.0,
            policy: self.policy,
            clock: Box::new(clock),
            ids: Box::new(ids),
        };
        Authn {
            shared: Arc::new(shared),
        }
    }
}

impl fmt::Debug for WithAccounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WithAccounts(..)")
    }
}
