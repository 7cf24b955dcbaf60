//! The grants of one tenant at one version: immutable, shared by every snapshot taken of it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::TenantId;

use super::AccessEvent;
use super::GrantsVersion;
use crate::grant::Grant;
use crate::grant::GrantId;
use crate::grant::Subject;

/// Who holds what in one tenant, as its stream says.
#[derive(Clone, Debug)]
pub struct AccessView {
    tenant: TenantId,
    version: GrantsVersion,
    by_account: HashMap<AccountId, Vec<Arc<Grant>>>,
    /// Who holds each grant.
    holders: HashMap<GrantId, AccountId>,
}

impl AccessView {
    pub(super) fn empty(tenant: TenantId) -> Self {
        Self {
            tenant,
            version: GrantsVersion::ZERO,
            by_account: HashMap::new(),
            holders: HashMap::new(),
        }
    }

    /// Folds one event. Total: a grant given twice, or taken without being held, changes only the version.
    pub(super) fn apply(&mut self, event: &AccessEvent) {
        self.version = GrantsVersion::new(self.version.get().saturating_add(1));
        match event {
            AccessEvent::GrantGiven { grant } => self.give(grant),
            AccessEvent::GrantTaken { grant } => self.take(*grant),
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
        held.map(|grant| RoleAssignment::new(*grant.role(), grant.at()))
    }

    fn give(&mut self, grant: &Grant) {
        let Subject::Account(account) = grant.to();
        if let Entry::Vacant(holder) = self.holders.entry(grant.id()) {
            holder.insert(account);
            let held = self.by_account.entry(account).or_default();
            let place = held.partition_point(|other| other.id() < grant.id());
            held.insert(place, Arc::new(grant.clone()));
        }
    }

    fn take(&mut self, grant: GrantId) {
        let holder = self.holders.remove(&grant);
        if let Some(held) = holder.and_then(|account| self.by_account.get_mut(&account)) {
            held.retain(|one| one.id() != grant);
        }
    }
}
