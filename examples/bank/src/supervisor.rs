//! Starts what every tenant needs while it is served: its key, its views, its processors.

use core::fmt;
use std::collections::HashSet;

use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::InTenant;
use skeleton_tokens::KeyRings;
use skeleton_tokens::KeyScope;
use tokio::sync::mpsc;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::demo::DemoError;
use crate::processors;
use crate::processors::BankAccounts;
use crate::processors::Containers;
use crate::processors::Customers;
use crate::processors::Onboarding;
use crate::processors::Processor;
use crate::processors::Rules;
use crate::processors::TenantDoors;
use crate::projections;
use crate::services::Services;

/// Asks the one task that has all tenants' tasks. Cheap to clone.
#[derive(Clone)]
pub struct Supervisor(mpsc::Sender<Ask>);

enum Ask {
    Run(TenantId, oneshot::Sender<Result<(), DemoError>>),
    Stop(oneshot::Sender<()>),
}

impl Supervisor {
    /// A supervisor, and the future that does what it is asked. Dropping the future ends every tenant's tasks.
    pub fn new(services: Services, rings: KeyRings) -> (Self, impl Future<Output = ()> + Send) {
        let (asks, queue) = mpsc::channel(16);
        let supervisor = Self(asks);
        let supervised = Supervised {
            services,
            rings,
            supervisor: supervisor.clone(),
            running: HashSet::new(),
            tasks: JoinSet::new(),
        };
        (supervisor, supervised.serve(queue))
    }

    /// Makes or loads what a tenant's requests need, and starts its processors, unless they run.
    ///
    /// # Errors
    ///
    /// What an engine answers, or that the bank has stopped.
    pub async fn run(&self, tenant: TenantId) -> Result<(), DemoError> {
        let (done, result) = oneshot::channel();
        self.0.send(Ask::Run(tenant, done)).await?;
        result.await?
    }

    /// Ends every tenant's tasks, and waits until they have ended.
    pub async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        if self.0.send(Ask::Stop(done)).await.is_ok() {
            // A supervisor that is gone has nothing left to end.
            let _ended = stopped.await;
        }
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Supervisor")
    }
}

struct Supervised {
    services: Services,
    rings: KeyRings,
    supervisor: Supervisor,
    running: HashSet<TenantId>,
    tasks: JoinSet<()>,
}

impl Supervised {
    async fn serve(mut self, mut queue: mpsc::Receiver<Ask>) {
        while let Some(ask) = queue.recv().await {
            match ask {
                Ask::Run(tenant, done) => {
                    // Whoever asked may have gone: what runs now is found running next time.
                    let _told = done.send(self.run(tenant).await);
                }
                Ask::Stop(done) => {
                    self.tasks.shutdown().await;
                    let _told = done.send(());
                    return;
                }
            }
        }
    }

    async fn run(&mut self, tenant: TenantId) -> Result<(), DemoError> {
        if self.running.contains(&tenant) {
            return Ok(());
        }
        let services = self.services.clone();
        let t = InTenant::background(tenant, "start");
        self.rings.ensure(KeyScope::Tenant(tenant)).await?;
        services.forest.snapshot(t).await?;
        services.access.load(t).await?;
        services.vaults.open(tenant).await?;
        self.spawn(BankAccounts::new(services.clone()), tenant);
        self.spawn(Customers::new(services.clone()), tenant);
        self.spawn(Containers::new(services.clone()), tenant);
        self.spawn(TenantDoors::new(services.clone()), tenant);
        self.spawn(Rules::new(services.clone()), tenant);
        let onboarding = Onboarding::new(services.clone(), self.supervisor.clone());
        self.spawn(onboarding, tenant);
        let Services {
            log, bus, views, ..
        } = services;
        self.tasks.spawn(projections::run(log, bus, views, tenant));
        self.running.insert(tenant);
        Ok(())
    }

    fn spawn(&mut self, processor: impl Processor, tenant: TenantId) {
        let Services {
            log, bus, replies, ..
        } = self.services.clone();
        self.tasks
            .spawn(processors::run(processor, log, bus, replies, tenant));
    }
}
