//! Makes the views again from the first event on, beside the live ones.

use std::collections::BTreeMap;

use skeleton_invocation_context::TenantId;
use skeleton_pii_crypto::Detached;
use skeleton_pii_crypto::OpenError;
use skeleton_tenancy_tree::InTenant;
use sqlx::Connection;
use sqlx::SqliteConnection;

use super::rows::rows;
use super::views;
use crate::adapters::sqlite::change;
use crate::ids::CustomerId;
use crate::personal;
use crate::ports::event_store::EventStore;
use crate::ports::event_store::StoreError;
use crate::services::Services;

const PAGE: u32 = 256;

/// The rows of every view, as text in a fixed order.
pub type Dump = Vec<String>;

/// What a replay found.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// How many events were read.
    pub events: u64,
    /// The views made again.
    pub rebuilt: Dump,
    /// The live views.
    pub live: Dump,
    /// The customers' names as the rebuilt view holds them: sealed.
    pub names: Vec<(CustomerId, Detached<String>)>,
}

/// Replays the log of a tenant into a database in memory.
///
/// # Errors
///
/// [`StoreError`] if the log or the views cannot be read.
pub async fn replay(services: &Services, tenant: TenantId) -> Result<Replayed, StoreError> {
    let t = InTenant::background(tenant, "replay");
    let mut memory = SqliteConnection::connect("sqlite::memory:")
        .await
        .map_err(StoreError::database)?;
    let schema = sqlx::raw_sql(include_str!("../../sql/sqlite/views.sql"));
    schema
        .execute(&mut memory)
        .await
        .map_err(StoreError::database)?;
    let mut events = 0;
    loop {
        let page = services.log.log(t, events, PAGE).await?;
        if page.is_empty() {
            break;
        }
        for event in &page {
            for row in rows(event).map_err(|error| StoreError::Corrupt(error.into()))? {
                change(&mut memory, &row)
                    .await
                    .map_err(StoreError::database)?;
            }
            events = event.position;
        }
    }
    let log = services.log.tenant(tenant)?;
    let mut live = log
        .readers()
        .acquire()
        .await
        .map_err(StoreError::database)?;
    let rebuilt = views::dump(&mut memory).await?;
    let names = views::sealed_names(&mut memory).await?;
    Ok(Replayed {
        events,
        rebuilt,
        live: views::dump(&mut live).await?,
        names,
    })
}

/// How many events the log of a tenant holds.
///
/// # Errors
///
/// [`StoreError`] if the log cannot be read.
pub async fn events(services: &Services, tenant: TenantId) -> Result<u64, StoreError> {
    views::head(services.log.tenant(tenant)?.readers()).await
}

/// The customers' names as far as they can be read: nothing for the forgotten.
///
/// # Errors
///
/// [`OpenError`] if the keys cannot be had, or a name is damaged.
pub async fn names(
    services: &Services,
    tenant: TenantId,
    replayed: &Replayed,
) -> Result<BTreeMap<CustomerId, Option<String>>, OpenError> {
    let mut names = BTreeMap::new();
    for (customer, sealed) in &replayed.names {
        let name = personal::reveal_for_replay(services, tenant, sealed).await?;
        names.insert(*customer, name);
    }
    Ok(names)
}
