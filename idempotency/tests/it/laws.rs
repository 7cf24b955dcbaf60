//! The laws, over whole processes: a store that fails at random, and callers who insist.

use core::time::Duration;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;

use axum::body::Bytes;
use axum::http::Request;
use http_body_util::Full;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Policy;
use tokio::time::sleep;

use crate::stage::Door;
use crate::stage::Stage;
use crate::stage::call;
use crate::stage::ok;
use crate::stage::send;
use crate::stage::sending;

const SECOND: Duration = Duration::from_secs(1);
const KEYS: u64 = 12;

/// How often each key had its effect.
type Effects = Arc<Mutex<HashMap<u64, u32>>>;
/// What was told to have been done.
type Told = HashMap<u64, Bytes>;

fn numbered(number: u64) -> Request<Full<Bytes>> {
    let mut request = call(number, "{}");
    request.extensions_mut().insert(number);
    request
}

/// A process whose handler has one effect more, and says which one.
fn process(stage: &Stage, mode: Mode, effects: &Effects) -> Door {
    let effects = Arc::clone(effects);
    let policy = Policy::new(mode).with_lease(6 * SECOND);
    stage.door(policy, move |request| {
        let effects = Arc::clone(&effects);
        async move {
            let number = *request.extensions().get::<u64>().unwrap();
            sleep(SECOND).await;
            let mut effects = effects.lock().unwrap();
            let times = effects.entry(number).or_default();
            *times += 1;
            ok(format!("effect {times} of {number}"))
        }
    })
}

/// Sends every key at once, to this process or the other.
async fn insist(doors: &[Door; 2], round: u64, told: &mut Told) {
    let mut sent = Vec::new();
    for number in 1..=KEYS {
        let door = &doors[usize::from((number + round).is_multiple_of(2))];
        sent.push((number, sending(door, numbered(number))));
    }
    for (number, seen) in sent {
        let seen = seen.await.unwrap();
        if seen.status == 200 {
            let before = told.insert(number, seen.body.clone());
            assert!(
                before.is_none_or(|before| before == seen.body),
                "P3: {number}"
            );
        }
    }
}

/// P1, P2, P3.
#[tokio::test(start_paused = true)]
async fn laws_01_02_03_hold_whatever_fails_before_or_after_any_verb() {
    for seed in 0..60 {
        let is_once = seed % 2 == 0;
        let mode = if is_once {
            Mode::AtMostOnce
        } else {
            Mode::Resumable
        };
        let (here, effects) = (Stage::new(), Effects::default());
        let there = here.elsewhere();
        here.faults().fail_at_random(seed, 350);
        there.faults().fail_at_random(seed + 1_000, 350);
        let doors = [
            process(&here, mode, &effects),
            process(&there, mode, &effects),
        ];
        let mut told = Told::new();
        for round in 0..4 {
            insist(&doors, round, &mut told).await;
        }
        here.faults().heal();
        there.faults().heal();
        sleep(60 * SECOND).await;
        for (number, times) in effects.lock().unwrap().iter() {
            assert!(!is_once || *times == 1, "P1, seed {seed}: {number} {times}");
        }
        assert!(!told.is_empty(), "seed {seed}: nothing went through");
        for (number, body) in told {
            let again = send(&doors[0], numbered(number)).await;
            assert_eq!(
                again.gist(),
                (200, body.as_ref(), Some("true")),
                "P2, seed {seed}"
            );
        }
    }
}
