use skeleton_invocation_context::ClientIp;

fn print(secret: &ClientIp) -> String {
    secret.to_string()
}

fn main() {}
