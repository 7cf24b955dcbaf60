//! Lists of ranges: the canonical text of a list is the list, and each range holds its own first and last address and not
//! those beside them.

#![no_main]

use core::net::IpAddr;
use core::net::Ipv4Addr;
use core::net::Ipv6Addr;

use libfuzzer_sys::fuzz_target;
use skeleton_tenancy_tree::CidrList;
use skeleton_tenancy_tree::CidrListError;
use skeleton_tenancy_tree::IpRestriction;

fuzz_target!(|text: &str| {
    let lines: Vec<_> = text.lines().collect();
    match CidrList::parse(&lines) {
        Ok(list) => {
            assert!((1..=CidrList::MAX).contains(&lines.len()));
            assert!((1..=lines.len()).contains(&list.len()));
            is_canonical(&list);
            for line in &lines {
                let single = CidrList::parse([line]).expect("a line of a list");
                assert_eq!(single.len(), 1);
                let (first, _) = ends(&single.iter().next().expect("one").to_string());
                assert!(list.contains(address(first)));
            }
        }
        Err(CidrListError::Empty) => assert!(lines.is_empty()),
        Err(CidrListError::TooMany) => assert!(lines.len() > CidrList::MAX),
        Err(CidrListError::NotARange { at }) => {
            assert!(CidrList::parse([lines[at]]).is_err());
            assert!(lines[..at].is_empty() || CidrList::parse(&lines[..at]).is_ok());
        }
        Err(error) => panic!("{error}"),
    }
    // As a document, too: whatever is read is written as what is read again.
    if let Ok(restriction) = serde_json::from_str::<IpRestriction>(text) {
        let written = serde_json::to_string(&restriction).expect("a document");
        let again: IpRestriction = serde_json::from_str(&written).expect("its own document");
        assert_eq!(again, restriction);
    }
});

fn is_canonical(list: &CidrList) {
    let texts: Vec<_> = list.iter().map(|range| range.to_string()).collect();
    assert_eq!(&CidrList::parse(&texts).expect("its own text"), list);
    let mut reversed = texts.clone();
    reversed.reverse();
    assert_eq!(&CidrList::parse(&reversed).expect("its own text"), list);
    let mut ranges: Vec<_> = texts.iter().map(|text| ends(text)).collect();
    for (first, last) in &ranges {
        assert!(list.contains(address(*first)));
        assert!(list.contains(address(*last)) || is_mapped(*last));
    }
    // Beside all of them nobody is let in.
    ranges.sort_unstable();
    for (first, last) in &ranges {
        for near in [before(*first), after(*last)].into_iter().flatten() {
            let is_inside = ranges
                .iter()
                .any(|(low, high)| low.0 == near.0 && (low.1..=high.1).contains(&near.1));
            if !is_mapped(near) {
                assert_eq!(list.contains(address(near)), is_inside);
            }
        }
    }
}

/// How many bits an address has, and which.
type Bits = (u32, u128);

/// The first and the last address of a range in canonical form.
fn ends(range: &str) -> (Bits, Bits) {
    let (first, length) = range.split_once('/').expect("a length");
    let length: u32 = length.parse().expect("a number");
    let (width, bits) = match first.parse().expect("an address") {
        IpAddr::V4(v4) => (32, u128::from(u32::from(v4))),
        IpAddr::V6(v6) => (128, u128::from(v6)),
    };
    let free = u128::MAX.checked_shr(128 - width + length).unwrap_or(0);
    assert!(length <= width && bits & free == 0, "{range} has host bits");
    ((width, bits), (width, bits | free))
}

/// A mapped address is compared as the IPv4 address that it is, so no IPv6 range holds it.
const fn is_mapped((width, bits): Bits) -> bool {
    width == 128 && bits >> 32 == 0xffff
}

fn address((width, bits): Bits) -> IpAddr {
    match width {
        32 => Ipv4Addr::from(u32::try_from(bits).expect("32 bits")).into(),
        _ => Ipv6Addr::from(bits).into(),
    }
}

fn before((width, bits): Bits) -> Option<Bits> {
    Some((width, bits.checked_sub(1)?))
}

fn after((width, bits): Bits) -> Option<Bits> {
    let next = bits.checked_add(1)?;
    (next <= u128::MAX >> (128 - width)).then_some((width, next))
}
