use skeleton_pii_crypto::{AuditQueue, Development, MemoryKeyStore, ReceiptSigner, Vault};

fn main() {
    let development = Development::i_accept_losing_every_key();
    let _vault = Vault::builder()
        .store(MemoryKeyStore::new(development))
        .audit(AuditQueue::bounded(100))
        .signer(ReceiptSigner::from_seed(&[7; 32]))
        .build();
}
