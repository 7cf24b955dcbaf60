use skeleton_pii_crypto::{Pii, Protected, SubjectId};

#[derive(Protected)]
#[pii(event = "user-registered")]
struct Renamed {
    #[pii(subject)]
    user: SubjectId,
    #[serde(rename(serialize = "mail", deserialize = "email"))]
    email: Pii<String>,
}

#[derive(Protected)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[pii(event = "user-registered")]
struct Shouted {
    #[pii(subject)]
    user: SubjectId,
    email: Pii<String>,
}

fn main() {}
