//! The states of a log-in, and the steps between them.

use core::fmt;

use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::SessionId;
use skeleton_invocation_context::Timestamp;
use skeleton_tokens::ClientId;

use super::error::LogInError;
use super::started::Started;
use crate::account::StoredAccount;
use crate::authn::Authn;
use crate::password::Password;
use crate::store::LogInRecord;

/// A log-in under way, in state `S`.
///
/// # Security
///
/// Each step takes the challenge and gives the next one, so none is taken twice. A session is started in
/// the last state only:
///
/// ```compile_fail
/// use skeleton_authn::{AwaitingPassword, Challenge};
/// async fn too_early(challenge: Challenge<AwaitingPassword>, client: skeleton_tokens::ClientId) {
///     let _ = challenge.start_session(client).await;
/// }
/// ```
///
/// nobody else makes one of that state:
///
/// ```compile_fail
/// use skeleton_authn::{Authn, Challenge, Passed};
/// fn forged(authn: Authn, state: Passed) -> Challenge<Passed> {
///     Challenge { authn, state }
/// }
/// ```
///
/// and nobody keeps one for a second use:
///
/// ```compile_fail
/// use skeleton_authn::{Challenge, Passed};
/// fn kept(challenge: &Challenge<Passed>) -> Challenge<Passed> {
///     challenge.clone()
/// }
/// ```
#[must_use = "a log-in goes on with its next step"]
pub struct Challenge<S> {
    authn: Authn,
    state: S,
}

/// The password is due.
pub struct AwaitingPassword {
    /// `None` for an identifier that names no account.
    account: Option<StoredAccount>,
}

/// Everything that was due is proved.
pub struct Passed {
    account: StoredAccount,
    proof: Proof,
}

/// How strong the proof was, and when it was given.
#[derive(Clone, Copy, Debug)]
pub(super) struct Proof {
    pub(super) assurance: Assurance,
    pub(super) at: Timestamp,
}

/// What is due after the right password.
#[derive(Debug)]
#[non_exhaustive]
pub enum AfterPassword {
    /// Nothing: a session may be started.
    Passed(Challenge<Passed>),
}

impl Challenge<AwaitingPassword> {
    pub(crate) const fn begun(authn: Authn, account: Option<StoredAccount>) -> Self {
        Self {
            authn,
            state: AwaitingPassword { account },
        }
    }

    /// Checks the password. One hash is computed, whoever the identifier names.
    ///
    /// # Errors
    ///
    /// [`LogInError::Refused`] for a wrong password, an unknown identifier and a deactivated account;
    /// [`LogInError::Saturated`] if nothing was hashed.
    pub async fn password(self, password: &Password) -> Result<AfterPassword, LogInError> {
        let Self {
            authn,
            state: AwaitingPassword { account },
        } = self;
        let active = account.filter(StoredAccount::is_active);
        let stored = active.as_ref().map(StoredAccount::password);
        let is_right = authn.shared.hashing.matches(password, stored).await?;
        let account = active.filter(|_| is_right).ok_or(LogInError::Refused)?;
        let proof = Proof {
            assurance: Assurance::Aal1,
            at: authn.shared.clock.now(),
        };
        Ok(AfterPassword::Passed(Challenge {
            authn,
            state: Passed { account, proof },
        }))
    }
}

impl Challenge<Passed> {
    /// Starts a session at `client`, unless the account was deactivated in the meantime.
    ///
    /// # Errors
    ///
    /// [`LogInError::Refused`] if it was; [`LogInError::Unavailable`] if the store does not answer.
    pub async fn start_session(self, client: ClientId) -> Result<Started, LogInError> {
        let Self {
            authn,
            state: Passed { account, proof },
        } = self;
        let shared = &authn.shared;
        let now = shared.clock.now();
        let record = shared
            .accounts
            .record_log_in(account.tenant(), account.id(), now)
            .await?;
        let is_first = match record {
            LogInRecord::First => true,
            LogInRecord::Repeated => false,
            LogInRecord::Inactive => return Err(LogInError::Refused),
        };
        let session = SessionId::generate(&*shared.ids, now);
        Ok(Started::new(
            &account, session, client, proof, now, is_first,
        ))
    }
}

impl<S> fmt::Debug for Challenge<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge(..)")
    }
}

impl fmt::Debug for AwaitingPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AwaitingPassword(..)")
    }
}

impl fmt::Debug for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passed(..)")
    }
}
