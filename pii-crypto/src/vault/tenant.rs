//! One tenant's vault: reads keys, makes missing ones, opens sessions.

use core::fmt;
use std::collections::HashMap;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::Vault;
use crate::coordinates::SubjectId;
use crate::coordinates::TenantRef;
use crate::crypto::bytes::Cursor;
use crate::crypto::keys::Dek;
use crate::crypto::keys::key_id;
use crate::crypto::keys::random;
use crate::crypto::wrap;
use crate::crypto::wrap::Kek;
use crate::crypto::wrap::Owner;
use crate::error::Unavailable;
use crate::protected::KeySet;
use crate::row::LiveKey;
use crate::row::MAX_ROW;
use crate::row::Row;
use crate::row::row_key;
use crate::session::Session;
use crate::session::SessionKeys;
use crate::session::SubjectKeys;
use crate::store::Change;
use crate::store::Committed;
use crate::store::StoreError;
use crate::store::StoredRow;

/// How often a commit is tried again after others were faster.
pub(super) const TRIES: u32 = 64;
/// The most subjects of one session.
const MAX_SUBJECTS: usize = 4_096;

/// The vault of one tenant. Cheap to clone.
#[derive(Clone)]
pub struct TenantVault {
    pub(super) vault: Vault,
    pub(super) tenant: TenantRef,
}

/// A row as it is now, and the version under which it was read.
pub(super) type Versioned = (u64, Row);

impl TenantVault {
    pub(super) const fn new(vault: Vault, tenant: TenantRef) -> Self {
        Self { vault, tenant }
    }

    /// The tenant.
    #[must_use]
    pub const fn tenant(&self) -> &TenantRef {
        &self.tenant
    }

    /// Reads the keys of a set, makes those that sealing lacks, and opens a session with them. The one place that
    /// awaits.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store or the key-encryption keys cannot be had. A forgotten subject is none: sealing for it
    /// fails later, opening says that it is forgotten.
    pub async fn session(&self, keys: KeySet) -> Result<Session, Unavailable> {
        let time = Arc::clone(&self.vault.0.time);
        let subjects: Vec<_> = keys
            .asked
            .iter()
            .map(|(subject, _)| subject.clone())
            .collect();
        if subjects.len() > MAX_SUBJECTS {
            return Err(Unavailable::Busy);
        }
        for _ in 0..TRIES {
            // The lease starts before the keys are read: whatever is destroyed later is destroyed within it.
            let started = (time.wall_millis(), time.monotonic());
            let read = self.vault.0.store.read(&self.tenant, &subjects).await?;
            let Some(secret) = self.secret(read.tenant.as_deref(), keys.makes).await? else {
                let rows = subjects
                    .iter()
                    .map(|subject| (subject.clone(), SubjectKeys::default()));
                return Ok(self.begin(rows.collect(), started));
            };
            let mut rows = Vec::with_capacity(subjects.len());
            for (subject, stored) in subjects.iter().zip(&read.rows) {
                rows.push(self.open_row(&secret, subject, stored.as_ref())?);
            }
            if keys.makes && self.make_missing(&secret, &keys, &rows).await? {
                continue;
            }
            let mut opened = HashMap::with_capacity(subjects.len());
            for (subject, (version, row)) in subjects.iter().zip(rows) {
                let held = self.unwrap_all(subject, row, version > 0).await?;
                opened.insert(subject.clone(), held);
            }
            return Ok(self.begin(opened, started));
        }
        Err(Unavailable::Busy)
    }

    fn begin(
        &self,
        subjects: HashMap<SubjectId, SubjectKeys>,
        started: (u64, core::time::Duration),
    ) -> Session {
        Session(Arc::new(SessionKeys {
            tenant: self.tenant.clone(),
            subjects,
            audit: Arc::clone(&self.vault.0.audit),
            time: Arc::clone(&self.vault.0.time),
            started,
        }))
    }

    /// Makes the first key that is missing. True if anything was tried: then the rows are to be read again.
    async fn make_missing(
        &self,
        secret: &[u8; 32],
        keys: &KeySet,
        rows: &[Versioned],
    ) -> Result<bool, Unavailable> {
        for ((subject, categories), (version, row)) in keys.asked.iter().zip(rows) {
            if row.fence.is_some() {
                continue;
            }
            let missing: Vec<_> = categories
                .iter()
                .filter(|name| row.active(name).is_none())
                .collect();
            if missing.is_empty() {
                continue;
            }
            let mut grown = row.clone();
            for category in missing {
                grown = grown.with_key(self.new_key(subject, category).await?);
            }
            let body = grown.seal(&row_key(secret), (&self.tenant, subject), version + 1);
            if body.len() > MAX_ROW {
                return Err(StoreError::row_past_cap().into());
            }
            let row = Some((subject.clone(), *version, body));
            // Whether it won or lost, the rows have changed: they are read again.
            let _read_again = self
                .vault
                .0
                .store
                .commit(
                    &self.tenant,
                    Change {
                        row,
                        ..Change::default()
                    },
                )
                .await?;
            return Ok(true);
        }
        Ok(false)
    }

    async fn new_key(&self, subject: &SubjectId, category: &str) -> Result<LiveKey, Unavailable> {
        let kek = self.vault.0.keks.current(&self.tenant).await?;
        let dek = Dek::draw()?;
        let commitment = dek.commitment();
        let owner = self.owner(subject.as_str(), category, 1, &commitment);
        let wrap = wrap_fresh(&kek, &owner, &dek)?;
        Ok(LiveKey {
            category: category.to_owned(),
            generation: 1,
            commitment,
            wrap,
        })
    }

    async fn unwrap_all(
        &self,
        subject: &SubjectId,
        row: Row,
        is_known: bool,
    ) -> Result<SubjectKeys, Unavailable> {
        let mut live = Vec::with_capacity(row.live.len());
        let mut lost = Vec::new();
        for key in &row.live {
            // A key whose epoch is gone opens nothing: its values are missing, not forgotten.
            let Some(kek) = self
                .vault
                .0
                .keks
                .get(&self.tenant, wrap::epoch(&key.wrap))
                .await?
            else {
                lost.push((key.category.clone(), key_id(&key.commitment)));
                continue;
            };
            let owner = self.owner(
                subject.as_str(),
                &key.category,
                key.generation,
                &key.commitment,
            );
            let dek = wrap::unwrap(&kek, &owner, &key.wrap).map_err(|_| Unavailable::Damaged)?;
            live.push((key.category.clone(), dek.sealing_key()));
        }
        Ok(SubjectKeys {
            live,
            dead: row.dead,
            lost,
            fence: row.fence,
            is_known,
        })
    }

    /// The tenant's secret; made if `makes`, none if there is none.
    pub(super) async fn secret(
        &self,
        stored: Option<&[u8]>,
        makes: bool,
    ) -> Result<Option<Zeroizing<[u8; 32]>>, Unavailable> {
        let Some(stored) = stored else {
            if !makes {
                return Ok(None);
            }
            let (secret, body) = self.new_secret().await?;
            let change = Change {
                tenant: Some(body),
                ..Change::default()
            };
            return match self.vault.0.store.commit(&self.tenant, change).await? {
                Committed::Done => Ok(Some(secret)),
                // Somebody else made one just now: it is read with the rows.
                _ => {
                    let read = self.vault.0.store.read(&self.tenant, &[]).await?;
                    Ok(Some(
                        self.open_secret(&read.tenant.ok_or(Unavailable::Busy)?)
                            .await?,
                    ))
                }
            };
        };
        self.open_secret(stored).await.map(Some)
    }

    async fn new_secret(&self) -> Result<(Zeroizing<[u8; 32]>, Vec<u8>), Unavailable> {
        let kek = self.vault.0.keks.current(&self.tenant).await?;
        let secret = Dek::draw()?;
        let commitment = secret.commitment();
        let owner = self.owner("", "", 0, &commitment);
        let mut body = commitment.to_vec();
        body.extend(wrap_fresh(&kek, &owner, &secret)?);
        Ok((secret.0, body))
    }

    async fn open_secret(&self, stored: &[u8]) -> Result<Zeroizing<[u8; 32]>, Unavailable> {
        let damaged = |_| Unavailable::Damaged;
        let mut cursor = Cursor(stored);
        let commitment = cursor.array::<32>().map_err(damaged)?;
        let wrapped = cursor.array().map_err(damaged)?;
        cursor.end().map_err(damaged)?;
        let kek = self
            .vault
            .0
            .keks
            .get(&self.tenant, wrap::epoch(&wrapped))
            .await?;
        let kek = kek.ok_or(Unavailable::Damaged)?;
        let owner = self.owner("", "", 0, &commitment);
        wrap::unwrap(&kek, &owner, &wrapped)
            .map(|secret| secret.0)
            .map_err(damaged)
    }

    pub(super) fn open_row(
        &self,
        secret: &[u8; 32],
        subject: &SubjectId,
        stored: Option<&StoredRow>,
    ) -> Result<Versioned, Unavailable> {
        let Some(StoredRow { version, body }) = stored else {
            return Ok((0, Row::default()));
        };
        let row = Row::open(&row_key(secret), (&self.tenant, subject), *version, body);
        row.map(|row| (*version, row))
            .map_err(|_| Unavailable::Damaged)
    }

    fn owner<'o>(
        &'o self,
        subject: &'o str,
        category: &'o str,
        generation: u32,
        commitment: &'o [u8; 32],
    ) -> Owner<'o> {
        Owner {
            tenant: self.tenant.as_str(),
            subject,
            category,
            generation,
            commitment,
        }
    }
}

fn wrap_fresh(kek: &Kek, owner: &Owner<'_>, dek: &Dek) -> Result<[u8; wrap::WRAP], Unavailable> {
    let mut nonce = [0; 24];
    random(&mut nonce)?;
    wrap::wrap(kek, owner, dek, nonce).map_err(|_| Unavailable::Damaged)
}

impl fmt::Debug for TenantVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantVault")
            .field("tenant", &self.tenant)
            .finish_non_exhaustive()
    }
}
