use skeleton_invocation_context::ContextKey;

fn print(secret: &ContextKey) -> String {
    secret.to_string()
}

fn main() {}
