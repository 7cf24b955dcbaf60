//! What a context carries beside the access: trace, toggles, locales, and where it came from.

use crate::id::ExternalInvocationId;
use crate::id::InvocationId;
use crate::locale::Locale;
use crate::step::StepPath;
use crate::toggle::Toggles;
use crate::trace::External;
use crate::trace::MadeBy;
use crate::trace::Trace;
#[cfg(feature = "http")]
use crate::trace_parent::TraceParent;
#[cfg(feature = "wire")]
use crate::wire::Sealing;

/// Everything of a context but its access, behind one pointer.
#[derive(Clone, Debug)]
pub(crate) struct Carried {
    trace: Trace,
    toggles: Toggles,
    locales: Locales,
    made: Made,
    #[cfg(feature = "http")]
    at_door: AtDoor,
    #[cfg(feature = "wire")]
    sealing: Sealing,
}

/// The languages that a request asks for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Locales {
    /// By the header that is ours.
    pub(crate) asked: Option<Locale>,
    /// By the browser's.
    pub(crate) browser: Option<Locale>,
}

/// Where a context came from decides what may still be changed about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Made {
    #[cfg_attr(
        not(any(feature = "http", feature = "testing")),
        expect(dead_code, reason = "the edge is a feature")
    )]
    AtEdge,
    Within,
}

/// What only the door that admitted a request knows of it. It does not travel.
#[cfg(feature = "http")]
#[derive(Clone, Debug, Default)]
pub(crate) struct AtDoor {
    /// What the client would like toggles to be, but may not set.
    pub(crate) wishes: Toggles,
    /// The trace of which the client believes this to be a part.
    pub(crate) link: Option<TraceParent>,
}

impl Carried {
    pub(crate) fn new(trace: Trace, toggles: Toggles, locales: Locales, made: Made) -> Self {
        Self {
            trace,
            toggles,
            locales,
            made,
            #[cfg(feature = "http")]
            at_door: AtDoor::default(),
            #[cfg(feature = "wire")]
            sealing: Sealing::unsealed(),
        }
    }

    /// A context that a service makes for itself.
    pub(crate) fn within(trace: Trace, toggles: Toggles, locale: Option<Locale>) -> Self {
        let locales = Locales {
            asked: locale,
            browser: None,
        };
        Self::new(trace, toggles, locales, Made::Within)
    }

    #[cfg(any(feature = "http", feature = "testing"))]
    pub(crate) fn at_edge(trace: Trace, toggles: Toggles, locales: Locales) -> Self {
        Self::new(trace, toggles, locales, Made::AtEdge)
    }

    #[cfg(feature = "http")]
    pub(crate) fn with_door(self, at_door: AtDoor) -> Self {
        Self { at_door, ..self }
    }

    /// What another process sealed: its bytes are passed on as they came.
    #[cfg(feature = "wire")]
    pub(crate) fn received(
        trace: Trace,
        toggles: Toggles,
        locales: Locales,
        sealing: Sealing,
    ) -> Self {
        Self {
            trace,
            toggles,
            locales,
            made: Made::Within,
            #[cfg(feature = "http")]
            at_door: AtDoor::default(),
            sealing,
        }
    }

    pub(crate) const fn trace(&self) -> &Trace {
        &self.trace
    }

    pub(crate) const fn toggles(&self) -> &Toggles {
        &self.toggles
    }

    pub(crate) const fn locales(&self) -> Locales {
        self.locales
    }

    pub(super) const fn made(&self) -> Made {
        self.made
    }

    #[cfg(feature = "http")]
    pub(crate) const fn at_door(&self) -> &AtDoor {
        &self.at_door
    }

    #[cfg(feature = "wire")]
    pub(crate) const fn sealing(&self) -> &Sealing {
        &self.sealing
    }

    pub(super) fn set_toggles(&mut self, toggles: Toggles) {
        self.toggles = toggles;
    }

    /// Forgets what was sealed, because it says something else by now.
    #[cfg_attr(
        not(feature = "wire"),
        expect(clippy::unused_self, reason = "without the wire nothing is sealed")
    )]
    pub(super) fn unseal(&mut self) {
        #[cfg(feature = "wire")]
        {
            self.sealing = Sealing::unsealed();
        }
    }

    /// One hop further: what was sealed stays true.
    pub(super) fn fork(&mut self, path: StepPath, current: InvocationId) {
        self.trace = self.trace.forked(path, current);
        self.made = Made::Within;
    }

    /// The same under the name of one item of a bulk request.
    pub(super) fn for_item(&self, item: ExternalInvocationId, current: InvocationId) -> Self {
        let external = External::new(self.trace.external().action(), item, MadeBy::Client);
        let mut trace = self.trace.forked(self.trace.step().clone(), current);
        trace.external = external;
        let mut carried = Self {
            trace,
            ..self.clone()
        };
        carried.unseal();
        carried
    }
}
