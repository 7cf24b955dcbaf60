//! The headers by which a client names its action and its invocation.

use http::HeaderMap;
use http::HeaderName;

use crate::id::ActionId;
use crate::id::ExternalInvocationId;
use crate::problem::Problem;
use crate::problem::ProblemKind;
use crate::source::IdGenerator;
use crate::time::Timestamp;
use crate::trace::External;
use crate::trace::MadeBy;

const ACTION: HeaderName = HeaderName::from_static("x-action-id");
const INVOCATION: HeaderName = HeaderName::from_static("x-invocation-id");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Reads the external ids; what is absent is made here, and marked so if it is the invocation's.
pub(super) fn external(
    headers: &HeaderMap,
    ids: &dyn IdGenerator,
    now: Timestamp,
) -> Result<External, Problem> {
    let action = match only_line(headers, &ACTION)? {
        Some(text) => text.parse().map_err(|_| malformed(&ACTION))?,
        None => ActionId::generate(ids, now),
    };
    Ok(match invocation(headers)? {
        Some(id) => External::new(action, id, MadeBy::Client),
        None => External::new(
            action,
            ExternalInvocationId::generate(ids, now),
            MadeBy::Edge,
        ),
    })
}

fn invocation(headers: &HeaderMap) -> Result<Option<ExternalInvocationId>, Problem> {
    let invocation = only_line(headers, &INVOCATION)?
        .map(|text| {
            text.parse::<ExternalInvocationId>()
                .map_err(|_| malformed(&INVOCATION))
        })
        .transpose()?;
    let key = only_line(headers, &IDEMPOTENCY_KEY)?
        .map(|text| key(text).ok_or_else(|| malformed(&IDEMPOTENCY_KEY)))
        .transpose()?;
    match (invocation, key) {
        (Some(one), Some(other)) if one != other => Err(malformed(&IDEMPOTENCY_KEY)),
        (one, other) => Ok(one.or(other)),
    }
}

/// Reads a key: bare, or a string of RFC 9651 without parameters; a ULID, or a UUID of version 7, whose
/// first 48 bits are the milliseconds too.
fn key(text: &str) -> Option<ExternalInvocationId> {
    let inner = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => text,
    };
    inner.parse().ok().or_else(|| uuid_v7(inner))
}

fn uuid_v7(text: &str) -> Option<ExternalInvocationId> {
    let mut groups = text.split('-');
    let mut bits = 0_u128;
    for len in [8, 4, 4, 4, 12] {
        let group = groups.next().filter(|group| group.len() == len)?;
        for digit in group.chars() {
            bits = bits << 4 | u128::from(digit.to_digit(16)?);
        }
    }
    let (version, variant) = (bits >> 76 & 0xf, bits >> 62 & 0b11);
    let is_v7 = groups.next().is_none() && version == 7 && variant == 0b10;
    is_v7
        .then(|| ExternalInvocationId::from_bytes(bits.to_be_bytes()).ok())
        .flatten()
}

fn only_line<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<Option<&'h str>, Problem> {
    let mut lines = headers.get_all(name).iter();
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    if lines.next().is_some() {
        return Err(malformed(name));
    }
    line.to_str().map(Some).map_err(|_| malformed(name))
}

fn malformed(header: &HeaderName) -> Problem {
    Problem::new(ProblemKind::Malformed).with_detail(format!("the header {header} is not valid"))
}
