//! What can be asked of a bank account.

use serde::Deserialize;
use serde::Serialize;
use skeleton_authz::Guarded;
use skeleton_authz::ResourceRef;
use skeleton_authz::Target;
use skeleton_invocation_context::ContainerId;

use crate::catalogue::account;
use crate::ids::BankAccountId;
use crate::ids::CustomerId;
use crate::money::Currency;
use crate::money::Money;

/// Opens an account. Its id is made by the client.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OpenAccount {
    /// The account to be.
    pub bank_account: BankAccountId,
    /// Where it belongs.
    pub container: ContainerId,
    /// Whose it is.
    pub owner: CustomerId,
    /// What it holds.
    pub currency: Currency,
}

impl Guarded for OpenAccount {
    type Needs = account::Open;

    fn target(&self) -> Target<'_> {
        Target::Scope(self.container)
    }
}

/// Pays into an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Deposit {
    /// Into which.
    pub bank_account: BankAccountId,
    /// How much.
    pub amount: Money,
}

impl Guarded for Deposit {
    type Needs = account::Deposit;

    fn target(&self) -> Target<'_> {
        Target::Resource(resource(self.bank_account))
    }
}

/// Asks what can be taken out.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RetrieveAvailableBalance {
    /// Of which.
    pub bank_account: BankAccountId,
}

impl Guarded for RetrieveAvailableBalance {
    type Needs = account::Read;

    fn target(&self) -> Target<'_> {
        Target::Resource(resource(self.bank_account))
    }
}

fn resource(id: BankAccountId) -> ResourceRef<'static> {
    ResourceRef::new("bank-account", id.to_string())
}
