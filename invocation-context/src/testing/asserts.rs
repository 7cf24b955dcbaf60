//! What two contexts have in common.

use std::collections::HashSet;

use crate::access::AccessKind;
use crate::context::InvocationContext;

/// Asserts that `child` is the hop after `parent`: the same invocation one step further, under an id of its own.
///
/// # Panics
///
/// If it is not.
#[track_caller]
pub fn assert_forked_from<A: AccessKind, B: AccessKind>(
    child: &InvocationContext<A>,
    parent: &InvocationContext<B>,
) {
    let (child, parent) = (child.trace(), parent.trace());
    assert_eq!(child.parent(), Some(parent.current()), "another parent");
    assert_ne!(child.current(), parent.current(), "no id of its own");
    assert_eq!(child.originating(), parent.originating(), "another trace");
    assert_eq!(child.external(), parent.external(), "another invocation");
    assert_eq!(child.is_sampled(), parent.is_sampled(), "sampled otherwise");
    let (longer, shorter) = (child.step().as_str(), parent.step().as_str());
    let label = match shorter {
        "" => Some(longer),
        _ => longer
            .strip_prefix(shorter)
            .and_then(|rest| rest.strip_prefix('/')),
    };
    let is_one_step = label.is_some_and(|label| !label.is_empty() && !label.contains('/'));
    assert!(is_one_step, "{longer:?} is not one step after {shorter:?}");
}

/// Asserts that two contexts are of one call: the same external invocation at the same step, as a retry has them.
///
/// # Panics
///
/// If they are not.
#[track_caller]
pub fn assert_same_call<A: AccessKind, B: AccessKind>(
    one: &InvocationContext<A>,
    other: &InvocationContext<B>,
) {
    let (this, that) = (one.trace(), other.trace());
    let (this_external, that_external) = (this.external(), that.external());
    assert_eq!(
        this_external.invocation(),
        that_external.invocation(),
        "another invocation"
    );
    assert_eq!(this.step(), that.step(), "another step");
    assert_eq!(one.namespace(), other.namespace(), "another caller");
}

/// Asserts that no two of the contexts are of one call.
///
/// # Panics
///
/// If two are.
#[track_caller]
pub fn assert_distinct_steps<'c, A: AccessKind>(
    contexts: impl IntoIterator<Item = &'c InvocationContext<A>>,
) {
    let mut seen = HashSet::new();
    for ctx in contexts {
        let trace = ctx.trace();
        let step = trace.step().as_str();
        let call = (ctx.namespace(), trace.external().invocation(), step);
        assert!(seen.insert(call), "two calls are named {step:?}");
    }
}
