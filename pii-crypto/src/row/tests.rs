use super::LiveKey;
use super::MAX_ROW;
use super::Row;
use crate::coordinates::SubjectId;
use crate::coordinates::TenantRef;

const KEY: [u8; 32] = [1; 32];

fn place(tenant: &str, subject: &str) -> (TenantRef, SubjectId) {
    (tenant.parse().unwrap(), subject.parse().unwrap())
}

fn key(category: &str, generation: u32) -> LiveKey {
    LiveKey {
        category: category.to_owned(),
        generation,
        commitment: [u8::try_from(generation).unwrap(); 32],
        wrap: [7; 77],
    }
}

fn row() -> Row {
    Row::default()
        .with_key(key("general", 1))
        .with_key(key("kyc", 1))
        .with_key(key("general", 2))
}

#[test]
fn the_newest_key_of_a_category_seals() {
    assert_eq!(row().active("general"), Some(&key("general", 2)));
    assert_eq!(row().active("kyc"), Some(&key("kyc", 1)));
    assert_eq!(row().active("other"), None);
}

#[test]
fn forgetting_leaves_no_key_and_a_mark_of_each() {
    let gone = row().forgotten("order".parse().unwrap(), 5);
    assert_eq!(gone.live, []);
    assert_eq!(gone.fence, Some(("order".parse().unwrap(), 5)));
    let marks: Vec<_> = gone
        .dead
        .iter()
        .map(|dead| (dead.category.as_str(), dead.generation, dead.commitment[0]))
        .collect();
    assert_eq!(marks, [("general", 1, 1), ("kyc", 1, 1), ("general", 2, 2)]);
    assert_eq!(
        gone.forgotten("later".parse().unwrap(), 6).dead.len(),
        3,
        "marks stay"
    );
}

#[test]
fn attack_26_a_row_is_read_at_its_place_and_version_alone() {
    let (tenant, subject) = place("acme", "dora");
    let stored = row().seal(&KEY, (&tenant, &subject), 4);
    let read = |key, place: &(TenantRef, SubjectId), version| {
        Row::open(key, (&place.0, &place.1), version, &stored)
    };
    assert_eq!(read(&KEY, &place("acme", "dora"), 4), Ok(row()));
    assert!(read(&[2; 32], &place("acme", "dora"), 4).is_err());
    assert!(read(&KEY, &place("other", "dora"), 4).is_err());
    assert!(read(&KEY, &place("acme", "other"), 4).is_err());
    assert!(read(&KEY, &place("acm", "edora"), 4).is_err());
    assert!(read(&KEY, &place("acme", "dora"), 3).is_err());
}

#[test]
fn attack_26_a_row_with_any_byte_changed_or_missing_is_refused() {
    let (tenant, subject) = place("acme", "dora");
    let stored = row().seal(&KEY, (&tenant, &subject), 1);
    for at in 0..stored.len() {
        let mut changed = stored.clone();
        changed[at] ^= 1;
        let place = (&tenant, &subject);
        assert!(Row::open(&KEY, place, 1, &changed).is_err(), "{at}");
        assert!(Row::open(&KEY, place, 1, &stored[..at]).is_err(), "{at}");
    }
}

/// The MAC holds, and still nothing but the one form is read.
#[test]
fn attack_23_a_row_of_another_form_is_refused() {
    let (tenant, subject) = place("acme", "dora");
    let mut rows = vec![
        vec![],
        vec![2, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        vec![1, 2, 0, 0, 0, 0, 0, 0, 0, 0],
        vec![1, 0, 0, 0, 0, 0, 0, 0, 0],
        vec![1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        vec![1, 0, 255, 255, 255, 255, 0, 0, 0, 0],
    ];
    rows.push(vec![1; MAX_ROW]);
    for body in rows {
        let tag = super::tag(&KEY, &tenant, &subject, 1, &body);
        let stored = [&body[..], &tag].concat();
        let read = Row::open(&KEY, (&tenant, &subject), 1, &stored);
        assert!(read.is_err(), "{:?}", body.get(..4));
    }
    let empty = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let stored = [
        &empty[..],
        &super::tag(&KEY, &tenant, &subject, 1, &empty)[..],
    ]
    .concat();
    let read = Row::open(&KEY, (&tenant, &subject), 1, &stored);
    assert_eq!(read, Ok(Row::default()));
}
