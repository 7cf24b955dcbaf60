//! The layer around a service of tonic: the handler checks what it alone can read, and cannot forget to.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use http::HeaderMap;
use http::Request;
use http::Response;
use skeleton_authz::AuthorizationLayer;
use skeleton_authz::DecisionRecord;
use skeleton_authz::Guarded;
use skeleton_authz::Pending;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::testing;
use tonic::Status;
use tonic::body::Body;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use crate::bank::account;
use crate::doors::OpenAccount;
use crate::doors::Places;
use crate::doors::ReadAccounts;
use crate::doors::RetrieveAccount;
use crate::doors::TransferAll;
use crate::doors::bank;
use crate::doors::operations;
use crate::helpers::FOREIGN;
use crate::helpers::FRANCE;
use crate::helpers::NOWHERE;
use crate::helpers::TEXAS;
use crate::helpers::World;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::grant_id;

/// What a method does with the request, once tonic has read the message.
#[derive(Clone)]
enum Does {
    Open(ContainerId),
    Retrieve(&'static str),
    Read(ContainerId),
    Transfer(ContainerId),
    List,
    /// Answers as if all were well.
    Nothing,
    /// Checks what the first message asks, then what the second does.
    Twice(ContainerId, ContainerId),
    /// Answers as if all were well, although the check refused.
    Overrules(ContainerId),
    /// Refuses by itself.
    Fails,
}

async fn checked<C: Guarded + 'static>(pending: &Pending, command: C) -> Result<String, Status> {
    let (ctx, auth) = pending.check(&command).await?;
    assert_eq!(ctx.trace().current(), auth.record().invocation());
    Ok(auth.scope().to_string())
}

impl Does {
    async fn run(self, pending: Result<Pending, Status>) -> Result<String, Status> {
        match self {
            Self::Open(at) => checked(&pending?, OpenAccount::at(at)).await,
            Self::Read(at) => checked(&pending?, ReadAccounts::at(at)).await,
            Self::Transfer(at) => checked(&pending?, TransferAll::at(at)).await,
            Self::Retrieve(name) => {
                let account = name.to_owned();
                checked(&pending?, RetrieveAccount { account }).await
            }
            Self::List => {
                let (_, snapshot) = pending?.snapshot()?;
                Ok(snapshot.visible(account::Read).is_ok().to_string())
            }
            Self::Twice(first, then) => {
                let pending = pending?;
                checked(&pending, OpenAccount::at(first)).await?;
                checked(&pending, OpenAccount::at(then)).await
            }
            Self::Overrules(at) => {
                let refused = checked(&pending?, OpenAccount::at(at)).await;
                Ok(refused.unwrap_or_else(|_| "a secret".to_owned()))
            }
            Self::Nothing => Ok("a secret".to_owned()),
            Self::Fails => Err(Status::already_exists("it is there")),
        }
    }
}

struct Answer {
    http: u16,
    code: i32,
    message: String,
    headers: HeaderMap,
    record: Option<DecisionRecord>,
    calls: usize,
}

fn layer(world: &World, places: Places) -> AuthorizationLayer {
    AuthorizationLayer::new(world.authorizer.clone(), operations())
        .with_locator(places)
        .for_grpc()
}

/// Calls a method behind that layer.
async fn call(
    layer: &AuthorizationLayer,
    ctx: Option<InvocationContext>,
    method: &str,
    does: Does,
) -> Answer {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let served = service_fn(move |request: Request<Body>| {
        let does = does.clone();
        counted.fetch_add(1, Ordering::SeqCst);
        async move {
            let pending = Pending::of(request.extensions()).map_err(Status::from);
            Ok::<_, Infallible>(match does.run(pending).await {
                Ok(said) => Response::new(Body::new(said)),
                Err(status) => status.into_http(),
            })
        }
    });
    let mut request = Request::post(format!("/bank.Accounts/{method}"));
    if let Some(ctx) = ctx {
        request = request.extension(ctx);
    }
    let request = request.header("content-type", "application/grpc+proto");
    let request = request.body(Body::empty()).unwrap();
    let response = layer.layer(served).oneshot(request).await.unwrap();
    let http = response.status().as_u16();
    let status = Status::from_header_map(response.headers());
    Answer {
        code: status.as_ref().map_or(0, |status| status.code().into()),
        http,
        message: status.map_or_else(String::new, |status| status.message().to_owned()),
        headers: response.headers().clone(),
        record: response.extensions().get().cloned(),
        calls: calls.load(Ordering::SeqCst),
    }
}

/// Account 1 of the bank calls.
async fn called(method: &str, does: Does) -> Answer {
    let (world, door) = bank().await;
    let layer = layer(&world, door.places.clone());
    call(&layer, Some(caller(1).into_access()), method, does).await
}

#[tokio::test]
async fn a_method_that_checks_its_message_is_answered() {
    let answer = called("OpenAccount", Does::Open(container(FRANCE))).await;
    let record = answer.record.unwrap();
    assert_eq!((answer.http, answer.code, answer.calls), (200, 0, 1));
    assert_eq!(
        (record.verdict(), record.scope()),
        ("allow", Some(container(FRANCE)))
    );
    assert_eq!(record.grant(), Some(grant_id(1)));
    let answer = called("RetrieveAccount", Does::Retrieve("fr-001")).await;
    assert_eq!(answer.code, 0);
    assert_eq!(answer.record.unwrap().scope(), Some(container(FRANCE)));
}

#[tokio::test]
async fn attack_01_whatever_may_not_be_seen_is_not_found_in_the_same_words() {
    let first = called("OpenAccount", Does::Open(container(NOWHERE))).await;
    assert_eq!((first.code, first.calls), (5, 1));
    assert!(first.record.is_some(), "it is noted all the same");
    for at in [FOREIGN, TEXAS] {
        let answer = called("OpenAccount", Does::Open(container(at))).await;
        assert_eq!(answer.headers, first.headers);
    }
    for name in ["tx-001", "fr-999", "ab-001"] {
        let answer = called("RetrieveAccount", Does::Retrieve(name)).await;
        assert_eq!(answer.headers, first.headers, "{name}");
    }
}

#[tokio::test]
async fn attack_10_a_success_without_a_check_never_leaves() {
    for method in ["OpenAccount", "ListAccounts", "RetrieveAccount", "CloseAll"] {
        let answer = called(method, Does::Nothing).await;
        assert_eq!((answer.code, answer.calls), (13, 1), "{method}");
        assert!(answer.message.contains("answered without a check"));
        assert!(answer.record.is_none());
    }
    let overruled = called("OpenAccount", Does::Overrules(container(TEXAS))).await;
    assert_eq!(overruled.code, 13);
    assert_eq!(overruled.record.unwrap().scope(), Some(container(TEXAS)));
    // Its own refusal tells nothing that a check would have kept.
    let answer = called("OpenAccount", Does::Fails).await;
    assert_eq!((answer.code, answer.calls), (6, 1));
    // What needs nothing needs no check either.
    assert_eq!(called("LogIn", Does::Nothing).await.code, 0);
}

#[tokio::test]
async fn attack_10_a_check_of_another_message_than_the_registry_names_is_no_check() {
    let other = Does::Read(container(FRANCE));
    for (method, does) in [
        ("OpenAccount", other),
        ("OpenAccount", Does::List),
        ("ListAccounts", Does::Open(container(FRANCE))),
        ("RetrieveAccount", Does::List),
    ] {
        let answer = called(method, does).await;
        assert_eq!((answer.code, answer.calls), (13, 1), "{method}");
        assert!(answer.message.contains("another payload"));
        assert!(answer.record.is_none());
    }
}

#[tokio::test]
async fn attack_10_an_unregistered_method_is_refused_before_it_runs() {
    for method in ["CloseAccount", "openaccount", "open-accounts", ""] {
        let answer = called(method, Does::Open(container(FRANCE))).await;
        assert_eq!((answer.code, answer.calls), (13, 0), "{method:?}");
    }
}

#[tokio::test]
async fn attack_10_a_client_of_json_cannot_choose_the_door_of_grpc() {
    let (world, _) = bank().await;
    let json = AuthorizationLayer::new(world.authorizer.clone(), operations());
    let ctx = caller(2).into_access();
    for does in [Does::Nothing, Does::Open(container(FRANCE))] {
        let answer = call(&json, Some(ctx.clone()), "OpenAccount", does).await;
        // The empty message is no payload in JSON: refused, and for everybody to see, whatever the content type says.
        assert_eq!((answer.http, answer.calls), (400, 0));
    }
}

#[tokio::test]
async fn nobody_and_a_cold_store_are_refused_before_the_method_runs() {
    let (world, door) = bank().await;
    let warm = layer(&world, door.places.clone());
    let open = Does::Open(container(FRANCE));
    let anonymous = testing::context().anonymous().build();
    let answer = call(&warm, Some(anonymous), "OpenAccount", open.clone()).await;
    assert_eq!((answer.code, answer.calls), (16, 0));
    let answer = call(&warm, None, "OpenAccount", open.clone()).await;
    assert_eq!((answer.code, answer.calls), (13, 0));

    let cold = World::bank().await;
    cold.log.take_down();
    let ctx = Some(caller(1).into_access());
    let layer = layer(&cold, Places::default());
    let answer = call(&layer, ctx, "OpenAccount", open).await;
    assert_eq!((answer.code, answer.calls), (14, 0));
}

#[tokio::test]
async fn a_locator_that_is_down_makes_the_method_unavailable() {
    let (world, door) = bank().await;
    door.places.take_down();
    let layer = layer(&world, door.places.clone());
    let ctx = Some(caller(1).into_access());
    let answer = call(&layer, ctx, "RetrieveAccount", Does::Retrieve("fr-001")).await;
    assert_eq!((answer.code, answer.calls), (14, 1));
    assert!(answer.record.is_none());
}

#[tokio::test]
async fn a_list_takes_the_snapshot_and_has_no_decision_to_note() {
    let answer = called("ListAccounts", Does::List).await;
    assert_eq!((answer.code, answer.calls), (0, 1));
    assert!(answer.record.is_none());
}

#[tokio::test]
async fn of_several_checks_the_last_is_noted() {
    let (france, texas) = (container(FRANCE), container(TEXAS));
    let answer = called("OpenAccount", Does::Twice(france, texas)).await;
    assert_eq!(answer.code, 5);
    assert_eq!(answer.record.unwrap().scope(), Some(texas));
    let answer = called("OpenAccount", Does::Twice(texas, france)).await;
    assert_eq!(answer.code, 5, "the first refusal ended it");
}

#[tokio::test]
async fn a_step_up_is_unauthenticated_and_noted() {
    let answer = called("TransferAll", Does::Transfer(container(FRANCE))).await;
    assert_eq!((answer.code, answer.calls), (16, 1));
    assert_eq!(answer.record.unwrap().verdict(), "step-up");
}
