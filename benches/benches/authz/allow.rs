//! The one question that is asked all the time, and its two answers.

use criterion::Criterion;
use skeleton_authz::Snapshot;
use skeleton_benches::allocations;
use skeleton_benches::note;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Node;

use crate::catalogue::m07;
use crate::ours::allows;
use crate::ours::snapshot;
use crate::peers;
use crate::world::Shape;
use crate::world::World;
use crate::world::on_each;

pub(crate) fn nodes<'s>(snapshot: &'s Snapshot, asked: &[ContainerId]) -> Vec<Node<'s>> {
    let node = |at: &ContainerId| snapshot.tree().node(*at).unwrap();
    asked.iter().map(node).collect()
}

fn expect(snapshot: &Snapshot, asked: &[ContainerId], expected: bool) {
    for at in asked {
        assert_eq!(allows(snapshot, *at), expected, "{at}");
        assert_eq!(snapshot.require(m07::Read, *at).is_ok(), expected);
    }
}

fn allows_of(c: &mut Criterion, name: &str, shape: &Shape) {
    let world = World::of(shape);
    let (snapshot, asked) = (snapshot(&world), world.allowed());
    expect(&snapshot, &asked, true);
    let nodes = nodes(&snapshot, &asked);
    let mut group = c.benchmark_group(name);
    group.bench_function("node", |b| {
        on_each(b, &nodes, |node| snapshot.allows(m07::Read, *node));
    });
    group.bench_function("id", |b| {
        on_each(b, &asked, |at| allows(&snapshot, *at));
    });
    group.bench_function("require", |b| {
        on_each(b, &asked, |at| snapshot.require(m07::Read, *at));
    });
    peers::rows(&mut group, &world, &asked, true);
    group.finish();
}

pub(crate) fn allows_by_grants(c: &mut Criterion) {
    allows_of(c, "authz-allow", &Shape::default());
    // Of teams: so many grants of departments would lie within each other, and few of them would count.
    let apart = |grants| Shape {
        grants,
        stand: 6..=7,
        ..Shape::default()
    };
    allows_of(c, "authz-allow-50", &apart(50));
    allows_of(c, "authz-allow-500", &apart(500));
}

pub(crate) fn denies(c: &mut Criterion) {
    let world = World::of(&Shape::default());
    let snapshot = snapshot(&world);
    let (allowed, denied) = (world.allowed(), world.denied());
    expect(&snapshot, &denied, false);
    let [yes, no] = [&allowed, &denied].map(|asked| nodes(&snapshot, asked));
    note(
        "authz-alloc",
        allocations(|| {
            let count =
                |asked: &[ContainerId]| asked.iter().filter(|at| allows(&snapshot, **at)).count();
            let proven = allowed
                .iter()
                .filter(|at| snapshot.require(m07::Read, **at).is_ok());
            assert_eq!(
                (count(&allowed), count(&denied), proven.count()),
                (allowed.len(), 0, allowed.len())
            );
        }),
    );
    // The allows once more: what is compared is read one right after the other.
    let mut group = c.benchmark_group("authz-deny");
    for (name, nodes) in [("allow-node", &yes), ("node", &no)] {
        group.bench_function(name, |b| {
            on_each(b, nodes, |node| snapshot.allows(m07::Read, *node));
        });
    }
    for (name, asked) in [("allow-id", &allowed), ("id", &denied)] {
        group.bench_function(name, |b| {
            on_each(b, asked, |at| allows(&snapshot, *at));
        });
    }
    peers::rows(&mut group, &world, &denied, false);
    group.finish();
}
