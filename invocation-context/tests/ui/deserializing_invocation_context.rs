use skeleton_invocation_context::InvocationContext;

fn main() {
    let _forged: InvocationContext = serde_json::from_str("{}").unwrap();
}
