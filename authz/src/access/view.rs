//! The rules of one tenant at one version: immutable, shared by every snapshot taken of it.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::Weak;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::TreeSnapshot;

use super::AccessEvent;
use super::AccessStream;
use super::AccessVersion;
use super::Guardrail;
use super::GuardrailId;
use super::Impersonation;
use super::TenantRole;
use super::kept::Kept;
use super::prepared::During;
use super::prepared::Prepared;
use crate::catalogue::Catalogue;
use crate::catalogue::PermissionSet;
use crate::catalogue::Role;
use crate::grant::Grant;
use crate::grant::GrantId;
use crate::grant::Subject;
use crate::snapshot::Holding;
use crate::snapshot::Spans;

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
    by_account: HashMap<AccountId, Arc<OfAccount>>,
    held: HashMap<GrantId, Held>,
    /// The ids of grants that were taken back.
    taken: HashSet<GrantId>,
}

/// The grants of one account, by id, and what was made of them last.
#[derive(Clone, Debug, Default)]
struct OfAccount {
    grants: Vec<Arc<Grant>>,
    holding: Prepared<(Weak<Roles>, Arc<Holding>)>,
}

/// Who holds a grant, and who gave it.
#[derive(Clone, Debug)]
struct Held {
    grant: Arc<Grant>,
    giver: Option<AccountId>,
}

#[derive(Clone, Debug, Default)]
struct Roles {
    own: BTreeMap<RoleName, Arc<Kept<TenantRole, Role>>>,
    retired: HashSet<RoleName>,
    guardrails: BTreeMap<GuardrailId, Arc<Kept<Guardrail, PermissionSet>>>,
    lifted: HashSet<GuardrailId>,
    impersonation: Impersonation,
    forbidden: Prepared<Spans>,
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
            AccessStream::Roles => {
                let roles = Arc::make_mut(&mut self.roles);
                roles.apply(event);
                roles.forbidden.forget();
            }
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
            .map_or(&[], |of| of.grants.as_slice())
    }

    /// What an account holds, made once for each tree, catalogue and version of the roles, until a window opens or
    /// closes.
    pub(crate) fn holding(
        &self,
        account: AccountId,
        basis: (&Arc<Catalogue>, &Arc<TreeSnapshot>),
        now: Timestamp,
        make: impl Fn(&[Arc<Grant>]) -> (Holding, During),
    ) -> Arc<Holding> {
        let Some(of) = self.grants.by_account.get(&account) else {
            return Arc::new(make(&[]).0);
        };
        let prepare = || {
            let (holding, during) = make(&of.grants);
            let roles = Arc::downgrade(&self.roles);
            ((roles, Arc::new(holding)), during)
        };
        let made = of.holding.get(basis, now, prepare);
        let (roles, holding) = &*made;
        if core::ptr::eq(roles.as_ptr(), &raw const *self.roles) {
            return Arc::clone(holding);
        }
        // It was made of other roles: by an older view, or a newer one. Each answers by its own.
        Arc::clone(&of.holding.put(basis, prepare()).1)
    }

    /// What guardrails forbid, made once for each tree and catalogue.
    pub(crate) fn forbidden(
        &self,
        basis: (&Arc<Catalogue>, &Arc<TreeSnapshot>),
        make: impl FnOnce() -> Spans,
    ) -> Arc<Spans> {
        let prepare = || (make(), During::ALWAYS);
        self.roles.forbidden.get(basis, Timestamp::MIN, prepare)
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
        self.roles.own.values().map(|role| role.get())
    }

    /// The tenant's own role of that name.
    #[must_use]
    pub fn role(&self, name: &RoleName) -> Option<&TenantRole> {
        self.roles.own.get(name).map(|role| role.get())
    }

    /// The home of the tenant's own role of that name, and what it holds by a catalogue.
    pub(crate) fn resolved_role(
        &self,
        name: &RoleName,
        catalogue: &Arc<Catalogue>,
    ) -> Option<(ContainerId, Arc<Role>)> {
        let kept = self.roles.own.get(name)?;
        let role = kept.resolved(catalogue, TenantRole::resolve);
        Some((kept.get().home(), role))
    }

    /// All of them, with their homes, and with what they hold by a catalogue.
    pub(crate) fn resolved_roles<'v>(
        &'v self,
        catalogue: &'v Arc<Catalogue>,
    ) -> impl Iterator<Item = (ContainerId, Arc<Role>)> {
        self.roles.own.values().map(|kept| {
            let role = kept.resolved(catalogue, TenantRole::resolve);
            (kept.get().home(), role)
        })
    }

    /// The guardrails, by id.
    #[must_use]
    pub fn guardrails(&self) -> impl ExactSizeIterator<Item = &Guardrail> {
        let all = self.roles.guardrails.values();
        all.map(|guardrail| guardrail.get())
    }

    /// The guardrails, by id, with what they forbid by a catalogue.
    pub(crate) fn resolved_guardrails<'v>(
        &'v self,
        catalogue: &'v Arc<Catalogue>,
    ) -> impl Iterator<Item = (&'v Guardrail, Arc<PermissionSet>)> {
        self.roles.guardrails.values().map(|kept| {
            let forbids = kept.resolved(catalogue, Guardrail::resolve);
            (kept.get(), forbids)
        })
    }

    /// The guardrail of that id, unless it was lifted.
    #[must_use]
    pub fn guardrail(&self, id: GuardrailId) -> Option<&Guardrail> {
        self.roles.guardrails.get(&id).map(|held| held.get())
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
            let of = Arc::make_mut(self.by_account.entry(account).or_default());
            of.holding.forget();
            let place = of.grants.partition_point(|other| other.id() < grant.id());
            of.grants.insert(place, grant);
        }
    }

    fn take(&mut self, id: GrantId) {
        let Some(Held { grant, .. }) = self.held.remove(&id) else {
            return;
        };
        self.taken.insert(id);
        let Subject::Account(account) = grant.to();
        if let Some(of) = self.by_account.get_mut(&account) {
            let of = Arc::make_mut(of);
            of.holding.forget();
            of.grants.retain(|one| one.id() != id);
        }
    }
}

impl Roles {
    fn apply(&mut self, event: &AccessEvent) {
        match event {
            AccessEvent::RoleDefined { role } => {
                let is_new = !self.retired.contains(role.name());
                if is_new && !self.own.contains_key(role.name()) {
                    let kept = Arc::new(Kept::new(role.clone()));
                    self.own.insert(*role.name(), kept);
                }
            }
            AccessEvent::RoleChanged { role } => {
                // A role keeps its home: who defined it there answers for it there.
                if let Some(held) = self.own.get_mut(role.name())
                    && held.get().home() == role.home()
                {
                    *held = Arc::new(Kept::new(role.clone()));
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
                    let set = || Arc::new(Kept::new(guardrail.clone()));
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
