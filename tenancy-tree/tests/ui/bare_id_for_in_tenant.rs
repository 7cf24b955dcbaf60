use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::Forest;

async fn read(forest: Forest, tenant: TenantId) {
    let _ = forest.snapshot(tenant).await;
}

fn main() {}
