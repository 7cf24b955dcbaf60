//! The document of an event's context, version 1. Every member is there; absent is `null`.
//!
//! The private types below are the wire form; the public types never derive it, so that renaming a field
//! in the code cannot change a document that was written years ago.

mod access;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

use access::AccessDoc;

use super::strict::object;
use super::strict::object_or_null;
use super::strict::objects;
use super::text::present;
use crate::event::EventContext;
use crate::event::Lineage;
use crate::id::ActionId;
use crate::id::EventId;
use crate::id::ExternalInvocationId;
use crate::id::InvocationId;
use crate::locale::Locale;
use crate::step::StepPath;
use crate::toggle::ToggleName;
use crate::toggle::ToggleValue;
use crate::toggle::Toggles;
use crate::trace::External;
use crate::trace::MadeBy;
use crate::trace::Trace;

const VERSION: u8 = 1;

/// Why a text is not the document of an event's context.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventContextError {
    /// More than 16 KiB.
    #[error(
        "the context of an event has at most {} bytes",
        EventContext::MAX_JSON_BYTES
    )]
    TooLarge,
    /// Not JSON, or not this document: the source says where.
    #[error("not the document of an event's context")]
    Malformed(#[source] serde_json::Error),
}

impl EventContext {
    /// The most bytes of the document.
    pub const MAX_JSON_BYTES: usize = 16 * 1024;

    /// Reads the document. Unknown, missing and repeated members and trailing text are refused.
    ///
    /// # Errors
    ///
    /// [`EventContextError`] if the text is too large or not such a document of version 1.
    pub fn from_json(text: &str) -> Result<Self, EventContextError> {
        if text.len() > Self::MAX_JSON_BYTES {
            return Err(EventContextError::TooLarge);
        }
        serde_json::from_str(text).map_err(EventContextError::Malformed)
    }
}

impl Serialize for EventContext {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Document::of(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for EventContext {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object::<Document, D>(deserializer)?
            .read()
            .map_err(D::Error::custom)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Document {
    version: u8,
    #[serde(deserialize_with = "object")]
    trace: TraceDoc,
    #[serde(deserialize_with = "object")]
    access: AccessDoc,
    #[serde(deserialize_with = "objects")]
    toggles: Vec<ToggleDoc>,
    #[serde(deserialize_with = "present")]
    locale: Option<Locale>,
    test: bool,
    #[serde(deserialize_with = "object_or_null")]
    lineage: Option<LineageDoc>,
    #[serde(deserialize_with = "present")]
    sealed_provenance: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct TraceDoc {
    originating_id: InvocationId,
    #[serde(deserialize_with = "present")]
    parent_id: Option<InvocationId>,
    current_id: InvocationId,
    step: String,
    sampled: bool,
    #[serde(deserialize_with = "object")]
    external: ExternalDoc,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ExternalDoc {
    made_by: MadeBy,
    action_id: ActionId,
    invocation_id: ExternalInvocationId,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
enum ToggleDoc {
    Flag { name: String, value: bool },
    Integer { name: String, value: i64 },
    Choice { name: String, value: String },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct LineageDoc {
    originating_id: EventId,
    parent_id: EventId,
}

impl Document {
    fn of(context: &EventContext) -> Self {
        Self {
            version: VERSION,
            trace: TraceDoc::of(&context.trace),
            access: AccessDoc::of(&context.access),
            toggles: context.toggles.iter().map(ToggleDoc::of).collect(),
            locale: context.locale,
            test: context.is_test,
            lineage: context.lineage.map(|lineage| LineageDoc {
                originating_id: lineage.originating(),
                parent_id: lineage.parent(),
            }),
            sealed_provenance: context.sealed_provenance.clone(),
        }
    }

    fn read(self) -> Result<EventContext, &'static str> {
        if self.version != VERSION {
            return Err("a version of the document that this build does not know");
        }
        if self
            .sealed_provenance
            .as_ref()
            .is_some_and(|sealed| sealed.len() > 1024)
        {
            return Err("sealed provenance of more than 1 KiB");
        }
        let toggles = self.toggles.into_iter().map(ToggleDoc::read);
        let toggles: Vec<_> = toggles.collect::<Result<_, _>>()?;
        Ok(EventContext {
            trace: self.trace.read()?,
            access: self.access.read()?,
            toggles: Toggles::new(toggles).map_err(|_| "toggles that cannot be")?,
            locale: self.locale,
            is_test: self.test,
            lineage: self
                .lineage
                .map(|doc| Lineage::new(doc.originating_id, doc.parent_id)),
            sealed_provenance: self.sealed_provenance,
        })
    }
}

impl TraceDoc {
    fn of(trace: &Trace) -> Self {
        let external = trace.external();
        Self {
            originating_id: trace.originating(),
            parent_id: trace.parent(),
            current_id: trace.current(),
            step: trace.step().as_str().to_owned(),
            sampled: trace.is_sampled(),
            external: ExternalDoc {
                made_by: external.made_by(),
                action_id: external.action(),
                invocation_id: external.invocation(),
            },
        }
    }

    fn read(self) -> Result<Trace, &'static str> {
        if self.parent_id.is_none() != (self.current_id == self.originating_id) {
            return Err("a trace has no parent exactly where it originates");
        }
        let ExternalDoc {
            made_by,
            action_id,
            invocation_id,
        } = self.external;
        Ok(Trace {
            external: External::new(action_id, invocation_id, made_by),
            originating: self.originating_id,
            parent: self.parent_id,
            current: self.current_id,
            step: StepPath::parse(&self.step).ok_or("a step path that cannot be")?,
            is_sampled: self.sampled,
        })
    }
}

impl ToggleDoc {
    fn of((name, value): (&str, &ToggleValue)) -> Self {
        let name = name.to_owned();
        match value {
            ToggleValue::Flag(value) => Self::Flag {
                name,
                value: *value,
            },
            ToggleValue::Integer(value) => Self::Integer {
                name,
                value: *value,
            },
            ToggleValue::Choice(value) => Self::Choice {
                name,
                value: value.to_string(),
            },
        }
    }

    fn read(self) -> Result<(String, ToggleValue), &'static str> {
        Ok(match self {
            Self::Flag { name, value } => (name, ToggleValue::Flag(value)),
            Self::Integer { name, value } => (name, ToggleValue::Integer(value)),
            Self::Choice { name, value } => {
                let choice = ToggleName::parse(&value).map_err(|_| "a choice that cannot be")?;
                (name, ToggleValue::Choice(choice))
            }
        })
    }
}
