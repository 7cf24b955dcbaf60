//! What can be asked of a tenant, once it is there.

use skeleton_invocation_context::ClientIp;

use super::IpRestriction;

/// Whether somebody may shut themselves out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "either may or may not")]
pub enum Lockout {
    /// A restriction that excludes the address it is asked from is refused.
    #[default]
    Refuse,
    /// It is set all the same: whoever asks has confirmed it.
    Confirmed,
}

/// A change of a tenant that somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TenantCommand {
    /// Its entry point serves from now on.
    Activate,
    /// Its entry point serves nobody until it is resumed.
    Suspend,
    /// It serves again.
    Resume,
    /// Its end begins: it is served, and `authz` lets nobody write.
    BeginClosing,
    /// It ends. Its slug is never given again.
    Close,
    /// It may be entered from these addresses only.
    RestrictIp {
        /// From which.
        to: IpRestriction,
        /// From where this is asked: `None` is outside of every range.
        asked_from: Option<ClientIp>,
        /// Whether that address may be excluded.
        lockout: Lockout,
    },
}
