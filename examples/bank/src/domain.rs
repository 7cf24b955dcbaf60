//! What the bank knows about banking: as little as possible, and all of it pure.

pub mod bank_account;
pub mod container;
pub mod customer;
pub mod rules;
pub mod tenant;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::json;

/// Takes an event of a domain apart into its name and its data, as the envelope keeps them.
///
/// # Errors
///
/// What serde says about an event that has no JSON form.
pub fn to_parts(event: &impl Serialize) -> Result<(String, Value), serde_json::Error> {
    let mut whole = serde_json::to_value(event)?;
    let kind = whole
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    Ok((
        kind,
        whole.get_mut("data").map(Value::take).unwrap_or_default(),
    ))
}

/// Puts an event of a domain together again.
///
/// # Errors
///
/// What serde says if the name or the data is not of this domain.
pub fn from_parts<T: DeserializeOwned>(kind: &str, data: &Value) -> Result<T, serde_json::Error> {
    serde_json::from_value(json!({ "type": kind, "data": data }))
}
