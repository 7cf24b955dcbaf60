//! The check in a service of tonic: the method that reads the message makes it, and cannot forget it.
//!
//! `cargo run -p skeleton-authz --example grpc --features full`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::convert::Infallible;

use skeleton_authz::AccessViews;
use skeleton_authz::AuthorizationLayer;
use skeleton_authz::Authorizer;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::Guarded;
use skeleton_authz::MemoryAccessLog;
use skeleton_authz::Operations;
use skeleton_authz::Pending;
use skeleton_authz::Subject;
use skeleton_authz::Target;
use skeleton_authz::permissions;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::testing::context;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::MemoryTrees;
use tonic::Request;
use tonic::Status;
use tonic::body::Body;
use tower::Layer;
use tower::Service;
use tower::ServiceExt;
use tower::service_fn;

permissions! {
    catalogue Bank "bank" version 1;
    resource account "account" { 32 => Open "open"; }
    policy Servicing "account-servicing" { account::Open }
    role Manager "account-manager" { Servicing }
}

/// The message, as generated code would declare it.
#[derive(serde::Deserialize)]
struct OpenAccount {
    container: ContainerId,
}

impl Guarded for OpenAccount {
    type Needs = account::Open;

    fn target(&self) -> Target<'_> {
        Target::Scope(self.container)
    }
}

/// A method of a service, as generated code calls it.
async fn open_account(request: Request<OpenAccount>) -> Result<String, Status> {
    let pending = Pending::of(request.extensions())?;
    let (ctx, auth) = pending.check(request.get_ref()).await?;
    Ok(format!("{} opens in {}", ctx.tenant(), auth.scope()))
}

/// Stands where generated code turns HTTP into a call of the method: here every message asks for one container.
async fn serve(
    request: http::Request<Body>,
    container: ContainerId,
    is_careless: bool,
) -> Result<http::Response<Body>, Infallible> {
    let (parts, _) = request.into_parts();
    let mut call = Request::new(OpenAccount { container });
    *call.extensions_mut() = parts.extensions;
    let said = if is_careless {
        Ok("opened for anybody".to_owned())
    } else {
        open_account(call).await
    };
    Ok(match said {
        Ok(said) => http::Response::new(Body::new(said)),
        Err(status) => status.into_http(),
    })
}

/// Calls the service, and tells the status.
async fn call<S>(mut service: S, ctx: InvocationContext) -> Result<i32, Box<dyn std::error::Error>>
where
    S: Service<http::Request<Body>, Response = http::Response<Body>, Error = Infallible>,
{
    // ContextLayer and authentication, further out, put the context there.
    let request = http::Request::post("/bank.Accounts/OpenAccount")
        .header("content-type", "application/grpc")
        .extension(ctx)
        .body(Body::empty())?;
    let answer = service.ready().await?.call(request).await?;
    let status = Status::from_header_map(answer.headers());
    println!("{status:?}");
    Ok(status.map_or(0, |status| status.code().into()))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let forest = Forest::open(
        MemoryTrees::new(),
        Limits::default(),
        SystemClock,
        RandomIds,
    );
    let access = AccessViews::open(MemoryAccessLog::new(), SystemClock);
    let (ada, acme) = (
        AccountId::from_bytes([2; 16])?,
        TenantId::from_bytes([1; 16])?,
    );
    let ctx = context().user(ada, acme).build_authenticated();
    let (t, root) = (InTenant::of(&ctx), ContainerId::root_of(ctx.tenant()));
    let france = forest.create(t, root, "France").await?;
    let texas = forest.create(t, root, "Texas").await?;
    let id = GrantId::generate(&RandomIds, SystemClock.now());
    let grant = Grant::new(id, Subject::Account(ada), Manager.name(), france);
    access.provision(t, grant).await?;

    let rules = Authorizer::new(Bank::catalogue(), forest, access, SystemClock);
    let operations = Operations::new().guarded::<OpenAccount>("open-account");
    let layer = AuthorizationLayer::new(rules, operations).for_grpc();
    let service = |container, is_careless| {
        let method = move |request| serve(request, container, is_careless);
        layer.layer(service_fn(method))
    };
    let ctx = ctx.into_access();
    assert_eq!(call(service(france, false), ctx.clone()).await?, 0);
    assert_eq!(call(service(texas, false), ctx.clone()).await?, 5);
    // A method that forgot to check gets no answer out: INTERNAL.
    assert_eq!(call(service(france, true), ctx).await?, 13);
    Ok(())
}
