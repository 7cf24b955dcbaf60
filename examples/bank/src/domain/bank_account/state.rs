//! The aggregate: folds its events, decides its commands.

use serde_json::json;
use skeleton_authz::Authorized;
use skeleton_authz::Placement;
use skeleton_invocation_context::ContainerId;

use super::BankAccountEvent;
use super::Deposit;
use super::OpenAccount;
use crate::catalogue::account;
use crate::ids::CustomerId;
use crate::money::Money;
use crate::outcome::Rejection;

/// One bank account as its events made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankAccount {
    container: ContainerId,
    owner: CustomerId,
    balance: Money,
}

impl BankAccount {
    /// Folds the events of a stream; nothing if there are none.
    pub fn fold(events: impl IntoIterator<Item = BankAccountEvent>) -> Option<Self> {
        events
            .into_iter()
            .fold(None, |state, event| match (state, event) {
                (
                    None,
                    BankAccountEvent::AccountOpened {
                        container,
                        owner,
                        currency,
                    },
                ) => Some(Self {
                    container,
                    owner,
                    balance: Money::new(0, currency),
                }),
                (Some(account), BankAccountEvent::MoneyDeposited { amount }) => {
                    // A sum that was accepted once is accepted for ever; anything else is no event of ours.
                    let balance = account
                        .balance
                        .checked_add(amount)
                        .unwrap_or(account.balance);
                    Some(Self { balance, ..account })
                }
                (state, _) => state,
            })
    }

    /// Where the account belongs.
    #[must_use]
    pub fn placement(&self) -> Placement {
        Placement::new(self.container)
    }

    /// The container of the account.
    #[must_use]
    pub const fn container(&self) -> ContainerId {
        self.container
    }

    /// Whose it is.
    #[must_use]
    pub const fn owner(&self) -> CustomerId {
        self.owner
    }

    /// What it holds.
    #[must_use]
    pub const fn balance(&self) -> Money {
        self.balance
    }

    /// Decides on opening an account.
    ///
    /// # Errors
    ///
    /// `account-exists` if the id is taken.
    pub fn open(
        existing: Option<&Self>,
        auth: &Authorized<'_, account::Open>,
        command: &OpenAccount,
    ) -> Result<Vec<BankAccountEvent>, Rejection> {
        if existing.is_some() {
            return Err(Rejection::of("account-exists"));
        }
        if !auth.is_for(&Placement::new(command.container)) {
            return Err(Rejection::of("scope-changed"));
        }
        let OpenAccount {
            container,
            owner,
            currency,
            ..
        } = *command;
        Ok(vec![BankAccountEvent::AccountOpened {
            container,
            owner,
            currency,
        }])
    }

    /// Decides on paying into an account.
    ///
    /// # Errors
    ///
    /// `scope-changed` if the account left the scope that was checked; `amount-not-positive`,
    /// `currency-mismatch`, `balance-too-large`.
    pub fn deposit(
        &self,
        auth: &Authorized<'_, account::Deposit>,
        command: &Deposit,
    ) -> Result<Vec<BankAccountEvent>, Rejection> {
        let amount = command.amount;
        if !auth.is_for(&self.placement()) {
            return Err(Rejection::of("scope-changed"));
        }
        if amount.minor <= 0 {
            return Err(Rejection::of("amount-not-positive"));
        }
        if amount.currency != self.balance.currency {
            let params = json!({ "held": self.balance.currency });
            return Err(Rejection {
                code: "currency-mismatch".into(),
                params,
            });
        }
        if self.balance.checked_add(amount).is_none() {
            return Err(Rejection::of("balance-too-large"));
        }
        Ok(vec![BankAccountEvent::MoneyDeposited { amount }])
    }
}
