//! How large a tree may grow by commands.

/// The deepest level that any tree has, whatever its limits.
pub(crate) const DEPTH_CEILING: u8 = u8::MAX;
/// The most containers that any tree has, whatever its limits.
pub(crate) const NODE_CEILING: u32 = 1 << 24;
/// The most memberships that any tree has, whatever its limits.
pub(crate) const MEMBER_CEILING: u32 = 1 << 24;

/// Limits on commands. They are always there, and do not bind history: a lower limit makes no log unreadable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    max_depth: u8,
    max_children: u32,
    max_nodes: u32,
    max_members: u32,
    max_name_bytes: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_depth: 32,
            max_children: 10_000,
            max_nodes: 1 << 20,
            max_members: 1 << 20,
            max_name_bytes: 256,
        }
    }
}

impl Limits {
    /// The deepest level below the root, 32 by default.
    #[must_use]
    pub const fn with_max_depth(self, max_depth: u8) -> Self {
        Self { max_depth, ..self }
    }

    /// The most children of one container, 10 000 by default.
    #[must_use]
    pub const fn with_max_children(self, max_children: u32) -> Self {
        Self {
            max_children,
            ..self
        }
    }

    /// The most containers of one tree, its root included, 2^20 by default and 2^24 at most.
    #[must_use]
    pub const fn with_max_nodes(self, max_nodes: u32) -> Self {
        let max_nodes = if max_nodes > NODE_CEILING {
            NODE_CEILING
        } else {
            max_nodes
        };
        Self { max_nodes, ..self }
    }

    /// The most memberships of one tree, 2^20 by default and 2^24 at most.
    #[must_use]
    pub const fn with_max_members(self, max_members: u32) -> Self {
        let max_members = if max_members > MEMBER_CEILING {
            MEMBER_CEILING
        } else {
            max_members
        };
        Self {
            max_members,
            ..self
        }
    }

    /// The most bytes of a name, 256 by default.
    #[must_use]
    pub const fn with_max_name_bytes(self, max_name_bytes: u16) -> Self {
        Self {
            max_name_bytes,
            ..self
        }
    }

    /// The deepest level below the root.
    #[must_use]
    pub const fn max_depth(&self) -> u8 {
        self.max_depth
    }

    /// The most children of one container.
    #[must_use]
    pub const fn max_children(&self) -> u32 {
        self.max_children
    }

    /// The most containers of one tree.
    #[must_use]
    pub const fn max_nodes(&self) -> u32 {
        self.max_nodes
    }

    /// The most memberships of one tree.
    #[must_use]
    pub const fn max_members(&self) -> u32 {
        self.max_members
    }

    /// The most bytes of a name.
    #[must_use]
    pub const fn max_name_bytes(&self) -> u16 {
        self.max_name_bytes
    }
}
