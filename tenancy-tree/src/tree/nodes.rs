//! The containers of a tree in the order of their creation, linked to their parents and siblings.

use std::sync::Arc;

use skeleton_invocation_context::ContainerId;

use super::index::Index;
use super::names::Names;

/// No container.
const NONE: u32 = u32::MAX;

/// Containers by ordinal, the number of their creation. The root is number 0.
///
/// Siblings form a ring, in no order that matters: a snapshot sorts them by ordinal. What never changes once a
/// container is there is shared with the snapshots.
#[derive(Clone, Debug)]
pub(crate) struct Nodes {
    ids: Arc<Vec<ContainerId>>,
    index: Arc<Index>,
    names: Arc<Names>,
    links: Vec<Link>,
    marks: Vec<Mark>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Link {
    parent: u32,
    /// The youngest entry of the ring of children.
    last_child: u32,
    next: u32,
    prev: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Mark {
    depth: u8,
    is_archived: bool,
}

impl PartialEq for Nodes {
    fn eq(&self, other: &Self) -> bool {
        self.ids == other.ids
            && self.names == other.names
            && self.links == other.links
            && self.marks == other.marks
    }
}

impl Eq for Nodes {}

impl Nodes {
    pub(super) fn rooted(root: ContainerId) -> Self {
        let mut nodes = Self {
            ids: Arc::default(),
            index: Arc::new(Index::new()),
            names: Arc::default(),
            links: Vec::new(),
            marks: Vec::new(),
        };
        nodes.push(root, NONE, "", 0);
        nodes
    }

    pub(crate) fn len(&self) -> u32 {
        count(self.ids.len())
    }

    pub(crate) const fn ids(&self) -> &Arc<Vec<ContainerId>> {
        &self.ids
    }

    pub(crate) const fn index(&self) -> &Arc<Index> {
        &self.index
    }

    pub(crate) const fn names(&self) -> &Arc<Names> {
        &self.names
    }

    pub(super) fn find(&self, id: ContainerId) -> Option<u32> {
        self.index.find(id, &self.ids)
    }

    pub(crate) fn id(&self, ordinal: u32) -> Option<ContainerId> {
        self.ids.get(place(ordinal)).copied()
    }

    /// The container above; nothing for the root.
    pub(crate) fn parent(&self, ordinal: u32) -> Option<u32> {
        some(self.links.get(place(ordinal))?.parent)
    }

    pub(crate) fn depth(&self, ordinal: u32) -> u8 {
        self.marks.get(place(ordinal)).map_or(0, |mark| mark.depth)
    }

    /// Whether the container itself was archived; what lies above it is not asked.
    pub(crate) fn is_marked(&self, ordinal: u32) -> bool {
        self.marks
            .get(place(ordinal))
            .is_some_and(|mark| mark.is_archived)
    }

    /// The container and those above it, the root last.
    pub(super) fn upward(&self, ordinal: u32) -> impl Iterator<Item = u32> {
        core::iter::successors(Some(ordinal), |at| self.parent(*at))
    }

    /// The children, in the order of the ring.
    pub(crate) fn children(&self, ordinal: u32) -> impl Iterator<Item = u32> {
        let last = self.link(ordinal).and_then(|link| some(link.last_child));
        let first = last.and_then(|last| self.link(last)).map(|link| link.next);
        core::iter::successors(first, move |child| {
            (Some(*child) != last)
                .then(|| self.link(*child).map(|link| link.next))
                .flatten()
        })
    }

    /// How many levels lie below the container.
    pub(super) fn height(&self, ordinal: u32) -> u8 {
        let own = self.depth(ordinal);
        let mut deepest = own;
        let mut waiting = vec![ordinal];
        while let Some(at) = waiting.pop() {
            deepest = deepest.max(self.depth(at));
            waiting.extend(self.children(at));
        }
        deepest - own
    }

    /// Adds a container below a parent that exists.
    pub(super) fn add(&mut self, id: ContainerId, parent: u32, name: &str) {
        let ordinal = self.len();
        let depth = self.depth(parent).saturating_add(1);
        self.push(id, parent, name, depth);
        self.attach(ordinal, parent);
    }

    /// Puts a container below another parent. The caller made sure that no cycle closes.
    pub(super) fn relink(&mut self, ordinal: u32, parent: u32) {
        self.detach(ordinal);
        self.attach(ordinal, parent);
        let (old, new) = (self.depth(ordinal), self.depth(parent).saturating_add(1));
        if old == new {
            return;
        }
        let mut waiting = vec![ordinal];
        while let Some(at) = waiting.pop() {
            waiting.extend(self.children(at));
            if let Some(mark) = self.marks.get_mut(place(at)) {
                mark.depth = (mark.depth - old).saturating_add(new);
            }
        }
    }

    pub(super) fn rename(&mut self, ordinal: u32, name: &str) {
        Arc::make_mut(&mut self.names).set(ordinal, name);
    }

    pub(super) fn mark(&mut self, ordinal: u32, is_archived: bool) {
        if let Some(mark) = self.marks.get_mut(place(ordinal)) {
            mark.is_archived = is_archived;
        }
    }

    /// Makes room for so many more containers.
    pub(super) fn reserve(&mut self, more: usize) {
        let len = self.ids.len() + more;
        Arc::make_mut(&mut self.ids).reserve(more);
        Arc::make_mut(&mut self.index).reserve(len, &self.ids);
        self.links.reserve(more);
        self.marks.reserve(more);
    }

    /// Gives back what was reserved and not used.
    pub(super) fn shrink(&mut self) {
        Arc::make_mut(&mut self.ids).shrink_to_fit();
        self.links.shrink_to_fit();
        self.marks.shrink_to_fit();
    }

    /// What the links take, beyond what snapshots share.
    pub(crate) fn own_bytes(&self) -> usize {
        self.links.capacity() * size_of::<Link>() + self.marks.capacity() * size_of::<Mark>()
    }

    fn push(&mut self, id: ContainerId, parent: u32, name: &str, depth: u8) {
        let ordinal = self.len();
        let ids = Arc::make_mut(&mut self.ids);
        grow(ids);
        ids.push(id);
        Arc::make_mut(&mut self.index).insert(ordinal, ids);
        Arc::make_mut(&mut self.names).push(name);
        grow(&mut self.links);
        self.links.push(Link {
            parent,
            last_child: NONE,
            next: ordinal,
            prev: ordinal,
        });
        grow(&mut self.marks);
        self.marks.push(Mark {
            depth,
            is_archived: false,
        });
    }

    fn attach(&mut self, ordinal: u32, parent: u32) {
        let last = self.link(parent).and_then(|link| some(link.last_child));
        let (prev, next) = match last {
            Some(last) => (last, self.link(last).map_or(ordinal, |link| link.next)),
            None => (ordinal, ordinal),
        };
        self.change(ordinal, |link| {
            *link = Link {
                parent,
                prev,
                next,
                ..*link
            };
        });
        self.change(prev, |link| link.next = ordinal);
        self.change(next, |link| link.prev = ordinal);
        self.change(parent, |link| link.last_child = ordinal);
    }

    fn detach(&mut self, ordinal: u32) {
        let Some(Link {
            parent, next, prev, ..
        }) = self.link(ordinal)
        else {
            return;
        };
        let left = if next == ordinal { NONE } else { prev };
        self.change(parent, |link| {
            if link.last_child == ordinal {
                link.last_child = left;
            }
        });
        self.change(prev, |link| link.next = next);
        self.change(next, |link| link.prev = prev);
    }

    fn link(&self, ordinal: u32) -> Option<Link> {
        self.links.get(place(ordinal)).copied()
    }

    fn change(&mut self, ordinal: u32, change: impl FnOnce(&mut Link)) {
        if let Some(link) = self.links.get_mut(place(ordinal)) {
            change(link);
        }
    }
}

/// An ordinal or a position as an index: both are below 2^24.
pub(crate) const fn place(number: u32) -> usize {
    number as usize
}

/// Counts are bounded by the ceiling of 2^24, so nothing is ever cut here.
pub(crate) fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

const fn some(ordinal: u32) -> Option<u32> {
    if ordinal == NONE { None } else { Some(ordinal) }
}

/// Makes room for one more. A large tree grows by an eighth: doubling would waste as much as it holds.
fn grow<T>(vec: &mut Vec<T>) {
    if vec.len() == vec.capacity() {
        vec.reserve_exact((vec.len() / 8).max(4));
    }
}
