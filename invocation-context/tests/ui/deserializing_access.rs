use skeleton_invocation_context::Access;

fn main() {
    let _forged: Access = serde_json::from_str("{}").unwrap();
}
