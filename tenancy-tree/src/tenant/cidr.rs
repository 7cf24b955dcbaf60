//! From which addresses a tenant may be entered (RFC 4632, RFC 4291).

use core::fmt;
use core::net::IpAddr;
use core::str::FromStr;
use std::sync::Arc;

use ipnet::IpNet;
use skeleton_invocation_context::ClientIp;

/// Why texts are not a list of ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CidrListError {
    /// There is none: a tenant that nobody may enter is suspended, not restricted.
    #[error("a list of ranges is not empty")]
    Empty,
    /// There are more than 256.
    #[error("a list has at most 256 ranges")]
    TooMany,
    /// The range at this place, counted from 0, is not one.
    #[error("a range is written as 10.0.0.0/8 or 2001:db8::/32, an IPv4 range as IPv4")]
    NotARange {
        /// Its place.
        at: usize,
    },
}

/// 1 to 256 ranges of addresses, sorted, without repetition.
///
/// ```
/// use skeleton_tenancy_tree::CidrList;
///
/// let office = CidrList::parse(["203.0.113.0/24", "2001:db8::/32"])?;
/// assert!(office.contains("203.0.113.7".parse()?));
/// assert!(!office.contains("203.0.114.7".parse()?));
/// assert!(CidrList::parse(["10.0.0.0/33"]).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CidrList(Arc<[IpNet]>);

impl CidrList {
    /// The most ranges of a list.
    pub const MAX: usize = 256;

    /// Reads ranges, such as `10.0.0.0/8`. A range without a length is one address; bits behind the length are
    /// dropped.
    ///
    /// # Errors
    ///
    /// [`CidrListError`] if there is none, more than 256, or one that is no range or an IPv4 range written as IPv6.
    pub fn parse<R: AsRef<str>>(
        ranges: impl IntoIterator<Item = R>,
    ) -> Result<Self, CidrListError> {
        let mut list = Vec::new();
        for (at, range) in ranges.into_iter().enumerate() {
            if at == Self::MAX {
                return Err(CidrListError::TooMany);
            }
            list.push(parse_range(range.as_ref()).ok_or(CidrListError::NotARange { at })?);
        }
        if list.is_empty() {
            return Err(CidrListError::Empty);
        }
        list.sort_unstable();
        list.dedup();
        Ok(Self(list.into()))
    }

    /// Whether an address lies in one of the ranges. An IPv4 address mapped into IPv6 is the IPv4 address.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|range| range.contains(&address))
    }

    /// The ranges in canonical form.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = impl fmt::Display> {
        self.0.iter()
    }

    /// How many ranges there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a list is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Debug for CidrList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|range| range.to_string()))
            .finish()
    }
}

/// From which addresses a tenant may be entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[expect(clippy::exhaustive_enums, reason = "from anywhere, or not")]
pub enum IpRestriction {
    /// From anywhere.
    #[default]
    Unrestricted,
    /// Only from these.
    Only(CidrList),
}

impl IpRestriction {
    /// Whether a client at `address` may enter. An unknown address is outside of every range.
    #[must_use]
    pub fn admits(&self, address: Option<&ClientIp>) -> bool {
        match self {
            Self::Unrestricted => true,
            Self::Only(ranges) => address.is_some_and(|address| ranges.contains(address.reveal())),
        }
    }
}

fn parse_range(text: &str) -> Option<IpNet> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    // The standard library refuses leading zeros, which others read as octal.
    let address = IpAddr::from_str(address).ok()?;
    let range = match length {
        None => IpNet::from(address),
        Some(length) => {
            let number: u8 = length.parse().ok()?;
            let is_plain = number.to_string() == length;
            IpNet::new(address, number).ok().filter(|_| is_plain)?
        }
    };
    // A mapped range would never match: addresses are compared in canonical form.
    let is_mapped = matches!(address, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
    (!is_mapped).then(|| range.trunc())
}

#[cfg(feature = "serde")]
impl serde::Serialize for CidrList {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|range| range.to_string()))
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for CidrList {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Ranges;

        impl<'de> serde::de::Visitor<'de> for Ranges {
            type Value = CidrList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("1 to 256 ranges of addresses")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> Result<CidrList, A::Error> {
                // One more than allowed is read, and refused below; a longer list is not read at all.
                let mut ranges = Vec::new();
                while let Some(range) = seq.next_element::<std::borrow::Cow<'de, str>>()? {
                    ranges.push(range);
                    if ranges.len() > CidrList::MAX {
                        break;
                    }
                }
                CidrList::parse(ranges).map_err(serde::de::Error::custom)
            }
        }

        deserializer.deserialize_seq(Ranges)
    }
}
