//! Tenants in memory, and futures that wait for nobody.

use core::future::Future;
use core::pin::pin;
use core::task::Context;
use core::task::Poll;
use core::task::Waker;

use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::NewTenant;
use skeleton_tenancy_tree::RootDomain;
use skeleton_tenancy_tree::TenantCommand;
use skeleton_tenancy_tree::TenantKind;
use skeleton_tenancy_tree::Tenants;

use crate::NOW;

pub const ROOT: &str = "bank.example";
/// Tenants that serve.
pub const SERVING: [&str; 4] = ["acme", "acme-2", "a-1", "xn-acme"];
/// One that was closed.
pub const CLOSED: &str = "gone";

/// The value of a future that is ready, as those of stores in memory are.
pub fn now<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    match future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a store in memory waits for nobody"),
    }
}

/// The tenants above.
pub fn house() -> Tenants {
    now(async {
        let root = RootDomain::parse(ROOT).expect("a domain");
        let store = MemoryTenants::new();
        let house = Tenants::open(store, root, FixedClock::at(NOW), SeededIds::new(1));
        let house = house.await.expect("a store in memory");
        for slug in SERVING.into_iter().chain([CLOSED]) {
            let new = NewTenant::new(slug.parse().expect("a slug"), TenantKind::EXTERNAL);
            let tenant = house.onboard(new).await.expect("a free slug");
            if slug == CLOSED {
                let t = InTenant::background(tenant.id(), "fuzz");
                for command in [TenantCommand::BeginClosing, TenantCommand::Close] {
                    house.execute(t, &command).await.expect("what fits");
                }
            }
        }
        house
    })
}
