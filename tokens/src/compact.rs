//! The compact form (RFC 7515 section 7.1) with a closed header: matched against two templates, never
//! parsed, so that no parser sees a byte that was not signed.

use data_encoding::BASE64URL_NOPAD;

use crate::key::Kid;
use crate::refused::Code;

/// The longest token that is looked at.
pub(crate) const MAX_BYTES: usize = 8 * 1024;
/// The longest token that is issued.
pub(crate) const MAX_ISSUED_BYTES: usize = 4 * 1024;

const MAX_HEADER: usize = 160;
const SIGNATURE: usize = 86;
const KID: usize = 43;

/// The three parts of a token, of the right alphabet and size, and nothing decoded yet.
#[derive(Clone, Copy)]
pub(crate) struct Compact<'a> {
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
    signed: &'a str,
}

impl<'a> Compact<'a> {
    /// Splits a token.
    pub(crate) fn split(token: &'a str) -> Result<Self, Code> {
        if token.len() > MAX_BYTES {
            return Err(Code::Shape);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Code::Shape)?;
        let (header, payload) = signed.split_once('.').ok_or(Code::Shape)?;
        let is_shaped = (1..=MAX_HEADER).contains(&header.len())
            && !payload.is_empty()
            && signature.len() == SIGNATURE
            && [header, payload, signature].into_iter().all(is_base64url);
        if is_shaped {
            Ok(Self {
                header,
                payload,
                signature,
                signed,
            })
        } else {
            Err(Code::Shape)
        }
    }

    /// The `kid` of a header that is one of the two templates of `typ`.
    pub(crate) fn kid(&self, typ: &str) -> Result<Kid, Code> {
        let mut decoded = [0_u8; MAX_HEADER];
        let header = decode(self.header, &mut decoded).ok_or(Code::Header)?;
        kid_of(header, typ).ok_or(Code::Header)
    }

    /// The bytes that were signed.
    pub(crate) const fn signed(&self) -> &'a [u8] {
        self.signed.as_bytes()
    }

    /// The signature.
    pub(crate) fn signature(&self) -> Result<[u8; 64], Code> {
        decode_exactly(self.signature.as_bytes()).ok_or(Code::Shape)
    }

    /// The payload, decoded. Call it after the signature was verified.
    pub(crate) fn payload(&self) -> Result<Vec<u8>, Code> {
        BASE64URL_NOPAD
            .decode(self.payload.as_bytes())
            .map_err(|_| Code::Shape)
    }
}

/// The header of a token of kind `typ` signed by `kid`.
pub(crate) fn header(kid: Kid, typ: &str) -> String {
    format!(r#"{{"alg":"EdDSA","kid":"{kid}","typ":"{typ}"}}"#)
}

fn kid_of(header: &[u8], typ: &str) -> Option<Kid> {
    let rest = header
        .strip_prefix(br#"{"alg":"EdDSA","kid":""#)
        .or_else(|| header.strip_prefix(br#"{"alg":"Ed25519","kid":""#))?;
    let (kid, rest) = rest.split_at_checked(KID)?;
    let rest = rest.strip_prefix(br#"","typ":""#)?;
    let rest = rest.strip_prefix(typ.as_bytes())?;
    if rest == br#""}"# {
        decode_exactly(kid).map(Kid::from_bytes)
    } else {
        None
    }
}

fn is_base64url(part: &str) -> bool {
    part.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Decodes canonical base64url into the front of `out`.
fn decode<'o>(text: &str, out: &'o mut [u8]) -> Option<&'o [u8]> {
    let len = BASE64URL_NOPAD.decode_len(text.len()).ok()?;
    let front = out.get_mut(..len)?;
    BASE64URL_NOPAD.decode_mut(text.as_bytes(), front).ok()?;
    Some(front)
}

fn decode_exactly<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut out = [0_u8; N];
    if BASE64URL_NOPAD.decode_len(text.len()).ok()? != N {
        return None;
    }
    BASE64URL_NOPAD.decode_mut(text, &mut out).ok()?;
    Some(out)
}
