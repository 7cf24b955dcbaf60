use skeleton_pii_crypto::{Pii, Protected, SubjectId};

#[derive(Protected)]
#[pii(event = "user-registered")]
enum Either {
    One { user: SubjectId },
}

#[derive(Protected)]
#[pii(event = "user-registered")]
struct Tuple(SubjectId, Pii<String>);

#[derive(Protected)]
#[pii(event = "user-registered")]
struct Generic<T> {
    #[pii(subject)]
    user: SubjectId,
    email: Pii<String>,
    plan: T,
}

fn main() {}
