//! What can happen to a customer.

use serde::Deserialize;
use serde::Serialize;
use skeleton_invocation_context::ContainerId;
use skeleton_pii_crypto::Pii;
use skeleton_pii_crypto::Protected;

use crate::ids::CustomerId;

/// The name of the event [`CustomerRegistered`].
pub const CUSTOMER_REGISTERED: &str = "customer-registered";
/// The name of the event [`CustomerForgotten`].
pub const CUSTOMER_FORGOTTEN: &str = "customer-forgotten";

/// A customer was registered.
#[derive(Clone, Debug, Protected)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[pii(event = "customer-registered")]
pub struct CustomerRegistered {
    /// Who.
    #[pii(subject)]
    pub customer: CustomerId,
    /// Where the customer belongs.
    pub container: ContainerId,
    /// The customer's name.
    pub name: Pii<String>,
    /// Where the customer is written to.
    pub email: Pii<String>,
    /// The country of residence.
    pub country: String,
}

/// A customer's keys were destroyed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CustomerForgotten {
    /// Who.
    pub customer: CustomerId,
    /// The signed receipt of the key store, without personal data.
    pub receipt: serde_json::Value,
}
