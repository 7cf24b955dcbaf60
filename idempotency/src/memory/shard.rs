//! Some of the records, behind one lock.

use std::collections::HashMap;
use std::collections::HashSet;
use std::collections::hash_map::Entry;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use skeleton_invocation_context::Operation;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use tokio::sync::Notify;

use super::MemoryError;
use crate::answer::Answer;
use crate::key::IdempotencyKey;
use crate::machine::apply;
use crate::machine::sweep;
use crate::record::Record;
use crate::record::State;
use crate::store::Swept;
use crate::verbs::Conclusion;
use crate::verbs::Reply;
use crate::verbs::Verb;

/// What a key takes without its answer, generously.
const PER_KEY: usize = 208;
/// What an answer takes beside its bytes.
const PER_ANSWER: usize = 96;
/// The most names of operations that are kept once for all records.
const MAX_NAMES: usize = 1_024;

type Address = [u8; 32];

pub(super) struct Shard {
    table: Mutex<Table>,
    changed: Notify,
    capacity: usize,
}

#[derive(Default)]
struct Table {
    records: HashMap<Address, Box<Kept>>,
    names: HashSet<Operation>,
    bytes: usize,
    /// No record is past its retention before: a full shard need not be searched again and again.
    none_past_before: Option<Timestamp>,
}

struct Kept {
    /// Taken out only while a verb is applied.
    record: Option<Record>,
    tenant: Option<TenantId>,
}

impl Shard {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            table: Mutex::default(),
            changed: Notify::new(),
            capacity,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.table().records.len()
    }

    pub(super) fn apply(
        &self,
        key: &IdempotencyKey,
        verb: &Verb<'_>,
        now: Timestamp,
    ) -> Result<Reply, MemoryError> {
        let mut table = self.table();
        if matches!(verb, Verb::Claim(..)) {
            table.make_room(key.address(), self.capacity, now)?;
        }
        let (reply, is_over) = match verb {
            // There is room for every key, and not for every body.
            Verb::Complete(key, fence, Conclusion::Done(answer))
                if table.bytes.saturating_add(size_of(answer)) > self.capacity =>
            {
                let end = Conclusion::Done(answer.clone().without_body());
                table.apply(key, &Verb::Complete(key, *fence, &end), now)
            }
            verb => table.apply(key, verb, now),
        };
        drop(table);
        if is_over {
            self.changed.notify_waiters();
        }
        Ok(reply)
    }

    pub(super) async fn changed(&self, key: &IdempotencyKey, seen: u64) {
        loop {
            let changed = self.changed.notified();
            if !self.table().runs(key.address(), seen) {
                return;
            }
            changed.await;
        }
    }

    pub(super) fn sweep(&self, left: &mut usize, swept: &mut Swept, now: Timestamp) {
        self.table().sweep(left, swept, now);
        self.changed.notify_waiters();
    }

    pub(super) fn forget_tenant(&self, tenant: TenantId) {
        let mut table = self.table();
        let mut freed = 0;
        table.records.retain(|_, kept| {
            let stays = kept.tenant != Some(tenant);
            freed += if stays { 0 } else { size(kept.record.as_ref()) };
            stays
        });
        table.bytes = table.bytes.saturating_sub(freed);
        drop(table);
        self.changed.notify_waiters();
    }

    /// A table is whole between any two statements here, so a panic elsewhere does not spoil it.
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Applies a verb, and tells whether somebody's run may be over by it.
    fn apply(&mut self, key: &IdempotencyKey, verb: &Verb<'_>, now: Timestamp) -> (Reply, bool) {
        match self.records.entry(*key.address()) {
            Entry::Occupied(mut entry) => {
                let kept = entry.get_mut();
                let before = kept.record.take();
                let (size_before, ran) = (size(before.as_ref()), running(before.as_ref()));
                let (mut after, reply) = apply(before, verb, now);
                if let Some(record) = &mut after {
                    intern(&mut self.names, record);
                }
                self.bytes = self.bytes.saturating_sub(size_before) + size(after.as_ref());
                let is_over = ran.is_some() && ran != running(after.as_ref());
                if after.is_some() {
                    kept.record = after;
                } else {
                    entry.remove();
                }
                (reply, is_over)
            }
            Entry::Vacant(entry) => {
                let (after, reply) = apply(None, verb, now);
                if let Some(mut record) = after {
                    intern(&mut self.names, &mut record);
                    self.bytes += size(Some(&record));
                    let expires_at = Some(record.expires_at);
                    self.none_past_before = match self.none_past_before {
                        Some(before) => expires_at.min(Some(before)),
                        None => expires_at,
                    };
                    entry.insert(Box::new(Kept {
                        record: Some(record),
                        tenant: key.tenant(),
                    }));
                }
                (reply, false)
            }
        }
    }

    /// Room for one key more, unless it is there already.
    fn make_room(
        &mut self,
        address: &Address,
        capacity: usize,
        now: Timestamp,
    ) -> Result<(), MemoryError> {
        let fits = |table: &Self| {
            table.bytes.saturating_add(PER_KEY) <= capacity || table.records.contains_key(address)
        };
        if fits(self) {
            return Ok(());
        }
        if self.none_past_before.is_some_and(|before| before <= now) {
            self.sweep(&mut usize::MAX.clone(), &mut Swept::default(), now);
        }
        if fits(self) {
            Ok(())
        } else {
            Err(MemoryError::Full)
        }
    }

    fn sweep(&mut self, left: &mut usize, swept: &mut Swept, now: Timestamp) {
        let (mut freed, mut next) = (0, None::<Timestamp>);
        self.records.retain(|_, kept| {
            let Some(record) = kept.record.take_if(|_| *left > 0) else {
                let expires_at = kept.record.as_ref().map(|record| record.expires_at);
                next = earlier(next, expires_at);
                return true;
            };
            let was_in_doubt = matches!(record.state, State::Unknown { .. });
            let (before, expires_at) = (size(Some(&record)), record.expires_at);
            kept.record = sweep(record, now);
            match &kept.record {
                None => {
                    *left -= 1;
                    freed += before;
                    swept.purged += 1;
                    swept.forgotten += u64::from(was_in_doubt);
                    false
                }
                Some(record) => {
                    if !was_in_doubt && matches!(record.state, State::Unknown { .. }) {
                        *left -= 1;
                        swept.doubted += 1;
                    }
                    next = earlier(next, Some(expires_at));
                    true
                }
            }
        });
        self.bytes = self.bytes.saturating_sub(freed);
        self.none_past_before = next;
    }

    fn runs(&self, address: &Address, epoch: u64) -> bool {
        let kept = self.records.get(address);
        running(kept.and_then(|kept| kept.record.as_ref())) == Some(epoch)
    }
}

/// The epoch of a run.
fn running(record: Option<&Record>) -> Option<u64> {
    record
        .filter(|record| matches!(record.state, State::Running { .. }))
        .map(|record| record.epoch)
}

fn size(record: Option<&Record>) -> usize {
    record.map_or(0, |record| match &record.state {
        State::Done { answer } => PER_KEY + size_of(answer),
        _ => PER_KEY,
    })
}

fn size_of(answer: &Answer) -> usize {
    let pairs = answer.fields().chain(answer.trailers());
    let fields: usize = pairs
        .map(|(name, value)| 48 + name.len() + value.len())
        .sum();
    PER_ANSWER + fields + answer.body().len()
}

/// One name in memory for all records of an operation.
fn intern(names: &mut HashSet<Operation>, record: &mut Record) {
    if let Some(name) = names.get(&record.operation) {
        record.operation = name.clone();
    } else if names.len() < MAX_NAMES {
        names.insert(record.operation.clone());
    }
}

fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, None) => one,
        (None, other) => other,
    }
}
