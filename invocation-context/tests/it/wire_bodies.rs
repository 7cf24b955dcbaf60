//! Bodies written by hand and signed with the right key: what says the impossible is refused all the same.

use skeleton_invocation_context::Child;
use skeleton_invocation_context::ReceiveError;
use skeleton_invocation_context::testing;

use crate::helpers::NOW;
use crate::wire_forged::BODY;
use crate::wire_forged::Unsigned;
use crate::wire_forged::bare;

/// The body of [`bare`] in its parts: ids and sampling, access, address, toggles, languages.
#[derive(Clone, Copy)]
struct Parts<'p> {
    ids: &'p [u8],
    access: &'p [u8],
    ip: &'p [u8],
    toggles: &'p [u8],
    locales: &'p [u8],
}

impl Parts<'_> {
    fn received(&self) -> Result<Child, ReceiveError> {
        self.unsigned().received()
    }

    fn unsigned(&self) -> Unsigned {
        let Self {
            ids,
            access,
            ip,
            toggles,
            locales,
        } = self;
        bare().with_body(&[*ids, *access, *ip, *toggles, *locales].concat())
    }
}

fn with_parts<T>(test: impl FnOnce(Parts<'_>) -> T) -> T {
    let bare = bare();
    // Action, invocation, who made it, originating, sampled.
    let ids = &bare.context[BODY..BODY + 16 + 16 + 1 + 16 + 1];
    test(Parts {
        ids,
        access: &[1, 0],
        ip: &[0],
        toggles: &[0],
        locales: &[0, 0],
    })
}

#[test]
fn a_body_written_by_hand_is_received() {
    assert!(with_parts(|parts| parts.received()).is_ok());
}

#[test]
fn a_signed_body_that_says_what_cannot_be_is_refused() {
    with_parts(|parts| {
        let mut broken: Vec<(&str, Unsigned)> = Vec::new();
        for (what, at) in [("action", 0), ("invocation", 16), ("originating", 33)] {
            let mut ids = parts.ids.to_vec();
            ids[at..at + 16].fill(0);
            broken.push((what, Parts { ids: &ids, ..parts }.unsigned()));
        }
        for (what, at, value) in [("made by", 32, 3), ("sampled", 49, 2)] {
            let mut ids = parts.ids.to_vec();
            ids[at] = value;
            broken.push((what, Parts { ids: &ids, ..parts }.unsigned()));
        }
        for access in [&[2, 0][..], &[1, 2], &[1, 1], &[0]] {
            broken.push(("access", Parts { access, ..parts }.unsigned()));
        }
        let nil_tenant = [&[1, 1][..], &[0; 16], &[0]].concat();
        let access = &nil_tenant[..];
        broken.push(("tenant", Parts { access, ..parts }.unsigned()));
        let locales: [&[u8]; 5] = [
            &[1, 2, b'E', b'N', 0],
            &[1, 5, b'e', b'n', b'-', b'g', b'b', 0],
            &[0, 1, 0],
            &[0, 1, 1, b'e'],
            &[2, 0],
        ];
        for locales in locales {
            broken.push(("locale", Parts { locales, ..parts }.unsigned()));
        }
        for (what, forged) in broken {
            assert_eq!(forged.refused(), "body", "{what}");
        }
    });
}

/// One signed toggle: its name, and its value by tag and bytes.
fn toggle(name: &str, value: &[u8]) -> Vec<u8> {
    let length = u8::try_from(name.len()).unwrap();
    [&[length], name.as_bytes(), value].concat()
}

#[test]
fn signed_toggles_that_cannot_be_are_refused() {
    let on = [0, 1];
    let numbered = |count: u8| {
        let list = (0..count).map(|nth| toggle(&format!("t{nth:02}"), &on));
        [vec![count], list.flatten().collect()].concat()
    };
    let pair = |one: &str, other: &str| [vec![2], toggle(one, &on), toggle(other, &on)].concat();
    let one = |name: &str, value: &[u8]| [vec![1], toggle(name, value)].concat();
    // Zigzag of 10^15, which has 16 digits, and of the number before it.
    let (sixteen, fifteen) = (2_000_000_000_000_000_u64, 1_999_999_999_999_998);
    let integer = |zigzag: u64| {
        let mut bytes = vec![1];
        let mut rest = zigzag;
        while rest >= 0x80 {
            bytes.push(u8::try_from(rest % 0x80).unwrap() | 0x80);
            rest /= 0x80;
        }
        bytes.push(u8::try_from(rest).unwrap());
        bytes
    };
    with_parts(|parts| {
        let count = |toggles: &[u8]| {
            let child = Parts { toggles, ..parts }.received().ok()?;
            let ids = testing::SeededIds::new(1);
            Some(child.begin(&ids, NOW).toggles().len())
        };
        assert_eq!(count(&numbered(32)), Some(32));
        assert_eq!(count(&pair("a", "b")), Some(2));
        assert_eq!(count(&one("n", &integer(fifteen))), Some(1));
        assert_eq!(count(&one("n", &[2, 1, b'x'])), Some(1));
        for toggles in [
            numbered(33),
            pair("a", "a"),
            pair("b", "a"),
            one("n", &integer(sixteen)),
            one("n", &[2, 1, b'X']),
            one("n", &[2, 0]),
            one("n", &[3, 0]),
            one("n", &[0, 2]),
            one("N", &on),
            one("", &on),
            one(&"n".repeat(33), &on),
            vec![0xff, 0xff, 0xff, 0xff, 0x0f],
            vec![0xff; 11],
        ] {
            let forged = Parts {
                toggles: &toggles,
                ..parts
            }
            .unsigned();
            assert_eq!(forged.refused(), "body", "{toggles:?}");
        }
    });
}

#[test]
fn a_signed_context_that_is_not_sampled_stays_so() {
    with_parts(|parts| {
        let mut ids = parts.ids.to_vec();
        ids[49] = 0;
        let child = Parts { ids: &ids, ..parts }.received().unwrap();
        let ctx = child.begin(&testing::SeededIds::new(1), NOW);
        assert!(!ctx.trace().is_sampled());
    });
}
