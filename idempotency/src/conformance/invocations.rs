//! Invocations, attempts at them, and answers.
#![expect(
    clippy::expect_used,
    reason = "they are made of constants that are known to be valid"
)]

use core::time::Duration;

use skeleton_invocation_context::EventId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::step;

use crate::answer::Answer;
use crate::answer::MAX_BODY;
use crate::ask::Ask;
use crate::ask::Mode;
use crate::ask::Owner;
use crate::fingerprint::Fingerprint;
use crate::key::IdempotencyKey;

/// How long records are kept unless a check says otherwise.
const RETENTION: Duration = Duration::from_secs(8 * 24 * 3_600);

/// One invocation, at which there may be many attempts.
#[derive(Clone, Debug)]
pub(super) struct Invocation {
    key: IdempotencyKey,
    fingerprint: Fingerprint,
    mode: Mode,
    expires_at: Timestamp,
    attempted_at: Timestamp,
}

impl Invocation {
    /// The invocation of that number, made at `at`.
    pub(super) fn new(at: Timestamp, number: u32, mode: Mode) -> Self {
        let tenant = TenantId::from_bytes([7; 16]).expect("an id that is not nil");
        Self::in_tenant(tenant, at, number, mode)
    }

    pub(super) fn in_tenant(tenant: TenantId, at: Timestamp, number: u32, mode: Mode) -> Self {
        let event = EventId::from_bytes(ulid(at, number)).expect("an id that is not nil");
        Self {
            key: IdempotencyKey::of_reaction(tenant, event, &step!("conformance")),
            fingerprint: Fingerprint::from_bytes([1; 17]),
            mode,
            expires_at: at.saturating_add(RETENTION),
            attempted_at: at,
        }
    }

    pub(super) const fn key(&self) -> &IdempotencyKey {
        &self.key
    }

    /// The attempt of that number. Later ones have greater numbers.
    pub(super) fn attempt(&self, number: u32) -> Ask {
        Ask::new(
            self.key.clone(),
            self.fingerprint,
            self.mode,
            self.owner(number),
            self.expires_at,
        )
    }

    pub(super) fn owner(&self, number: u32) -> Owner {
        Owner::from_bytes(ulid(self.attempted_at, number)).expect("an id that is not nil")
    }

    /// The same key with another payload.
    pub(super) fn with_payload(&self, payload: u8) -> Self {
        let mut bytes = [1; 17];
        // Every byte counts, the last one too.
        bytes[16] = payload;
        Self {
            fingerprint: Fingerprint::from_bytes(bytes),
            ..self.clone()
        }
    }

    /// The same key for another operation.
    pub(super) fn with_operation(&self, operation: &str) -> Self {
        let text = self.key.to_text();
        let (rest, _) = text.rsplit_once('.').expect("a key of five parts");
        Self {
            key: format!("{rest}.{operation}").parse().expect("a key"),
            ..self.clone()
        }
    }

    pub(super) fn expiring_at(&self, expires_at: Timestamp) -> Self {
        Self {
            expires_at,
            ..self.clone()
        }
    }

    /// The same invocation, attempted by a caller whose clock stands there.
    pub(super) fn attempted_at(&self, attempted_at: Timestamp) -> Self {
        Self {
            attempted_at,
            ..self.clone()
        }
    }
}

fn ulid(at: Timestamp, number: u32) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&(at.as_millis() << 16).to_be_bytes());
    bytes[12..].copy_from_slice(&number.to_be_bytes());
    bytes
}

/// A tenant of its own for each number.
pub(super) fn tenant(number: u8) -> TenantId {
    TenantId::from_bytes([number.max(1); 16]).expect("an id that is not nil")
}

/// An answer with everything that an answer may have, which tells its number.
pub(super) fn answer(number: u32) -> Answer {
    plain(201, number.to_string().into_bytes())
        .with_field("link", "</a>; rel=next")
        .and_then(|answer| answer.with_field("link", "</b>; rel=prev"))
        .and_then(|answer| answer.with_trailer("grpc-status", "0"))
        .and_then(|answer| answer.with_trailer("grpc-message", "number"))
        .expect("fields that are kept")
}

/// An answer of that status and body.
pub(super) fn plain(status: u16, body: Vec<u8>) -> Answer {
    Answer::new(status)
        .and_then(|answer| answer.with_body(body))
        .expect("a status, and a body that is not too large")
}

/// Answers of every size, from nothing to the most that is kept.
pub(super) fn answers_of_every_size() -> Vec<Answer> {
    let sizes = [0, 1, 127, 128, 255, 256, 4_095, 65_535, 65_536, MAX_BODY];
    let bodies = sizes.map(|size| (0_u8..=255).cycle().take(size).collect());
    bodies.map(|body| plain(200, body)).into()
}

/// Answers of every form: statuses at both ends, fields and trailers that repeat, and none, and bodies that are not kept.
pub(super) fn answers_of_every_form() -> Vec<Answer> {
    let long: String = (' '..='~').cycle().take(4_096).collect();
    let (whole, bare) = (answer(7), plain(204, Vec::new()));
    let long = bare.clone().with_field("link", &long).expect("a field");
    let empty = bare.clone().with_trailer("etag", "").expect("a trailer");
    let tombstone = answer(8).without_body();
    let bare_tombstone = plain(200, Vec::new()).without_body();
    let ends = [plain(200, vec![0]), plain(599, b"\r\n\0".to_vec())];
    [whole, bare, long, empty, tombstone, bare_tombstone]
        .into_iter()
        .chain(ends)
        .collect()
}
