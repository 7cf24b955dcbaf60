use skeleton_pii_crypto::{Pii, Protected, SubjectId};

#[derive(Protected)]
#[pii(event = "user-registered")]
struct UserRegistered {
    user: SubjectId,
    email: Pii<String>,
}

fn main() {}
