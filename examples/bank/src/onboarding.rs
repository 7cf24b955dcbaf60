//! What the door and the processor of onboarding share: whose order counts, and who is the new tenant's first
//! administrator.
//!
//! Her address and her password are hashed and kept at the door, by the engine that lets people in: the log holds the id
//! of her account and nothing more. The processor then gives her the first grant there is.

use skeleton_authn::AccountStore;
use skeleton_authn::CanonicalIdentifier;
use skeleton_authn::CreateAccountError;
use skeleton_authn::NewAccount;
use skeleton_authz::AccessError;
use skeleton_authz::AccessView;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::Subject;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::IdError;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::TenantDirectory;
use skeleton_tenancy_tree::TenantKind;

use crate::catalogue;
use crate::domain::tenant::FirstAdministrator;
use crate::domain::tenant::TenantOrder;
use crate::services::Services;

/// Why the platform acts in a tenant that has nobody yet.
pub(crate) const REASON: &str = "onboarding";

/// Whether the vendor asks: whatever roles a customer may give within its own tenant, it makes no other one.
pub(crate) fn is_the_house(services: &Services, asking: TenantId) -> bool {
    let tenant = services.tenants.directory().by_id(asking);
    tenant.is_some_and(|tenant| *tenant.kind() == TenantKind::INTERNAL)
}

/// What an order finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// No such tenant.
    Nothing,
    /// The tenant, in which nobody was ever given anything: an earlier try was cut off.
    Unclaimed,
    /// The tenant and its administrator, as ordered: an earlier try got as far as that.
    Ordered,
    /// A tenant that others live in.
    Claimed,
}

/// What an order finds of what it asks for.
pub(crate) async fn find(services: &Services, order: &TenantOrder) -> Result<Found, AccessError> {
    let Some(tenant) = services.tenants.directory().by_id(order.tenant) else {
        return Ok(Found::Nothing);
    };
    let t = InTenant::background(order.tenant, REASON);
    let view = services.access.load(t).await?;
    if *tenant.slug() != order.slug {
        return Ok(Found::Claimed);
    }
    Ok(match grant_of(order) {
        Ok(grant) if holds(&view, &grant) => Found::Ordered,
        _ if view.version().grants() == 0 => Found::Unclaimed,
        _ => Found::Claimed,
    })
}

/// The grant with which a tenant begins. It has the account's id, so that a second try finds it.
pub(crate) fn grant_of(order: &TenantOrder) -> Result<Grant, IdError> {
    let id = GrantId::from_bytes(order.administrator.to_bytes())?;
    let to = Subject::Account(order.administrator);
    let role = catalogue::TenantAdmin.name();
    Ok(Grant::new(id, to, role, ContainerId::root_of(order.tenant)))
}

fn holds(view: &AccessView, grant: &Grant) -> bool {
    view.grant(grant.id()) == Some(grant)
}

/// Lets the first administrator log in, as soon as there is a tenant to log in to. An earlier try may have done so: then
/// its password stands.
pub(crate) async fn enrol(
    services: &Services,
    tenant: TenantId,
    first: FirstAdministrator,
) -> Result<(), Problem> {
    let FirstAdministrator {
        account,
        identifier,
        password,
    } = first;
    let canonical = CanonicalIdentifier::of(&identifier);
    let new = NewAccount::new(account, AccountKind::User, identifier, password);
    match services.authn.create_account(tenant, new).await {
        Ok(()) => Ok(()),
        Err(CreateAccountError::IdentifierTaken) => {
            is_hers(services, tenant, &canonical, account).await
        }
        Err(CreateAccountError::AccountTaken) => Err(malformed("account-taken")),
        Err(CreateAccountError::Policy(_)) => Err(malformed("password-refused")),
        Err(_) => Err(unavailable()),
    }
}

/// Whether an address is that of this account, and of no other one that an earlier order named.
async fn is_hers(
    services: &Services,
    tenant: TenantId,
    identifier: &CanonicalIdentifier,
    account: AccountId,
) -> Result<(), Problem> {
    let found = services.accounts.find(tenant, identifier).await?;
    match found {
        Some(found) if found.id() == account => Ok(()),
        _ => Err(malformed("identifier-taken")),
    }
}

fn malformed(code: &'static str) -> Problem {
    Problem::new(ProblemKind::Malformed).with_code(code)
}

fn unavailable() -> Problem {
    Problem::new(ProblemKind::Unavailable).with_retry_after(core::time::Duration::from_secs(1))
}
