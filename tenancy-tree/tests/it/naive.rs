//! The oracle: containers that know their parent, and nothing else. Every question is a walk, every search a scan.

mod decide;
mod fold;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::Reach;

pub(crate) use self::decide::Refused;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Naive {
    root: ContainerId,
    /// In the order of creation. The root is not among them.
    rows: Vec<Row>,
    /// In the order in which they were placed.
    members: Vec<(AccountId, ContainerId)>,
    version: u64,
    skipped: u64,
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    id: ContainerId,
    parent: ContainerId,
    name: String,
    is_archived: bool,
}

impl Naive {
    pub(crate) fn rooted(tenant: TenantId) -> Self {
        Self {
            root: ContainerId::root_of(tenant),
            rows: Vec::new(),
            members: Vec::new(),
            version: 0,
            skipped: 0,
        }
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn skipped(&self) -> u64 {
        self.skipped
    }

    pub(crate) fn ids(&self) -> Vec<ContainerId> {
        let below = self.rows.iter().map(|row| row.id);
        std::iter::once(self.root).chain(below).collect()
    }

    pub(crate) fn has(&self, id: ContainerId) -> bool {
        self.ids().contains(&id)
    }

    pub(crate) fn parent(&self, id: ContainerId) -> Option<ContainerId> {
        self.row(id).map(|row| row.parent)
    }

    pub(crate) fn name(&self, id: ContainerId) -> &str {
        self.row(id).map_or("", |row| &row.name)
    }

    /// Whether the container itself was archived.
    pub(crate) fn is_marked(&self, id: ContainerId) -> bool {
        self.row(id).is_some_and(|row| row.is_archived)
    }

    /// Whether the container, or one above it, was archived.
    pub(crate) fn is_archived(&self, id: ContainerId) -> bool {
        self.upward(id).iter().any(|above| self.is_marked(*above))
    }

    /// Those that were archived and below none that was, in pre-order.
    pub(crate) fn archives(&self) -> Vec<ContainerId> {
        let mut ids = self.pre_order();
        ids.retain(|id| {
            let above = self.parent(*id);
            self.is_marked(*id) && !above.is_some_and(|above| self.is_archived(above))
        });
        ids
    }

    pub(crate) fn children(&self, id: ContainerId) -> Vec<ContainerId> {
        let below = self.rows.iter().filter(|row| row.parent == id);
        below.map(|row| row.id).collect()
    }

    /// The container first, the root last.
    pub(crate) fn upward(&self, id: ContainerId) -> Vec<ContainerId> {
        std::iter::successors(Some(id), |id| self.parent(*id)).collect()
    }

    pub(crate) fn covers(&self, above: ContainerId, below: ContainerId) -> bool {
        self.upward(below).contains(&above)
    }

    /// The container, and then what lies below each of its children, the eldest first.
    pub(crate) fn subtree(&self, id: ContainerId) -> Vec<ContainerId> {
        let mut ids = vec![id];
        for child in self.children(id) {
            ids.extend(self.subtree(child));
        }
        ids
    }

    pub(crate) fn lca(&self, one: ContainerId, other: ContainerId) -> ContainerId {
        let above = self.upward(other);
        let mut upward = self.upward(one).into_iter();
        upward.find(|id| above.contains(id)).unwrap()
    }

    /// Ordinals of creation from below the root down to the container.
    pub(crate) fn ordinals(&self, id: ContainerId) -> Vec<u32> {
        let all = self.ids();
        let ordinal = |id| (0..).zip(&all).find(|(_, other)| **other == id).unwrap().0;
        let mut path = self.upward(id);
        path.pop();
        path.reverse();
        path.into_iter().map(ordinal).collect()
    }

    pub(crate) fn pre_order(&self) -> Vec<ContainerId> {
        self.subtree(self.root)
    }

    /// Who is a member of what, by the pre-order of the containers and then by account.
    pub(crate) fn members(&self, id: ContainerId, reach: Reach) -> Vec<(AccountId, ContainerId)> {
        let mut found = Vec::new();
        for container in self.subtree(id) {
            let is_meant = match reach {
                Reach::SelfAndBelow => true,
                Reach::BelowOnly => container != id,
                Reach::SelfOnly => container == id,
            };
            let held = self.members.iter().filter(|(_, at)| *at == container);
            let mut held: Vec<_> = held.copied().collect();
            held.sort();
            found.extend(held.into_iter().filter(|_| is_meant));
        }
        found
    }

    pub(crate) fn containers_of(&self, account: AccountId) -> Vec<ContainerId> {
        let mut ids = self.pre_order();
        ids.retain(|id| self.members.contains(&(account, *id)));
        ids
    }

    fn row(&self, id: ContainerId) -> Option<&Row> {
        self.rows.iter().find(|row| row.id == id)
    }

    /// How many levels lie below the container.
    fn height(&self, id: ContainerId) -> usize {
        let below = self.rows.iter().filter(|row| self.covers(id, row.id));
        let deepest = below.map(|row| self.upward(row.id).len()).max();
        deepest.map_or(0, |deepest| deepest - self.upward(id).len())
    }
}
