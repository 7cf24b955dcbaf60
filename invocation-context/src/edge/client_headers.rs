//! The headers that a client may send: names of its action and its invocation, toggles, languages, its own trace.

use http::HeaderMap;
use http::HeaderName;
use http::header;

use crate::context::Locales;
use crate::id::ActionId;
use crate::id::ExternalInvocationId;
use crate::locale::Locale;
use crate::problem::Problem;
use crate::problem::ProblemKind;
use crate::source::IdGenerator;
use crate::time::Timestamp;
use crate::toggle::Judged;
use crate::toggle::ToggleName;
use crate::toggle::ToggleRegistry;
use crate::toggle::ToggleValue;
use crate::toggle::Toggles;
use crate::toggle::dictionary;
use crate::toggle::dictionary::Item;
use crate::trace::External;
use crate::trace::MadeBy;
use crate::trace_parent::TraceParent;

const ACTION: HeaderName = HeaderName::from_static("x-action-id");
const INVOCATION: HeaderName = HeaderName::from_static("x-invocation-id");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const TOGGLES: HeaderName = HeaderName::from_static("x-toggles");
const LOCALE: HeaderName = HeaderName::from_static("x-locale");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// The most entries of `Accept-Language` that are read.
const MAX_LANGUAGES: usize = 16;

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

/// The toggles that the client may set, and its wishes.
pub(super) fn toggles(
    headers: &HeaderMap,
    registry: &ToggleRegistry,
) -> Result<(Toggles, Toggles), Problem> {
    let Some(line) = only_line(headers, &TOGGLES)? else {
        return Ok((Toggles::none(), Toggles::none()));
    };
    let refused = || malformed(&TOGGLES);
    let members = dictionary::parse(line, Toggles::MAX).ok_or_else(refused)?;
    let (mut set, mut wishes) = (Vec::new(), Vec::new());
    for (name, item) in members {
        match registry.judge(name, value(&item).as_ref()) {
            Judged::Set(value) => set.extend(named(name, value)),
            // A name that no toggle can have is a wish that no rule can grant.
            Judged::Wish(value) => wishes.extend(named(name, value)),
            Judged::Nothing => {}
            Judged::Malformed => return Err(refused()),
        }
    }
    let set = Toggles::of_valid(set).map_err(|_| refused())?;
    let wishes = Toggles::of_valid(wishes).map_err(|_| refused())?;
    Ok((set, wishes))
}

fn named(name: &str, value: ToggleValue) -> Option<(ToggleName, ToggleValue)> {
    Some((ToggleName::parse(name).ok()?, value))
}

fn value(item: &Item<'_>) -> Option<ToggleValue> {
    Some(match item {
        Item::Flag(flag) => ToggleValue::Flag(*flag),
        Item::Integer(number) => ToggleValue::Integer(*number),
        Item::Text(text) => ToggleValue::Choice(ToggleName::parse(text).ok()?),
    })
}

/// The languages that the request asks for: by `X-Locale`, which must be well formed, and by `Accept-Language`, of
/// which whatever cannot be used is skipped.
pub(super) fn locales(headers: &HeaderMap) -> Result<Locales, Problem> {
    let asked = only_line(headers, &LOCALE)?
        .map(|text| text.parse().map_err(|_| malformed(&LOCALE)))
        .transpose()?;
    Ok(Locales {
        asked,
        browser: preferred(headers),
    })
}

/// The usable language of the highest weight, the first of equals (RFC 9110, 12.5.4).
fn preferred(headers: &HeaderMap) -> Option<Locale> {
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter();
    let entries = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    let usable = entries.take(MAX_LANGUAGES).filter_map(language);
    let best = usable.reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.map(|(locale, _)| locale)
}

/// A language and its weight in thousandths; nothing for what cannot be used or is not wanted.
fn language(entry: &str) -> Option<(Locale, u16)> {
    let (tag, weight) = match entry.split_once(';') {
        Some((tag, parameter)) => (tag, thousandths(parameter)?),
        None => (entry, 1_000),
    };
    let locale = tag.trim_matches([' ', '\t']).parse().ok()?;
    (weight > 0).then_some((locale, weight))
}

/// `q=0.8` as 800 (RFC 9110, 12.4.2).
fn thousandths(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    let value = value.trim_matches([' ', '\t']);
    let is_weight = name.trim_matches([' ', '\t']).eq_ignore_ascii_case("q");
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = fraction.len() <= 3 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let number: u16 = format!("{fraction:0<3}").parse().ok().filter(|_| digits)?;
    match whole {
        "0" if is_weight => Some(number),
        "1" if is_weight && number == 0 => Some(1_000),
        _ => None,
    }
}

/// The trace of which the client believes this to be a part: a link at most, for the trace begins at the edge.
pub(super) fn link(headers: &HeaderMap) -> Option<TraceParent> {
    let line = only_line(headers, &TRACEPARENT).ok()??;
    line.parse().ok()
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

/// The 400 that names a header, and nothing of its value.
pub(super) fn malformed(header: &HeaderName) -> Problem {
    Problem::new(ProblemKind::Malformed).with_detail(format!("the header {header} is not valid"))
}
