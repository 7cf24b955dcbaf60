//! Everything that one invocation's decisions rest on, and the rule itself.

use std::sync::Arc;
use std::sync::OnceLock;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::TreeSnapshot;

#[cfg(feature = "serde")]
use super::intervals::Intervals;
use super::mask::Attenuation;
use super::mask::ceiling;
use super::rows::Row;
use super::rows::Rules;
use super::spans::Span;
use super::spans::Spans;
use crate::access::AccessView;
use crate::access::Guardrail;
use crate::catalogue::Attributes;
use crate::catalogue::Catalogue;
use crate::catalogue::Definition;
use crate::catalogue::Permission;
use crate::catalogue::PermissionSet;
use crate::decision::Mask;
use crate::decision::Versions;

/// Who calls.
pub(super) type Caller<'c> = &'c InvocationContext<Authenticated>;

#[derive(Clone)]
pub(crate) struct Frozen {
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) tree: Arc<TreeSnapshot>,
    pub(crate) view: Arc<AccessView>,
    pub(crate) ctx: InvocationContext<Authenticated>,
    pub(crate) now: Timestamp,
    /// Whose grants decide.
    pub(super) subject: AccountId,
    /// The authorizing account's grants in this tree, the closed ones too: made when they are first asked for.
    rows: Arc<OnceLock<Vec<Row>>>,
    /// What the open ones give.
    pub(super) given: Arc<Spans>,
    /// What guardrails forbid.
    forbidden: Arc<Spans>,
    /// The impersonator's own, where somebody impersonates.
    pub(super) impersonator: Option<Arc<Spans>>,
    pub(super) impersonator_rows: Option<Arc<[Row]>>,
    /// What the credential holds at most, where its kind has a ceiling.
    pub(super) ceiling: Option<Arc<Spans>>,
    pub(super) attenuations: Arc<[Attenuation]>,
}

/// What keeps a decision from being an allow, beyond the scope itself; in the order in which it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    Guardrail,
    Archived,
    NoGrant,
    Masked(Mask),
    StepUp,
}

impl Frozen {
    pub(super) fn take(
        catalogue: Arc<Catalogue>,
        tree: Arc<TreeSnapshot>,
        view: Arc<AccessView>,
        ctx: InvocationContext<Authenticated>,
        now: Timestamp,
    ) -> Self {
        let rules = Rules {
            catalogue: &catalogue,
            tree: &tree,
            view: &view,
            now,
        };
        let actor = ctx.actor();
        let subject = actor.authorizing_account().id();
        let given = spans(&rules.rows(view.grants_of(subject)));
        let impersonator = actor.is_impersonating().then(|| {
            let own = view.grants_of(actor.accountable_account().id());
            rules.rows(own)
        });
        Self {
            subject,
            rows: Arc::default(),
            given: Arc::new(given),
            forbidden: Arc::new(forbidden(rules)),
            impersonator: impersonator.as_deref().map(|rows| Arc::new(spans(rows))),
            impersonator_rows: impersonator.map(Arc::from),
            ceiling: ceiling(rules, &ctx).map(Arc::new),
            attenuations: Arc::default(),
            catalogue,
            tree,
            view,
            ctx,
            now,
        }
    }

    pub(super) fn rules(&self) -> Rules<'_> {
        Rules {
            catalogue: &self.catalogue,
            tree: &self.tree,
            view: &self.view,
            now: self.now,
        }
    }

    /// The authorizing account's grants in this tree, the closed ones too.
    pub(crate) fn rows(&self) -> &[Row] {
        self.rows.get_or_init(|| self.take_rows())
    }

    pub(super) fn take_rows(&self) -> Vec<Row> {
        self.rules().rows(self.view.grants_of(self.subject))
    }

    /// The same rules for another account, as if it called itself with the same proof.
    pub(super) fn about(&self, subject: AccountId) -> Self {
        let given = spans(&self.rules().rows(self.view.grants_of(subject)));
        Self {
            subject,
            rows: Arc::default(),
            given: Arc::new(given),
            impersonator: None,
            impersonator_rows: None,
            ceiling: None,
            attenuations: Arc::default(),
            ..self.clone()
        }
    }

    pub(super) fn versions(&self) -> Versions {
        Versions {
            catalogue: self.catalogue.version(),
            tree: self.tree.version().get(),
            roles: self.view.version().roles(),
            grants: self.view.version().grants(),
        }
    }

    /// Whether the actor may do `P` there. What `P` demands is what this authorizer's catalogue says of it, never what
    /// the type says: the type may come from another version of the catalogue.
    pub(super) fn allows<P: Permission>(&self, at: Node<'_>) -> bool {
        self.catalogue
            .definition_of::<P>()
            .is_some_and(|known| self.verdict(known, at).is_ok())
    }

    /// Decides at a container; the first obstacle that holds.
    pub(super) fn verdict(&self, permission: &Definition, at: Node<'_>) -> Result<(), Obstacle> {
        self.verdict_with(permission, at, None)
    }

    /// The same with one more row.
    pub(super) fn verdict_with(
        &self,
        permission: &Definition,
        at: Node<'_>,
        extra: Option<&Row>,
    ) -> Result<(), Obstacle> {
        let (id, pre) = (permission.id(), at.pre());
        if self.forbidden.gives(id, pre) {
            return Err(Obstacle::Guardrail);
        }
        if at.is_archived() && !permission.attributes().is_on_archived() {
            return Err(Obstacle::Archived);
        }
        let is_given =
            self.given.gives(id, pre) || extra.is_some_and(|row| row.is_open && row.gives(id, pre));
        if !is_given {
            return Err(Obstacle::NoGrant);
        }
        if let Some(mask) = self.mask(permission, pre) {
            return Err(Obstacle::Masked(mask));
        }
        if self.lacks_proof(permission.attributes()) {
            return Err(Obstacle::StepUp);
        }
        Ok(())
    }

    pub(super) fn lacks_proof(&self, attributes: Attributes) -> bool {
        let proof = self.ctx.authentication();
        let is_weak = attributes
            .required_assurance()
            .is_some_and(|least| proof.assurance() < least);
        let age = self.now.saturating_since(proof.authenticated_at());
        is_weak || attributes.required_age().is_some_and(|most| age > most)
    }

    /// The permissions that no mask takes away everywhere.
    #[cfg(feature = "serde")]
    pub(crate) fn admitted(&self) -> PermissionSet {
        let everywhere = Intervals::of([(0, self.tree.root().last())]);
        let left = self.catalogue.permissions();
        let left = left.filter(|held| !self.unmasked(held, &everywhere).is_empty());
        left.map(Definition::id).collect()
    }

    /// The first instant after this one at which a window of the account's grants opens or closes.
    #[cfg(feature = "serde")]
    pub(crate) fn next_edge(&self) -> Option<Timestamp> {
        let windows = self.rows().iter().map(|row| row.grant.window());
        let edges = windows.flat_map(|window| [window.from(), window.until()]);
        edges.flatten().filter(|edge| *edge > self.now).min()
    }

    /// Everything that guardrails forbid at a position.
    pub(super) fn forbidden_at(&self, pre: u32) -> PermissionSet {
        self.forbidden.all_at(pre)
    }

    /// The guardrails that forbid a permission, with the intervals over which they do.
    pub(super) fn guardrails_on(
        &self,
        permission: &Definition,
    ) -> impl Iterator<Item = (&Guardrail, Node<'_>)> {
        let standing = self.view.guardrails().filter(|held| {
            let set = held.resolve(&self.catalogue);
            set.contains(permission.id())
        });
        standing.filter_map(|held| Some((held, self.tree.node(held.at())?)))
    }
}

/// What open rows give together.
fn spans(rows: &[Row]) -> Spans {
    let open = rows.iter().filter(|row| row.is_open);
    let span = |row: &Row| {
        let (first, last) = row.interval();
        let set = row.role.permissions().clone();
        Span { first, last, set }
    };
    Spans::of(open.map(span).collect())
}

fn forbidden(rules: Rules<'_>) -> Spans {
    let span = |guardrail: &Guardrail| {
        let node = rules.tree.node(guardrail.at())?;
        Some(Span {
            first: node.pre(),
            last: node.last(),
            set: guardrail.resolve(rules.catalogue),
        })
    };
    Spans::of(rules.view.guardrails().filter_map(span).collect())
}
