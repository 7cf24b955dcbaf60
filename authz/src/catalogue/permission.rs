//! Permissions: one action on one resource, as a type, as a name and as a bit.

use core::fmt;

use skeleton_invocation_context::__private::is_name;

use super::Attributes;

/// The number of a permission: its bit in every set. Once published it never changes hands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PermissionId(u16);

impl PermissionId {
    /// The highest number there is.
    pub const MAX: Self = Self(1023);
    /// The lowest number of a product's own; those below are the skeleton's.
    pub const FIRST_OF_PRODUCTS: Self = Self(32);

    /// The permission with this bit; none above [`PermissionId::MAX`].
    #[must_use]
    pub const fn new(bit: u16) -> Option<Self> {
        if bit <= Self::MAX.0 {
            Some(Self(bit))
        } else {
            None
        }
    }

    /// The bit.
    #[must_use]
    pub const fn bit(self) -> u16 {
        self.0
    }
}

impl fmt::Debug for PermissionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PermissionId({})", self.0)
    }
}

/// A kind of thing that permissions are about. Implemented by [`permissions!`](crate::permissions).
pub trait Resource: Copy + Send + Sync + 'static {
    /// The name on the wire, such as `account`.
    const NAME: &'static str;
}

/// One action on one resource, as a type: `account::Read`. Implemented by
/// [`permissions!`](crate::permissions).
///
/// # Security
///
/// An authorizer compares the name with that of its own catalogue, so a permission of another catalogue
/// with the same bit is refused, not confused.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a permission",
    note = "permissions are declared by `permissions!`, such as `account::Read`"
)]
pub trait Permission: Copy + Send + Sync + 'static {
    /// What the action is done to.
    type On: Resource;
    /// All that the catalogue says about it.
    const DEFINITION: Definition;
    /// The bit.
    const ID: PermissionId = Self::DEFINITION.id;
    /// The name on the wire, such as `account:read`.
    const NAME: &'static str = Self::DEFINITION.name;
    /// What it demands.
    const ATTRIBUTES: Attributes = Self::DEFINITION.attributes;
}

/// What a catalogue says about one permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Definition {
    id: PermissionId,
    name: &'static str,
    resource: &'static str,
    action: &'static str,
    attributes: Attributes,
}

impl Definition {
    /// A permission of a product. The macro calls it while compiling, where a failed assertion is an error.
    #[doc(hidden)]
    #[must_use]
    pub const fn __product(
        bit: u16,
        name: &'static str,
        resource: &'static str,
        action: &'static str,
        attributes: Attributes,
    ) -> Self {
        assert!(
            bit >= PermissionId::FIRST_OF_PRODUCTS.0,
            "bits 0 to 31 are the skeleton's: a product begins at 32"
        );
        Self::__skeleton(bit, name, resource, action, attributes)
    }

    /// A permission of the skeleton.
    #[doc(hidden)]
    #[must_use]
    pub const fn __skeleton(
        bit: u16,
        name: &'static str,
        resource: &'static str,
        action: &'static str,
        attributes: Attributes,
    ) -> Self {
        assert!(bit <= PermissionId::MAX.0, "the highest bit is 1023");
        assert!(
            is_name(resource, 48),
            "a resource is named in lower-case letters, digits and inner hyphens, at most 48 bytes"
        );
        assert!(
            is_name(action, 48),
            "an action is named in lower-case letters, digits and inner hyphens, at most 48 bytes"
        );
        Self {
            id: PermissionId(bit),
            name,
            resource,
            action,
            attributes,
        }
    }

    /// The bit.
    #[must_use]
    pub const fn id(&self) -> PermissionId {
        self.id
    }

    /// The name on the wire, such as `account:read`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The resource's name, such as `account`.
    #[must_use]
    pub const fn resource(&self) -> &'static str {
        self.resource
    }

    /// The action's name, such as `read`.
    #[must_use]
    pub const fn action(&self) -> &'static str {
        self.action
    }

    /// What it demands.
    #[must_use]
    pub const fn attributes(&self) -> Attributes {
        self.attributes
    }
}

/// A permission that was published and withdrawn: its bit and its name are never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Retired {
    id: PermissionId,
    name: &'static str,
}

impl Retired {
    /// Called by the macro while compiling, where a failed assertion is an error.
    #[doc(hidden)]
    #[must_use]
    pub const fn __new(bit: u16, name: &'static str) -> Self {
        assert!(
            bit >= PermissionId::FIRST_OF_PRODUCTS.0 && bit <= PermissionId::MAX.0,
            "a product's permissions have bits from 32 to 1023"
        );
        Self {
            id: PermissionId(bit),
            name,
        }
    }

    /// The bit.
    #[must_use]
    pub const fn id(&self) -> PermissionId {
        self.id
    }

    /// The name on the wire, such as `account:freeze`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }
}
