use skeleton_pii_crypto::{Pii, Protected, SubjectId};

#[derive(Protected)]
struct UserRegistered {
    #[pii(subject)]
    user: SubjectId,
    email: Pii<String>,
}

fn main() {}
