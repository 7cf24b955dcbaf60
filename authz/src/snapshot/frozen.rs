//! Everything that one invocation's decisions rest on, and the rule itself.

use std::borrow::Cow;
use std::sync::Arc;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::TreeSnapshot;

use super::asked::Asked;
use super::holding::Holding;
use super::holding::during;
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
use crate::catalogue::PermissionId;
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
    pub(super) clock: Arc<dyn Clock>,
    /// Whose grants decide.
    pub(super) subject: AccountId,
    /// The authorizing account's grants in this tree, and what they give.
    pub(super) own: Arc<Holding>,
    /// What guardrails forbid.
    forbidden: Arc<Spans>,
    /// The impersonator's own, where somebody impersonates.
    pub(super) impersonator: Option<Arc<Holding>>,
    /// What the credential holds at most, where its kind has a ceiling.
    pub(super) ceiling: Option<Arc<Spans>>,
    pub(super) attenuations: Arc<[Attenuation]>,
    /// Whether a listing asked, where somebody wants to know.
    pub(super) asked: Option<Asked>,
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
        clock: Arc<dyn Clock>,
    ) -> Self {
        let now = clock.now();
        let rules = Rules {
            catalogue: &catalogue,
            tree: &tree,
            view: &view,
            now,
        };
        let actor = ctx.actor();
        let subject = actor.authorizing_account().id();
        let own = held(rules, subject);
        let impersonator = actor.is_impersonating();
        let impersonator = impersonator.then(|| held(rules, actor.accountable_account().id()));
        Self {
            subject,
            own,
            forbidden: view.forbidden((&catalogue, &tree), || forbidden(rules)),
            impersonator,
            ceiling: ceiling(rules, &ctx).map(Arc::new),
            attenuations: Arc::default(),
            asked: None,
            catalogue,
            tree,
            view,
            ctx,
            now,
            clock,
        }
    }

    /// The same caller under the same rules at another instant.
    pub(super) fn at(&self, now: Timestamp) -> Self {
        let later = |held: &Arc<Holding>| {
            let rows = held.rows.iter().map(|row| row.at_instant(now));
            Arc::new(Holding::of(rows.collect()))
        };
        Self {
            now,
            own: later(&self.own),
            impersonator: self.impersonator.as_ref().map(later),
            ..self.clone()
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
        &self.own.rows
    }

    /// What an account holds now.
    pub(super) fn held_by(&self, account: AccountId) -> Arc<Holding> {
        held(self.rules(), account)
    }

    /// The same rules for another account, as if it called itself with the same proof.
    pub(super) fn about(&self, subject: AccountId) -> Self {
        Self {
            subject,
            own: self.held_by(subject),
            impersonator: None,
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
        let is_given = self.own.given.gives(id, pre)
            || extra.is_some_and(|row| row.is_open && row.gives(id, pre));
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

    /// What no mask takes away everywhere.
    #[cfg(feature = "serde")]
    pub(crate) fn admitted(&self) -> Admitted {
        let everywhere = Intervals::of([(0, self.tree.root().last())]);
        let is_masked =
            self.impersonator.is_some() || self.ceiling.is_some() || !self.attenuations.is_empty();
        if !is_masked {
            let all = self.catalogue.permissions().map(Definition::id);
            return Admitted {
                anywhere: all.collect(),
                places: None,
            };
        }
        let each = self.catalogue.permissions();
        let each = each.map(|held| (held.id(), self.unmasked(held, &everywhere)));
        let places: Vec<_> = each.filter(|(_, left)| !left.is_empty()).collect();
        Admitted {
            anywhere: places.iter().map(|(id, _)| *id).collect(),
            places: Some(places),
        }
    }

    /// The first instant after this one at which a window opens or closes, of the account's grants or of what narrows
    /// them.
    #[cfg(feature = "serde")]
    pub(crate) fn next_edge(&self) -> Option<Timestamp> {
        let rows = self.rows().iter();
        let others = self.impersonator.iter().flat_map(|held| held.rows.iter());
        let rows = rows.chain(others);
        let windows = rows.map(|row| row.grant.window());
        let edges = windows.flat_map(|window| [window.from(), window.until()]);
        let ends = self.attenuations.iter().map(|to| to.until);
        let edges = edges.chain(ends).flatten();
        edges.filter(|edge| *edge > self.now).min()
    }

    pub(super) fn is_forbidden(&self, permission: PermissionId, pre: u32) -> bool {
        self.forbidden.gives(permission, pre)
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
        let all = self.view.resolved_guardrails(&self.catalogue);
        let id = permission.id();
        let standing = all.filter(move |(_, forbids)| forbids.contains(id));
        standing.filter_map(|(held, _)| Some((held, self.tree.node(held.at())?)))
    }
}

/// What no mask takes away, and where it leaves it.
#[cfg(feature = "serde")]
pub(crate) struct Admitted {
    pub(crate) anywhere: PermissionSet,
    /// Nothing if there is no mask.
    places: Option<Vec<(PermissionId, Intervals)>>,
}

#[cfg(feature = "serde")]
impl Admitted {
    /// Whether any of these permissions is left somewhere between two positions.
    pub(crate) fn is_any(&self, set: &PermissionSet, interval: (u32, u32)) -> bool {
        let Some(places) = &self.places else {
            return true;
        };
        let here = Intervals::of([interval]);
        let mut held = places.iter().filter(|(id, _)| set.contains(*id));
        held.any(|(_, left)| !left.and(&here).is_empty())
    }
}

/// What an account holds at an instant.
fn held(rules: Rules<'_>, account: AccountId) -> Arc<Holding> {
    let basis = (rules.catalogue, rules.tree);
    rules.view.holding(account, basis, rules.now, |grants| {
        let lasting = during(grants.iter().map(AsRef::as_ref), rules.now);
        (Holding::of(rules.rows(grants)), lasting)
    })
}

fn forbidden(rules: Rules<'_>) -> Spans {
    let span = |(guardrail, forbids): (&Guardrail, Arc<PermissionSet>)| {
        let node = rules.tree.node(guardrail.at())?;
        Some(Span {
            first: node.pre(),
            last: node.last(),
            set: Cow::Owned(PermissionSet::clone(&forbids)),
        })
    };
    let all = rules.view.resolved_guardrails(rules.catalogue);
    Spans::of(all.filter_map(span).collect())
}
