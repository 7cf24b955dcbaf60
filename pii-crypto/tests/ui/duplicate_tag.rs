use skeleton_pii_crypto::{Pii, Protected, SubjectId};

#[derive(Protected)]
#[pii(event = "user-registered")]
struct UserRegistered {
    #[pii(subject)]
    user: SubjectId,
    email: Pii<String>,
    #[serde(rename = "email")]
    work_email: Pii<String>,
}

fn main() {}
