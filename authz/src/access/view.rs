//! The grants of one tenant at one version: immutable, shared by every snapshot taken of it.

use std::collections::HashMap;
use std::sync::Arc;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::TenantId;

use super::AccessEvent;
use super::GrantsVersion;
use crate::grant::Grant;
use crate::grant::Subject;

/// Who holds what in one tenant, as its stream says.
#[derive(Clone, Debug)]
pub struct AccessView {
    tenant: TenantId,
    version: GrantsVersion,
    by_account: HashMap<AccountId, Vec<Arc<Grant>>>,
}

impl AccessView {
    pub(super) fn empty(tenant: TenantId) -> Self {
        Self {
            tenant,
            version: GrantsVersion::ZERO,
            by_account: HashMap::new(),
        }
    }

    /// Folds one event. Total: a grant given twice, or taken without being held, changes only the version.
    pub(super) fn apply(&mut self, event: &AccessEvent) {
        self.version = GrantsVersion::new(self.version.get().saturating_add(1));
        match event {
            AccessEvent::GrantGiven { grant } => {
                let Subject::Account(account) = grant.to();
                let is_new = !self
                    .by_account
                    .values()
                    .flatten()
                    .any(|held| held.id() == grant.id());
                if is_new {
                    let held = self.by_account.entry(account).or_default();
                    held.push(Arc::new(grant.clone()));
                    held.sort_by_key(|grant| grant.id());
                }
            }
            AccessEvent::GrantTaken { grant } => {
                for held in self.by_account.values_mut() {
                    held.retain(|one| one.id() != *grant);
                }
            }
        }
    }

    /// The tenant whose grants these are.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The version at which it was taken.
    #[must_use]
    pub const fn version(&self) -> GrantsVersion {
        self.version
    }

    /// The grants of an account, by id; the inactive ones too.
    #[must_use]
    pub fn grants_of(&self, account: AccountId) -> &[Arc<Grant>] {
        self.by_account.get(&account).map_or(&[], Vec::as_slice)
    }

    /// The grants of an account as a credential lists them: pairs of role and scope.
    pub fn assignments_of(&self, account: AccountId) -> impl Iterator<Item = RoleAssignment> {
        let held = self.grants_of(account).iter();
        held.map(|grant| RoleAssignment::new(grant.role().clone(), grant.at()))
    }
}
