use skeleton_pii_crypto::Revealed;

fn store(name: &Revealed<String>) -> String {
    serde_json::to_string(name).unwrap()
}

fn main() {}
