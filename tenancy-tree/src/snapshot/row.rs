//! Where a container stands, packed: positions and ordinals are below 2^24, which leaves eight bits for a depth.

/// Above the 24 bits of a position, a depth.
const DEPTH: u32 = 24;
/// The highest bit of an end: archived, or below what is.
const ARCHIVED: u32 = 1 << 31;

/// The subtree of a container: 8 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pre_and_depth: u32,
    end: u32,
}

/// What stands at a position: 12 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) ordinal: u32,
    parent_and_depth: u32,
    end: u32,
}

impl Span {
    /// From position `pre` to before position `end`.
    pub(super) fn new(pre: u32, end: u32, depth: u8, is_archived: bool) -> Self {
        Self {
            pre_and_depth: pre | u32::from(depth) << DEPTH,
            end: end | if is_archived { ARCHIVED } else { 0 },
        }
    }

    pub(super) const fn pre(self) -> u32 {
        low(self.pre_and_depth)
    }

    /// The position behind the subtree.
    pub(super) const fn end(self) -> u32 {
        self.end & !ARCHIVED
    }

    pub(super) const fn depth(self) -> u8 {
        high(self.pre_and_depth)
    }

    /// Whether the container, or one above it, is archived.
    pub(super) const fn is_archived(self) -> bool {
        self.end & ARCHIVED != 0
    }

    /// The same with so many positions more.
    pub(super) const fn widened(self, by: u32) -> Self {
        Self {
            end: self.end.wrapping_add(by),
            ..self
        }
    }

    /// The same from so many positions later on.
    pub(super) const fn later(self, by: u32) -> Self {
        Self {
            pre_and_depth: self.pre_and_depth.wrapping_add(by),
            end: self.end.wrapping_add(by),
        }
    }
}

impl Row {
    /// What stands where `span` begins, below what stands at `parent`; the root is its own parent.
    pub(super) const fn new(ordinal: u32, parent: u32, span: Span) -> Self {
        Self {
            ordinal,
            parent_and_depth: parent | span.pre_and_depth >> DEPTH << DEPTH,
            end: span.end,
        }
    }

    /// The span of what stands at `pre`.
    pub(super) const fn span(self, pre: u32) -> Span {
        Span {
            pre_and_depth: pre | self.parent_and_depth >> DEPTH << DEPTH,
            end: self.end,
        }
    }

    /// The position of the container above.
    pub(super) const fn parent(self) -> u32 {
        low(self.parent_and_depth)
    }

    /// The last position of the subtree.
    pub(super) const fn last(self) -> u32 {
        self.end() - 1
    }

    pub(super) const fn end(self) -> u32 {
        self.end & !ARCHIVED
    }

    pub(super) const fn depth(self) -> u8 {
        high(self.parent_and_depth)
    }

    /// Whether the container, or one above it, is archived.
    pub(super) const fn is_archived(self) -> bool {
        self.end & ARCHIVED != 0
    }
}

const fn low(packed: u32) -> u32 {
    packed & ((1 << DEPTH) - 1)
}

const fn high(packed: u32) -> u8 {
    (packed >> DEPTH) as u8
}
