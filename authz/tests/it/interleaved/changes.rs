//! Races of those who change the rules.

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use shuttle::future::spawn;
use shuttle::future::yield_now;
use skeleton_authz::AccessEvent;
use skeleton_authz::AccessStream;
use skeleton_authz::AccessVersion;
use skeleton_authz::GrantId;
use skeleton_authz::RuleError;

use super::House;
use super::Process;
use super::in_every_order;
use crate::authors::ADMIN;
use crate::authors::OTHER;
use crate::authors::STEWARD;
use crate::authors::assign;
use crate::authors::define;
use crate::authors::fence;
use crate::authors::give;
use crate::authors::revoke;
use crate::bank::Admin;
use crate::bank::Clerk;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::account;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::grant_id;
use crate::helpers::inside;
use crate::helpers::root;

/// Changes both streams a few times over.
async fn write(process: Process, first: u64) {
    for number in first..first + 2 {
        let given = give(number, Clerk, container(FRANCE));
        let version = process.insist(ADMIN, given).await;
        assert!(process.version().grants() >= version.grants());
        let rule = if number.is_multiple_of(2) {
            define(&format!("x-{number}"), container(EU), &["grant:read"])
        } else {
            fence(number, container(EU), &["account:open"])
        };
        let version = process.insist(ADMIN, rule).await;
        assert!(process.version().roles() >= version.roles());
    }
}

/// What is published never goes back, and is never ahead of what is durable.
async fn read(process: Process, house: House) {
    let mut before = AccessVersion::ZERO;
    for _ in 0..6 {
        let seen = process.version();
        for stream in AccessStream::ALL {
            let durable = house.recorded(stream).await.len() as u64;
            assert!(before.of(stream) <= seen.of(stream) && seen.of(stream) <= durable);
        }
        before = seen;
        yield_now().await;
    }
}

#[test]
fn law_18_writers_of_two_processes_lose_nothing() {
    in_every_order(400, || async {
        let house = House::governed().await;
        let processes = [house.process().await, house.process().await];
        let mut running = Vec::new();
        for (process, first) in processes.iter().zip([10, 20]) {
            running.push(spawn(write(process.clone(), first)));
            running.push(spawn(write(process.clone(), first + 100)));
            running.push(spawn(read(process.clone(), house.clone())));
        }
        for task in running {
            task.await.unwrap();
        }
        let grants = house.recorded(AccessStream::Grants).await;
        let roles = house.recorded(AccessStream::Roles).await;
        assert_eq!((grants.len(), roles.len()), (3 + 8, 8));
        for process in &processes {
            let view = process.views.load(inside(1)).await.unwrap();
            assert_eq!((view.version().grants(), view.version().roles()), (11, 8));
            let held = view.grants_of(account(OTHER)).iter();
            let held: Vec<GrantId> = held.map(|grant| grant.id()).collect();
            let given = [10, 11, 20, 21, 110, 111, 120, 121];
            assert_eq!(held, given.map(grant_id));
            assert_eq!((view.roles().count(), view.guardrails().len()), (4, 4));
        }
    });
}

#[test]
fn writers_of_one_process_are_told_one_version_each() {
    in_every_order(400, || async {
        let house = House::governed().await;
        let process = house.process().await;
        let writers: Vec<_> = (0..4)
            .map(|number| {
                let process = process.clone();
                let given = give(number, Clerk, container(FRANCE));
                spawn(async move { process.insist(ADMIN, given).await.grants() })
            })
            .collect();
        let mut told = Vec::new();
        for writer in writers {
            told.push(writer.await.unwrap());
        }
        told.sort_unstable();
        assert_eq!(told, [4, 5, 6, 7]);
    });
}

/// Administrators who hold the root by the grants 900, 1 and so on, two in one process and the third in another.
async fn administrators(others: usize) -> (House, Vec<(Process, u8)>) {
    let house = House::governed().await;
    let numbers = (1..).zip([OTHER, STEWARD]).take(others);
    let numbers: Vec<_> = numbers.collect();
    let given = numbers.iter();
    house
        .give(given.map(|(number, account)| grant(*number, *account, Admin, root(1))))
        .await;
    let (near, far) = (house.process().await, house.process().await);
    let mut all = vec![(near.clone(), ADMIN)];
    for (place, (_, account)) in numbers.iter().enumerate() {
        let process = if place == 0 { &far } else { &near };
        all.push((process.clone(), *account));
    }
    (house, all)
}

/// How many grants at the root are left in the log.
async fn left_at_root(house: &House) -> usize {
    let mut left = Vec::new();
    for event in house.recorded(AccessStream::Grants).await {
        match event {
            AccessEvent::GrantGiven { grant } if grant.at() == root(1) => left.push(grant.id()),
            AccessEvent::GrantTaken { grant } => left.retain(|held| *held != grant),
            _ => {}
        }
    }
    left.len()
}

#[test]
fn attack_07_of_two_last_administrators_who_revoke_each_other_one_stays() {
    static LATE: AtomicU32 = AtomicU32::new(0);
    in_every_order(800, || async {
        let (house, all) = administrators(1).await;
        let mut racers = Vec::new();
        for ((process, account), victim) in all.into_iter().zip([1, 900]) {
            racers.push(spawn(
                async move { process.ask(account, &revoke(victim)).await },
            ));
        }
        let mut won = 0;
        for racer in racers {
            match racer.await.unwrap() {
                Ok(_) => won += 1,
                // Who lost the race has lost what she would have done it with.
                Err(error) => {
                    assert!(matches!(error, RuleError::UnknownGrant), "{error:?}");
                    LATE.fetch_add(1, Ordering::SeqCst);
                }
            }
        }
        assert_eq!((won, left_at_root(&house).await), (1, 1));
    });
    assert_eq!(LATE.load(Ordering::SeqCst), 800);
}

#[test]
fn attack_07_of_three_administrators_who_all_leave_one_cannot() {
    in_every_order(600, || async {
        let (house, all) = administrators(2).await;
        let mut racers = Vec::new();
        for ((process, account), own) in all.into_iter().zip([900, 1, 2]) {
            racers.push(spawn(
                async move { process.ask(account, &revoke(own)).await },
            ));
        }
        let mut told = Vec::new();
        for racer in racers {
            told.push(racer.await.unwrap());
        }
        let stayed = |told: &&Result<_, _>| matches!(told, Err(RuleError::WouldLockOut));
        assert_eq!(told.iter().filter(stayed).count(), 1, "{told:?}");
        assert_eq!(told.iter().filter(|told| told.is_ok()).count(), 2);
        assert_eq!(left_at_root(&house).await, 1);
    });
}

#[test]
fn of_two_grants_of_one_id_in_two_processes_one_is_given() {
    in_every_order(600, || async {
        let house = House::governed().await;
        let racers = [
            (house.process().await, OTHER),
            (house.process().await, OTHER + 1),
        ];
        let racers = racers.map(|(process, to)| {
            let given = assign(grant(1, to, Clerk, container(FRANCE)));
            spawn(async move { (process.ask(ADMIN, &given).await, to) })
        });
        let mut winners = Vec::new();
        for racer in racers {
            match racer.await.unwrap() {
                (Ok(_), to) => winners.push(to),
                (Err(error), _) => assert!(matches!(error, RuleError::IdTaken), "{error:?}"),
            }
        }
        let process = house.process().await;
        let view = process.views.load(inside(1)).await.unwrap();
        assert_eq!((winners.len(), view.version().grants()), (1, 4));
        assert_eq!(view.grants_of(account(winners[0])).len(), 1);
    });
}

#[test]
fn law_20_nobody_gives_after_what_she_held_was_taken() {
    static GIVEN: AtomicU32 = AtomicU32::new(0);
    in_every_order(600, || async {
        let house = House::governed().await;
        let (near, far) = (house.process().await, house.process().await);
        let giving = spawn(async move {
            let given = give(1, Clerk, container(FRANCE));
            near.ask(STEWARD, &given).await
        });
        far.insist(ADMIN, revoke(902)).await;
        let told = giving.await.unwrap();
        let log = house.recorded(AccessStream::Grants).await;
        let at = |wanted: fn(&AccessEvent) -> bool| log.iter().position(wanted);
        let given = at(
            |event| matches!(event, AccessEvent::GrantGiven { grant } if grant.id() == grant_id(1)),
        );
        let taken = at(|event| matches!(event, AccessEvent::GrantTaken { .. }));
        assert_eq!(told.is_ok(), given.is_some(), "{told:?}");
        match (given, told) {
            (Some(given), _) => {
                assert!(Some(given) < taken);
                GIVEN.fetch_add(1, Ordering::SeqCst);
            }
            (None, Err(RuleError::BeyondOwnPowers { .. })) => {}
            (None, told) => panic!("{told:?}"),
        }
    });
    // Both happened.
    let given = GIVEN.load(Ordering::SeqCst);
    assert!(0 < given && given < 600, "{given}");
}

#[test]
fn a_writer_that_is_dropped_leaves_rules_that_read_on() {
    static WRITTEN: AtomicU32 = AtomicU32::new(0);
    in_every_order(600, || async {
        let house = House::governed().await;
        let process = house.process().await;
        let writing = spawn({
            let process = process.clone();
            async move {
                process
                    .insist(ADMIN, give(1, Clerk, container(FRANCE)))
                    .await
            }
        });
        yield_now().await;
        writing.abort();
        drop(writing.await);
        // Whether it was written or not: who writes next knows what the log knows by then.
        let durable = house.recorded(AccessStream::Grants).await.len() as u64;
        WRITTEN.fetch_add(u32::from(durable == 4), Ordering::SeqCst);
        // Whoever asks next decides by it.
        process.authorizer.load(inside(1)).await.unwrap();
        let now = process.snapshot(OTHER);
        assert_eq!(now.versions().grants, durable);
        assert_eq!(now.sees(container(FRANCE)), durable == 4);
        let given = give(2, Clerk, container(FRANCE));
        let version = process.insist(ADMIN, given).await;
        assert_eq!(version.grants(), durable + 1);
        let view = process.views.load(inside(1)).await.unwrap();
        assert_eq!(view.grants_of(account(OTHER)).len() as u64, durable - 2);
    });
    let written = WRITTEN.load(Ordering::SeqCst);
    assert!(0 < written && written < 600, "{written}");
}
