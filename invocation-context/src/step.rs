//! Steps name the calls of an invocation, so that a retry meets its own traces and siblings do not.

use core::fmt;
use std::borrow::Cow;
use std::sync::Arc;

use crate::name::NameError;
use crate::name::check_name;

/// One call as its caller names it: `debit`, or `debit.7` for one of several. At most 32 bytes.
///
/// A step names the call, not the attempt: retries agree, siblings need different labels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Step(Cow<'static, str>);

impl Step {
    /// The most bytes of a label.
    pub const MAX_BYTES: usize = 32;

    /// Reads a label.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the text is empty, longer than 32 bytes, or not `[a-z0-9-]`.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check_name(text, Self::MAX_BYTES)?;
        Ok(Self(Cow::Owned(text.to_owned())))
    }

    /// The same call for one item of several: `debit.7`; for an item of that item, `debit.7.0`.
    ///
    /// # Errors
    ///
    /// [`NameError::Length`] if the label would have more than 32 bytes.
    pub fn item(&self, position: u32) -> Result<Self, NameError> {
        let label = format!("{}.{position}", self.0);
        if label.len() > Self::MAX_BYTES {
            Err(NameError::Length)
        } else {
            Ok(Self(label.into()))
        }
    }

    /// The label.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn __checked(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

/// Names a call, checked while compiling.
///
/// ```
/// assert_eq!(skeleton_invocation_context::step!("debit").as_str(), "debit");
/// ```
///
/// ```compile_fail
/// skeleton_invocation_context::step!("A b");
/// ```
#[macro_export]
macro_rules! step {
    ($label:literal) => {{
        const _: () = ::core::assert!(
            $crate::__private::is_name($label, $crate::Step::MAX_BYTES),
            "a step is named in lower-case letters, digits and inner hyphens, at most 32 bytes"
        );
        $crate::Step::__checked($label)
    }};
}

/// The path has no room for another step: a call loop, most likely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a step path has at most {} steps and {} bytes",
    StepPath::MAX_STEPS,
    StepPath::MAX_BYTES
)]
pub struct StepPathFull(());

/// The steps from the edge to here, joined by `/`; empty at the edge.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct StepPath(Option<Arc<str>>);

impl StepPath {
    /// The most steps of a path.
    pub const MAX_STEPS: usize = 16;
    /// The most bytes of a path.
    pub const MAX_BYTES: usize = 192;

    pub(crate) const fn root() -> Self {
        Self(None)
    }

    /// The path with one more step. It is put together on the stack, so it costs one allocation.
    pub(crate) fn then(&self, step: &Step) -> Result<Self, StepPathFull> {
        let Some(path) = &self.0 else {
            return Self::checked(step.as_str()).ok_or(StepPathFull(()));
        };
        let mut joined = [0; Self::MAX_BYTES];
        let (path, step) = (path.as_bytes(), step.as_str().as_bytes());
        let len = path.len() + 1 + step.len();
        let target = joined.get_mut(..len).ok_or(StepPathFull(()))?;
        let (before, after) = target.split_at_mut(path.len());
        before.copy_from_slice(path);
        if let [slash, rest @ ..] = after {
            *slash = b'/';
            rest.copy_from_slice(step);
        }
        let joined = core::str::from_utf8(target).map_err(|_| StepPathFull(()))?;
        Self::checked(joined).ok_or(StepPathFull(()))
    }

    /// Reads a path as written by [`StepPath::as_str`].
    #[cfg(any(feature = "serde", feature = "wire"))]
    pub(crate) fn parse(path: &str) -> Option<Self> {
        if path.is_empty() {
            return Some(Self::root());
        }
        path.split('/')
            .all(is_label)
            .then(|| Self::checked(path))
            .flatten()
    }

    fn checked(path: &str) -> Option<Self> {
        let fits = path.len() <= Self::MAX_BYTES && path.split('/').count() <= Self::MAX_STEPS;
        fits.then(|| Self(Some(Arc::from(path))))
    }

    /// The labels joined by `/`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// Whether this is the edge.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl fmt::Debug for StepPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StepPath({})", self.as_str())
    }
}

#[cfg(any(feature = "serde", feature = "wire"))]
fn is_label(text: &str) -> bool {
    let mut parts = text.split('.');
    let name = parts.next().unwrap_or_default();
    let is_item = |item: &str| {
        item.parse::<u32>()
            .is_ok_and(|number| number.to_string() == item)
    };
    text.len() <= Step::MAX_BYTES && check_name(name, Step::MAX_BYTES).is_ok() && parts.all(is_item)
}
