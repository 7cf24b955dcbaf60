//! A factory whose store's type is not known, so that each check is compiled once and not for each adapter.

use self::sealed::Sealed;
use super::factory::Factory;

/// A [`Factory`] whose store's type is not known. Every factory is one, and nothing else is.
pub trait AnyFactory: Sealed {}

impl<F: Factory> AnyFactory for F {}

pub(super) use self::sealed::Made;

mod sealed {
    #![expect(unnameable_types, reason = "they seal a trait")]

    use core::any::Any;
    use core::future::Future;
    use core::pin::Pin;

    use crate::conformance::clock::MovableClock;
    use crate::conformance::factory::Capabilities;
    use crate::conformance::factory::Factory;
    use crate::store::DynStore;

    type Kept = Box<dyn Any + Send + Sync>;
    type Making<'m> = Pin<Box<dyn Future<Output = Made> + Send + 'm>>;

    pub trait Sealed: Send + Sync {
        fn can(&self) -> Capabilities;

        fn make<'m>(&'m self, clock: &'m MovableClock) -> Making<'m>;

        fn make_again<'m>(&'m self, closed: Closed, clock: &'m MovableClock) -> Making<'m>;
    }

    /// A store without its type, and the same one as its factory knows it.
    #[derive(Debug)]
    pub struct Made {
        store: DynStore,
        kept: Kept,
    }

    /// A store of which nothing is left but what its factory reopens.
    #[derive(Debug)]
    pub struct Closed(Kept);

    impl Made {
        fn of<F: Factory>(store: F::Store) -> Self {
            Self {
                store: DynStore::new(store.clone()),
                kept: Box::new(store),
            }
        }

        pub(in crate::conformance) const fn store(&self) -> &DynStore {
            &self.store
        }

        pub(in crate::conformance) fn closed(self) -> Closed {
            Closed(self.kept)
        }
    }

    impl<F: Factory> Sealed for F {
        fn can(&self) -> Capabilities {
            self.capabilities()
        }

        fn make<'m>(&'m self, clock: &'m MovableClock) -> Making<'m> {
            Box::pin(async move { Made::of::<F>(self.fresh(clock).await) })
        }

        fn make_again<'m>(&'m self, closed: Closed, clock: &'m MovableClock) -> Making<'m> {
            Box::pin(async move {
                match closed.0.downcast::<F::Store>() {
                    Ok(store) => Made::of::<F>(self.reopen(*store, clock).await),
                    // It is another factory's: no check hands it over.
                    Err(_) => Made::of::<F>(self.fresh(clock).await),
                }
            })
        }
    }
}
