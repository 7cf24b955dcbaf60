//! A trust domain: seals what leaves this process, and opens what comes in.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::body::Body;
use super::body::Opened;
use super::cell::Half;
use super::cell::Sealing;
use super::error::Reason;
use super::error::ReceiveError;
use super::error::SealError;
use super::error::TrustDomainError;
use super::frame::ContextFrame;
use super::frame::HOP_BYTES;
use super::frame::HopFrame;
use super::key::ContextKey;
use super::key::KEY_ID;
use super::key::Signer;
use super::key::TAG;
use crate::access::AccessKind;
use crate::context::Carried;
use crate::context::Child;
use crate::id::InvocationId;
use crate::step::StepPath;
use crate::time::Clock;
use crate::time::Timestamp;
use crate::trace::Trace;

/// How long a sealed context is good.
const LIFE: Duration = Duration::from_secs(5 * 60);
/// An own seal with less than this to live is made anew.
const RENEW: Duration = Duration::from_secs(60);
/// How far the clocks of two services may be apart.
const SKEW: Duration = Duration::from_secs(5);
/// An expiry further ahead was not written by this code.
const FURTHEST: Duration = Duration::from_secs(15 * 60);
/// The bytes of a context that is put together on the stack; a longer one is put together on the heap.
const USUAL_BYTES: usize = 2 * 1024;

/// Both halves of a sealed call, as they travel.
#[derive(Clone)]
pub struct SealedContext {
    context: Arc<str>,
    hop: String,
}

impl SealedContext {
    /// The value of `skeleton-context`.
    #[must_use]
    pub fn context(&self) -> &str {
        &self.context
    }

    /// The value of `skeleton-hop`.
    #[must_use]
    pub fn hop(&self) -> &str {
        &self.hop
    }

    /// The halves with these values: for tests of whoever receives them.
    #[cfg(feature = "testing")]
    pub(crate) fn forged(context: &str, hop: &str) -> Self {
        Self {
            context: context.into(),
            hop: hop.to_owned(),
        }
    }
}

impl fmt::Debug for SealedContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedContext(..)")
    }
}

/// The services that share a key, and so believe one another.
///
/// ```
/// use skeleton_invocation_context::testing::{FixedClock, SeededIds, context};
/// use skeleton_invocation_context::{Clock, ContextKey, TrustDomain, step};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (ids, tenant) = (SeededIds::new(1), "01KERPXZM0WQ0S6RPTBK0KV9CA".parse()?);
/// # let clock = FixedClock::at(context().build().trace().current().created_at());
/// let key = ContextKey::new(*b"2026", [7; 32]);
/// let domain = TrustDomain::new("bank", clock.clone(), key, [])?;
///
/// let ctx = context().user_in(tenant).build();
/// let sealed = domain.seal(&ctx.child(step!("debit"))?)?;
///
/// let received = domain.receive(sealed.context(), sealed.hop())?.begin(&ids, clock.now());
/// assert_eq!(received.trace().originating(), ctx.trace().originating());
/// assert_eq!(received.trace().parent(), Some(ctx.trace().current()));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TrustDomain(Arc<Parts>);

#[derive(Clone)]
struct Parts {
    name: Arc<str>,
    clock: Arc<dyn Clock>,
    active: Option<Signer>,
    accepted: Vec<Signer>,
    max_bytes: usize,
}

impl TrustDomain {
    /// The most bytes of both halves together, unless more are allowed.
    pub const DEFAULT_MAX_BYTES: usize = 2 * 1024;
    /// The most bytes of both halves that can be allowed.
    pub const MAX_BYTES: usize = 8 * 1024;

    /// The domain of this name. `active` signs and verifies; the keys of `accepted` verify.
    ///
    /// # Errors
    ///
    /// [`TrustDomainError`] if the name is empty or too long, or two keys have one id.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "what is handed over is wiped when this returns"
    )]
    pub fn new(
        name: &str,
        clock: impl Clock + 'static,
        active: ContextKey,
        accepted: impl IntoIterator<Item = ContextKey>,
    ) -> Result<Self, TrustDomainError> {
        let active = active.signer(name);
        let accepted = accepted.into_iter().map(|key| key.signer(name));
        let keys = core::iter::once(active.clone()).chain(accepted).collect();
        Self::of(name, Arc::new(clock), Some(active), keys)
    }

    /// The domain of this name while its keys cannot be had: whatever comes in is answered 503.
    ///
    /// # Errors
    ///
    /// [`TrustDomainError`] if the name is empty or too long.
    pub fn without_keys(name: &str, clock: impl Clock + 'static) -> Result<Self, TrustDomainError> {
        Self::of(name, Arc::new(clock), None, Vec::new())
    }

    fn of(
        name: &str,
        clock: Arc<dyn Clock>,
        active: Option<Signer>,
        accepted: Vec<Signer>,
    ) -> Result<Self, TrustDomainError> {
        if name.is_empty() || name.len() > usize::from(u8::MAX) {
            return Err(TrustDomainError::Name);
        }
        let mut ids: Vec<_> = accepted.iter().map(Signer::id).collect();
        ids.sort_unstable();
        for pair in ids.windows(2) {
            if let [one, other] = pair
                && one == other
            {
                return Err(TrustDomainError::KeyTwice(*one));
            }
        }
        Ok(Self(Arc::new(Parts {
            name: name.into(),
            clock,
            active,
            accepted,
            max_bytes: Self::DEFAULT_MAX_BYTES,
        })))
    }

    /// Allows both halves together to have so many bytes, at most [`TrustDomain::MAX_BYTES`].
    #[must_use]
    pub fn with_max_bytes(self, max_bytes: usize) -> Self {
        let mut parts = Arc::unwrap_or_clone(self.0);
        parts.max_bytes = max_bytes.min(Self::MAX_BYTES);
        Self(Arc::new(parts))
    }

    /// The name, which is authenticated and not sent.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Seals a call. The context half is sealed once and then passed on; the hop half is made for this call.
    ///
    /// # Errors
    ///
    /// [`SealError`] if there is no key, the received half has expired or is another domain's, or both are too large.
    pub fn seal<A: AccessKind>(&self, child: &Child<A>) -> Result<SealedContext, SealError> {
        let signer = self.0.active.as_ref().ok_or(SealError::NoKey)?;
        let half = self.half(signer, child)?;
        let hop = seal_hop(signer, &half.tag, child);
        if half.text.len() + hop.len() > self.0.max_bytes {
            return Err(SealError::TooLarge {
                max: self.0.max_bytes,
            });
        }
        Ok(SealedContext {
            context: half.text,
            hop,
        })
    }

    /// The context half: the one that is held, if it is still good.
    fn half<A: AccessKind>(&self, signer: &Signer, child: &Child<A>) -> Result<Half, SealError> {
        let now = self.now();
        let sealing = child.carried().sealing();
        if let Some(half) = sealing.held() {
            let left = half.expires_at.saturating_since(now);
            if !sealing.is_own() {
                return match (half.audience == self.0.name, left.is_zero()) {
                    (false, _) => Err(SealError::OtherDomain),
                    (true, true) => Err(SealError::Expired),
                    (true, false) => Ok(half),
                };
            }
            // More than a life is left where the clock went back: its readers would refuse it.
            let is_of_here = Arc::ptr_eq(&half.audience, &self.0.name);
            if is_of_here && half.key_id == signer.id() && left > RENEW && left <= LIFE {
                return Ok(half);
            }
        }
        let half = self.seal_context(signer, child, now.saturating_add(LIFE));
        sealing.keep(&half);
        Ok(half)
    }

    fn seal_context<A: AccessKind>(
        &self,
        signer: &Signer,
        child: &Child<A>,
        expires_at: Timestamp,
    ) -> Half {
        let head = ContextFrame::head(signer.id(), expires_at.as_millis());
        let body = Body::of(&child.access(), child.carried());
        let mut stack = [0; USUAL_BYTES];
        let heap;
        let (text, tag) = if let Some(signed) = on_stack(&mut stack, &head, &body) {
            encoded(signed, signer)
        } else {
            // Writing into memory that grows fails for no value of these types.
            heap = postcard::to_extend(&body, head.to_vec()).unwrap_or_default();
            encoded(&heap, signer)
        };
        Half {
            audience: Arc::clone(&self.0.name),
            key_id: signer.id(),
            tag,
            expires_at,
            text,
        }
    }

    /// Opens both halves of a call. The receiver begins the hop.
    ///
    /// # Errors
    ///
    /// [`ReceiveError`] for any defect. In this order: length, alphabet, version, key, tag, expiry, and only then the
    /// body, which must be read to its last byte.
    pub fn receive(&self, context: &str, hop: &str) -> Result<Child, ReceiveError> {
        self.receive_inner(context, hop).map_err(ReceiveError)
    }

    fn receive_inner(&self, context: &str, hop: &str) -> Result<Child, Reason> {
        self.check_keys().map_err(|error| error.0)?;
        self.check_length(context, hop).map_err(|error| error.0)?;
        let mut stack = [0; 2 * 1024];
        let mut heap = Vec::new();
        let buffer = if context.len() <= stack.len() {
            &mut stack[..]
        } else {
            heap.resize(context.len(), 0);
            &mut heap[..]
        };
        let context_frame = ContextFrame::read(decode(context, buffer)?).ok_or(Reason::Form)?;
        let mut buffer = [0; HOP_BYTES + 3];
        let hop_frame = HopFrame::read(decode(hop, &mut buffer)?).ok_or(Reason::Form)?;
        self.verify(&context_frame, &hop_frame)?;
        self.check_expiry(&context_frame)?;
        let half = Half {
            audience: Arc::clone(&self.0.name),
            key_id: context_frame.key_id,
            tag: context_frame.tag,
            expires_at: Timestamp::from_millis(context_frame.expires_at),
            text: context.into(),
        };
        open(&context_frame, &hop_frame, half).ok_or(Reason::Body)
    }

    /// Refuses whatever comes in while there is no key to verify it with.
    pub(super) fn check_keys(&self) -> Result<(), ReceiveError> {
        if self.0.accepted.is_empty() {
            Err(ReceiveError(Reason::NoKeys))
        } else {
            Ok(())
        }
    }

    /// Refuses halves that are too long together, before anything of them is decoded.
    pub(super) fn check_length(&self, context: &str, hop: &str) -> Result<(), ReceiveError> {
        if context.len() + hop.len() > self.0.max_bytes {
            Err(ReceiveError(Reason::Length))
        } else {
            Ok(())
        }
    }

    fn verify(&self, context: &ContextFrame<'_>, hop: &HopFrame<'_>) -> Result<(), Reason> {
        let (context_key, hop_key) = (self.key(context.key_id)?, self.key(hop.key_id)?);
        let are_genuine = context_key.verifies_context(context.signed, &context.tag)
            && hop_key.verifies_hop(&context.tag, hop.signed, &hop.tag);
        are_genuine.then_some(()).ok_or(Reason::Tag)
    }

    fn check_expiry(&self, context: &ContextFrame<'_>) -> Result<(), Reason> {
        let now = self.now();
        let expires_at = Timestamp::from_millis(context.expires_at);
        if now > expires_at.saturating_add(SKEW) {
            return Err(Reason::Expired);
        }
        if expires_at > now.saturating_add(FURTHEST) {
            return Err(Reason::TooFarAhead);
        }
        Ok(())
    }

    fn key(&self, id: [u8; KEY_ID]) -> Result<&Signer, Reason> {
        let mut keys = self.0.accepted.iter();
        keys.find(|key| key.id() == id).ok_or(Reason::UnknownKey)
    }
}

impl fmt::Debug for TrustDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustDomain")
            .field("name", &self.0.name)
            .finish_non_exhaustive()
    }
}

/// Head and body one behind the other; nothing if there is no room for them.
fn on_stack<'s>(stack: &'s mut [u8], head: &[u8], body: &Body) -> Option<&'s [u8]> {
    let (before, rest) = stack.split_at_mut_checked(head.len())?;
    before.copy_from_slice(head);
    let len = head.len() + postcard::to_slice(body, rest).ok()?.len();
    stack.get(..len)
}

/// The text of a context half, and its tag.
fn encoded(signed: &[u8], signer: &Signer) -> (Arc<str>, [u8; TAG]) {
    let tag = signer.sign_context(signed);
    let mut bytes = Vec::with_capacity(signed.len() + TAG);
    bytes.extend_from_slice(signed);
    bytes.extend_from_slice(&tag);
    (URL_SAFE_NO_PAD.encode(&bytes).into(), tag)
}

fn seal_hop<A: AccessKind>(signer: &Signer, of: &[u8; TAG], child: &Child<A>) -> String {
    let (caller, path) = (child.caller().to_bytes(), child.step().as_str());
    let mut buffer = [0; HOP_BYTES];
    let Some(len) = HopFrame::write(&mut buffer, signer.id(), caller, path).map(<[u8]>::len) else {
        return String::new();
    };
    let (signed, rest) = buffer.split_at_mut(len);
    let tag = signer.sign_hop(of, signed);
    if let Some(place) = rest.first_chunk_mut() {
        *place = tag;
    }
    URL_SAFE_NO_PAD.encode(buffer.get(..len + TAG).unwrap_or_default())
}

/// The bytes of a header: no padding, one alphabet, and no loose bits at the end.
fn decode<'b>(text: &str, buffer: &'b mut [u8]) -> Result<&'b [u8], Reason> {
    let length = URL_SAFE_NO_PAD
        .decode_slice(text, buffer)
        .map_err(|_| Reason::Encoding)?;
    buffer.get(..length).ok_or(Reason::Encoding)
}

/// What two genuine halves say; nothing if the body does not end where its last field does.
fn open(context: &ContextFrame<'_>, hop: &HopFrame<'_>, half: Half) -> Option<Child> {
    let (body, rest) = postcard::take_from_bytes::<Body>(context.body).ok()?;
    let opened = Some(body).filter(|_| rest.is_empty())?.open()?;
    let Opened {
        external,
        originating,
        is_sampled,
        access,
        toggles,
        locales,
    } = opened;
    let path = StepPath::parse(core::str::from_utf8(hop.path).ok()?)?;
    let caller = InvocationId::from_bytes(hop.caller).ok()?;
    // Of the caller's own hop this process knows its id; its path and parent stay with the caller.
    let trace = Trace {
        external,
        originating,
        parent: None,
        current: caller,
        step: StepPath::root(),
        is_sampled,
    };
    let carried = Carried::received(trace, toggles, locales, Sealing::Received(half));
    Some(Child::of(access, Arc::new(carried), path))
}
