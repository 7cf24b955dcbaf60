use skeleton_invocation_context::ClientIp;

fn write(secret: &ClientIp) -> String {
    serde_json::to_string(secret).unwrap()
}

fn main() {}
