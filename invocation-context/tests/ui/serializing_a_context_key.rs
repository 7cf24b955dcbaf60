use skeleton_invocation_context::ContextKey;

fn write(secret: &ContextKey) -> String {
    serde_json::to_string(secret).unwrap()
}

fn main() {}
