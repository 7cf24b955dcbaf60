use skeleton_pii_crypto::Purpose;

fn declare(name: String) -> Purpose {
    Purpose::declared(&name)
}

fn main() {}
