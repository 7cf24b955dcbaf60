//! Writes the claims, in the order of the README's sample.

use core::fmt::Write;

use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::SessionId;
use zeroize::Zeroizing;

use super::TokenId;
use super::grants;
use crate::client::ClientId;
use crate::draft::Subject;
use crate::draft::WithProof;
use crate::json::push_text;

/// Everything that a payload is written from.
pub(crate) struct Payload<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) audience: &'a str,
    pub(crate) subject: &'a Subject,
    pub(crate) client: &'a ClientId,
    pub(crate) session: SessionId,
    pub(crate) id: TokenId,
    pub(crate) times: Times,
    pub(crate) proof: &'a WithProof,
    pub(crate) grants: &'a RoleAssignments,
}

/// When the token begins and ends, in seconds since 1970.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) issued_at: u64,
    pub(crate) expires_at: u64,
}

impl Payload<'_> {
    /// Whether the grants may be listed at all.
    pub(crate) fn may_list(&self) -> bool {
        self.grants.reference().is_none() && self.grants.iter().count() <= grants::MAX_LISTED
    }

    /// The payload with its grants listed.
    pub(crate) fn listed(&self) -> Zeroizing<String> {
        let mut out = self.head();
        grants::push_listed(&mut out, self.grants);
        out.push('}');
        out
    }

    /// The payload with a reference to its grants.
    pub(crate) fn by_reference(&self) -> Zeroizing<String> {
        let mut out = self.head();
        let (digest, count) = grants::as_reference(self.grants);
        grants::push_reference(&mut out, &digest, count);
        out.push('}');
        out
    }

    /// Every member but the last, which is about grants.
    fn head(&self) -> Zeroizing<String> {
        let mut out = Zeroizing::new(String::with_capacity(CAPACITY));
        let subject = self.subject;
        let kind = match subject.kind {
            AccountKind::User => "user",
            AccountKind::Service => "service",
        };
        open(&mut out, "{\"iss\":", self.issuer);
        open(&mut out, ",\"sub\":", &subject.account.to_string());
        open(&mut out, ",\"aud\":", self.audience);
        open(&mut out, ",\"client_id\":", self.client.as_str());
        open(&mut out, ",\"tid\":", &subject.tenant.to_string());
        open(&mut out, ",\"account-kind\":", kind);
        open(&mut out, ",\"sid\":", &self.session.to_string());
        open(&mut out, ",\"jti\":", &self.id.to_string());
        let Times {
            issued_at,
            expires_at,
        } = self.times;
        let auth_time = self.proof.at.as_secs();
        // Writing to a string cannot fail.
        let _infallible = write!(
            out,
            r#","iat":{issued_at},"nbf":{issued_at},"exp":{expires_at},"auth_time":{auth_time}"#
        );
        open(&mut out, ",\"acr\":", self.proof.acr.as_str());
        self.push_methods(&mut out);
        if let Some(locale) = subject.locale {
            open(&mut out, ",\"locale\":", locale.as_str());
        }
        if subject.is_test {
            out.push_str(",\"test\":true");
        }
        out.push(',');
        out
    }

    fn push_methods(&self, out: &mut String) {
        out.push_str(",\"amr\":[");
        for (at, method) in self.proof.amr.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            push_text(out, method.as_str());
        }
        out.push(']');
    }
}

fn open(out: &mut String, member: &str, text: &str) {
    out.push_str(member);
    push_text(out, text);
}

/// Room for a payload with a few grants, so that it is not moved while it grows.
const CAPACITY: usize = 1_024;
