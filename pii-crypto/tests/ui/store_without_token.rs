use skeleton_pii_crypto::{DevKek, Development, MemoryKeyStore};

fn main() {
    let _store = MemoryKeyStore::new();
    let _store = MemoryKeyStore::default();
    let _keks = DevKek::new();
    let _keks = DevKek::default();
    let _token = Development;
    let _token = Development {};
}
