//! Judges the claims: for whom, from whom, and when.

use skeleton_invocation_context::TenantId;

use super::AccessClaims;
use super::read::Claims;
use crate::json::parse_object;
use crate::key::PublicKey;
use crate::lifetime::TokenLifetime;
use crate::names::IssuerNames;
use crate::refused::Code;

/// The largest difference between two clocks that is forgiven, in seconds.
pub(crate) const SKEW: u64 = 30;

/// What a verifier holds the claims against.
#[expect(unnameable_types, reason = "it appears in the sealing trait only")]
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) audience: &'a str,
    pub(crate) names: &'a IssuerNames,
    pub(crate) key: &'a PublicKey,
    pub(crate) max: TokenLifetime,
    pub(crate) now: u64,
}

impl AccessClaims {
    /// Reads and judges a payload whose signature was verified.
    pub(crate) fn accept(payload: &[u8], expected: &Expected<'_>) -> Result<Self, Code> {
        let object = parse_object(payload).map_err(|_| Code::Json)?;
        let claims = Claims::of(&object)?;
        expected.judge_parties(&claims)?;
        expected.judge_times(&claims)?;
        Ok(claims.into_accepted())
    }
}

impl Expected<'_> {
    fn judge_parties(&self, claims: &Claims<'_>) -> Result<(), Code> {
        if !self.names.is_issuer_of(self.key.scope(), &claims.iss) {
            return Err(Code::Issuer);
        }
        if claims.tid != self.tenant || !self.key.scope().covers(claims.tid) {
            return Err(Code::Tenant);
        }
        if claims.aud != self.audience {
            return Err(Code::Audience);
        }
        Ok(())
    }

    fn judge_times(&self, claims: &Claims<'_>) -> Result<(), Code> {
        let Claims { iat, nbf, exp, .. } = *claims;
        // A proof from the future would look fresh for ever.
        if claims.auth_time > iat + SKEW {
            return Err(Code::NotYet);
        }
        let is_ordered = iat <= nbf && nbf < exp;
        if !is_ordered || exp - iat > u64::from(self.max.as_secs()) {
            return Err(Code::Life);
        }
        if iat + SKEW < self.key.active_from().as_secs() {
            return Err(Code::KeyWindow);
        }
        // `iat <= nbf`: this covers both.
        if nbf > self.now + SKEW {
            return Err(Code::NotYet);
        }
        if self.now >= exp + SKEW {
            Err(Code::Expired)
        } else {
            Ok(())
        }
    }
}
