//! Forgetting: fence, destruction of the keys and receipt in one commit.

use data_encoding::HEXLOWER;

use super::TenantVault;
use super::tenant::TRIES;
use crate::audit::RevealAccess;
use crate::audit::is_code;
use crate::coordinates::ForgetOrderId;
use crate::coordinates::SubjectId;
use crate::crypto::keys::derive;
use crate::crypto::keys::mac;
use crate::crypto::keys::random;
use crate::error::Unavailable;
use crate::receipt::Receipt;
use crate::receipt::Statement;
use crate::row::Row;
use crate::row::row_key;
use crate::store::Change;
use crate::store::Committed;
use crate::store::StoredReceipt;

/// Why somebody is forgotten: a code of the application, `[a-z0-9-]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Reason(&'static str);

impl Reason {
    /// The person asked for it.
    pub const ERASURE_REQUEST: Self = Self("erasure-request");

    /// A reason of this name.
    ///
    /// # Panics
    ///
    /// While compiling, if the name is not `[a-z0-9-]` of 1 to 64 bytes; declare reasons as constants.
    ///
    /// ```compile_fail
    /// use skeleton_pii_crypto::Reason;
    /// const MAIL: Reason = Reason::declared("send mail to ada@example.org");
    /// let mail = MAIL;
    /// ```
    #[must_use]
    pub const fn declared(name: &'static str) -> Self {
        assert!(is_code(name), "a reason is 1 to 64 of [a-z0-9-]");
        Self(name)
    }
}

/// An order to forget one data subject, in all categories, known and to come.
#[derive(Clone, Debug)]
#[must_use]
pub struct Forget {
    subject: SubjectId,
    reason: Reason,
    actor: String,
}

impl Forget {
    /// Forget this subject, because it was asked for, on the account of whoever `access` names. The receipt keeps at
    /// most 256 bytes of that account's id.
    pub fn subject(subject: SubjectId, access: &RevealAccess) -> Self {
        Self {
            subject,
            reason: Reason::ERASURE_REQUEST,
            actor: access.actor().to_owned(),
        }
    }

    /// For another reason.
    pub fn reason(self, reason: Reason) -> Self {
        Self { reason, ..self }
    }
}

impl TenantVault {
    /// Destroys every key of the subject and keeps new ones from being made. Fence, destruction and receipt are one
    /// commit; a repeated order returns the first one's receipt.
    ///
    /// When this returns, the store holds no key of the subject. Sessions that were opened before end within ten seconds.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store or the key-encryption keys cannot be had. A store that fails while it commits may
    /// have committed: repeat the order, it is carried out once.
    pub async fn forget(&self, order: Forget) -> Result<Receipt, Unavailable> {
        let store = &self.vault.0.store;
        let subjects = [order.subject.clone()];
        for _ in 0..TRIES {
            let read = store.read(&self.tenant, &subjects).await?;
            let secret = self.secret(read.tenant.as_deref(), true).await?;
            let secret = secret.ok_or(Unavailable::Busy)?;
            let stored = read.rows.first().and_then(Option::as_ref);
            let (version, row) = self.open_row(&secret, &order.subject, stored)?;
            if let Some((first, _)) = &row.fence {
                return self.receipt_of(first).await;
            }
            let receipt = self.write_receipt(&order, &row, &secret, read.head.as_ref())?;
            let gone = row.forgotten(receipt.order().clone(), receipt.forgotten_at_millis());
            let body = gone.seal(
                &row_key(&secret),
                (&self.tenant, &order.subject),
                version + 1,
            );
            let change = Change {
                tenant: None,
                row: Some((order.subject.clone(), version, body)),
                receipt: Some(StoredReceipt {
                    sequence: receipt.sequence(),
                    body: receipt.to_bytes(),
                }),
            };
            match store.commit(&self.tenant, change).await? {
                Committed::Done => return Ok(receipt),
                Committed::TenantExists | Committed::RowMoved | Committed::HeadMoved => {}
            }
        }
        Err(Unavailable::Busy)
    }

    /// Every receipt of the tenant, in the order of its chain.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] if the store cannot be had or holds what is no receipt.
    pub async fn receipts(&self) -> Result<Vec<Receipt>, Unavailable> {
        let stored = self.vault.0.store.receipts(&self.tenant, 0).await?;
        let read = |stored: &StoredReceipt| Receipt::from_bytes(&stored.body);
        stored
            .iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map_err(|_| Unavailable::Damaged)
    }

    async fn receipt_of(&self, order: &ForgetOrderId) -> Result<Receipt, Unavailable> {
        let receipts = self.receipts().await?;
        receipts
            .into_iter()
            .find(|receipt| receipt.order() == order)
            .ok_or(Unavailable::Damaged)
    }

    fn write_receipt(
        &self,
        order: &Forget,
        row: &Row,
        secret: &[u8; 32],
        head: Option<&StoredReceipt>,
    ) -> Result<Receipt, Unavailable> {
        let previous = head.map(|head| Receipt::from_bytes(&head.body)).transpose();
        let previous = previous.map_err(|_| Unavailable::Damaged)?;
        // The next one would vouch for it.
        if let (Some(kept), Some(previous)) = (head, &previous)
            && !previous.is_at(&self.tenant, kept.sequence)
        {
            return Err(Unavailable::Damaged);
        }
        let sequence = previous.as_ref().map_or(0, Receipt::sequence);
        let order_id = new_order()?;
        let at = self.vault.0.time.wall_millis();
        let statement = Statement {
            tenant: &self.tenant,
            sequence: sequence.checked_add(1).ok_or(Unavailable::Damaged)?,
            previous: previous.as_ref().map_or([0; 32], Receipt::digest),
            order: &order_id,
            subject_pseudonym: pseudonym(secret, &order.subject),
            forgotten_at: at,
            reason: order.reason.0,
            actor: &order.actor,
            destroyed: row.forgotten(order_id.clone(), at).dead,
        };
        Ok(Receipt::sign(&self.vault.0.signer, statement))
    }
}

fn new_order() -> Result<ForgetOrderId, Unavailable> {
    let mut bytes = [0; 16];
    random(&mut bytes)?;
    HEXLOWER
        .encode(&bytes)
        .parse()
        .map_err(|_| Unavailable::Damaged)
}

/// Names a subject to whoever holds the tenant's secret, and to nobody else.
fn pseudonym(secret: &[u8; 32], subject: &SubjectId) -> [u8; 32] {
    let key = derive(secret, b"pii-crypto/1 pseudonym");
    mac(&key, &[subject.as_str().as_bytes()])
}
