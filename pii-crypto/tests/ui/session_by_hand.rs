use skeleton_pii_crypto::{KeySet, Session, SubjectId};

fn main() {
    let _session = Session(());
    let _keys = KeySet {
        asked: Vec::new(),
        makes: true,
    };
    let _subject = SubjectId("ada@example.org".into());
}
