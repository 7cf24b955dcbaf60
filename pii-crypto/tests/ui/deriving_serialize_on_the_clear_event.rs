use skeleton_pii_crypto::{Pii, Protected, SubjectId};

use serde::Serialize;

#[derive(Protected, Serialize)]
#[pii(event = "user-registered")]
struct UserRegistered {
    #[pii(subject)]
    user: SubjectId,
    email: Pii<String>,
}

fn main() {}
