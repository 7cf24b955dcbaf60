//! What a permission demands beyond a grant, and what it is exempt from.

use core::time::Duration;

use skeleton_invocation_context::Assurance;

/// The attributes of a permission, in the words of [`permissions!`](crate::permissions).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Attributes {
    is_read: bool,
    is_sensitive: bool,
    is_on_archived: bool,
    assurance: Option<Assurance>,
    max_age: Option<Duration>,
}

impl Attributes {
    /// No attribute: changes something, and demands nothing beyond a grant.
    pub const NONE: Self = Self {
        is_read: false,
        is_sensitive: false,
        is_on_archived: false,
        assurance: None,
        max_age: None,
    };

    /// `read`: using the permission changes nothing.
    #[must_use]
    pub const fn read(self) -> Self {
        Self {
            is_read: true,
            ..self
        }
    }

    /// `sensitive`: always audited, never under impersonation.
    #[must_use]
    pub const fn sensitive(self) -> Self {
        Self {
            is_sensitive: true,
            ..self
        }
    }

    /// `on_archived`: stays allowed on archived containers.
    #[must_use]
    pub const fn on_archived(self) -> Self {
        Self {
            is_on_archived: true,
            ..self
        }
    }

    /// `aal2`: two factors (NIST SP 800-63B).
    #[must_use]
    pub const fn aal2(self) -> Self {
        Self {
            assurance: Some(Assurance::Aal2),
            ..self
        }
    }

    /// `aal3`: two factors, one of them a hardware authenticator (NIST SP 800-63B).
    #[must_use]
    pub const fn aal3(self) -> Self {
        Self {
            assurance: Some(Assurance::Aal3),
            ..self
        }
    }

    /// `max_age = 300`: the caller proved who it is at most this many seconds ago.
    #[must_use]
    pub const fn max_age(self, secs: u32) -> Self {
        Self {
            max_age: Some(Duration::from_secs(secs as u64)),
            ..self
        }
    }

    /// Whether using the permission changes nothing.
    #[must_use]
    pub const fn is_read(self) -> bool {
        self.is_read
    }

    /// Whether it is always audited and never used under impersonation.
    #[must_use]
    pub const fn is_sensitive(self) -> bool {
        self.is_sensitive
    }

    /// Whether it stays allowed on archived containers.
    #[must_use]
    pub const fn is_on_archived(self) -> bool {
        self.is_on_archived
    }

    /// The weakest proof that will do; none if any will.
    #[must_use]
    pub const fn required_assurance(self) -> Option<Assurance> {
        self.assurance
    }

    /// How old the proof may be; none if age does not matter.
    #[must_use]
    pub const fn required_age(self) -> Option<Duration> {
        self.max_age
    }

    /// The attributes in the words of [`permissions!`](crate::permissions), in a fixed order.
    pub fn words(self) -> impl Iterator<Item = String> {
        let assurance = self.assurance.map(|least| match least {
            Assurance::Aal1 => "aal1",
            Assurance::Aal2 => "aal2",
            Assurance::Aal3 => "aal3",
        });
        let flags = [
            self.is_read.then_some("read"),
            self.is_sensitive.then_some("sensitive"),
            self.is_on_archived.then_some("on_archived"),
            assurance,
        ];
        let age = self.max_age.map(|age| format!("max_age={}", age.as_secs()));
        flags.into_iter().flatten().map(str::to_owned).chain(age)
    }
}
