//! The suites that every store must pass. An adapter runs them on its real server:
//!
//! ```
//! # #[cfg(test)]
//! mod trees {
//!     skeleton_tenancy_tree::tree_store_suite!(|| async { skeleton_tenancy_tree::MemoryTrees::new() });
//! }
//! ```
//!
//! The factory is called once a test and makes a store that is empty. The caller's development dependencies have
//! tokio with `macros` and `rt-multi-thread`.

pub mod cases;
mod kept;
mod port;

pub use kept::Kept;
pub use port::Port;
pub use port::TenantPort;
pub use port::TreePort;

/// Makes a test of everything that a [`TreeStore`](crate::TreeStore) promises: `tree_store_suite!(factory)`.
///
/// With `down: other_factory`, which makes a store whose server does not answer, also that such a store says so.
#[macro_export]
macro_rules! tree_store_suite {
    ($factory:expr $(, down: $down:expr)?) => {
        $crate::__store_suite!($crate::conformance::TreePort, $factory $(, $down)?);

        #[::tokio::test(flavor = "multi_thread")]
        async fn every_commit_reaches_a_follower_that_nobody_notifies() {
            let store = ($factory)().await;
            $crate::conformance::cases::every_commit_reaches_a_follower_that_nobody_notifies(store).await;
        }
    };
}

/// Makes a test of everything that a [`TenantStore`](crate::TenantStore) promises: `tenant_store_suite!(factory)`.
///
/// With `down: other_factory`, which makes a store whose server does not answer, also that such a store says so.
#[macro_export]
macro_rules! tenant_store_suite {
    ($factory:expr $(, down: $down:expr)?) => {
        $crate::__store_suite!($crate::conformance::TenantPort, $factory $(, $down)?);

        #[::tokio::test(flavor = "multi_thread")]
        async fn of_two_onboardings_of_one_slug_one_wins() {
            let store = ($factory)().await;
            $crate::conformance::cases::of_two_onboardings_of_one_slug_one_wins(store).await;
        }

        #[::tokio::test(flavor = "multi_thread")]
        async fn the_slug_of_a_closed_tenant_stays_taken() {
            let store = ($factory)().await;
            $crate::conformance::cases::the_slug_of_a_closed_tenant_stays_taken(store).await;
        }
    };
}

/// The tests that both ports share.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_suite {
    ($port:path, $factory:expr $(, $down:expr)?) => {
        $crate::__store_suite! { @each $port, $factory;
            what_was_appended_is_read_as_it_was,
            a_stale_append_writes_nothing,
            of_a_hundred_racers_at_one_version_one_wins,
            pages_concatenate_to_the_log,
            an_append_is_all_or_nothing_though_its_future_is_dropped,
            equal_ids_in_two_tenants_never_meet,
            heads_name_every_stream_once_and_in_order,
        }
        $(
            #[::tokio::test(flavor = "multi_thread")]
            async fn a_store_that_is_down_is_unavailable_and_not_empty() {
                let port = $port(($down)().await);
                $crate::conformance::cases::a_store_that_is_down_is_unavailable_and_not_empty(port).await;
            }
        )?
    };
    (@each $port:path, $factory:expr; $($case:ident,)+) => { $(
        #[::tokio::test(flavor = "multi_thread")]
        async fn $case() {
            let port = $port(($factory)().await);
            $crate::conformance::cases::$case(port).await;
        }
    )+ };
}
