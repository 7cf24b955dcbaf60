//! Every type that can be sealed goes round.

use proptest::prelude::any;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_pii_crypto::Disclosure;
use skeleton_pii_crypto::OpenError;
use skeleton_pii_crypto::Pii;
use skeleton_pii_crypto::PiiValue;
use skeleton_pii_crypto::Protected;
use skeleton_pii_crypto::SubjectId;

use crate::helpers::World;
use crate::helpers::access;
use crate::helpers::open;
use crate::helpers::seal;
use crate::helpers::subject;

#[derive(Clone, Debug, PartialEq, Protected)]
#[pii(event = "all-kinds")]
struct AllKinds {
    #[pii(subject)]
    user: SubjectId,
    #[pii(pad = "exact")]
    text: Pii<String>,
    #[pii(pad = "bucket:1024")]
    bytes: Pii<Vec<u8>>,
    yes: Pii<bool>,
    small: Pii<i8>,
    short: Pii<i16>,
    whole: Pii<i32>,
    long: Pii<i64>,
    byte: Pii<u8>,
    word: Pii<u16>,
    number: Pii<u32>,
    large: Option<Pii<u64>>,
}

fn shown<T: PiiValue + Clone>(value: &Pii<T>) -> T {
    match value.reveal(&access()).unwrap() {
        Disclosure::Clear(value) => value.into_inner(),
        Disclosure::Forgotten(forgotten) => panic!("{forgotten:?}"),
    }
}

proptest! {
    #[test]
    fn law_01_every_type_goes_round(
        text in ".{0,60}",
        bytes in proptest::collection::vec(any::<u8>(), 0..60),
        yes in any::<bool>(),
        signed in any::<(i8, i16, i32, i64)>(),
        unsigned in any::<(u8, u16, u32, Option<u64>)>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let event = AllKinds {
            user: subject("dora"),
            text: Pii::plain(text),
            bytes: Pii::plain(bytes),
            yes: Pii::plain(yes),
            small: Pii::plain(signed.0),
            short: Pii::plain(signed.1),
            whole: Pii::plain(signed.2),
            long: Pii::plain(signed.3),
            byte: Pii::plain(unsigned.0),
            word: Pii::plain(unsigned.1),
            number: Pii::plain(unsigned.2),
            large: unsigned.3.map(Pii::plain),
        };
        let read = runtime.block_on(async {
            let world = World::new();
            let sealed = seal(&world.acme(), "record-1", event.clone()).await;
            let json = serde_json::to_string(&sealed).unwrap();
            let sealed: SealedAllKinds = serde_json::from_str(&json).unwrap();
            open(&world.acme(), "record-1", sealed).await
        });
        prop_assert_eq!(shown(&read.text), shown(&event.text));
        prop_assert_eq!(shown(&read.bytes), shown(&event.bytes));
        prop_assert_eq!(shown(&read.yes), yes);
        prop_assert_eq!(shown(&read.small), signed.0);
        prop_assert_eq!(shown(&read.short), signed.1);
        prop_assert_eq!(shown(&read.whole), signed.2);
        prop_assert_eq!(shown(&read.long), signed.3);
        prop_assert_eq!(shown(&read.byte), unsigned.0);
        prop_assert_eq!(shown(&read.word), unsigned.1);
        prop_assert_eq!(shown(&read.number), unsigned.2);
        prop_assert_eq!(read.large.as_ref().map(shown), unsigned.3);
    }
}

/// What was sealed as one type is damaged as another, never misread.
#[tokio::test]
async fn a_value_is_not_read_as_another_type() {
    #[derive(Protected)]
    #[pii(event = "typed")]
    struct Written {
        #[pii(subject)]
        user: SubjectId,
        value: Pii<u64>,
        text: Pii<String>,
    }
    #[derive(Protected)]
    #[pii(event = "typed")]
    struct Misread {
        #[pii(subject)]
        user: SubjectId,
        value: Pii<u8>,
        text: Pii<Vec<u8>>,
    }
    let world = World::new();
    let written = Written {
        user: subject("dora"),
        value: Pii::plain(300),
        text: Pii::plain("1".to_owned()),
    };
    let sealed = seal(&world.acme(), "record-1", written).await;
    let json = serde_json::to_value(&sealed).unwrap();
    let misread: SealedMisread = serde_json::from_value(json).unwrap();
    let read = open(&world.acme(), "record-1", misread).await;
    let answer = read.value.reveal(&access());
    assert!(
        matches!(answer, Err(OpenError::Tampered)),
        "300 is no byte: {answer:?}"
    );
    let answer = read.text.reveal(&access());
    assert!(matches!(answer, Err(OpenError::Tampered)), "{answer:?}");
    assert_eq!(read.user, subject("dora"));
}
