use skeleton_pii_crypto::Pii;

fn sorted<T: Ord>() {}

fn compare(one: &Pii<String>, other: &Pii<String>) -> bool {
    one < other
}

fn main() {
    sorted::<Pii<String>>();
}
