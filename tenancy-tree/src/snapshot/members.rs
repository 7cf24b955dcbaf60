//! Who is a member of what.

use skeleton_invocation_context::AccountId;

use super::layout::Layout;
use super::node::Node;
use super::node::TreeSnapshot;
use crate::reach::Reach;
use crate::tree::Tree;

/// Memberships in the pre-order of their containers, so that those of a subtree are one slice.
pub(super) struct Members {
    positions: Box<[u32]>,
    accounts: Box<[AccountId]>,
}

impl Members {
    pub(super) fn of(tree: &Tree, layout: &Layout) -> Self {
        let members = tree.members();
        let mut pairs = Vec::with_capacity(members.len());
        pairs.extend(members.filter_map(|(ordinal, account)| {
            let pre = layout.span(ordinal)?.pre();
            Some((pre, account))
        }));
        pairs.sort_unstable();
        let (positions, accounts): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        Self {
            positions: positions.into(),
            accounts: accounts.into(),
        }
    }

    /// Those from position `first` to `last`.
    fn between(&self, first: u32, last: u32) -> impl ExactSizeIterator<Item = (u32, AccountId)> {
        let begin = self.positions.partition_point(|pre| *pre < first);
        let end = self.positions.partition_point(|pre| *pre <= last);
        let (positions, accounts) = (
            self.positions.get(begin..end).unwrap_or_default(),
            self.accounts.get(begin..end).unwrap_or_default(),
        );
        positions.iter().copied().zip(accounts.iter().copied())
    }

    pub(super) fn bytes(&self) -> usize {
        size_of_val(&*self.positions) + size_of_val(&*self.accounts)
    }
}

impl TreeSnapshot {
    /// The members of a container, of what is below it, or of both, each with the container that it is a member of.
    ///
    /// An account that is a member of several of them comes several times. Membership by itself gives no permission.
    #[must_use]
    pub fn members(
        &self,
        node: Node<'_>,
        reach: Reach,
    ) -> impl ExactSizeIterator<Item = (AccountId, Node<'_>)> {
        // A range that ends before it begins holds nobody.
        let (first, last) = match (self.row(node), reach) {
            (None, _) => (1, 0),
            (Some(row), Reach::SelfAndBelow) => (node.pre, row.last()),
            (Some(row), Reach::BelowOnly) => (node.pre + 1, row.last()),
            (Some(_), Reach::SelfOnly) => (node.pre, node.pre),
        };
        let members = self
            .members
            .between(first.min(last.saturating_add(1)), last);
        members.map(|(pre, account)| (account, self.at(pre)))
    }

    /// The containers of which an account is a member, in pre-order. The cost is linear in the tenant's memberships.
    pub fn containers_of(&self, account: AccountId) -> impl Iterator<Item = Node<'_>> {
        let all = self.members.between(0, u32::MAX);
        all.filter(move |(_, held)| *held == account)
            .map(|(pre, _)| self.at(pre))
    }

    /// How many memberships the tree has.
    #[must_use]
    pub fn member_count(&self) -> usize {
        self.members.accounts.len()
    }

    /// The memory that the snapshot takes, names aside: 16 bytes a container and 4 a slot of its index for what all
    /// versions share, 20 for what is laid out anew when a container moves.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let shared = self.ids.capacity() * size_of::<skeleton_invocation_context::ContainerId>()
            + self.index.bytes();
        size_of::<Self>() + shared + self.layout.bytes() + self.members.bytes()
    }
}
