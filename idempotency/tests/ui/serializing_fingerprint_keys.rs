use skeleton_idempotency::FingerprintKeys;

fn stored(keys: &FingerprintKeys) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(keys)
}

fn main() {}
