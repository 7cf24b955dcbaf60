use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeSnapshot;

fn root<'t>(tenant: TenantId) -> Node<'t> {
    let snapshot = TreeSnapshot::of(&Tree::rooted(tenant));
    snapshot.root()
}

fn main() {}
