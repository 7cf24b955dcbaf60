//! The row of one data subject, and the state machine on it: pure, and the only place that decides.
//!
//! Key and fence are one value under one version, so "make a key" and "forget" cannot both win.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::coordinates::ForgetOrderId;
use crate::coordinates::SubjectId;
use crate::coordinates::TenantRef;
use crate::crypto::Broken;
use crate::crypto::bytes::Cursor;
use crate::crypto::bytes::put_l16;
use crate::crypto::keys::mac;
use crate::crypto::wrap::WRAP;

const FORM: u8 = 1;
/// The most bytes of a row.
pub(crate) const MAX_ROW: usize = 64 * 1024;

/// What is known of one data subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// The keys that live, the newest of a category last.
    pub(crate) live: Vec<LiveKey>,
    /// The keys that were destroyed.
    pub(crate) dead: Vec<DeadKey>,
    /// The order that forgot the subject, and when, in milliseconds since 1970.
    pub(crate) fence: Option<(ForgetOrderId, u64)>,
}

/// A key that lives: wrapped, with what it commits to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LiveKey {
    pub(crate) category: String,
    pub(crate) generation: u32,
    pub(crate) commitment: [u8; 32],
    pub(crate) wrap: [u8; WRAP],
}

/// The mark of a key that was destroyed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeadKey {
    pub(crate) category: String,
    pub(crate) generation: u32,
    pub(crate) commitment: [u8; 32],
}

impl Row {
    /// The key that seals a category now.
    pub(crate) fn active(&self, category: &str) -> Option<&LiveKey> {
        self.live.iter().rev().find(|key| key.category == category)
    }

    /// The row with a new key. Not to be called on a fenced row.
    pub(crate) fn with_key(&self, key: LiveKey) -> Self {
        let mut row = self.clone();
        row.live.push(key);
        row
    }

    /// The row without any key, and with the fence that keeps new ones out.
    pub(crate) fn forgotten(&self, order: ForgetOrderId, at: u64) -> Self {
        let bury = |key: &LiveKey| DeadKey {
            category: key.category.clone(),
            generation: key.generation,
            commitment: key.commitment,
        };
        let dead = self
            .dead
            .iter()
            .cloned()
            .chain(self.live.iter().map(bury))
            .collect();
        Self {
            live: Vec::new(),
            dead,
            fence: Some((order, at)),
        }
    }

    /// The row as a store keeps it, under a MAC that binds it to its place and version.
    pub(crate) fn seal(
        &self,
        key: &[u8; 32],
        (tenant, subject): (&TenantRef, &SubjectId),
        version: u64,
    ) -> Vec<u8> {
        let mut body = vec![FORM];
        match &self.fence {
            None => body.push(0),
            Some((order, at)) => {
                body.push(1);
                put_l16(&mut body, order.as_str().as_bytes());
                body.extend(at.to_be_bytes());
            }
        }
        body.extend(count(self.live.len()));
        for key in &self.live {
            put_l16(&mut body, key.category.as_bytes());
            body.extend(key.generation.to_be_bytes());
            body.extend(key.commitment);
            body.extend(key.wrap);
        }
        body.extend(count(self.dead.len()));
        for key in &self.dead {
            put_l16(&mut body, key.category.as_bytes());
            body.extend(key.generation.to_be_bytes());
            body.extend(key.commitment);
        }
        let tag = tag(key, tenant, subject, version, &body);
        body.extend(tag);
        body
    }

    /// Reads what [`Row::seal`] wrote for that place and version, and nothing else.
    pub(crate) fn open(
        key: &[u8; 32],
        (tenant, subject): (&TenantRef, &SubjectId),
        version: u64,
        stored: &[u8],
    ) -> Result<Self, Broken> {
        if stored.len() > MAX_ROW {
            return Err(Broken);
        }
        let split = stored.len().checked_sub(32).ok_or(Broken)?;
        let (body, stored_tag) = stored.split_at_checked(split).ok_or(Broken)?;
        let is_ours: bool = tag(key, tenant, subject, version, body)
            .ct_eq(stored_tag)
            .into();
        if is_ours {
            Self::read(body)
        } else {
            Err(Broken)
        }
    }

    fn read(body: &[u8]) -> Result<Self, Broken> {
        let mut cursor = Cursor(body);
        if cursor.u8()? != FORM {
            return Err(Broken);
        }
        let fence = match cursor.u8()? {
            0 => None,
            1 => {
                let order = cursor.l16()?.parse().map_err(|_| Broken)?;
                Some((order, cursor.u64()?))
            }
            _ => return Err(Broken),
        };
        let mut row = Self {
            fence,
            ..Self::default()
        };
        for _ in 0..cursor.u32()? {
            row.live.push(LiveKey {
                category: cursor.l16()?.to_owned(),
                generation: cursor.u32()?,
                commitment: cursor.array()?,
                wrap: cursor.array()?,
            });
        }
        for _ in 0..cursor.u32()? {
            row.dead.push(DeadKey {
                category: cursor.l16()?.to_owned(),
                generation: cursor.u32()?,
                commitment: cursor.array()?,
            });
        }
        cursor.end()?;
        Ok(row)
    }
}

/// The key of a tenant's rows, derived from its secret.
pub(crate) fn row_key(tenant_secret: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    crate::crypto::keys::derive(tenant_secret, b"pii-crypto/1 row")
}

fn tag(
    key: &[u8; 32],
    tenant: &TenantRef,
    subject: &SubjectId,
    version: u64,
    body: &[u8],
) -> [u8; 32] {
    let mut head = b"pii-crypto/1 row".to_vec();
    put_l16(&mut head, tenant.as_str().as_bytes());
    put_l16(&mut head, subject.as_str().as_bytes());
    head.extend(version.to_be_bytes());
    mac(key, &[&head, body])
}

/// A row holds far fewer keys than 2^32: its size is capped.
fn count(len: usize) -> [u8; 4] {
    u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests;
