//! Four deciders, one answer: `skeleton-authz`, a walk over parents, Cedar and Rego are asked the same random questions
//! about the same random worlds.

mod case;
mod catalogue;
mod cedar;
mod drawing;
mod mistakes;
mod ours;
mod rego;
mod walk;
mod world;

use std::time::Instant;

use case::Peers;
use case::QUESTIONS;
use case::cases;
use catalogue::NAMES;

#[test]
fn four_deciders_agree_on_a_hundred_thousand_random_questions() {
    let begin = Instant::now();
    let [mut worlds, mut checks, mut allows] = [0; 3];
    for case in cases() {
        assert!(case.world.tenants.len() >= 3);
        let peers = Peers::of(&case.world, case.callers());
        let answers = case.answers();
        for ((caller, question), ours) in case.questions().zip(&answers) {
            let theirs = peers.answer(caller, question);
            assert_eq!(
                theirs,
                [*ours; 3],
                "{:?} against ours on {} at {} for {caller:?} in the world of seed {}",
                Peers::NAMES,
                NAMES[question.ask],
                question.at,
                case.seed
            );
            checks += 1;
            allows += usize::from(*ours);
        }
        worlds += 1;
        if checks >= QUESTIONS {
            break;
        }
    }
    let (denies, secs) = (checks - allows, begin.elapsed().as_secs());
    println!("{worlds} worlds, {checks} checks, {allows} allows, {denies} denies, {secs} s");
    assert!(checks >= QUESTIONS);
    // Who always says no agrees with everybody where nobody says yes.
    assert!(5 * allows >= checks && 5 * denies >= checks);
}
