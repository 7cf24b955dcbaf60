use skeleton_idempotency::FingerprintKeys;

fn shown(keys: &FingerprintKeys) -> String {
    format!("{keys}")
}

fn main() {}
