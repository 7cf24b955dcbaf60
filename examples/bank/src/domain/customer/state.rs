//! The aggregate: who is registered, who is forgotten. It never sees a name.

use skeleton_authz::Authorized;
use skeleton_authz::Placement;
use skeleton_invocation_context::ContainerId;

use crate::catalogue::customer;
use crate::outcome::Rejection;
use crate::ports::envelope::Envelope;

use super::event::CUSTOMER_FORGOTTEN;
use super::event::CUSTOMER_REGISTERED;

/// One customer as its events made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Customer {
    container: ContainerId,
    is_forgotten: bool,
}

impl Customer {
    /// Folds the events of a stream; nothing if there are none.
    #[must_use]
    pub fn fold(events: &[Envelope]) -> Option<Self> {
        events
            .iter()
            .fold(None, |state: Option<Self>, event| match event.kind() {
                CUSTOMER_REGISTERED => event.event.container.map(|container| Self {
                    container,
                    is_forgotten: false,
                }),
                CUSTOMER_FORGOTTEN => state.map(|customer| Self {
                    is_forgotten: true,
                    ..customer
                }),
                _ => state,
            })
    }

    /// Where the customer belongs.
    #[must_use]
    pub fn placement(&self) -> Placement {
        Placement::new(self.container)
    }

    /// The container of the customer.
    #[must_use]
    pub const fn container(&self) -> ContainerId {
        self.container
    }

    /// Decides on registering a customer.
    ///
    /// # Errors
    ///
    /// `customer-exists` if the id is taken; `scope-changed` if another container was checked.
    pub fn register(
        existing: Option<&Self>,
        auth: &Authorized<'_, customer::Register>,
        container: ContainerId,
    ) -> Result<(), Rejection> {
        if existing.is_some() {
            return Err(Rejection::of("customer-exists"));
        }
        in_scope(auth.is_for(&Placement::new(container)))
    }

    /// Decides on forgetting a customer.
    ///
    /// # Errors
    ///
    /// `customer-forgotten` if that was done before; `scope-changed` if the customer left the checked scope.
    pub fn forget(&self, auth: &Authorized<'_, customer::Forget>) -> Result<(), Rejection> {
        if self.is_forgotten {
            return Err(Rejection::of("customer-forgotten"));
        }
        in_scope(auth.is_for(&self.placement()))
    }
}

fn in_scope(is_in: bool) -> Result<(), Rejection> {
    if is_in {
        Ok(())
    } else {
        Err(Rejection::of("scope-changed"))
    }
}
