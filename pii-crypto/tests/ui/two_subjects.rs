use skeleton_pii_crypto::{Pii, Protected, SubjectId};

#[derive(Protected)]
#[pii(event = "user-registered")]
struct UserRegistered {
    #[pii(subject)]
    user: SubjectId,
    #[pii(subject)]
    referrer: SubjectId,
    email: Pii<String>,
}

fn main() {}
