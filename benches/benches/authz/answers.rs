//! Answers that say more than yes or no.

use criterion::Criterion;
use skeleton_authz::Decision;
use skeleton_authz::Permission as _;
use skeleton_benches::note;
use skeleton_tenancy_tree::Dialect;
use skeleton_tenancy_tree::ScopeColumns;

use crate::catalogue::m07;
use crate::ours::allows;
use crate::ours::snapshot;
use crate::world::Shape;
use crate::world::World;
use crate::world::on_each;

pub(crate) fn explanations(c: &mut Criterion) {
    let world = World::of(&Shape::default());
    let snapshot = snapshot(&world);
    let (allowed, denied) = (world.allowed(), world.denied());
    let helped = snapshot.explain(m07::Read::ID, denied[0]);
    assert!(matches!(helped, Decision::Deny(deny) if deny.would_allow.len() == 8));
    let mut group = c.benchmark_group("authz-explain");
    group.bench_function("allow", |b| {
        on_each(b, &allowed, |at| snapshot.explain(m07::Read::ID, *at));
    });
    group.bench_function("deny", |b| {
        on_each(b, &denied, |at| snapshot.explain(m07::Read::ID, *at));
    });
    group.bench_function("refuse", |b| {
        on_each(b, &denied, |at| snapshot.require(m07::Read, *at));
    });
    group.finish();
}

pub(crate) fn lists(c: &mut Criterion) {
    let world = World::of(&Shape::default());
    let (few, asked) = (snapshot(&world), world.allowed());
    let mut group = c.benchmark_group("authz-lists");
    group.bench_function("effective", |b| {
        on_each(b, &asked, |at| few.effective(*at));
    });
    let columns = ScopeColumns::default();
    // Of teams at the rim, and of whole departments.
    for (name, stand) in [("few", 6..=7), ("many", 3..=4)] {
        let world = World::of(&Shape {
            grants: 32,
            stand,
            ..Shape::default()
        });
        let many = snapshot(&world);
        let visible = many.visible(m07::Read).unwrap();
        let allowed = world.ids.iter().filter(|at| allows(&many, **at));
        assert_eq!(visible.len(), allowed.count());
        note(
            &format!("authz-visible-{name}-containers"),
            visible.len() as u64,
        );
        group.bench_function(format!("visible-{name}"), |b| {
            b.iter(|| many.visible(m07::Read).unwrap());
        });
        group.bench_function(format!("sql-{name}"), |b| {
            b.iter(|| visible.to_sql(Dialect::Sqlite, &columns, 1).unwrap());
        });
    }
    group.finish();
}
