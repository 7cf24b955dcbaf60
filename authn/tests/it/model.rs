//! A naive model of accounts and log-ins, beside the real thing.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use argon2::Algorithm;
use argon2::Argon2;
use argon2::Params;
use argon2::Version;
use proptest::prelude::*;
use skeleton_authn::AccountStore;
use skeleton_authn::AfterPassword;
use skeleton_authn::AwaitingPassword;
use skeleton_authn::Challenge;
use skeleton_authn::Deactivation;
use skeleton_authn::Email;
use skeleton_authn::Identifier;
use skeleton_authn::LogInError;
use skeleton_authn::Passed;
use skeleton_authn::Password;
use skeleton_authn::PasswordHash;
use skeleton_authn::StoredAccount;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::SessionId;
use skeleton_invocation_context::TenantId;

use crate::helpers::House;
use crate::helpers::client;
use crate::helpers::door;
use crate::helpers::empty_house;
use crate::helpers::kent;
use crate::helpers::wayne;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn law_07_no_order_of_calls_starts_a_session_that_the_model_does_not(
        calls in proptest::collection::vec(call(), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let mut both = Both::new().await;
            for call in calls {
                both.step(call).await?;
            }
            Ok::<_, TestCaseError>(())
        })?;
    }
}

/// The last address has no account; the second one has one at Wayne's only.
const ADDRESSES: [&str; 3] = ["a@house.example", "b@house.example", "nobody@house.example"];
const PASSWORDS: [&str; 3] = ["alpha", "beta", "gamma"];
const ACCOUNTS: [(Tenant, usize, usize); 3] = [
    (Tenant::Wayne, 0, 0),
    (Tenant::Wayne, 1, 1),
    (Tenant::Kent, 0, 2),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tenant {
    Wayne,
    Kent,
}

impl Tenant {
    fn id(self) -> TenantId {
        match self {
            Self::Wayne => wayne(),
            Self::Kent => kent(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Call {
    Begin(Tenant, usize),
    Password(prop::sample::Index, usize),
    Start(prop::sample::Index),
    Deactivate(Tenant, usize),
}

fn call() -> impl Strategy<Value = Call> {
    let tenant = || prop_oneof![2 => Just(Tenant::Wayne), 1 => Just(Tenant::Kent)];
    prop_oneof![
        6 => (tenant(), 0..3_usize).prop_map(|(tenant, who)| Call::Begin(tenant, who)),
        6 => (any::<prop::sample::Index>(), 0..3_usize)
            .prop_map(|(which, password)| Call::Password(which, password)),
        4 => any::<prop::sample::Index>().prop_map(Call::Start),
        1 => (tenant(), 0..3_usize).prop_map(|(tenant, who)| Call::Deactivate(tenant, who)),
    ]
}

/// What the model knows of an account.
#[derive(Clone, Copy)]
struct Known {
    password: usize,
    is_active: bool,
    has_logged_in: bool,
}

type Key = (Tenant, usize);

struct Both {
    house: House,
    known: BTreeMap<Key, Known>,
    /// Beside each challenge: who it is for, and whether that account was active when it began.
    begun: Vec<(Challenge<AwaitingPassword>, Key, bool)>,
    passed: Vec<(Challenge<Passed>, Key)>,
    sessions: BTreeSet<SessionId>,
}

impl Both {
    async fn new() -> Self {
        let house = empty_house(1);
        let mut known = BTreeMap::new();
        for (tenant, who, password) in ACCOUNTS {
            let account = StoredAccount::new(
                tenant.id(),
                account_of(who),
                AccountKind::User,
                Email::parse(ADDRESSES[who]).unwrap(),
                cheap_hash(PASSWORDS[password]),
            );
            house.accounts.insert(account).await.unwrap();
            let account = Known {
                password,
                is_active: true,
                has_logged_in: false,
            };
            known.insert((tenant, who), account);
        }
        Self {
            house,
            known,
            begun: Vec::new(),
            passed: Vec::new(),
            sessions: BTreeSet::new(),
        }
    }

    async fn step(&mut self, call: Call) -> Result<(), TestCaseError> {
        match call {
            Call::Begin(tenant, who) => self.begin(tenant, who).await,
            Call::Password(which, password) if !self.begun.is_empty() => {
                let at = which.index(self.begun.len());
                self.password(at, password).await?;
            }
            Call::Start(which) if !self.passed.is_empty() => {
                let at = which.index(self.passed.len());
                self.start(at).await?;
            }
            Call::Deactivate(tenant, who) => self.deactivate(tenant, who).await?,
            Call::Password(..) | Call::Start(_) => {}
        }
        Ok(())
    }

    async fn begin(&mut self, tenant: Tenant, who: usize) {
        let identifier = Identifier::email(ADDRESSES[who]).unwrap();
        let door = door(tenant.id());
        let begun = self.house.authn.log_in(&door, identifier).await.unwrap();
        let key = (tenant, who);
        let was_active = self.known.get(&key).is_some_and(|known| known.is_active);
        self.begun.push((begun, key, was_active));
    }

    async fn password(&mut self, at: usize, password: usize) -> Result<(), TestCaseError> {
        let (challenge, key, was_active) = self.begun.remove(at);
        let hashed = self.house.pool.stats().hashed;
        let typed = Password::new(PASSWORDS[password]).unwrap();
        let answer = challenge.password(&typed).await;
        prop_assert_eq!(self.house.pool.stats().hashed, hashed + 1);
        let is_right = self
            .known
            .get(&key)
            .is_some_and(|known| known.password == password);
        match answer {
            Ok(AfterPassword::Passed(passed)) => {
                prop_assert!(was_active && is_right, "{:?} with {}", key, password);
                self.passed.push((passed, key));
            }
            Ok(other) => panic!("nothing else is due: {other:?}"),
            Err(LogInError::Refused) => prop_assert!(!(was_active && is_right), "{:?}", key),
            Err(other) => panic!("{other:?}"),
        }
        Ok(())
    }

    async fn start(&mut self, at: usize) -> Result<(), TestCaseError> {
        let (challenge, key) = self.passed.remove(at);
        let known = self.known.get_mut(&key).unwrap();
        match challenge.start_session(client()).await {
            Ok(started) => {
                prop_assert!(known.is_active);
                prop_assert_eq!(started.is_first(), !known.has_logged_in);
                prop_assert_eq!(started.tenant(), key.0.id());
                prop_assert_eq!(started.account(), account_of(key.1));
                prop_assert!(self.sessions.insert(started.session()), "a new session");
                known.has_logged_in = true;
            }
            Err(LogInError::Refused) => prop_assert!(!known.is_active),
            Err(other) => panic!("{other:?}"),
        }
        Ok(())
    }

    async fn deactivate(&mut self, tenant: Tenant, who: usize) -> Result<(), TestCaseError> {
        let deactivated = self.house.authn.deactivate(tenant.id(), account_of(who));
        let expected = match self.known.get_mut(&(tenant, who)) {
            None => Deactivation::Unknown,
            Some(known) if known.is_active => {
                known.is_active = false;
                Deactivation::Deactivated
            }
            Some(_) => Deactivation::AlreadyDeactivated,
        };
        prop_assert_eq!(deactivated.await.unwrap(), expected);
        Ok(())
    }
}

/// The same ids in both tenants: an id names an account only together with its tenant.
fn account_of(who: usize) -> AccountId {
    AccountId::from_bytes([7 + u8::try_from(who).unwrap(); 16]).unwrap()
}

/// As an import may have left it: far below the cost of the pool, so that many are checked quickly.
fn cheap_hash(password: &str) -> PasswordHash {
    let params = Params::new(64, 1, 1, None).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (salt, mut hash) = ([4; 16], [0; 32]);
    argon2
        .hash_password_into(password.as_bytes(), &salt, &mut hash)
        .unwrap();
    let encode = |bytes: &[u8]| data_encoding::BASE64_NOPAD.encode(bytes);
    let (salt, hash) = (encode(&salt), encode(&hash));
    PasswordHash::from_stored(format!("$argon2id$v=19$m=64,t=1,p=1${salt}${hash}"))
}
