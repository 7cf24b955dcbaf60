use skeleton_authz::Authorized;
use skeleton_authz::skeleton::container;

fn forge() -> Authorized<'static, container::Move> {
    Authorized {}
}

fn guess() -> Authorized<'static, container::Move> {
    Authorized::new()
}

fn main() {}
