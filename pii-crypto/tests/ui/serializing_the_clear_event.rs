use skeleton_pii_crypto::{Pii, Protected, SubjectId};

#[derive(Protected)]
#[pii(event = "user-registered")]
struct UserRegistered {
    #[pii(subject)]
    user: SubjectId,
    email: Pii<String>,
}

fn store(event: &UserRegistered) -> String {
    serde_json::to_string(event).unwrap()
}

fn main() {}
