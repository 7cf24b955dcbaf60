//! The projection itself: one event in, changes of rows out. No I/O, and every value that is personal stays sealed.

use serde_json::Value;
use serde_json::json;

use crate::domain;
use crate::domain::bank_account::BankAccountEvent;
use crate::domain::customer::CUSTOMER_REGISTERED;
use crate::domain::customer::SealedCustomerRegistered;
use crate::metering;
use crate::ports::envelope::Envelope;
use crate::ports::event_store::RowChange;

const ACCOUNT_OPENED: &str = include_str!("../../sql/sqlite/account_opened.sql");
const MONEY_DEPOSITED: &str = include_str!("../../sql/sqlite/money_deposited.sql");
const COUNT_UNITS: &str = include_str!("../../sql/sqlite/count_units.sql");
const CUSTOMER_ADDED: &str = include_str!("../../sql/sqlite/customer_registered.sql");

/// What `event` changes in the views; nothing for most events.
///
/// # Errors
///
/// What serde says about an event of the bank that has not the shape it was written in.
pub(super) fn rows(event: &Envelope) -> Result<Vec<RowChange>, serde_json::Error> {
    let entity = if event.stream.as_str().starts_with("bank-account/") {
        account(event)?
    } else if event.kind() == CUSTOMER_REGISTERED {
        Some(customer(event)?)
    } else {
        None
    };
    Ok(entity.into_iter().chain(usage(event)).collect())
}

/// What is used is counted in the container where it was used.
fn usage(event: &Envelope) -> Option<RowChange> {
    let (meter, units) = metering::units(event.kind())?;
    let container = event.event.container?;
    let binds = vec![json!(container), json!(meter), json!(units)];
    Some(RowChange {
        sql: COUNT_UNITS,
        binds,
    })
}

fn account(event: &Envelope) -> Result<Option<RowChange>, serde_json::Error> {
    let id = event.stream.id();
    let change = |sql, binds| Some(RowChange { sql, binds });
    Ok(match domain::from_parts(event.kind(), &event.event.data)? {
        BankAccountEvent::AccountOpened {
            container,
            owner,
            currency,
        } => change(
            ACCOUNT_OPENED,
            vec![json!(id), json!(container), json!(owner), json!(currency)],
        ),
        BankAccountEvent::MoneyDeposited { amount } => {
            change(MONEY_DEPOSITED, vec![json!(id), json!(amount.minor)])
        }
    })
}

fn customer(event: &Envelope) -> Result<RowChange, serde_json::Error> {
    let sealed: SealedCustomerRegistered = event.data()?;
    let name = sealed
        .detached_name(&event.event.id.into())
        .map_err(serde::de::Error::custom)?;
    let name = Value::String(serde_json::to_string(&name)?);
    let binds = vec![
        json!(sealed.customer),
        json!(sealed.container),
        json!(sealed.country),
        name,
    ];
    Ok(RowChange {
        sql: CUSTOMER_ADDED,
        binds,
    })
}
