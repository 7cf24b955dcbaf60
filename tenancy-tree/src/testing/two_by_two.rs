//! Two tenants of every kind, with two branches each, and the same names in both.

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::IdGenerator;

use crate::forest::Forest;
use crate::in_tenant::InTenant;
use crate::tenant::NewTenant;
use crate::tenant::Tenant;
use crate::tenant::TenantKind;
use crate::tenant::Tenants;
use crate::tree::TreeCommand;

/// On whose account the world is planted.
const REASON: &str = "two-by-two";
/// The branches, and what lies in each.
const BRANCHES: [&str; 2] = ["East", "West"];
const LEAVES: [&str; 2] = ["North", "South"];

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// For every kind of tenants, two of them: `acme` and `globex`, which for every kind but `EXTERNAL` have the kind
/// behind their slugs. Below each root lie `East` and `West`, each with `North` and `South`; an account is a member of
/// the root and of every leaf.
///
/// The names are the same in all tenants, so that a forgotten filter shows at once.
#[derive(Clone, Debug)]
pub struct TwoByTwo {
    pairs: Vec<[Planted; 2]>,
}

/// One tenant of a [`TwoByTwo`].
#[derive(Clone, Debug)]
pub struct Planted {
    tenant: Tenant,
    branches: Vec<ContainerId>,
    leaves: Vec<ContainerId>,
    accounts: Vec<AccountId>,
}

impl TwoByTwo {
    /// Onboards two tenants of each kind and grows their trees.
    ///
    /// # Errors
    ///
    /// What the tenants or the forest answer, such as a slug that is taken.
    pub async fn plant(
        tenants: &Tenants,
        forest: &Forest,
        (clock, ids): (&dyn Clock, &dyn IdGenerator),
        kinds: &[TenantKind],
    ) -> Result<Self, BoxError> {
        let mut pairs = Vec::with_capacity(kinds.len());
        for kind in kinds {
            let slug = |name: &str| match kind {
                external if *external == TenantKind::EXTERNAL => name.parse(),
                other => format!("{name}-{other}").parse(),
            };
            let mut pair = Vec::with_capacity(2);
            for name in ["acme", "globex"] {
                let tenant = tenants
                    .onboard(NewTenant::new(slug(name)?, kind.clone()))
                    .await?;
                pair.push(grow(forest, (clock, ids), tenant).await?);
            }
            pairs.extend(<[Planted; 2]>::try_from(pair));
        }
        Ok(Self { pairs })
    }

    /// The pairs, in the order of the kinds.
    #[must_use]
    pub fn pairs(&self) -> &[[Planted; 2]] {
        &self.pairs
    }

    /// Every tenant.
    pub fn tenants(&self) -> impl Iterator<Item = &Planted> {
        self.pairs.iter().flatten()
    }
}

impl Planted {
    /// The tenant.
    #[must_use]
    pub const fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The tenant, as the first argument of a store's method.
    #[must_use]
    pub const fn inside(&self) -> InTenant<'static> {
        InTenant::background(self.tenant.id(), REASON)
    }

    /// `East` and `West`.
    #[must_use]
    pub fn branches(&self) -> &[ContainerId] {
        &self.branches
    }

    /// `East/North`, `East/South`, `West/North`, `West/South`.
    #[must_use]
    pub fn leaves(&self) -> &[ContainerId] {
        &self.leaves
    }

    /// The member of the root, and those of the leaves in their order.
    #[must_use]
    pub fn accounts(&self) -> &[AccountId] {
        &self.accounts
    }

    /// The root and every container below it.
    pub fn containers(&self) -> impl Iterator<Item = ContainerId> {
        let root = core::iter::once(self.tenant.root());
        root.chain(self.branches.iter().copied())
            .chain(self.leaves.iter().copied())
    }
}

async fn grow(
    forest: &Forest,
    (clock, ids): (&dyn Clock, &dyn IdGenerator),
    tenant: Tenant,
) -> Result<Planted, BoxError> {
    let mut planted = Planted {
        tenant,
        branches: Vec::new(),
        leaves: Vec::new(),
        accounts: Vec::new(),
    };
    let (t, root) = (planted.inside(), planted.tenant.root());
    for branch in BRANCHES {
        let branch = forest.create(t, root, branch).await?;
        planted.branches.push(branch);
        for leaf in LEAVES {
            planted.leaves.push(forest.create(t, branch, leaf).await?);
        }
    }
    let places: Vec<_> = core::iter::once(root)
        .chain(planted.leaves.iter().copied())
        .collect();
    for container in places {
        let account = AccountId::generate(ids, clock.now());
        forest
            .execute(t, TreeCommand::Place { account, container })
            .await?;
        planted.accounts.push(account);
    }
    Ok(planted)
}
