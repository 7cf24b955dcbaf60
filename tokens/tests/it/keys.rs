//! Rings and their documents.

use core::pin::pin;
use core::task::Context;
use core::task::Poll;
use core::task::Waker;
use std::sync::Barrier;
use std::thread;

use serde_json::Value;
use skeleton_invocation_context::SystemClock;
use skeleton_tokens::KeyRings;
use skeleton_tokens::KeyScope;
use skeleton_tokens::testing::ring_with;
use skeleton_tokens::testing::rings_with;

use crate::helpers::KENT_SEED;
use crate::helpers::WAYNE_SEED;
use crate::helpers::house;
use crate::helpers::kent;
use crate::helpers::kid;
use crate::helpers::wayne;

/// The secret key of RFC 8037 appendix A.1.
const RFC_8037: [u8; 32] = [
    0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
    0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
];

#[test]
fn the_key_of_rfc_8037_has_its_document() {
    let jwks = ring_with(KeyScope::Global, RFC_8037)
        .public()
        .jwks(KeyScope::Global);
    assert_eq!(
        jwks,
        r#"{"keys":[{"alg":"EdDSA","crv":"Ed25519","kid":"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k","kty":"OKP","use":"sig","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#
    );
}

#[test]
fn a_document_holds_the_keys_of_its_scope_alone() {
    let public = house().rings.public();
    let kids = |scope| {
        let jwks: Value = serde_json::from_str(&public.jwks(scope)).unwrap();
        let keys = jwks["keys"].as_array().unwrap();
        keys.iter()
            .map(|key| key["kid"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(kids(KeyScope::Tenant(wayne())), [kid(WAYNE_SEED)]);
    assert_eq!(kids(KeyScope::Tenant(kent())), [kid(KENT_SEED)]);
    assert!(kids(KeyScope::Global).is_empty());
}

#[test]
fn the_order_of_keys_does_not_show_in_the_document() {
    let scope = KeyScope::Global;
    let document = |seeds: [[u8; 32]; 3]| {
        let rings = rings_with(seeds.map(|seed| (scope, seed)));
        rings.public().jwks(scope)
    };
    let sorted = document([[1; 32], [2; 32], [3; 32]]);
    assert_eq!(document([[3; 32], [2; 32], [1; 32]]), sorted);
    assert_eq!(document([[2; 32], [3; 32], [1; 32]]), sorted);
}

#[tokio::test]
async fn ensuring_twice_makes_one_key_and_other_rings_get_others() {
    let rings = KeyRings::in_process(SystemClock);
    let (one, other) = (KeyScope::Tenant(wayne()), KeyScope::Tenant(kent()));
    assert!(!rings.public().has_key_for(wayne()));
    let public = rings.public();
    rings.ensure(one).await.unwrap();
    let before = public.jwks(one);
    rings.ensure(one).await.unwrap();
    rings.clone().ensure(other).await.unwrap();
    assert_eq!(public.jwks(one), before, "equal rings, equal bytes");
    assert_ne!(public.jwks(other), before);
    assert!(public.has_key_for(wayne()) && public.has_key_for(kent()));
}

#[test]
fn of_many_who_ensure_at_once_one_makes_the_key() {
    for _round in 0..50 {
        let rings = KeyRings::in_process(SystemClock);
        let start = Barrier::new(4);
        thread::scope(|threads| {
            for _racer in 0..4 {
                threads.spawn(|| {
                    let ensuring = pin!(rings.ensure(KeyScope::Global));
                    start.wait();
                    let done = ensuring.poll(&mut Context::from_waker(Waker::noop()));
                    assert_eq!(done, Poll::Ready(Ok(())));
                });
            }
        });
        let jwks: Value = serde_json::from_str(&rings.public().jwks(KeyScope::Global)).unwrap();
        assert_eq!(jwks["keys"].as_array().unwrap().len(), 1);
    }
}
