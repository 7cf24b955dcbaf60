//! The arithmetic of a move. Nothing but what moves can change its answers, and there only two things change: what
//! stands above it, and which roles of the tenant's own have their home above it.

use core::iter;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Reach;

use crate::access::Guardrail;
use crate::catalogue::PermissionId;
use crate::catalogue::PermissionSet;
use crate::catalogue::Role;
use crate::grant::Grant;
use crate::grant::Window;
use crate::snapshot::Frozen;
use crate::snapshot::intervals::Intervals;
use crate::snapshot::rows::interval;
use crate::snapshot::spans::Span;
use crate::snapshot::spans::Spans;

/// A move as the tree lies before it. What moves keeps its positions among itself.
#[derive(Clone, Copy)]
pub(super) struct Relocation<'f> {
    frozen: &'f Frozen,
    moving: Node<'f>,
    target: Node<'f>,
}

/// Before the move, and after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sides {
    before: bool,
    after: bool,
}

/// What a grant gives in what moves.
pub(super) struct Effect {
    first: u32,
    last: u32,
    role: Arc<Role>,
    window: Window,
    sides: Sides,
}

/// What stands in the way in what moves, whoever asks.
pub(super) struct Barriers {
    before: Spans,
    after: Spans,
    is_moved: bool,
    /// The positions at which something begins or has ended.
    edges: BTreeSet<u32>,
}

/// What changes over some positions.
pub(super) struct Change {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) gains: PermissionSet,
    pub(super) losses: PermissionSet,
}

impl<'f> Relocation<'f> {
    /// Nothing if the tree lacks one of the two, or would have a cycle.
    pub(super) fn of(frozen: &'f Frozen, container: ContainerId, to: ContainerId) -> Option<Self> {
        let (moving, target) = frozen.tree.node(container).zip(frozen.tree.node(to))?;
        (!moving.covers(target)).then_some(Self {
            frozen,
            moving,
            target,
        })
    }

    /// Whether a container that does not move is above what does.
    const fn above(self, node: Node<'f>) -> Sides {
        Sides {
            before: node.covers(self.moving),
            after: node.covers(self.target),
        }
    }

    /// What a grant gives here on either side; nothing if it gives nothing on both.
    pub(super) fn effect(self, grant: &Arc<Grant>) -> Option<Effect> {
        let node = self.frozen.tree.node(grant.at())?;
        let (role, counts) = self.role(grant, node)?;
        let (first, last, reaches) = if self.moving.covers(node) {
            let (first, last) = interval(grant.reach(), node.pre(), node.last());
            let always = Sides {
                before: true,
                after: true,
            };
            (first, last, always)
        } else if grant.reach() == Reach::SelfOnly {
            return None;
        } else {
            (self.moving.pre(), self.moving.last(), self.above(node))
        };
        let sides = Sides {
            before: counts.before && reaches.before,
            after: counts.after && reaches.after,
        };
        let is_any = (sides.before || sides.after) && first <= last;
        is_any.then(|| Effect {
            first,
            last,
            role,
            window: grant.window(),
            sides,
        })
    }

    /// The role of a grant, and on which sides it counts where the grant stands.
    fn role(self, grant: &Grant, node: Node<'f>) -> Option<(Arc<Role>, Sides)> {
        let Frozen {
            catalogue,
            tree,
            view,
            ..
        } = self.frozen;
        if let Some(standard) = catalogue.shared_role(grant.role()) {
            let always = Sides {
                before: true,
                after: true,
            };
            return Some((Arc::clone(standard), always));
        }
        let (home, own) = view.resolved_role(grant.role(), catalogue)?;
        let home = tree.node(home)?;
        let moves_alone = self.moving.covers(node) && !self.moving.covers(home);
        let counts = if moves_alone {
            self.above(home)
        } else {
            Sides {
                before: home.covers(node),
                after: home.covers(node),
            }
        };
        Some((own, counts))
    }

    /// The guardrails that count, and the archives.
    pub(super) fn barriers(self, counts: impl Fn(&Guardrail) -> bool) -> Barriers {
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let mut edges = BTreeSet::new();
        let mut is_moved = false;
        let Frozen {
            catalogue, view, ..
        } = self.frozen;
        for (guardrail, forbids) in view.resolved_guardrails(catalogue) {
            if !counts(guardrail) {
                continue;
            }
            let Some(node) = self.frozen.tree.node(guardrail.at()) else {
                continue;
            };
            let is_inside = self.moving.covers(node);
            let sides = self.above(node);
            let place = if is_inside { node } else { self.moving };
            let span = || Span {
                first: place.pre(),
                last: place.last(),
                set: Cow::Owned(PermissionSet::clone(&forbids)),
            };
            if is_inside || sides.before {
                before.push(span());
            }
            if is_inside || sides.after {
                after.push(span());
            }
            is_moved |= !is_inside && sides.before != sides.after;
            edges.extend([place.pre(), place.last() + 1]);
        }
        let archives = self.frozen.tree.archives();
        let inside = archives.filter(|top| self.moving.covers(*top));
        edges.extend(inside.flat_map(|top| [top.pre(), top.last() + 1]));
        Barriers {
            before: Spans::of(before),
            after: Spans::of(after),
            is_moved,
            edges,
        }
    }

    /// What changes for an account with these grants, in the order of the tree.
    pub(super) fn changes(self, effects: &[Effect], barriers: &Barriers) -> Vec<Change> {
        let is_moved = |effect: &Effect| effect.sides.before != effect.sides.after;
        if !barriers.is_moved && !effects.iter().any(is_moved) {
            return Vec::new();
        }
        let before = given(effects, |sides| sides.before);
        let after = given(effects, |sides| sides.after);
        let own = effects.iter();
        let own = own.flat_map(|effect| [effect.first, effect.last + 1]);
        let mut edges: BTreeSet<u32> = own.chain(barriers.edges.iter().copied()).collect();
        edges.insert(self.moving.pre());
        let inside = self.moving.pre()..=self.moving.last();
        let begins: Vec<u32> = edges.into_iter().filter(|at| inside.contains(at)).collect();
        let ends = begins.iter().skip(1).map(|next| next - 1);
        let ends = ends.chain(iter::once(self.moving.last()));
        let mut changes: Vec<Change> = Vec::new();
        for (first, last) in begins.iter().copied().zip(ends) {
            let had = self.usable(before.all_at(first), &barriers.before, first);
            let has = self.usable(after.all_at(first), &barriers.after, first);
            let (gains, losses) = (less(&has, &had), less(&had, &has));
            match changes.last_mut() {
                Some(open)
                    if open.last + 1 == first && open.gains == gains && open.losses == losses =>
                {
                    open.last = last;
                }
                _ => changes.push(Change {
                    first,
                    last,
                    gains,
                    losses,
                }),
            }
        }
        changes.retain(|change| !(change.gains.is_empty() && change.losses.is_empty()));
        changes
    }

    /// What is left of what is given at a position.
    fn usable(self, mut set: PermissionSet, forbidden: &Spans, pre: u32) -> PermissionSet {
        set.remove_all(&forbidden.all_at(pre));
        let node = self.frozen.tree.node_at(pre);
        if node.is_some_and(Node::is_archived) {
            let kept = self.frozen.catalogue.permissions();
            let kept = kept.filter(|held| held.attributes().is_on_archived());
            set.retain_all(&kept.map(|held| held.id()).collect());
        }
        set
    }
}

/// What grants that reach here only after the move would give at times at which it is not given before.
pub(super) fn prolonged(effects: &[Effect]) -> PermissionSet {
    let entering = effects
        .iter()
        .filter(|effect| effect.sides.after && !effect.sides.before);
    let mut gains = PermissionSet::empty();
    for effect in entering {
        for permission in effect.role.permissions().iter() {
            if !is_held_anyway(effect, permission, effects) {
                gains.insert(permission);
            }
        }
    }
    gains
}

/// Whether grants that reach here before the move give a permission wherever and whenever another does.
fn is_held_anyway(given: &Effect, permission: PermissionId, effects: &[Effect]) -> bool {
    let holding = effects.iter().filter(|effect| {
        effect.sides.before
            && effect.role.permissions().contains(permission)
            && effect.window.contains(given.window)
    });
    Intervals::of(holding.map(|effect| (effect.first, effect.last))).covers(given.first, given.last)
}

/// What grants give on one side.
fn given(effects: &[Effect], on: impl Fn(Sides) -> bool) -> Spans {
    let there = effects.iter().filter(|effect| on(effect.sides));
    let spans = there.map(|effect| Span {
        first: effect.first,
        last: effect.last,
        set: Cow::Borrowed(effect.role.permissions()),
    });
    Spans::of(spans.collect())
}

fn less(one: &PermissionSet, other: &PermissionSet) -> PermissionSet {
    let mut left = one.clone();
    left.remove_all(other);
    left
}
