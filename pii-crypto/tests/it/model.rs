//! Law 7: after the fence, no sequence of commands shows an old value in a new session, nor in an old one after its
//! lease. The vault against a naive model.

use core::time::Duration;
use std::collections::HashSet;

use proptest::collection::vec;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::TestCaseError;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::proptest;
use skeleton_pii_crypto::Detached;
use skeleton_pii_crypto::Disclosure;
use skeleton_pii_crypto::OpenError;
use skeleton_pii_crypto::Pii;
use skeleton_pii_crypto::SealError;
use skeleton_pii_crypto::Unavailable;

use crate::helpers::World;
use crate::helpers::access;
use crate::helpers::forget;
use crate::helpers::open;
use crate::helpers::receipt_key;
use crate::helpers::record;
use crate::helpers::registered;
use crate::helpers::reveal;
use crate::helpers::try_seal;

const TENANTS: [&str; 2] = ["acme", "bolt"];
const USERS: [&str; 3] = ["dora", "emil", "fran"];

type Person = (usize, usize);

#[derive(Clone, Copy, Debug)]
enum Step {
    Seal(Person),
    /// Opens the newest value of a person and keeps it.
    Hold(Person),
    /// Seals the newest value of a person anew, unseen.
    Carry(Person),
    Forget(Person),
    Advance(u64),
    Rotate,
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let person = || (0..TENANTS.len(), 0..USERS.len());
    let step = prop_oneof![
        4 => person().prop_map(Step::Seal),
        2 => person().prop_map(Step::Hold),
        2 => person().prop_map(Step::Carry),
        2 => person().prop_map(Step::Forget),
        1 => (0_u64..12_000).prop_map(Step::Advance),
        1 => Just(Step::Rotate),
        1 => Just(Step::Restart),
    ];
    vec(step, 1..25)
}

/// What was sealed, and what it should show.
struct Value {
    person: Person,
    at: String,
    sealed: crate::helpers::SealedUserRegistered,
    email: Detached<String>,
    clear: String,
}

/// A value opened in a session, and when that began.
struct Held {
    person: Person,
    since: u64,
    value: Pii<String>,
    clear: String,
}

struct Run {
    world: World,
    gone: HashSet<Person>,
    /// Who was forgotten when a held value's session began does not matter: none opens clear after its lease.
    values: Vec<Value>,
    held: Vec<Held>,
    now: u64,
}

impl Run {
    async fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step {
            Step::Seal(person) => {
                let clear = format!("{}@example.org", self.values.len());
                self.seal(person, registered(USERS[person.1], &clear), clear)
                    .await
            }
            Step::Carry(person) => {
                let Some(newest) = self.newest(person) else {
                    return Ok(());
                };
                let (clear, at) = (newest.clear.clone(), newest.at.clone());
                let vault = self.world.tenant(TENANTS[person.0]);
                let event = open(&vault, &at, newest.sealed.clone()).await;
                self.seal(person, event, clear).await
            }
            Step::Hold(person) => {
                let Some(newest) = self.newest(person) else {
                    return Ok(());
                };
                let (clear, at) = (newest.clear.clone(), newest.at.clone());
                let vault = self.world.tenant(TENANTS[person.0]);
                let event = open(&vault, &at, newest.sealed.clone()).await;
                self.held.push(Held {
                    person,
                    since: self.now,
                    value: event.email,
                    clear,
                });
                Ok(())
            }
            Step::Forget(person) => {
                let vault = self.world.tenant(TENANTS[person.0]);
                let receipt = forget(&vault, USERS[person.1]).await;
                self.gone.insert(person);
                let of = |value: &&Value| value.person == person;
                for value in self.values.iter().filter(of) {
                    prop_assert!(receipt.covers(&value.sealed.email.to_text()));
                }
                Ok(())
            }
            Step::Advance(millis) => {
                self.now += millis;
                self.world.time.advance(Duration::from_millis(millis));
                Ok(())
            }
            Step::Rotate => {
                self.world.keks.rotate();
                Ok(())
            }
            Step::Restart => {
                self.world = self.world.again();
                Ok(())
            }
        }
    }

    async fn seal(
        &mut self,
        person: Person,
        event: crate::helpers::UserRegistered,
        clear: String,
    ) -> Result<(), TestCaseError> {
        let at = format!("record-{}", self.values.len());
        let vault = self.world.tenant(TENANTS[person.0]);
        match try_seal(&vault, &at, event).await {
            Ok(sealed) => {
                prop_assert!(!self.gone.contains(&person));
                self.values.push(Value {
                    person,
                    email: sealed.detached_email(&record(&at)).unwrap(),
                    at,
                    sealed,
                    clear,
                });
            }
            Err(SealError::Forgotten) => prop_assert!(self.gone.contains(&person)),
            Err(other) => prop_assert!(false, "{other:?}"),
        }
        Ok(())
    }

    fn newest(&self, person: Person) -> Option<&Value> {
        self.values.iter().rfind(|value| value.person == person)
    }

    /// Everything that was ever sealed, in a session of its own; everything that is held, in its old one.
    async fn compare(&self) -> Result<(), TestCaseError> {
        for value in &self.values {
            let vault = self.world.tenant(TENANTS[value.person.0]);
            match reveal(&vault, &value.email).await {
                Ok(Disclosure::Clear(shown)) => {
                    prop_assert!(!self.gone.contains(&value.person));
                    prop_assert_eq!(&*shown, &value.clear);
                }
                Ok(Disclosure::Forgotten(_)) => prop_assert!(self.gone.contains(&value.person)),
                Err(other) => prop_assert!(false, "{other:?}"),
            }
        }
        for held in &self.held {
            let is_over = self.now - held.since > 10_000;
            match held.value.reveal(&access()) {
                Ok(Disclosure::Clear(shown)) => {
                    prop_assert!(!is_over);
                    prop_assert_eq!(&*shown, &held.clear);
                }
                Ok(Disclosure::Forgotten(_)) => {
                    prop_assert!(!is_over && self.gone.contains(&held.person));
                }
                Err(OpenError::Unavailable(Unavailable::SessionOver)) => prop_assert!(is_over),
                Err(other) => prop_assert!(false, "{other:?}"),
            }
        }
        Ok(())
    }

    async fn check_chains(&self) -> Result<(), TestCaseError> {
        for (number, tenant) in TENANTS.iter().enumerate() {
            let receipts = self.world.tenant(tenant).receipts().await.unwrap();
            let of = |person: &&Person| person.0 == number;
            prop_assert_eq!(receipts.len(), self.gone.iter().filter(of).count());
            let mut previous = None;
            for receipt in &receipts {
                prop_assert_eq!(receipt.verify(&receipt_key(), previous), Ok(()));
                previous = Some(receipt);
            }
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn law_07_no_sequence_of_commands_shows_what_is_forgotten(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut run = Run {
                world: World::new(),
                gone: HashSet::new(),
                values: Vec::new(),
                held: Vec::new(),
                now: 0,
            };
            for step in steps {
                run.step(step).await?;
                run.compare().await?;
            }
            run.check_chains().await
        })?;
    }
}
