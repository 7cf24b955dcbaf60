use skeleton_pii_crypto::{Pii, Protected, SubjectId};

use std::collections::BTreeMap;

#[derive(Protected)]
#[pii(event = "emails-added")]
struct Listed {
    #[pii(subject)]
    user: SubjectId,
    emails: Vec<Pii<String>>,
}

#[derive(Protected)]
#[pii(event = "emails-added")]
struct Mapped {
    #[pii(subject)]
    user: SubjectId,
    emails: BTreeMap<String, Pii<String>>,
}

#[derive(Protected)]
#[pii(event = "emails-added")]
struct Paired {
    #[pii(subject)]
    user: SubjectId,
    emails: (Pii<String>, Option<Pii<String>>),
}

fn main() {}
