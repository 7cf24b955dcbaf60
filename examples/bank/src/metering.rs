//! What is counted for bills: which events are units of use, and how many.

/// The meter of everything that is counted so far.
pub const OPERATIONS: &str = "operations";

/// The units that an event is, and on which meter; nothing for most events.
#[must_use]
pub fn units(kind: &str) -> Option<(&'static str, i64)> {
    match kind {
        "account-opened" | "customer-registered" | "money-deposited" => Some((OPERATIONS, 1)),
        _ => None,
    }
}
