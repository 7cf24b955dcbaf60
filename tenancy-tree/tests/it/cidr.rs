//! Ranges of addresses.

use core::net::IpAddr;
use core::net::Ipv4Addr;
use core::net::Ipv6Addr;

use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_invocation_context::ClientIp;
use skeleton_tenancy_tree::CidrList;
use skeleton_tenancy_tree::CidrListError;
use skeleton_tenancy_tree::IpRestriction;

fn texts(list: &CidrList) -> Vec<String> {
    list.iter().map(|range| range.to_string()).collect()
}

fn parsed(ranges: &[&str]) -> Vec<String> {
    texts(&CidrList::parse(ranges).unwrap())
}

fn numbered(count: usize) -> Vec<String> {
    let range = |number: usize| format!("10.{}.{}.0/24", number / 256, number % 256);
    (0..count).map(range).collect()
}

#[test]
fn a_list_has_1_to_256_ranges() {
    assert_eq!(CidrList::parse::<&str>([]), Err(CidrListError::Empty));
    for count in [1, 255, 256] {
        let list = CidrList::parse(numbered(count)).unwrap();
        assert_eq!((list.len(), list.iter().len()), (count, count));
    }
    assert_eq!(CidrList::MAX, 256);
    for count in [257, 300] {
        let refused = CidrList::parse(numbered(count));
        assert_eq!(refused, Err(CidrListError::TooMany));
    }
}

#[test]
fn repetitions_count_until_they_are_dropped() {
    assert_eq!(CidrList::parse(["10.0.0.1"; 256]).unwrap().len(), 1);
    let refused = CidrList::parse(["10.0.0.1"; 257]);
    assert_eq!(refused, Err(CidrListError::TooMany));
}

#[test]
fn a_list_that_is_too_long_is_not_read_to_its_end() {
    let endless = core::iter::repeat("10.0.0.1");
    assert_eq!(CidrList::parse(endless), Err(CidrListError::TooMany));
}

#[test]
fn a_range_is_kept_without_its_host_bits() {
    assert_eq!(parsed(&["203.0.113.77/24"]), ["203.0.113.0/24"]);
    assert_eq!(parsed(&["2001:DB8:0::1/32"]), ["2001:db8::/32"]);
    assert_eq!(parsed(&["203.0.113.77"]), ["203.0.113.77/32"]);
    assert_eq!(parsed(&["::1"]), ["::1/128"]);
    assert_eq!(parsed(&["203.0.113.77/0", "1::/0"]), ["0.0.0.0/0", "::/0"]);
}

#[test]
fn equal_ranges_are_one_and_their_order_is_the_lists_own() {
    let mixed = ["::1", "10.0.0.0/8", "9.0.0.0/8", "10.9.9.9/8", "10.0.0.0/9"];
    let other = [
        "10.0.0.0/9",
        "0::1/128",
        "9.0.0.1/8",
        "10.0.0.0/8",
        "::1",
        "::1",
    ];
    let expected = ["9.0.0.0/8", "10.0.0.0/8", "10.0.0.0/9", "::1/128"];
    assert_eq!(parsed(&mixed), expected);
    assert_eq!(
        CidrList::parse(mixed).unwrap(),
        CidrList::parse(other).unwrap()
    );
}

#[test]
fn an_ipv4_range_written_as_ipv6_is_none() {
    for text in [
        "::ffff:10.0.0.0/104",
        "::ffff:10.0.0.1",
        "::FFFF:a00:1/128",
        "::ffff:0:0/96",
        "0:0:0:0:0:ffff:0:0/8",
    ] {
        let refused = CidrList::parse(["10.0.0.0/8", text]);
        assert_eq!(refused, Err(CidrListError::NotARange { at: 1 }), "{text}");
    }
    // Neither is an IPv4 address (RFC 4291, 2.5.5.1), and both are compared as IPv6.
    assert!(CidrList::parse(["::10.0.0.1", "64:ff9b::/96"]).is_ok());
}

#[test]
fn what_is_no_range_is_told_by_its_place() {
    let bad = [
        "",
        " ",
        "10.0.0.0/33",
        "2001:db8::/129",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "10.0.0.0 /8",
        " 10.0.0.0/8",
        "10.0.0.0/8\n",
        "10.0.0/8",
        "10.0.0.256/8",
        "10.0.0.0-10.0.0.9",
        "[::1]/128",
        "[::1]",
        "fe80::1%eth0",
        "10.0.0.1:80",
        "localhost",
        "0x0a.0.0.1",
        "*",
        "١٠.0.0.1/8",
        "10.0.0.0/8\0",
    ];
    for text in bad {
        for at in 0..3 {
            let mut ranges = ["10.0.0.0/8"; 3];
            ranges[at] = text;
            let refused = CidrList::parse(ranges);
            assert_eq!(refused, Err(CidrListError::NotARange { at }), "{text:?}");
        }
    }
}

#[test]
fn the_empty_prefix_covers_its_own_family_only() {
    let (v4, v6) = (
        CidrList::parse(["0.0.0.0/0"]).unwrap(),
        CidrList::parse(["::/0"]).unwrap(),
    );
    for text in ["0.0.0.0", "255.255.255.255", "::ffff:10.0.0.1"] {
        let address = text.parse().unwrap();
        assert!(v4.contains(address) && !v6.contains(address), "{text}");
    }
    for text in ["::", "::1", "::fffe:10.0.0.1", "ffff::"] {
        let address = text.parse().unwrap();
        assert!(v6.contains(address) && !v4.contains(address), "{text}");
    }
}

#[test]
fn an_unknown_address_is_outside_of_every_range() {
    let everywhere = IpRestriction::Only(CidrList::parse(["0.0.0.0/0", "::/0"]).unwrap());
    let known = ClientIp::new("::ffff:10.0.0.1".parse().unwrap());
    assert!(everywhere.admits(Some(&known)));
    assert!(!everywhere.admits(None));
    assert!(IpRestriction::Unrestricted.admits(None));
    assert_eq!(IpRestriction::default(), IpRestriction::Unrestricted);
}

#[test]
fn debug_shows_ranges_as_they_are_written() {
    let list = CidrList::parse(["10.1.2.3/8", "::1"]).unwrap();
    assert_eq!(format!("{list:?}"), r#"["10.0.0.0/8", "::1/128"]"#);
}

/// A range as bits, and an address as bits: an IPv4 address has 32 of them.
#[derive(Clone, Copy, Debug)]
struct Naive {
    bits: u128,
    width: u32,
    length: u32,
}

impl Naive {
    fn address(self) -> IpAddr {
        match self.width {
            32 => Ipv4Addr::from(u32::try_from(self.bits).unwrap()).into(),
            _ => Ipv6Addr::from(self.bits).into(),
        }
    }

    fn text(self) -> String {
        format!("{}/{}", self.address(), self.length)
    }

    fn covers(self, address: IpAddr) -> bool {
        let (width, bits) = match address {
            IpAddr::V4(v4) => (32, u128::from(u32::from(v4))),
            IpAddr::V6(v6) if u128::from(v6) >> 32 == 0xffff => {
                (32, u128::from(v6) & u128::from(u32::MAX))
            }
            IpAddr::V6(v6) => (128, u128::from(v6)),
        };
        let at = |number: u128, bit: u32| number >> (width - 1 - bit) & 1;
        width == self.width && (0..self.length).all(|bit| at(bits, bit) == at(self.bits, bit))
    }
}

fn ranges() -> impl Strategy<Value = Vec<Naive>> {
    let one = (any::<bool>(), any::<u128>(), 0..=128_u32).prop_map(|(is_v4, bits, length)| {
        if is_v4 {
            let (bits, length) = (bits & u128::from(u32::MAX), length % 33);
            Naive {
                bits,
                width: 32,
                length,
            }
        } else {
            // A mapped address is not written as a range.
            let bits = if bits >> 32 == 0xffff { !bits } else { bits };
            Naive {
                bits,
                width: 128,
                length,
            }
        }
    });
    vec(one, 1..12)
}

proptest! {
    #[test]
    fn a_list_is_what_its_canonical_text_is(ranges in ranges()) {
        let list = CidrList::parse(ranges.iter().map(|range| range.text())).unwrap();
        prop_assert_eq!(&CidrList::parse(texts(&list)).unwrap(), &list);
        let mut reversed = ranges;
        reversed.reverse();
        prop_assert_eq!(&CidrList::parse(reversed.iter().map(|range| range.text())).unwrap(), &list);
        let json = serde_json::to_string(&list).unwrap();
        prop_assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), texts(&list));
        prop_assert_eq!(serde_json::from_str::<CidrList>(&json).unwrap(), list);
    }

    #[test]
    fn a_list_contains_what_bits_say(ranges in ranges(), which: usize, flipped in 0..160_u32, other: u128) {
        let list = CidrList::parse(ranges.iter().map(|range| range.text())).unwrap();
        // An address that differs from that of a range in one bit at most, as itself and as a mapped one.
        let near = ranges[which % ranges.len()];
        let bits = near.bits ^ 1_u128.checked_shl(flipped).unwrap_or(0) & (u128::MAX >> (128 - near.width));
        let near = Naive { bits, ..near }.address();
        let mapped = match near {
            IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
            v6 @ IpAddr::V6(_) => v6,
        };
        for address in [near, mapped, Ipv6Addr::from(other).into()] {
            let expected = ranges.iter().any(|range| range.covers(address));
            prop_assert_eq!(list.contains(address), expected, "{} in {:?}", address, list);
            let restriction = IpRestriction::Only(list.clone());
            prop_assert_eq!(restriction.admits(Some(&ClientIp::new(address))), expected);
        }
    }

    #[test]
    fn no_text_makes_a_list_that_lacks_its_own_first_address(text in "[0-9a-f:./]{0,24}") {
        if let Ok(list) = CidrList::parse([&text]) {
            let canonical = texts(&list).remove(0);
            let (first, _) = canonical.split_once('/').unwrap();
            prop_assert!(list.contains(first.parse().unwrap()));
        }
    }
}
