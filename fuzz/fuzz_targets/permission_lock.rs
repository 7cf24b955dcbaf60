//! Locks: a text that is one says the same written out, its lines are facts in no order, and its drift is a difference.

#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use skeleton_authz::Lock;
use skeleton_fuzz::rules::Shop;

fuzz_target!(|text: &str| {
    match Lock::parse(text) {
        Ok(lock) => {
            says_what_it_read(text, &lock);
            is_a_set(text, &lock);
            let shop = Lock::of(&Shop::catalogue());
            drifts(&lock, &shop);
            drifts(&shop, &lock);
            drifts(&lock, &lock);
            assert!(lock.drift(&lock).is_none());
            if let Ok(half) = Lock::parse(&text[..text.floor_char_boundary(text.len() / 2)]) {
                drifts(&half, &lock);
                drifts(&lock, &half);
            }
        }
        Err(error) => {
            let at = error.line();
            let line = text.lines().nth(at - 1).expect("a line of the text");
            let before: Vec<_> = text.lines().take(at - 1).collect();
            assert!(Lock::parse(&before.join("\n")).is_ok());
            let alone = Lock::parse(line).expect_err("no line of a lock");
            assert_eq!(alone.line(), 1);
        }
    }
});

/// The lines of a text that say something.
fn facts(text: &str) -> BTreeSet<&str> {
    let lines = text.lines().map(str::trim_end);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
}

fn says_what_it_read(text: &str, lock: &Lock) {
    let written = lock.to_string();
    assert_eq!(facts(&written), facts(text));
    let again = Lock::parse(&written).expect("its own text");
    assert_eq!((&again, again.to_string()), (lock, written));
}

fn is_a_set(text: &str, lock: &Lock) {
    let mut lines: Vec<_> = text.lines().collect();
    lines.reverse();
    let reversed = lines.join("\n");
    for other in [&reversed, &format!("{reversed}\n{text}")] {
        assert_eq!(&Lock::parse(other).expect("the same lines"), lock);
    }
}

/// What is gone is broken, unless it is a permission that is retired now; what is new is added.
fn drifts(before: &Lock, after: &Lock) {
    let drift = before.drift(after);
    let (before, after) = (before.to_string(), after.to_string());
    let (before, after) = (facts(&before), facts(&after));
    let is_retired = |line: &str| {
        let mut words = line.split(' ');
        let (kind, bit, name) = (words.next(), words.next(), words.next());
        let (bit, name) = (bit.unwrap_or(""), name.unwrap_or(""));
        kind == Some("permission") && after.contains(format!("retired {bit} {name}").as_str())
    };
    let gone = before.difference(&after).filter(|line| !is_retired(line));
    let broken: BTreeSet<_> = drift.broken().iter().map(String::as_str).collect();
    assert_eq!(broken, gone.copied().collect());
    let added: BTreeSet<_> = drift.added().iter().map(String::as_str).collect();
    assert_eq!(added, after.difference(&before).copied().collect());
    let shown = drift.to_string();
    let shown: BTreeSet<_> = shown.lines().collect();
    let lines = broken.iter().map(|line| format!("- {line}"));
    let lines = lines.chain(added.iter().map(|line| format!("+ {line}")));
    let lines: BTreeSet<_> = lines.collect();
    assert_eq!(shown, lines.iter().map(String::as_str).collect());
    assert_eq!(drift.is_none(), lines.is_empty());
}
