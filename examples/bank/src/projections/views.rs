//! Reads of the views.

use skeleton_invocation_context::ContainerId;
use skeleton_pii_crypto::Detached;
use sqlx::SqliteConnection;
use sqlx::SqlitePool;

use crate::ids::BankAccountId;
use crate::ids::CustomerId;
use crate::money::Currency;
use crate::money::Money;
use crate::ports::event_store::StoreError;

const FIND_BALANCE: &str = include_str!("../../sql/sqlite/find_balance.sql");
const FIND_CUSTOMER: &str = include_str!("../../sql/sqlite/find_customer.sql");
const DUMP_ACCOUNTS: &str = include_str!("../../sql/sqlite/dump_accounts.sql");
const DUMP_CUSTOMERS: &str = include_str!("../../sql/sqlite/dump_customers.sql");
const DUMP_USAGE: &str = include_str!("../../sql/sqlite/dump_usage.sql");
const UNITS_BY_CONTAINER: &str = include_str!("../../sql/sqlite/units_by_container.sql");
const HEAD: &str = include_str!("../../sql/sqlite/read_head.sql");

/// A customer as the view holds it.
#[derive(Clone, Debug)]
pub struct CustomerRow {
    /// The country of residence.
    pub country: String,
    /// The name, sealed.
    pub name: Detached<String>,
}

/// What an account holds; nothing if the view does not know it.
///
/// # Errors
///
/// [`StoreError`] if the view cannot be read.
pub async fn find_balance(
    pool: &SqlitePool,
    account: BankAccountId,
) -> Result<Option<Money>, StoreError> {
    let query = sqlx::query_as::<_, (i64, String)>(FIND_BALANCE).bind(account.to_string());
    let row = query
        .fetch_optional(pool)
        .await
        .map_err(StoreError::database)?;
    row.map(|(minor, code)| {
        let currency = Currency::from_code(&code);
        let currency = currency.ok_or_else(|| StoreError::Corrupt("an unknown currency".into()))?;
        Ok(Money::new(minor, currency))
    })
    .transpose()
}

/// A customer; nothing if the view does not know it.
///
/// # Errors
///
/// [`StoreError`] if the view cannot be read.
pub async fn find_customer(
    pool: &SqlitePool,
    customer: CustomerId,
) -> Result<Option<CustomerRow>, StoreError> {
    let query = sqlx::query_as::<_, (String, String)>(FIND_CUSTOMER).bind(customer.to_string());
    let row = query
        .fetch_optional(pool)
        .await
        .map_err(StoreError::database)?;
    row.map(|(country, name)| {
        Ok(CustomerRow {
            country,
            name: sealed(&name)?,
        })
    })
    .transpose()
}

/// How much each container used on one meter.
///
/// # Errors
///
/// [`StoreError`] if the view cannot be read.
pub async fn units_by_container(
    pool: &SqlitePool,
    meter: &str,
) -> Result<Vec<(ContainerId, i64)>, StoreError> {
    let query = sqlx::query_as::<_, (String, i64)>(UNITS_BY_CONTAINER).bind(meter);
    let rows = query.fetch_all(pool).await.map_err(StoreError::database)?;
    let read = |(container, units): (String, i64)| {
        let container = container.parse::<ContainerId>();
        Ok((
            container.map_err(|error| StoreError::Corrupt(error.into()))?,
            units,
        ))
    };
    rows.into_iter().map(read).collect()
}

/// Every row of every view as text, in a fixed order.
pub(super) async fn dump(connection: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    type Account = (String, String, String, String, i64);
    type Customer = (String, String, String, String);

    let accounts = sqlx::query_as::<_, Account>(DUMP_ACCOUNTS).fetch_all(&mut *connection);
    let accounts = accounts.await.map_err(StoreError::database)?;
    let customers = sqlx::query_as::<_, Customer>(DUMP_CUSTOMERS).fetch_all(&mut *connection);
    let customers = customers.await.map_err(StoreError::database)?;
    let usage = sqlx::query_as::<_, (String, String, i64)>(DUMP_USAGE).fetch_all(&mut *connection);
    let usage = usage.await.map_err(StoreError::database)?;
    let accounts = accounts.iter().map(|row| format!("account {row:?}"));
    Ok(accounts
        .chain(customers.iter().map(|row| format!("customer {row:?}")))
        .chain(usage.iter().map(|row| format!("usage {row:?}")))
        .collect())
}

/// Every customer's sealed name.
pub(super) async fn sealed_names(
    connection: &mut SqliteConnection,
) -> Result<Vec<(CustomerId, Detached<String>)>, StoreError> {
    type Customer = (String, String, String, String);

    let rows = sqlx::query_as::<_, Customer>(DUMP_CUSTOMERS)
        .fetch_all(connection)
        .await;
    let read = |(customer, _, _, name): Customer| {
        let customer = customer.parse::<CustomerId>();
        Ok((
            customer.map_err(|error| StoreError::Corrupt(error.into()))?,
            sealed(&name)?,
        ))
    };
    rows.map_err(StoreError::database)?
        .into_iter()
        .map(read)
        .collect()
}

/// The position of the last event of a log.
pub(super) async fn head(pool: &SqlitePool) -> Result<u64, StoreError> {
    let head = sqlx::query_scalar::<_, i64>(HEAD).fetch_one(pool).await;
    u64::try_from(head.map_err(StoreError::database)?)
        .map_err(|error| StoreError::Corrupt(error.into()))
}

fn sealed(text: &str) -> Result<Detached<String>, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(error.into()))
}
