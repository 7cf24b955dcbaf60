//! Sums over subtrees: what each branch of a tenant used, cost or earned.

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;

use crate::snapshot::Node;
use crate::snapshot::TreeSnapshot;
use crate::tree::TreeVersion;
use crate::tree::place;

mod sealed {
    /// What sums are made of.
    #[expect(unnameable_types, reason = "this is what seals Measure")]
    pub trait Sealed: Copy + Default {
        /// The largest sum of magnitudes of which no part can overflow.
        const MOST: u128;

        /// How far the value is from zero.
        fn magnitude(self) -> u128;

        /// The sum, which the caller knows to fit.
        #[must_use]
        fn plus(self, other: Self) -> Self;

        /// The difference, which the caller knows to fit.
        #[must_use]
        fn minus(self, other: Self) -> Self;
    }

    macro_rules! measure {
        ($number:ty) => {
            impl Sealed for $number {
                const MOST: u128 = <$number>::MAX.unsigned_abs() as u128;

                fn magnitude(self) -> u128 {
                    self.unsigned_abs().into()
                }

                fn plus(self, other: Self) -> Self {
                    self.wrapping_add(other)
                }

                fn minus(self, other: Self) -> Self {
                    self.wrapping_sub(other)
                }
            }
        };
    }

    measure!(i64);
    measure!(i128);
}

/// What is summed: whole numbers, such as minor units of money, bytes, or seconds. `i64` or `i128`; never a fraction.
pub trait Measure: sealed::Sealed {}

impl Measure for i64 {}
impl Measure for i128 {}

/// The contributions are too large for their measure: the sum of their magnitudes does not fit it. Nothing was summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the contributions do not fit their measure")]
pub struct RollupOverflow(());

/// The sums of all subtrees of one tree at one version, from one pass over what each container contributed.
///
/// A contribution keeps the container in which it was produced. A bill names the version it was rolled up by, so a
/// later reorganisation changes no bill that was printed.
///
/// ```
/// # use skeleton_invocation_context::{ContainerId, TenantId};
/// # use skeleton_tenancy_tree::{Limits, Rollup, Tree, TreeCommand, TreeSnapshot};
/// # let tenant = TenantId::from_bytes([7; 16])?;
/// # let (eu, root) = (ContainerId::from_bytes([1; 16])?, ContainerId::root_of(tenant));
/// # let mut tree = Tree::rooted(tenant);
/// # let event = tree.decide(&TreeCommand::Create { container: eu, parent: root, name: "EU".into() }, &Limits::default())?;
/// # let _ = tree.apply(&event);
/// # let tree = TreeSnapshot::of(&tree);
/// let bill = Rollup::build(&tree, [(eu, 700_i64), (root, 50)])?;
/// assert_eq!(bill.total(tree.root()), Some(750));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rollup<M> {
    tenant: TenantId,
    version: TreeVersion,
    generation: u32,
    /// At a position, the sum of all that stands before it; one more than there are containers.
    prefix: Box<[M]>,
    unknown: Vec<(ContainerId, M)>,
}

impl<M: Measure> Rollup<M> {
    /// Sums what containers contributed. A container may contribute often, or not at all.
    ///
    /// # Errors
    ///
    /// [`RollupOverflow`] if the sum of the magnitudes of all contributions does not fit the measure. As long as it
    /// does, no sum of any subtree can overflow, in whatever order contributions come.
    pub fn build(
        tree: &TreeSnapshot,
        contributions: impl IntoIterator<Item = (ContainerId, M)>,
    ) -> Result<Self, RollupOverflow> {
        let mut prefix = vec![M::default(); tree.len() + 1];
        let mut unknown = Vec::new();
        let mut magnitude = 0_u128;
        for (container, amount) in contributions {
            magnitude = magnitude
                .checked_add(amount.magnitude())
                .filter(|magnitude| *magnitude <= M::MOST)
                .ok_or(RollupOverflow(()))?;
            let own = tree.node(container);
            match own.and_then(|node| prefix.get_mut(place(node.pre()) + 1)) {
                Some(sum) => *sum = sum.plus(amount),
                None => unknown.push((container, amount)),
            }
        }
        let mut sum = M::default();
        for before in &mut prefix {
            sum = sum.plus(*before);
            *before = sum;
        }
        Ok(Self {
            tenant: tree.tenant(),
            version: tree.version(),
            generation: tree.generation(),
            prefix: prefix.into(),
            unknown,
        })
    }

    /// The sum of a container and all that is below it: two loads and a subtraction. Nothing for a node of another
    /// snapshot.
    #[must_use]
    pub fn total(&self, node: Node<'_>) -> Option<M> {
        self.between(node, node.last())
    }

    /// What the container contributed itself.
    #[must_use]
    pub fn own(&self, node: Node<'_>) -> Option<M> {
        self.between(node, node.pre())
    }

    /// The contributions of containers that the tree does not have: in no sum, and not lost.
    #[must_use]
    pub fn unknown(&self) -> &[(ContainerId, M)] {
        &self.unknown
    }

    /// The tenant whose tree it was.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The version of the tree by which it was rolled up.
    #[must_use]
    pub const fn version(&self) -> TreeVersion {
        self.version
    }

    /// The sum from a node's own position to `last`.
    fn between(&self, node: Node<'_>, last: u32) -> Option<M> {
        if node.generation() != self.generation {
            return None;
        }
        let before = self.prefix.get(place(node.pre()))?;
        let after = self.prefix.get(place(last) + 1)?;
        Some(after.minus(*before))
    }
}
