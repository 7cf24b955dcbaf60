use skeleton_invocation_context::Authenticated;

fn main() {
    let _forged: Authenticated = serde_json::from_str("{}").unwrap();
}
