use skeleton_pii_crypto::{Pii, Protected, SubjectId};

#[derive(Protected)]
#[pii(event = "user-registered")]
struct UserRegistered {
    #[pii(subject)]
    email: String,
    user: SubjectId,
    name: Pii<String>,
}

fn main() {}
