use skeleton_authz::Authorized;
use skeleton_authz::skeleton::container;

fn write(proof: &Authorized<'_, container::Move>) -> String {
    serde_json::to_string(proof).unwrap()
}

fn read(text: &str) -> Authorized<'static, container::Move> {
    serde_json::from_str(text).unwrap()
}

fn main() {}
