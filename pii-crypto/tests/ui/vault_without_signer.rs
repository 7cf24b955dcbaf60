use skeleton_pii_crypto::{AuditQueue, DevKek, Development, MemoryKeyStore, Vault};

fn main() {
    let development = Development::i_accept_losing_every_key();
    let _vault = Vault::builder()
        .store(MemoryKeyStore::new(development))
        .keks(DevKek::new(development))
        .audit(AuditQueue::bounded(100))
        .build();
}
