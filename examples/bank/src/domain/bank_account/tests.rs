//! Given events, when a command, then events or a rejection. The proofs come from a real authorizer.

use skeleton_authz::AccessViews;
use skeleton_authz::Authorized;
use skeleton_authz::Authorizer;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::MemoryAccessLog;
use skeleton_authz::Permission;
use skeleton_authz::Subject;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing::context;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::MemoryTrees;

use super::BankAccount;
use super::BankAccountEvent;
use super::Deposit;
use super::OpenAccount;
use crate::catalogue::Bank;
use crate::catalogue::account;
use crate::ids::BankAccountId;
use crate::ids::CustomerId;
use crate::money::Currency;
use crate::money::Money;

/// Who may do everything in one container, and the containers.
struct Desk {
    authorizer: Authorizer,
    ctx: InvocationContext<Authenticated>,
    here: ContainerId,
    there: ContainerId,
}

impl Desk {
    async fn new() -> Self {
        let tenant = TenantId::generate(&RandomIds, Timestamp::from_millis(1));
        let t = InTenant::background(tenant, "test");
        let forest = Forest::open(
            MemoryTrees::new(),
            Limits::default(),
            SystemClock,
            RandomIds,
        );
        let root = ContainerId::root_of(tenant);
        let here = forest.create(t, root, "here").await.unwrap();
        let there = forest.create(t, root, "there").await.unwrap();
        let access = AccessViews::open(MemoryAccessLog::new(), SystemClock);
        let ctx = context().user_in(tenant).build_authenticated();
        let id = GrantId::from_bytes(
            RandomIds
                .next(Timestamp::from_millis(1))
                .get()
                .to_be_bytes(),
        )
        .unwrap();
        let subject = Subject::Account(ctx.actor().effective_account().id());
        let role = RoleName::parse("account-manager").unwrap();
        access
            .provision(t, Grant::new(id, subject, role, root))
            .await
            .unwrap();
        let authorizer = Authorizer::new(Bank::catalogue(), forest, access, SystemClock);
        Self {
            authorizer,
            ctx,
            here,
            there,
        }
    }

    fn may<P: Permission>(&self, permission: P, at: ContainerId) -> Authorized<'static, P> {
        let snapshot = self.authorizer.snapshot(&self.ctx).unwrap();
        let carried = snapshot.require(permission, at).unwrap().carry();
        self.authorizer
            .resume(&self.ctx, &carried, skeleton_authz::MaxAge::default())
            .unwrap()
    }

    fn opened(&self) -> BankAccountEvent {
        BankAccountEvent::AccountOpened {
            container: self.here,
            owner: customer(),
            currency: Currency::Eur,
        }
    }
}

fn customer() -> CustomerId {
    "01M83YEMJF3HCVMBEYGD2RQZPG".parse().unwrap()
}

fn id() -> BankAccountId {
    "01M83YEMJF3HCVMBEYGD2RQZPH".parse().unwrap()
}

fn deposit(minor: i64, currency: Currency) -> Deposit {
    Deposit {
        bank_account: id(),
        amount: Money::new(minor, currency),
    }
}

fn paid_in(minor: i64) -> BankAccountEvent {
    BankAccountEvent::MoneyDeposited {
        amount: Money::new(minor, Currency::Eur),
    }
}

#[tokio::test]
async fn an_account_opens_once_and_only_where_it_was_checked() {
    let desk = Desk::new().await;
    let command = OpenAccount {
        bank_account: id(),
        container: desk.here,
        owner: customer(),
        currency: Currency::Eur,
    };
    let auth = desk.may(account::Open, desk.here);
    assert_eq!(
        BankAccount::open(None, &auth, &command),
        Ok(vec![desk.opened()])
    );
    let state = BankAccount::fold([desk.opened()]);
    let twice = BankAccount::open(state.as_ref(), &auth, &command).unwrap_err();
    assert_eq!(twice.code, "account-exists");
    let elsewhere = desk.may(account::Open, desk.there);
    assert_eq!(
        BankAccount::open(None, &elsewhere, &command)
            .unwrap_err()
            .code,
        "scope-changed"
    );
}

#[tokio::test]
async fn a_deposit_is_positive_of_the_held_currency_and_fits() {
    let desk = Desk::new().await;
    let auth = desk.may(account::Deposit, desk.here);
    let state = BankAccount::fold([desk.opened(), paid_in(5), paid_in(7)]).unwrap();
    assert_eq!(state.balance(), Money::new(12, Currency::Eur));
    let code = |command: &Deposit| {
        state
            .deposit(&auth, command)
            .map_err(|rejection| rejection.code)
    };
    assert_eq!(code(&deposit(1, Currency::Eur)), Ok(vec![paid_in(1)]));
    assert_eq!(
        code(&deposit(0, Currency::Eur)),
        Err("amount-not-positive".into())
    );
    assert_eq!(
        code(&deposit(i64::MIN, Currency::Eur)),
        Err("amount-not-positive".into())
    );
    assert_eq!(
        code(&deposit(1, Currency::Usd)),
        Err("currency-mismatch".into())
    );
    assert_eq!(
        code(&deposit(i64::MAX, Currency::Eur)),
        Err("balance-too-large".into())
    );
    assert_eq!(
        code(&deposit(i64::MAX - 12, Currency::Eur)),
        Ok(vec![paid_in(i64::MAX - 12)])
    );
}

#[tokio::test]
async fn an_account_that_left_the_checked_scope_takes_nothing() {
    let desk = Desk::new().await;
    let state = BankAccount::fold([desk.opened()]).unwrap();
    let elsewhere = desk.may(account::Deposit, desk.there);
    let refused = state
        .deposit(&elsewhere, &deposit(1, Currency::Eur))
        .unwrap_err();
    assert_eq!(refused.code, "scope-changed");
}

#[test]
fn a_stream_that_does_not_begin_with_its_opening_is_no_account() {
    assert_eq!(BankAccount::fold([]), None);
    assert_eq!(BankAccount::fold([paid_in(5)]), None);
}
