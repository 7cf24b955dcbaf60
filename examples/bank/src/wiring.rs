//! Puts the parts together, and takes them apart again.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use skeleton_authn::Argon2Cost;
use skeleton_authn::Authn;
use skeleton_authn::HashingPool;
use skeleton_authn::MemoryAccounts;
use skeleton_authz::AccessViews;
use skeleton_authz::Authorizer;
use skeleton_idempotency::Drained;
use skeleton_idempotency::Engine;
use skeleton_idempotency::FingerprintKeys;
use skeleton_idempotency::Tracker;
use skeleton_invocation_context::Account;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Authentication;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::Edge;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::Mechanism;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::ServiceIdentity;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::TrustedProxies;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::NewTenant;
use skeleton_tenancy_tree::RootDomain;
use skeleton_tenancy_tree::TenantDirectory;
use skeleton_tenancy_tree::Tenants;
use skeleton_tokens::AccessToken;
use skeleton_tokens::Issuer;
use skeleton_tokens::IssuerNames;
use skeleton_tokens::KeyRings;
use skeleton_tokens::Verifier;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use tokio::task::JoinSet;

use crate::adapters::in_process::InProcessBus;
use crate::adapters::in_process::InProcessMessages;
use crate::adapters::in_process::InProcessReplies;
use crate::adapters::platform::AccessStreams;
use crate::adapters::platform::TenantStream;
use crate::adapters::platform::TreeStream;
use crate::adapters::sqlite::SqliteLog;
use crate::catalogue;
use crate::demo::DemoError;
use crate::edge;
use crate::edge::Doors;
use crate::edge::router;
use crate::personal::Vaults;
use crate::ports::envelope::NewEvent;
use crate::ports::envelope::StreamId;
use crate::ports::event_store::EventStore;
use crate::ports::event_store::Expect;
use crate::ports::event_store::Unit;
use crate::services::AUDIENCE;
use crate::services::Services;
use crate::supervisor::Supervisor;

/// Why the bank itself acts while its world is set up.
const REASON: &str = "set-up";
/// How often trees and tenants look for what others appended.
const FOLLOW: Duration = Duration::from_secs(1);
/// How long a command may take to end while the bank stops.
const DRAIN: Duration = Duration::from_secs(20);
/// The domain below which every tenant has its name.
const ROOT_DOMAIN: &str = "localhost";

/// The running bank. Dropping it ends every task, as a crash would; [`Bank::stop`] lets commands end that are under way.
#[derive(Debug)]
pub struct Bank {
    services: Services,
    supervisor: Supervisor,
    address: SocketAddr,
    tracker: Tracker,
    listening: AbortHandle,
    tasks: JoinSet<()>,
}

impl Bank {
    /// Starts the bank with its files in `dir`, on a free port of the loopback address. What an earlier run accepted
    /// and did not finish is finished now.
    ///
    /// # Errors
    ///
    /// What the operating system or an engine answers.
    pub async fn start(dir: &Path) -> Result<Self, DemoError> {
        let (services, rings, names) = services(dir).await?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let tracker = Tracker::new();
        let doors = Doors::new(
            Edge::new(SystemClock, RandomIds, TrustedProxies::none()),
            Verifier::<AccessToken>::new(rings.public(), names, AUDIENCE, SystemClock),
            Engine::in_transactions(fingerprint_keys()?, SystemClock)
                .tracker(&tracker)
                .build()?,
        );
        let app = router(&services, doors.clone());
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        let (supervisor, supervised) = Supervisor::new(services.clone(), rings);
        let mut tasks = JoinSet::new();
        tasks.spawn(supervised);
        for tenant in services.log.open_all().await? {
            supervisor.run(tenant).await?;
        }
        // What another process appends, or a step that failed left behind, is made up for within a second.
        tasks.spawn(services.forest.clone().follow(FOLLOW));
        tasks.spawn(services.tenants.clone().follow(FOLLOW));
        let messages = services.messages.clone();
        tasks.spawn(edge::take_messages(services.clone(), doors, messages));
        let listening = tasks.spawn(async move {
            // The listener fails only with the process: there is nobody to tell but the next request.
            let _ended = axum::serve(listener, app).await;
        });
        Ok(Self {
            services,
            supervisor,
            address,
            tracker,
            listening,
            tasks,
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its parts.
    #[must_use]
    pub const fn services(&self) -> &Services {
        &self.services
    }

    /// Opens the tenant's files, makes its entry point, its root and its signing key, and starts its processors.
    ///
    /// # Errors
    ///
    /// What an engine answers.
    pub async fn onboard(&self, new: NewTenant) -> Result<TenantId, DemoError> {
        let tenant = self.services.tenants.onboard(new).await?.id();
        self.supervisor.run(tenant).await?;
        Ok(tenant)
    }

    /// Serves a tenant that was made by other means than [`Bank::onboard`].
    ///
    /// # Errors
    ///
    /// What an engine answers.
    pub async fn run(&self, tenant: TenantId) -> Result<(), DemoError> {
        self.supervisor.run(tenant).await
    }

    /// Appends an event about a member of a tenant.
    ///
    /// # Errors
    ///
    /// What the store answers.
    pub async fn record_member(
        &self,
        t: InTenant<'_>,
        account: AccountId,
        kind: &str,
        data: Value,
    ) -> Result<(), DemoError> {
        let event = NewEvent {
            id: self.services.new_event_id(),
            kind: kind.to_owned(),
            schema: 1,
            tenant: t.tenant(),
            container: None,
            at: self.services.clock.now(),
            key: None,
            decision: None,
            context: None,
            reason: Some(REASON.to_owned()),
            data,
        };
        let unit = Unit::to(StreamId::of("member", account), Expect::Any).with_events(vec![event]);
        self.services.log.append(t, unit).await?;
        Ok(())
    }

    /// Serves until it is dropped.
    ///
    /// # Errors
    ///
    /// None; the signature is that of everything the demo awaits.
    pub async fn serve(self) -> Result<(), DemoError> {
        core::future::pending::<()>().await;
        Ok(())
    }

    /// Lets nobody in any more, waits until every command that is under way has its answer, at most 20 seconds, then ends
    /// every task and closes every file. What was accepted and has none by then is finished at the next start.
    pub async fn stop(self) -> Drained {
        self.listening.abort();
        let drained = self.tracker.drain(DRAIN).await;
        self.halt().await;
        drained
    }

    /// Ends every task and closes every file without waiting for anybody, as a crash would.
    pub async fn halt(mut self) {
        self.supervisor.stop().await;
        self.tasks.shutdown().await;
        self.services.vaults.close().await;
        self.services.log.close().await;
    }
}

async fn services(dir: &Path) -> Result<(Services, KeyRings, IssuerNames), DemoError> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn IdGenerator> = Arc::new(RandomIds);
    let bus = InProcessBus::default();
    let log = SqliteLog::in_dir(dir, bus.clone());
    let domain = RootDomain::parse(ROOT_DOMAIN)?;
    let tenants = Tenants::open(
        TenantStream::new(log.clone(), Arc::clone(&ids)),
        domain,
        SystemClock,
        RandomIds,
    )
    .await?;
    let trees = TreeStream::new(log.clone(), Arc::clone(&ids));
    let forest = Forest::open(trees, Limits::default(), SystemClock, RandomIds);
    let access = AccessViews::open(
        AccessStreams::new(log.clone(), Arc::clone(&ids)),
        SystemClock,
    );
    let authorizer = Authorizer::new(
        catalogue::Bank::catalogue(),
        forest.clone(),
        access.clone(),
        SystemClock,
    );
    let accounts = MemoryAccounts::new();
    let authn = Authn::builder()
        .accounts(accounts.clone())
        .hashing(HashingPool::new(Argon2Cost::FLOOR))
        .build(SystemClock, RandomIds);
    let rings = KeyRings::in_process(SystemClock);
    let directory = tenants.directory();
    let names = IssuerNames::subdomains_of(ROOT_DOMAIN, move |tenant| {
        directory
            .by_id(tenant)
            .map(|tenant| tenant.slug().to_string())
    });
    let issuer = Issuer::new(&rings, names.clone(), SystemClock, RandomIds);
    let services = Services {
        identity: identity(&*ids, &*clock),
        vaults: Vaults::in_dir(dir, log.clone())?,
        views: InProcessBus::default(),
        replies: InProcessReplies::default(),
        messages: InProcessMessages::default(),
        clock,
        ids,
        log,
        bus,
        tenants,
        forest,
        access,
        authorizer,
        accounts,
        authn,
        issuer,
    };
    Ok((services, rings, names))
}

/// The account of the bank's own processes, of no customer's tenant.
fn identity(ids: &dyn IdGenerator, clock: &dyn Clock) -> ServiceIdentity {
    let now = clock.now();
    let (house, account) = (TenantId::generate(ids, now), AccountId::generate(ids, now));
    let proof = Authentication::new(Mechanism::Workload, Assurance::Aal1, now);
    ServiceIdentity::new(Account::new(account, AccountKind::Service, house), proof)
}

fn fingerprint_keys() -> Result<FingerprintKeys, DemoError> {
    let mut secret = [0_u8; 32];
    getrandom::fill(&mut secret)?;
    Ok(FingerprintKeys::new(secret))
}
