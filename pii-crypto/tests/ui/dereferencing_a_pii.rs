use skeleton_pii_crypto::Pii;

fn look(name: &Pii<String>) -> &str {
    name
}

fn main() {}
