//! What can be asked about a customer.

use serde::Deserialize;
use serde::Serialize;
use skeleton_authz::Guarded;
use skeleton_authz::ResourceRef;
use skeleton_authz::Target;
use skeleton_invocation_context::ContainerId;
use skeleton_pii_crypto::Pii;
use skeleton_pii_crypto::Protected;

use crate::catalogue::customer;
use crate::ids::CustomerId;

/// Registers a customer. The id is made by the client; name and email are sealed before they are kept.
#[derive(Clone, Debug, Deserialize, Protected)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[pii(event = "register-customer")]
pub struct RegisterCustomer {
    /// The customer to be.
    #[pii(subject)]
    pub customer: CustomerId,
    /// Where the customer belongs.
    pub container: ContainerId,
    /// The customer's name.
    pub name: Pii<String>,
    /// Where the customer is written to.
    pub email: Pii<String>,
    /// The country of residence (ISO 3166-1, two letters).
    pub country: String,
}

impl Guarded for RegisterCustomer {
    type Needs = customer::Register;

    fn target(&self) -> Target<'_> {
        Target::Scope(self.container)
    }
}

/// Makes a customer's personal data unreadable for ever.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ForgetCustomer {
    /// Whose.
    pub customer: CustomerId,
}

impl Guarded for ForgetCustomer {
    type Needs = customer::Forget;

    fn target(&self) -> Target<'_> {
        Target::Resource(resource(self.customer))
    }
}

/// Asks who a customer is.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RetrieveCustomer {
    /// Which.
    pub customer: CustomerId,
}

impl Guarded for RetrieveCustomer {
    type Needs = customer::Read;

    fn target(&self) -> Target<'_> {
        Target::Resource(resource(self.customer))
    }
}

fn resource(id: CustomerId) -> ResourceRef<'static> {
    ResourceRef::new("customer", id.to_string())
}
