//! Where a call came from. Personal data: it is shown only by [`reveal`](ClientIp::reveal).

use core::fmt;
use core::net::IpAddr;
use std::sync::Arc;

use zeroize::Zeroizing;

/// The address and the user agent of the caller, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    client_ip: Option<ClientIp>,
    user_agent: Option<UserAgent>,
}

impl Provenance {
    /// What the edge learnt about the caller.
    #[must_use]
    pub const fn new(client_ip: Option<ClientIp>, user_agent: Option<UserAgent>) -> Self {
        Self {
            client_ip,
            user_agent,
        }
    }

    /// The caller's address.
    #[must_use]
    pub const fn client_ip(&self) -> Option<&ClientIp> {
        self.client_ip.as_ref()
    }

    /// The caller's program.
    #[must_use]
    pub const fn user_agent(&self) -> Option<&UserAgent> {
        self.user_agent.as_ref()
    }
}

/// The address of the client, an IPv4 address mapped into IPv6 being the IPv4 address.
///
/// # Security
///
/// Not printable, not serializable, and wiped when dropped:
///
/// ```compile_fail
/// fn print(ip: &skeleton_invocation_context::ClientIp) -> String {
///     ip.to_string()
/// }
/// ```
///
/// ```compile_fail
/// fn write(ip: &skeleton_invocation_context::ClientIp) -> String {
///     serde_json::to_string(ip).unwrap()
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ClientIp {
    octets: Zeroizing<[u8; 16]>,
}

impl ClientIp {
    /// Keeps `address` in its canonical form.
    #[must_use]
    pub fn new(address: IpAddr) -> Self {
        let octets = match address {
            IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
            IpAddr::V6(v6) => v6.octets(),
        };
        Self {
            octets: Zeroizing::new(octets),
        }
    }

    /// The address in clear, for a rule that compares it.
    #[must_use]
    pub fn reveal(&self) -> IpAddr {
        IpAddr::from(*self.octets).to_canonical()
    }
}

impl fmt::Debug for ClientIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientIp(..)")
    }
}

/// What the caller's program calls itself: at most 512 bytes of visible ASCII and spaces.
///
/// # Security
///
/// Not printable, not serializable, and wiped when dropped:
///
/// ```compile_fail
/// fn print(agent: &skeleton_invocation_context::UserAgent) -> String {
///     agent.to_string()
/// }
/// ```
///
/// ```compile_fail
/// fn write(agent: &skeleton_invocation_context::UserAgent) -> String {
///     serde_json::to_string(agent).unwrap()
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct UserAgent {
    text: Zeroizing<String>,
    is_cut: bool,
}

impl UserAgent {
    /// The most bytes kept.
    pub const MAX_BYTES: usize = 512;

    /// Keeps the beginning of `text`; `None` if it is empty or holds anything but visible ASCII and spaces.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        if text.is_empty() || !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return None;
        }
        let kept = text.get(..Self::MAX_BYTES).unwrap_or(text);
        Some(Self {
            is_cut: kept.len() < text.len(),
            text: Zeroizing::new(kept.to_owned()),
        })
    }

    /// The text in clear.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What the caller's program is, by a parser: it is asked only here, and nothing is kept.
    ///
    /// ```
    /// use skeleton_invocation_context::{AgentFamilies, UserAgent, UserAgentParser};
    ///
    /// struct Firefox;
    /// impl UserAgentParser for Firefox {
    ///     fn parse(&self, user_agent: &str) -> AgentFamilies {
    ///         let browser = user_agent.contains("Firefox/").then(|| "Firefox".to_owned());
    ///         AgentFamilies { browser, ..AgentFamilies::default() }
    ///     }
    /// }
    /// let agent = UserAgent::new("Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0").ok_or("not visible ASCII")?;
    /// assert_eq!(agent.families(&Firefox).browser.as_deref(), Some("Firefox"));
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn families(&self, parser: &dyn UserAgentParser) -> AgentFamilies {
        parser.parse(self.reveal())
    }

    /// Whether the caller sent more than was kept.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.is_cut
    }
}

/// What a user agent stands for, as far as a parser knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "parsers outside of this crate make it"
)]
pub struct AgentFamilies {
    /// The browser, such as `Firefox`.
    pub browser: Option<String>,
    /// The operating system, such as `Android`.
    pub system: Option<String>,
    /// The kind of device, such as `Pixel 9`.
    pub device: Option<String>,
}

/// Knows user agents. The data sets behind it age, so they stay outside of this crate; see
/// [`UserAgent::families`].
pub trait UserAgentParser: Send + Sync {
    /// What `user_agent` stands for.
    fn parse(&self, user_agent: &str) -> AgentFamilies;
}

impl<P: UserAgentParser + ?Sized> UserAgentParser for &P {
    fn parse(&self, user_agent: &str) -> AgentFamilies {
        (**self).parse(user_agent)
    }
}

impl<P: UserAgentParser + ?Sized> UserAgentParser for Arc<P> {
    fn parse(&self, user_agent: &str) -> AgentFamilies {
        (**self).parse(user_agent)
    }
}

impl fmt::Debug for UserAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserAgent(..)")
    }
}
