use skeleton_authz::Authorized;
use skeleton_authz::skeleton::container;

fn twice<'s>(proof: Authorized<'s, container::Move>) -> [Authorized<'s, container::Move>; 2] {
    [proof.clone(), proof]
}

fn main() {}
