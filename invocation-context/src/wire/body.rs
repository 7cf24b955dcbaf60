//! The body of the context half, version 1, in postcard.
//!
//! The private types below are the wire form. The public types never derive it, so that a change in the code cannot
//! change bytes that another build is about to read.

mod access;
mod lists;

use core::net::IpAddr;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

use access::AccessV1;
use lists::TogglesV1;

use crate::access::Access;
use crate::context::Carried;
use crate::context::Locales;
use crate::id::ActionId;
use crate::id::ExternalInvocationId;
use crate::id::IdError;
use crate::id::InvocationId;
use crate::locale::Locale;
use crate::provenance::ClientIp;
use crate::provenance::Provenance;
use crate::toggle::Toggles;
use crate::trace::External;
use crate::trace::MadeBy;

/// What travels in the context half.
#[derive(Serialize, Deserialize)]
pub(super) struct Body {
    external: ExternalV1,
    originating: Id,
    is_sampled: bool,
    access: AccessV1,
    client_ip: Option<IpV1>,
    toggles: TogglesV1,
    asked: Option<LocaleV1>,
    browser: Option<LocaleV1>,
}

/// 16 bytes that name something. A `u128` would cost up to 19.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Id([u8; 16]);

#[derive(Serialize, Deserialize)]
struct ExternalV1(Id, Id, MadeByV1);

#[derive(Serialize, Deserialize)]
enum MadeByV1 {
    Client,
    Edge,
    Service,
}

#[derive(Serialize, Deserialize)]
enum IpV1 {
    V4([u8; 4]),
    V6([u8; 16]),
}

/// A tag in canonical case.
struct LocaleV1(Locale);

/// What was read, in the words of this crate.
pub(super) struct Opened {
    pub(super) external: External,
    pub(super) originating: InvocationId,
    pub(super) is_sampled: bool,
    pub(super) access: Access,
    pub(super) toggles: Toggles,
    pub(super) locales: Locales,
}

impl Body {
    pub(super) fn of(access: &Access, carried: &Carried) -> Self {
        let trace = carried.trace();
        let external = trace.external();
        let provenance = match access {
            Access::Authenticated(known) => known.provenance(),
            Access::Unauthenticated(unknown) => unknown.provenance(),
        };
        Self {
            external: ExternalV1(
                Id(external.action().to_bytes()),
                Id(external.invocation().to_bytes()),
                MadeByV1::of(external.made_by()),
            ),
            originating: Id(trace.originating().to_bytes()),
            is_sampled: trace.is_sampled(),
            access: AccessV1::of(access),
            client_ip: provenance.client_ip().map(IpV1::of),
            toggles: TogglesV1(carried.toggles().clone()),
            asked: carried.locales().asked.map(LocaleV1),
            browser: carried.locales().browser.map(LocaleV1),
        }
    }

    /// What the body says; nothing if it says what cannot be.
    pub(super) fn open(self) -> Option<Opened> {
        let ExternalV1(action, invocation, made_by) = self.external;
        let client_ip = self.client_ip.map(IpV1::open).transpose().ok()?;
        let provenance = Provenance::new(client_ip, None);
        Some(Opened {
            external: External::new(
                action.open(ActionId::from_bytes)?,
                invocation.open(ExternalInvocationId::from_bytes)?,
                made_by.open(),
            ),
            originating: self.originating.open(InvocationId::from_bytes)?,
            is_sampled: self.is_sampled,
            access: self.access.open(provenance)?,
            toggles: self.toggles.0,
            locales: Locales {
                asked: self.asked.map(|locale| locale.0),
                browser: self.browser.map(|locale| locale.0),
            },
        })
    }
}

impl Id {
    fn open<T>(self, read: fn([u8; 16]) -> Result<T, IdError>) -> Option<T> {
        read(self.0).ok()
    }
}

impl MadeByV1 {
    const fn of(made_by: MadeBy) -> Self {
        match made_by {
            MadeBy::Client => Self::Client,
            MadeBy::Edge => Self::Edge,
            MadeBy::Service => Self::Service,
        }
    }

    const fn open(self) -> MadeBy {
        match self {
            Self::Client => MadeBy::Client,
            Self::Edge => MadeBy::Edge,
            Self::Service => MadeBy::Service,
        }
    }
}

impl IpV1 {
    fn of(ip: &ClientIp) -> Self {
        match ip.reveal() {
            IpAddr::V4(v4) => Self::V4(v4.octets()),
            IpAddr::V6(v6) => Self::V6(v6.octets()),
        }
    }

    /// An address has one form: IPv4 mapped into IPv6 is not written, and not read.
    fn open(self) -> Result<ClientIp, ()> {
        let address = match self {
            Self::V4(octets) => IpAddr::from(octets),
            Self::V6(octets) => IpAddr::from(octets),
        };
        let is_canonical = address == address.to_canonical();
        is_canonical.then(|| ClientIp::new(address)).ok_or(())
    }
}

impl Serialize for LocaleV1 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl<'de> Deserialize<'de> for LocaleV1 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <&str>::deserialize(deserializer)?;
        let locale = Locale::parse(text).map_err(D::Error::custom)?;
        let is_canonical = locale.as_str() == text;
        is_canonical
            .then_some(Self(locale))
            .ok_or_else(|| D::Error::custom("a locale that is not in canonical case"))
    }
}
