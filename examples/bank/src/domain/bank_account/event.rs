//! What can happen to a bank account.

use serde::Deserialize;
use serde::Serialize;
use skeleton_invocation_context::ContainerId;

use crate::ids::CustomerId;
use crate::money::Currency;
use crate::money::Money;

/// What happened to a bank account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    content = "data",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
#[serde(deny_unknown_fields)]
pub enum BankAccountEvent {
    /// It was opened.
    AccountOpened {
        /// Where it belongs.
        container: ContainerId,
        /// Whose it is.
        owner: CustomerId,
        /// What it holds.
        currency: Currency,
    },
    /// Something was paid in.
    MoneyDeposited {
        /// How much.
        amount: Money,
    },
}
