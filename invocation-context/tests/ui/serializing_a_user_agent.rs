use skeleton_invocation_context::UserAgent;

fn write(secret: &UserAgent) -> String {
    serde_json::to_string(secret).unwrap()
}

fn main() {}
