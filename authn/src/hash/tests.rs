use argon2::Algorithm;
use argon2::Argon2;
use argon2::AssociatedData;
use argon2::ParamsBuilder;
use argon2::PasswordVerifier;
use argon2::Version;
use proptest::prelude::*;

use super::cost::Argon2Cost;
use super::phc::PasswordHash;
use super::phc::Phc;

/// Cheap enough to be repeated: below the floor, as an old stored hash may be.
const OLD: &str = "m=64,t=1,p=1";

#[test]
fn the_vector_of_rfc_9106_for_argon2id_holds() {
    let mut params = ParamsBuilder::new();
    params
        .m_cost(32)
        .t_cost(3)
        .p_cost(4)
        .data(AssociatedData::new(&[4; 12]).unwrap());
    let secret = [3; 8];
    let argon2 = Argon2::new_with_secret(
        &secret,
        Algorithm::Argon2id,
        Version::V0x13,
        params.build().unwrap(),
    );
    let mut tag = [0; 32];
    argon2
        .unwrap()
        .hash_password_into(&[1; 32], &[2; 16], &mut tag)
        .unwrap();
    assert_eq!(
        tag,
        [
            0x0d, 0x64, 0x0d, 0xf5, 0x8d, 0x78, 0x76, 0x6c, 0x08, 0xc0, 0x37, 0xa3, 0x4a, 0x8b,
            0x53, 0xc9, 0xd0, 0x1e, 0xf0, 0x45, 0x2d, 0x75, 0xb6, 0x5e, 0xb5, 0x25, 0x20, 0xe9,
            0x6b, 0x01, 0xe6, 0x59
        ]
    );
}

#[test]
fn a_created_hash_is_a_phc_string_that_others_read() {
    let created = Phc::create(b"correct horse battery", [9; 16], Argon2Cost::FLOOR).unwrap();
    assert!(
        created
            .expose()
            .starts_with("$argon2id$v=19$m=19456,t=2,p=1$CQkJCQkJCQkJCQkJCQkJCQ$")
    );
    let verify = |password: &[u8]| Argon2::default().verify_password(password, created.expose());
    assert!(verify(b"correct horse battery").is_ok());
    assert!(verify(b"correct horse batterY").is_err());
}

#[test]
fn attack_04_a_stored_cost_beyond_the_ceiling_is_not_read() {
    let with_cost =
        |cost: &str| stored(&format!("$argon2id$v=19${cost}$c2FsdHNhbHQ${}", hash_b64()));
    assert!(Phc::parse(&with_cost(OLD)).is_some());
    assert!(Phc::parse(&with_cost("m=262144,t=16,p=4")).is_some());
    for beyond in [
        "m=262145,t=16,p=4",
        "m=262144,t=17,p=4",
        "m=262144,t=16,p=5",
        "m=4194304,t=1,p=1",
        "m=64,t=4294967296,p=1",
        "m=64,t=4294967295,p=1",
        "m=99999999999999999999,t=1,p=1",
    ] {
        assert!(Phc::parse(&with_cost(beyond)).is_none(), "{beyond}");
    }
}

#[test]
fn attack_04_a_stored_cost_that_argon2_does_not_compute_is_not_read() {
    let with_cost =
        |cost: &str| stored(&format!("$argon2id$v=19${cost}$c2FsdHNhbHQ${}", hash_b64()));
    assert!(Phc::parse(&with_cost("m=32,t=1,p=4")).is_some());
    for nothing in [
        "m=31,t=1,p=4",
        "m=7,t=1,p=1",
        "m=64,t=0,p=1",
        "m=64,t=1,p=0",
    ] {
        assert!(Phc::parse(&with_cost(nothing)).is_none(), "{nothing}");
    }
}

#[test]
fn attack_04_a_long_stored_text_is_not_read() {
    let of = |salt: usize, hash: usize| {
        let encode = |len| data_encoding::BASE64_NOPAD.encode(&vec![5; len]);
        let (salt, hash) = (encode(salt), encode(hash));
        stored(&format!("$argon2id$v=19$m=262144,t=16,p=4${salt}${hash}"))
    };
    assert!(Phc::parse(&of(48, 64)).is_some(), "the longest there is");
    for (salt, hash) in [
        (49, 64),
        (48, 65),
        (7, 32),
        (16, 15),
        (1 << 24, 32),
        (16, 1 << 24),
    ] {
        assert!(Phc::parse(&of(salt, hash)).is_none(), "{salt}, {hash}");
    }
}

#[test]
fn attack_04_another_spelling_of_a_stored_hash_is_not_read() {
    let good = format!("$argon2id$v=19${OLD}$c2FsdHNhbHQ${}", hash_b64());
    assert!(Phc::parse(&stored(&good)).is_some());
    for odd in [
        String::new(),
        "plain text".to_owned(),
        good.replace("argon2id", "argon2i"),
        good.replace("argon2id", "argon2d"),
        good.replace("v=19", "v=16"),
        good.replace("$v=19", ""),
        good.replace("m=64", "m=064"),
        good.replace("m=64", "m=+64"),
        good.replace("m=64", "m=-1"),
        good.replace("m=64,t=1", "t=1,m=64"),
        good.replace("p=1", "p=1,keyid=AAAA"),
        good.replace("p=1", "p=1,pepper-id=7"),
        good.replace("c2FsdHNhbHQ", "c2E"),
        good.replace("c2FsdHNhbHQ", "c2FsdHNhbHQ="),
        good.replace("c2FsdHNhbHQ", "c2FsdHNhbHR"),
        good.replace(&hash_b64(), ""),
        good.replace(&hash_b64(), "AAAA"),
        format!("{good}$"),
        format!(" {good}"),
        format!("{good}\n"),
    ] {
        assert!(Phc::parse(&stored(&odd)).is_none(), "{odd}");
    }
}

#[test]
fn a_cost_is_never_below_the_floor() {
    assert!(Argon2Cost::new(19_455, 2, 1).is_err());
    assert!(Argon2Cost::new(19_456, 1, 1).is_err());
    assert!(Argon2Cost::new(19_456, 2, 0).is_err());
    assert!(Argon2Cost::new(262_145, 2, 1).is_err());
    assert_eq!(Argon2Cost::new(19_456, 2, 1), Ok(Argon2Cost::FLOOR));
    assert_eq!(Argon2Cost::new(262_144, 16, 4), Ok(Argon2Cost::CEILING));
}

#[test]
fn a_decoy_matches_nothing_by_itself() {
    assert_eq!(Phc::decoy(Argon2Cost::FLOOR).matches(b""), Ok(false));
}

/// <https://github.com/P-H-C/phc-winner-argon2/blob/master/src/test.c>, Argon2id, version 0x13; the one
/// of 256 MiB is left out.
#[test]
fn the_hashes_of_the_reference_implementation_are_read() {
    for (password, hash) in [
        (
            "password",
            "m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        ),
        (
            "password",
            "m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        ),
        (
            "password",
            "m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
        ),
        (
            "password",
            "m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg",
        ),
        (
            "password",
            "m=65536,t=4,p=1$c29tZXNhbHQ$kCXUjmjvc5XMqQedpMTsOv+zyJEf5PhtGiUghW9jFyw",
        ),
        (
            "differentpassword",
            "m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94",
        ),
        (
            "password",
            "m=65536,t=2,p=1$ZGlmZnNhbHQ$vfMrBczELrFdWP0ZsfhWsRPaHppYdP3MVEMIVlqoFBw",
        ),
    ] {
        let phc = Phc::parse(&stored(&format!("$argon2id$v=19${hash}"))).unwrap();
        assert_eq!(phc.matches(password.as_bytes()), Ok(true), "{hash}");
        assert_eq!(phc.matches(b"Password"), Ok(false), "{hash}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn law_01_a_password_matches_its_own_hash_at_every_cost_and_no_other(
        password in any::<Vec<u8>>(),
        other in any::<Vec<u8>>(),
        salt in any::<[u8; 16]>(),
        (memory_kib, passes, lanes) in (32..256_u32, 1..4_u32, 1..5_u32),
    ) {
        let cheap = Argon2Cost::stored(memory_kib, passes, lanes).unwrap();
        let created = Phc::create(&password, salt, cheap).unwrap();
        let phc = Phc::parse(&stored(created.expose())).unwrap();
        prop_assert_eq!(phc.matches(&password), Ok(true));
        prop_assert_eq!(phc.matches(&other), Ok(password == other));
        prop_assert!(Argon2::default().verify_password(&password, created.expose()).is_ok());
    }

    #[test]
    fn law_01_a_cost_that_is_read_is_one_that_can_be_computed(
        (memory_kib, passes, lanes) in (0..64_u32, 0..4_u32, 0..6_u32),
    ) {
        let text = format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}$c2FsdHNhbHQ${}", hash_b64());
        if let Some(phc) = Phc::parse(&stored(&text)) {
            prop_assert_eq!(phc.matches(b"password"), Ok(false));
        } else {
            prop_assert!(passes == 0 || lanes == 0 || lanes > 4 || memory_kib < 8 * lanes);
        }
    }

    #[test]
    fn any_stored_text_is_judged(text in any::<String>()) {
        prop_assert!(Phc::parse(&stored(&text)).is_none());
    }
}

fn stored(text: &str) -> PasswordHash {
    PasswordHash::from_stored(text)
}

fn hash_b64() -> String {
    data_encoding::BASE64_NOPAD.encode(&[5; 32])
}
