use skeleton_invocation_context::{Account, AccountKind, TenantId};

fn account(tenant: TenantId) -> Account {
    Account::new(tenant, AccountKind::User, tenant)
}

fn main() {}
