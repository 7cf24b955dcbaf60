//! How far whoever impersonates may go.

use crate::catalogue::Attributes;

/// What the mask of impersonation admits in a tenant. Whatever it is, nothing `sensitive` passes, and nothing where the
/// impersonator does not hold `member:impersonate`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "what is sensitive never passes")]
pub enum Impersonation {
    /// What changes nothing. So it is until a tenant says otherwise.
    #[default]
    ReadOnly,
    /// Everything that is not `sensitive`.
    AllButSensitive,
}

impl Impersonation {
    pub(crate) const fn admits(self, attributes: Attributes) -> bool {
        match self {
            Self::ReadOnly => attributes.is_read() && !attributes.is_sensitive(),
            Self::AllButSensitive => !attributes.is_sensitive(),
        }
    }
}
