use skeleton_pii_crypto::Pii;

fn store(name: &Pii<String>) -> String {
    serde_json::to_string(name).unwrap()
}

fn main() {}
