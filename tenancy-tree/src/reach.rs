//! How far down something goes from the container at which it stands.

/// Which containers something reaches from the one at which it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(
    clippy::exhaustive_enums,
    reason = "a container, what is below it, or both"
)]
pub enum Reach {
    /// The container and everything below it.
    #[default]
    SelfAndBelow,
    /// Everything below the container, but not the container.
    BelowOnly,
    /// The container alone.
    SelfOnly,
}
