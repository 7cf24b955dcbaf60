use skeleton_pii_crypto::{Pii, Protected, SubjectId};

type Email = Pii<String>;

#[derive(Protected)]
#[pii(event = "user-registered")]
struct UserRegistered {
    #[pii(subject)]
    user: SubjectId,
    email: Email,
}

fn main() {}
