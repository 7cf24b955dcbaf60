use skeleton_pii_crypto::Pii;

fn shout(name: Pii<String>) -> Pii<String> {
    name.map(|clear| clear.to_uppercase())
}

fn main() {}
