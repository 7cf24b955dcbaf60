//! Identifiers.

use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::prop_assert_ne;
use proptest::proptest;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::IdError;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing::SeededIds;
use ulid::Ulid;

use crate::helpers::NOW;
use crate::helpers::ULID;

fn refusal(text: &str) -> IdError {
    text.parse::<AccountId>().expect_err("this is no id")
}

#[test]
fn attack_08_texts_that_name_no_id_are_refused() {
    let cases = [
        ("8ZZZZZZZZZZZZZZZZZZZZZZZZZ", IdError::Overflow),
        ("ZZZZZZZZZZZZZZZZZZZZZZZZZZ", IdError::Overflow),
        ("00000000000000000000000000", IdError::Nil),
        ("01M83YEMHRMW96SB74TMCXA9M", IdError::Length),
        ("01M83YEMHRMW96SB74TMCXA9MNN", IdError::Length),
        ("", IdError::Length),
        ("01M83YEMHRMW96SB74TMCXA9MU", IdError::Alphabet),
        ("01M83YEMHRMW96SB74TMCXA9MI", IdError::Alphabet),
        ("01M83YEMHRMW96SB74TMCXA9Ml", IdError::Alphabet),
        ("O1M83YEMHRMW96SB74TMCXA9MN", IdError::Alphabet),
        ("01M83YEMHRMW96SB74TMCXA9M\0", IdError::Alphabet),
        (" 1M83YEMHRMW96SB74TMCXA9MN", IdError::Alphabet),
        ("01M83YEMHRMW96SB74TMCXA9M-", IdError::Alphabet),
        ("01M83YEMHRMW96SB74TMCXA9é", IdError::Alphabet),
        ("01M83YEMHRMW96SB74TMCXA9Mé", IdError::Length),
    ];
    for (text, error) in cases {
        assert_eq!(refusal(text), error, "{text:?}");
    }
}

#[test]
fn attack_08_lower_case_is_the_same_id() {
    let upper: AccountId = ULID.parse().unwrap();
    let lower: AccountId = ULID.to_lowercase().parse().unwrap();
    assert_eq!(upper, lower);
    assert_eq!(lower.to_string(), ULID);
}

#[test]
fn nil_bytes_are_no_id_and_absence_costs_nothing() {
    assert_eq!(AccountId::from_bytes([0; 16]), Err(IdError::Nil));
    assert_eq!(size_of::<Option<AccountId>>(), 16);
}

#[test]
fn the_largest_id_is_an_id() {
    let text = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ";
    let id: AccountId = text.parse().unwrap();
    assert_eq!(id.to_bytes(), [0xff; 16]);
    assert_eq!(id.to_string(), text);
    assert_eq!(id.created_at(), Timestamp::MAX);
}

#[test]
fn bytes_are_in_network_order() {
    let id: AccountId = "00000000000000000000000001".parse().unwrap();
    assert_eq!(id.to_bytes()[15], 1);
    let bytes = *b"0123456789abcdef";
    assert_eq!(AccountId::from_bytes(bytes).unwrap().to_bytes(), bytes);
}

#[test]
fn debug_names_the_kind_and_padding_is_honoured() {
    let id: TenantId = ULID.parse().unwrap();
    assert_eq!(format!("{id:?}"), format!("TenantId({ULID})"));
    assert_eq!(format!("{id:>28}"), format!("  {ULID}"));
}

#[test]
fn the_root_of_a_tenant_has_the_characters_of_the_tenant() {
    let tenant: TenantId = ULID.parse().unwrap();
    assert_eq!(ContainerId::root_of(tenant).to_string(), ULID);
}

#[test]
fn drawn_ids_hold_the_time_and_differ() {
    let drawn: std::collections::BTreeSet<_> = (0..1_000)
        .map(|_| AccountId::generate(&RandomIds, NOW))
        .collect();
    assert_eq!(drawn.len(), 1_000);
    assert!(drawn.iter().all(|id| id.created_at() == NOW));
}

#[test]
fn seeded_ids_repeat_by_seed() {
    let draw = |seed| {
        let ids = SeededIds::new(seed);
        [ids.next(NOW), ids.next(NOW), ids.next(NOW)]
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    let [one, two, three] = draw(1);
    assert!(one != two && two != three && one != three);
}

#[test]
fn clones_of_a_seed_share_its_sequence() {
    let (ids, clone) = (SeededIds::new(1), SeededIds::new(1));
    let shared = ids.clone();
    let (first, second) = (ids.next(NOW), shared.next(NOW));
    assert_eq!((clone.next(NOW), clone.next(NOW)), (first, second));
}

proptest! {
    #[test]
    fn law_05_parsing_what_was_printed_gives_the_id_back(bytes: [u8; 16]) {
        if let Ok(id) = AccountId::from_bytes(bytes) {
            prop_assert_eq!(id.to_string().parse::<AccountId>(), Ok(id));
            prop_assert_eq!(id.to_bytes(), bytes);
        }
    }

    #[test]
    fn law_05_two_texts_of_one_id_differ_only_in_case(text in "[0-7][0-9A-TV-Za-tv-z]{25}") {
        if let Ok(id) = text.parse::<AccountId>() {
            prop_assert_eq!(id.to_string(), text.to_ascii_uppercase());
        }
    }

    #[test]
    fn law_05_the_parser_agrees_with_ulid_where_it_does_not_refuse_more(
        text in "[0-9A-Za-z]{25,27}|[0-8][0-9A-HJKMNP-TV-Z]{25}|\\PC{26}",
    ) {
        let reference = Ulid::from_string(&text).ok();
        match text.parse::<AccountId>() {
            Ok(id) => prop_assert_eq!(Some(u128::from_be_bytes(id.to_bytes())), reference.map(|id| id.0)),
            Err(IdError::Overflow) => prop_assert!(text.as_bytes()[0] > b'7'),
            Err(IdError::Nil) => prop_assert_eq!(reference, Some(Ulid::nil())),
            Err(_) => prop_assert_eq!(reference, None),
        }
    }

    #[test]
    fn ids_order_by_their_time(earlier in 0..NOW.as_millis(), seed in any::<u64>()) {
        let ids = SeededIds::new(seed);
        let one = AccountId::generate(&ids, Timestamp::from_millis(earlier));
        let other = AccountId::generate(&ids, NOW);
        prop_assert!(one < other);
        prop_assert!(one.to_string() < other.to_string());
    }

    #[test]
    fn no_id_is_drawn_whose_last_eight_bytes_are_zero(seed: u64) {
        let bytes = AccountId::generate(&SeededIds::new(seed), NOW).to_bytes();
        prop_assert_ne!(&bytes[8..], [0; 8]);
    }
}
