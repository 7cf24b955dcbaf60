//! Which tenant a host is.

use std::collections::HashMap;
use std::sync::Arc;

use criterion::Criterion;
use skeleton_benches::allocations;
use skeleton_benches::note;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;
use skeleton_tenancy_tree::Host;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::NewTenant;
use skeleton_tenancy_tree::Resolved;
use skeleton_tenancy_tree::RootDomain;
use skeleton_tenancy_tree::Tenant;
use skeleton_tenancy_tree::TenantDirectory as _;
use skeleton_tenancy_tree::TenantKind;
use skeleton_tenancy_tree::Tenants;

use crate::world::Dice;
use crate::world::on_each;
use crate::world::runtime;
use crate::world::scaled;

const TENANTS: usize = 100_000;
/// How many tenants a process asks for again and again.
const BUSY: usize = 100;

async fn onboard(tenants: &Tenants, number: usize) {
    let slug = format!("customer-{number}").parse().unwrap();
    let new = NewTenant::new(slug, TenantKind::EXTERNAL);
    tenants.onboard(new).await.unwrap();
}

pub(crate) fn hosts(c: &mut Criterion) {
    let (runtime, len) = (runtime(), scaled(TENANTS));
    let domain = RootDomain::parse("bank.example").unwrap();
    let tenants = runtime.block_on(async {
        let store = MemoryTenants::new();
        let tenants = Tenants::open(store, domain, SystemClock, RandomIds);
        let tenants = tenants.await.unwrap();
        for number in 0..len {
            onboard(&tenants, number).await;
        }
        tenants
    });
    let directory = tenants.directory();
    // Parsed in the order in which they are asked for, as those of requests are: only the directory is cold.
    let mut numbers: Vec<_> = (0..len).collect();
    Dice::new(4).shuffle(&mut numbers);
    let text = |number: &usize| format!("customer-{number}.bank.example");
    let texts: Vec<_> = numbers.iter().map(text).collect();
    let hosts: Vec<_> = texts
        .iter()
        .map(|text| Host::parse(text).unwrap())
        .collect();
    let first = &hosts[0];
    assert!(matches!(directory.by_host(first), Resolved::Tenant(_)));
    note("tree-host-alloc", allocations(|| directory.by_host(first)));

    let mut group = c.benchmark_group("tree-host");
    group.bench_function("warm", |b| {
        on_each(b, &hosts[..BUSY], |host| directory.by_host(host));
    });
    group.bench_function("cold", |b| {
        on_each(b, &hosts, |host| directory.by_host(host));
    });
    group.bench_function("cold-with-parse", |b| {
        on_each(b, &texts, |text| {
            directory.by_host(&Host::parse(text).unwrap())
        });
    });
    let map: HashMap<String, Arc<Tenant>> = directory
        .all()
        .into_iter()
        .map(|tenant| (tenant.entry_point().host().to_owned(), tenant))
        .collect();
    for (name, hosts) in [("warm", &hosts[..BUSY]), ("cold", &hosts)] {
        group.bench_function(format!("{name}-hash-map"), |b| {
            on_each(b, hosts, |host| map.get(host.as_str()).cloned());
        });
    }
    let mut number = len;
    group.sample_size(10).bench_function("onboard", |b| {
        b.iter(|| {
            number += 1;
            runtime.block_on(onboard(&tenants, number));
        });
    });
    group.finish();
}
