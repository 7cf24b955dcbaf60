//! What a user would take instead, each told only what it needs about the one user, and as it likes it best.

mod casbin;
mod cedar;
mod floor;
mod fold;
mod rego;
mod walk;

use std::hash::RandomState;

use criterion::BenchmarkGroup;
use criterion::measurement::WallTime;
use skeleton_invocation_context::ContainerId;

use self::casbin::Casbin;
use self::cedar::Cedar;
use self::floor::Dense;
use self::floor::Sparse;
use self::fold::Quick;
use self::rego::Interpreter;
use self::rego::Machine;
use self::walk::Walk;
use crate::world::World;
use crate::world::on_each;

/// An engine that knows a world.
trait Peer: Sized {
    /// The row.
    const NAME: &'static str;
    /// A question, made before the time is taken.
    type Question;

    fn of(world: &World) -> Self;

    fn question(&self, at: ContainerId) -> Self::Question;

    fn allows(&mut self, question: &Self::Question) -> bool;
}

/// A row for each peer, and for what no check can be faster than: the same questions, of which every answer is `expected`.
pub(crate) fn rows(
    group: &mut BenchmarkGroup<'_, WallTime>,
    world: &World,
    asked: &[ContainerId],
    expected: bool,
) {
    row::<Cedar>(group, world, asked, expected);
    row::<Interpreter>(group, world, asked, expected);
    row::<Machine>(group, world, asked, expected);
    row::<Casbin>(group, world, asked, expected);
    row::<Walk<RandomState>>(group, world, asked, expected);
    row::<Walk<Quick>>(group, world, asked, expected);
    row::<Dense>(group, world, asked, expected);
    row::<Sparse>(group, world, asked, expected);
}

fn row<P: Peer>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    world: &World,
    asked: &[ContainerId],
    expected: bool,
) {
    let mut peer = P::of(world);
    let questions: Vec<_> = asked.iter().map(|at| peer.question(*at)).collect();
    for (question, at) in questions.iter().zip(asked) {
        assert_eq!(peer.allows(question), expected, "{} at {at}", P::NAME);
    }
    group.bench_function(P::NAME, |b| {
        on_each(b, &questions, |question| peer.allows(question));
    });
}
