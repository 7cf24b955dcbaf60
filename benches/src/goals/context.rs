//! The invocation context.

use super::Goal;
use super::count;
use super::nanos;
use super::ratio;

pub(super) const GOALS: &[Goal] = &[
    ratio(
        "ctx-verify",
        "headers to verified context, against JSON and base64url unchecked",
        "receive/ours",
        "receive/json-unchecked",
        1.0,
    ),
    ratio(
        "ctx-verify-ed25519",
        "the same, against one Ed25519 verification",
        "receive/ours",
        "receive/ed25519-floor",
        1.0 / 30.0,
    ),
    ratio(
        "ctx-verify-jwt",
        "the same, against an EdDSA JWT",
        "receive/ours",
        "receive/jwt-eddsa",
        1.0 / 30.0,
    ),
    nanos(
        "ctx-receive",
        "headers to verified context",
        "receive/ours",
        1_200.0,
    ),
    count("ctx-receive-alloc", "allocations of the same", 6),
    nanos(
        "ctx-refuse",
        "a wrong tag refused",
        "refuse/wrong-tag",
        700.0,
    ),
    count("ctx-refuse-alloc", "allocations of the same", 0),
    ratio(
        "ctx-encode",
        "context to both headers, against JSON and base64url unsigned",
        "seal/ours-first",
        "seal/json-unsigned",
        1.0,
    ),
    nanos(
        "ctx-seal-first",
        "the first seal of a context",
        "seal/ours-first",
        1_100.0,
    ),
    nanos(
        "ctx-seal-hop",
        "a further call: the hop half alone",
        "seal/ours-hop",
        450.0,
    ),
    count("ctx-seal-hop-alloc", "allocations of the same", 1),
    count(
        "ctx-bytes-percent",
        "both headers, per cent of JSON as base64url",
        50,
    ),
    count(
        "ctx-bytes-no-roles",
        "bytes of both headers without roles",
        300,
    ),
    count(
        "ctx-bytes-reference",
        "bytes of both headers with 3 roles and 2 toggles",
        500,
    ),
    count(
        "ctx-bytes-32-roles",
        "bytes of both headers with 32 roles",
        2_048,
    ),
    nanos("ctx-clone", "clone", "value/clone", 20.0),
    nanos(
        "ctx-narrow",
        "narrow to a known caller",
        "value/narrow",
        20.0,
    ),
    nanos("ctx-toggle", "read a toggle", "value/toggle", 15.0),
    nanos("ctx-child", "prepare a call", "value/child", 80.0),
    count("ctx-child-alloc", "allocations of the same", 1),
    nanos("ctx-id-parse", "parse an id", "id/parse", 40.0),
    nanos("ctx-id-print", "print an id", "id/print", 30.0),
    nanos("ctx-id-draw", "draw an id", "id/draw", 400.0),
    nanos(
        "ctx-proxies",
        "walk over five proxies",
        "edge/walk-5",
        300.0,
    ),
    nanos("ctx-layer", "ContextLayer", "edge/context-layer", 2_500.0),
    count("ctx-layer-alloc", "allocations of the same", 12),
    nanos(
        "ctx-span",
        "the span of an invocation, filtered out",
        "span/filtered-out",
        15.0,
    ),
];
