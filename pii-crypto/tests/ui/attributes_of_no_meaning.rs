use skeleton_pii_crypto::{Pii, Protected, SubjectId};

#[derive(Protected)]
#[pii(event = "User Registered")]
struct Named {
    #[pii(subject)]
    user: SubjectId,
}

#[derive(Protected)]
#[pii(event = "user-registered")]
struct Padded {
    #[pii(subject)]
    user: SubjectId,
    #[pii(pad = "bucket:12")]
    email: Pii<String>,
}

#[derive(Protected)]
#[pii(event = "user-registered")]
struct Unknown {
    #[pii(subject)]
    user: SubjectId,
    #[pii(tag = "other")]
    email: Pii<String>,
}

#[derive(Protected)]
#[pii(event = "user-registered")]
struct Clear {
    #[pii(subject)]
    user: SubjectId,
    #[pii(category = "kyc")]
    plan: String,
    email: Pii<String>,
}

fn main() {}
