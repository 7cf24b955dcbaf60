//! A house with one account that can log in, and stores that fail.

use core::num::NonZeroUsize;

use skeleton_authn::AccountStore;
use skeleton_authn::AfterPassword;
use skeleton_authn::Argon2Cost;
use skeleton_authn::Authn;
use skeleton_authn::CanonicalIdentifier;
use skeleton_authn::Challenge;
use skeleton_authn::Deactivation;
use skeleton_authn::Door;
use skeleton_authn::Email;
use skeleton_authn::HashingPool;
use skeleton_authn::Identifier;
use skeleton_authn::Insertion;
use skeleton_authn::LogInError;
use skeleton_authn::LogInRecord;
use skeleton_authn::MemoryAccounts;
use skeleton_authn::NewAccount;
use skeleton_authn::Passed;
use skeleton_authn::Password;
use skeleton_authn::StoreError;
use skeleton_authn::StoredAccount;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::testing::context;
use skeleton_tokens::ClientId;

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_764_000_000);
pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const ADDRESS: &str = "Bruce@Wayne.example";

pub(crate) struct House {
    pub(crate) authn: Authn,
    pub(crate) accounts: MemoryAccounts,
    pub(crate) pool: HashingPool,
    pub(crate) clock: FixedClock,
}

/// One permit, and Bruce at Wayne's.
pub(crate) async fn house() -> House {
    let house = empty_house(1);
    house
        .authn
        .create_account(wayne(), bruce_as(bruce(), ADDRESS))
        .await
        .unwrap();
    house
}

pub(crate) fn empty_house(permits: usize) -> House {
    let accounts = MemoryAccounts::new();
    let pool =
        HashingPool::new(Argon2Cost::FLOOR).with_permits(NonZeroUsize::new(permits).unwrap());
    let clock = FixedClock::at(NOW);
    let authn = Authn::builder()
        .accounts(accounts.clone())
        .hashing(pool.clone())
        .build(clock.clone(), SeededIds::new(3));
    House {
        authn,
        accounts,
        pool,
        clock,
    }
}

impl House {
    pub(crate) async fn try_log_in(
        &self,
        address: &str,
        password: &str,
    ) -> Result<Challenge<Passed>, LogInError> {
        let begun = self
            .authn
            .log_in(&door(wayne()), Identifier::email(address).unwrap())
            .await?;
        match begun.password(&Password::new(password).unwrap()).await? {
            AfterPassword::Passed(passed) => Ok(passed),
            other => panic!("nothing else is due: {other:?}"),
        }
    }
}

pub(crate) fn bruce_as(account: AccountId, address: &str) -> NewAccount {
    let email = Email::parse(address).unwrap();
    NewAccount::new(
        account,
        AccountKind::User,
        email,
        Password::new(PASSWORD).unwrap(),
    )
}

pub(crate) fn door(tenant: TenantId) -> Door {
    Door::of(&context().anonymous().requesting(tenant).build()).unwrap()
}

pub(crate) fn wayne() -> TenantId {
    "01JKBYY0DAH7KQNN2VGC90QJ1W".parse().unwrap()
}

pub(crate) fn kent() -> TenantId {
    "01JKBYY0DAH7KQNN2VGC90QJ1V".parse().unwrap()
}

pub(crate) fn bruce() -> AccountId {
    "01JKBYY0D90MYY1DMZGTKDMGKB".parse().unwrap()
}

pub(crate) fn client() -> ClientId {
    ClientId::parse("bank-web").unwrap()
}

/// A store that never answers.
pub(crate) struct Down;

impl AccountStore for Down {
    async fn find(
        &self,
        _: TenantId,
        _: &CanonicalIdentifier,
    ) -> Result<Option<StoredAccount>, StoreError> {
        Err(StoreError::new("connection refused"))
    }

    async fn insert(&self, _: StoredAccount) -> Result<Insertion, StoreError> {
        Err(StoreError::new("connection refused"))
    }

    async fn record_log_in(
        &self,
        _: TenantId,
        _: AccountId,
        _: Timestamp,
    ) -> Result<LogInRecord, StoreError> {
        Err(StoreError::new("connection refused"))
    }

    async fn deactivate(&self, _: TenantId, _: AccountId) -> Result<Deactivation, StoreError> {
        Err(StoreError::new("connection refused"))
    }
}
