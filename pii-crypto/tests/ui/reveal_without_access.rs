use skeleton_pii_crypto::Pii;

fn look(name: &Pii<String>) {
    let _shown = name.reveal();
}

fn main() {}
