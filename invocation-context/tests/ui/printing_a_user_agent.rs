use skeleton_invocation_context::UserAgent;

fn print(secret: &UserAgent) -> String {
    secret.to_string()
}

fn main() {}
