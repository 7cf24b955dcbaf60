//! What containers are called, by ordinal: in chunks that versions of a tree share.

use std::sync::Arc;

use super::nodes::place;

/// How many names are copied when one of them changes.
const CHUNK: usize = 128;

/// Names by ordinal. A clone copies no name; a change copies one chunk, if a snapshot still reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names(Vec<Arc<Vec<Box<str>>>>);

impl Names {
    pub(super) fn push(&mut self, name: &str) {
        match self.0.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => Arc::make_mut(chunk).push(name.into()),
            _ => self.0.push(Arc::new(vec![name.into()])),
        }
    }

    pub(super) fn set(&mut self, ordinal: u32, name: &str) {
        let at = place(ordinal);
        let held = self
            .0
            .get_mut(at / CHUNK)
            .and_then(|chunk| Arc::make_mut(chunk).get_mut(at % CHUNK));
        if let Some(held) = held {
            *held = name.into();
        }
    }

    pub(crate) fn get(&self, ordinal: u32) -> &str {
        let at = place(ordinal);
        self.0
            .get(at / CHUNK)
            .and_then(|chunk| chunk.get(at % CHUNK))
            .map_or("", |name| name)
    }
}
