//! The key under which the repetitions of an invocation meet.

mod derived;

use core::fmt;
use core::str::FromStr;

use data_encoding::HEXLOWER;
use sha2::Digest;
use sha2::Sha256;
use skeleton_invocation_context::AccessKind;
use skeleton_invocation_context::ActorKind;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::MadeBy;
use skeleton_invocation_context::Namespace;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::operation;

pub use self::derived::DerivedKey;

const LABEL: &[u8] = b"skeleton-idempotency/1\0";
const DERIVED: &[u8] = b"skeleton-idempotency/1 derived\0";
/// The kind of key that an invocation has.
const KIND_INVOCATION: u8 = 1;
/// The kind of key that a reaction to an event has.
const KIND_REACTION: u8 = 2;
/// The caller of whom nothing is known but what binds her requests to each other.
const CALLER_ANONYMOUS: u8 = 4;
const MILLIS_PER_DAY: u64 = 86_400_000;

/// Why an invocation has no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The client named no invocation: the edge made the id, and a retry would carry another.
    #[error("the client named no invocation")]
    Missing,
    /// Nobody is known, so nobody's repetitions can be told apart.
    #[error("an anonymous invocation has no key")]
    Anonymous,
    /// The policy binds anonymous callers by something that this request lacks.
    #[error("nothing binds the anonymous caller to its key")]
    Unbound,
    /// The text is not a key in its text form.
    #[error("not the text of a key")]
    Malformed,
}

/// Names one invocation for as long as it is recognised: who, which, and which operation.
///
/// The address is SHA-256 over tenant, actors, external invocation id and step path, each of fixed or prefixed
/// length, so that no two tuples share bytes. The operation is compared, not hashed: the same key for another
/// operation is a reused key, not another run.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IdempotencyKey {
    address: [u8; 32],
    operation: Operation,
    tenant: Option<TenantId>,
    made_at: Timestamp,
    is_in_flow: bool,
}

impl IdempotencyKey {
    /// The key of an invocation of `operation`.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the client named no invocation, or nobody is known.
    pub fn of<A: AccessKind>(
        ctx: &InvocationContext<A>,
        operation: &Operation,
    ) -> Result<Self, KeyError> {
        match ctx.namespace() {
            Namespace::Actors {
                tenant,
                effective,
                accountable,
                kind,
            } => {
                let mut accounts = [0; 32];
                let (first, second) = accounts.split_at_mut(16);
                first.copy_from_slice(&accountable.to_bytes());
                second.copy_from_slice(&effective.to_bytes());
                Self::in_namespace(ctx, operation, Some(tenant), (caller(kind), &accounts))
            }
            Namespace::Anonymous { .. } => Err(KeyError::Anonymous),
        }
    }

    /// The key of an invocation by nobody known. `binding` tells the callers of one tenant apart; with zeros all of them
    /// share their keys.
    ///
    /// # Errors
    ///
    /// [`KeyError`] if the client named no invocation, or the caller is known.
    pub(crate) fn of_anonymous<A: AccessKind>(
        ctx: &InvocationContext<A>,
        operation: &Operation,
        binding: &[u8; 32],
    ) -> Result<Self, KeyError> {
        match ctx.namespace() {
            Namespace::Anonymous { tenant } => {
                Self::in_namespace(ctx, operation, tenant, (CALLER_ANONYMOUS, binding))
            }
            Namespace::Actors { .. } => Self::of(ctx, operation),
        }
    }

    /// The key of a consumer's reaction to an event.
    #[must_use]
    pub fn of_reaction(tenant: TenantId, event: EventId, consumer: &Step) -> Self {
        let label = consumer.as_str();
        // A step is a name of at most 64 bytes, which is an operation's form too.
        let length = u16::try_from(label.len()).unwrap_or(u16::MAX);
        let address = Sha256::new()
            .chain_update(LABEL)
            .chain_update([KIND_REACTION])
            .chain_update(tenant.to_bytes())
            .chain_update(event.to_bytes())
            .chain_update(length.to_be_bytes())
            .chain_update(label)
            .finalize();
        Self {
            address: address.into(),
            operation: Operation::parse(label).unwrap_or_else(|_| operation!("reaction")),
            tenant: Some(tenant),
            made_at: event.created_at(),
            is_in_flow: true,
        }
    }

    fn in_namespace<A: AccessKind>(
        ctx: &InvocationContext<A>,
        operation: &Operation,
        tenant: Option<TenantId>,
        (caller, who): (u8, &[u8; 32]),
    ) -> Result<Self, KeyError> {
        let external = ctx.trace().external();
        if external.made_by() == MadeBy::Edge {
            return Err(KeyError::Missing);
        }
        let path = ctx.trace().step().as_str().as_bytes();
        let path_len = u16::try_from(path.len()).map_err(|_| KeyError::Malformed)?;
        let address = Sha256::new()
            .chain_update(LABEL)
            .chain_update([KIND_INVOCATION])
            .chain_update(tenant.map_or([0; 16], TenantId::to_bytes))
            .chain_update([caller])
            .chain_update(who)
            .chain_update(external.invocation().to_bytes())
            .chain_update(path_len.to_be_bytes())
            .chain_update(path)
            .finalize();
        Ok(Self {
            address: address.into(),
            operation: operation.clone(),
            tenant,
            made_at: external.invocation().created_at(),
            is_in_flow: !path.is_empty(),
        })
    }

    /// The key under which to call somebody else at this step: equal for every attempt, and different for every label.
    /// Receivers that check it find a UUID of version 4 (RFC 9562).
    ///
    /// Calls to services that read a context need none: `ctx.child(step)` makes theirs.
    #[must_use]
    pub fn derive(&self, label: &Step) -> DerivedKey {
        let text = label.as_str();
        let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
        let digest: [u8; 32] = Sha256::new()
            .chain_update(DERIVED)
            .chain_update(self.address)
            .chain_update(length.to_be_bytes())
            .chain_update(text)
            .finalize()
            .into();
        DerivedKey::of(digest)
    }

    /// The digest under which the record is found.
    #[must_use]
    pub const fn address(&self) -> &[u8; 32] {
        &self.address
    }

    /// The operation, which is compared on every repetition.
    #[must_use]
    pub const fn operation(&self) -> &Operation {
        &self.operation
    }

    /// The tenant of the effective account.
    #[must_use]
    pub const fn tenant(&self) -> Option<TenantId> {
        self.tenant
    }

    /// The day on which the invocation's id was made, in days since 1970: the partition of its record.
    #[must_use]
    pub fn day(&self) -> u32 {
        u32::try_from(self.made_at.as_millis() / MILLIS_PER_DAY).unwrap_or(u32::MAX)
    }

    /// When the invocation's id was made, by the clock of whoever made it.
    #[must_use]
    pub const fn made_at(&self) -> Timestamp {
        self.made_at
    }

    /// Whether the invocation is a call within a longer flow, or a reaction to an event.
    #[must_use]
    pub const fn is_in_flow(&self) -> bool {
        self.is_in_flow
    }

    /// The key as text that loses nothing: address, milliseconds, path flag, tenant, operation. Reads back by
    /// `parse`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let tenant = self
            .tenant
            .map_or_else(|| "-".to_owned(), |tenant| tenant.to_string());
        let flow = if self.is_in_flow { "flow" } else { "edge" };
        format!(
            "{self}.{}.{flow}.{tenant}.{}",
            self.made_at.as_millis(),
            self.operation
        )
    }
}

impl FromStr for IdempotencyKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let mut parts = text.splitn(5, '.');
        let mut part = || parts.next().ok_or(KeyError::Malformed);
        let address = HEXLOWER
            .decode(part()?.as_bytes())
            .map_err(|_| KeyError::Malformed)?;
        let address = address.try_into().map_err(|_| KeyError::Malformed)?;
        let millis = part()?;
        let made_at = millis
            .parse()
            .map(Timestamp::from_millis)
            .map_err(|_| KeyError::Malformed)?;
        let is_in_flow = match part()? {
            "edge" => false,
            "flow" => true,
            _ => return Err(KeyError::Malformed),
        };
        let tenant = match part()? {
            "-" => None,
            id => Some(id.parse().map_err(|_| KeyError::Malformed)?),
        };
        let operation = Operation::parse(part()?).map_err(|_| KeyError::Malformed)?;
        let key = Self {
            address,
            operation,
            tenant,
            made_at,
            is_in_flow,
        };
        // One key has one text: another spelling of a number or an id is none.
        if key.to_text() == text {
            Ok(key)
        } else {
            Err(KeyError::Malformed)
        }
    }
}

/// The address in 64 hexadecimal digits.
impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&HEXLOWER.encode(&self.address))
    }
}

impl fmt::Debug for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdempotencyKey({self}, {})", self.operation)
    }
}

const fn caller(kind: ActorKind) -> u8 {
    match kind {
        ActorKind::Direct => 1,
        ActorKind::Impersonating => 2,
        ActorKind::OnBehalf => 3,
    }
}
