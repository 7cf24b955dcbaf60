//! The rules of one tenant at one version: immutable, shared by every snapshot taken of it.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::Recorded;

use super::AccessEvent;
use super::AccessStream;
use super::AccessVersion;
use super::Guardrail;
use super::GuardrailId;
use super::Impersonation;
use super::TenantRole;
use crate::grant::Grant;
use crate::grant::GrantId;
use crate::grant::Subject;

/// Who holds what in one tenant, which roles it has of its own, and what its guardrails forbid, as its streams say.
#[derive(Clone, Debug)]
pub struct AccessView {
    tenant: TenantId,
    version: AccessVersion,
    grants: Arc<Grants>,
    roles: Arc<Roles>,
}

#[derive(Clone, Debug, Default)]
struct Grants {
    by_account: HashMap<AccountId, Vec<Arc<Grant>>>,
    held: HashMap<GrantId, Held>,
    /// The ids of grants that were taken back.
    taken: HashSet<GrantId>,
}

/// Who holds a grant, and who gave it.
#[derive(Clone, Debug)]
struct Held {
    grant: Arc<Grant>,
    giver: Option<AccountId>,
}

#[derive(Clone, Debug, Default)]
struct Roles {
    own: BTreeMap<RoleName, Arc<TenantRole>>,
    retired: HashSet<RoleName>,
    guardrails: BTreeMap<GuardrailId, Arc<Guardrail>>,
    lifted: HashSet<GuardrailId>,
    impersonation: Impersonation,
}

impl AccessView {
    pub(crate) fn empty(tenant: TenantId) -> Self {
        Self {
            tenant,
            version: AccessVersion::ZERO,
            grants: Arc::default(),
            roles: Arc::default(),
        }
    }

    /// Folds one event. Total: what does not fit, such as a grant given twice, or taken without being held, changes
    /// only the version.
    pub(crate) fn apply(&mut self, recorded: &Recorded<AccessEvent>) {
        let event = recorded.event();
        self.version.count(event.stream());
        match event.stream() {
            AccessStream::Grants => {
                let giver = recorded.cause().context().and_then(EventContext::actor);
                let giver = giver.map(|actor| actor.effective_account().id());
                Arc::make_mut(&mut self.grants).apply(event, giver);
            }
            AccessStream::Roles => Arc::make_mut(&mut self.roles).apply(event),
        }
    }

    /// The tenant whose rules these are.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The version at which it was taken.
    #[must_use]
    pub const fn version(&self) -> AccessVersion {
        self.version
    }

    /// The grants of an account, by id; the inactive ones too.
    #[must_use]
    pub fn grants_of(&self, account: AccountId) -> &[Arc<Grant>] {
        self.grants
            .by_account
            .get(&account)
            .map_or(&[], Vec::as_slice)
    }

    /// Every grant, in no order.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.held.values().map(|held| &*held.grant)
    }

    pub(crate) fn shared_grants(&self) -> impl Iterator<Item = &Arc<Grant>> {
        self.grants.held.values().map(|held| &held.grant)
    }

    /// The grant of that id, unless it was taken back.
    #[must_use]
    pub fn grant(&self, id: GrantId) -> Option<&Grant> {
        self.grants.held.get(&id).map(|held| &*held.grant)
    }

    /// The tenant's own roles, by name.
    pub fn roles(&self) -> impl Iterator<Item = &TenantRole> {
        self.roles.own.values().map(AsRef::as_ref)
    }

    /// The tenant's own role of that name.
    #[must_use]
    pub fn role(&self, name: &RoleName) -> Option<&TenantRole> {
        self.roles.own.get(name).map(AsRef::as_ref)
    }

    /// The guardrails, by id.
    pub fn guardrails(&self) -> impl ExactSizeIterator<Item = &Guardrail> {
        self.roles.guardrails.values().map(AsRef::as_ref)
    }

    /// The guardrail of that id, unless it was lifted.
    #[must_use]
    pub fn guardrail(&self, id: GuardrailId) -> Option<&Guardrail> {
        self.roles.guardrails.get(&id).map(AsRef::as_ref)
    }

    /// How far whoever impersonates may go.
    #[must_use]
    pub fn impersonation(&self) -> Impersonation {
        self.roles.impersonation
    }

    /// Who gave a grant; nothing for one that the platform provisioned.
    pub(crate) fn giver_of(&self, id: GrantId) -> Option<AccountId> {
        self.grants.held.get(&id)?.giver
    }

    /// Whether a grant ever had that id.
    pub(crate) fn is_used(&self, id: GrantId) -> bool {
        self.grants.held.contains_key(&id) || self.grants.taken.contains(&id)
    }

    /// Whether a role of the tenant ever had that name.
    pub(crate) fn is_role_used(&self, name: &RoleName) -> bool {
        self.roles.own.contains_key(name) || self.roles.retired.contains(name)
    }

    /// Whether a guardrail ever had that id.
    pub(crate) fn is_guardrail_used(&self, id: GuardrailId) -> bool {
        self.roles.guardrails.contains_key(&id) || self.roles.lifted.contains(&id)
    }
}

impl Grants {
    fn apply(&mut self, event: &AccessEvent, giver: Option<AccountId>) {
        match event {
            AccessEvent::GrantGiven { grant } => self.give(grant, giver),
            AccessEvent::GrantTaken { grant } => self.take(*grant),
            _ => {}
        }
    }

    fn give(&mut self, grant: &Grant, giver: Option<AccountId>) {
        let Subject::Account(account) = grant.to();
        if self.taken.contains(&grant.id()) {
            return;
        }
        if let Entry::Vacant(slot) = self.held.entry(grant.id()) {
            let grant = Arc::new(grant.clone());
            slot.insert(Held {
                grant: Arc::clone(&grant),
                giver,
            });
            let held = self.by_account.entry(account).or_default();
            let place = held.partition_point(|other| other.id() < grant.id());
            held.insert(place, grant);
        }
    }

    fn take(&mut self, id: GrantId) {
        let Some(Held { grant, .. }) = self.held.remove(&id) else {
            return;
        };
        self.taken.insert(id);
        let Subject::Account(account) = grant.to();
        if let Some(held) = self.by_account.get_mut(&account) {
            held.retain(|one| one.id() != id);
        }
    }
}

impl Roles {
    fn apply(&mut self, event: &AccessEvent) {
        match event {
            AccessEvent::RoleDefined { role } => {
                let is_new = !self.retired.contains(role.name());
                if is_new && !self.own.contains_key(role.name()) {
                    self.own.insert(*role.name(), Arc::new(role.clone()));
                }
            }
            AccessEvent::RoleChanged { role } => {
                // A role keeps its home: who defined it there answers for it there.
                if let Some(held) = self.own.get_mut(role.name())
                    && held.home() == role.home()
                {
                    *held = Arc::new(role.clone());
                }
            }
            AccessEvent::RoleRetired { role } => {
                if self.own.remove(role).is_some() {
                    self.retired.insert(*role);
                }
            }
            AccessEvent::GuardrailSet { guardrail } => {
                let id = guardrail.id();
                if !self.lifted.contains(&id) {
                    let set = || Arc::new(guardrail.clone());
                    self.guardrails.entry(id).or_insert_with(set);
                }
            }
            AccessEvent::GuardrailLifted { guardrail } => {
                if self.guardrails.remove(guardrail).is_some() {
                    self.lifted.insert(*guardrail);
                }
            }
            AccessEvent::ImpersonationSet { admits } => self.impersonation = *admits,
            AccessEvent::GrantGiven { .. } | AccessEvent::GrantTaken { .. } => {}
        }
    }
}
