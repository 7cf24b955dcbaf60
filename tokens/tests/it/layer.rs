//! What the layer does besides refusing attacks.

use axum::body::Body;
use http::StatusCode;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::testing::context;
use skeleton_tokens::KeyScope;
use skeleton_tokens::testing::ring_with;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use crate::door::admit;
use crate::door::admit_as;
use crate::door::answer;
use crate::door::bearer;
use crate::door::call;
use crate::door::handle;
use crate::door::layer;
use crate::door::request;
use crate::door::text;
use crate::helpers::KENT_SEED;
use crate::helpers::bruce;
use crate::helpers::house;
use crate::helpers::house_with;
use crate::helpers::kent;
use crate::helpers::wayne;

#[tokio::test]
async fn a_good_token_becomes_an_authenticated_context_and_its_header_is_gone() {
    let house = house();
    let answer = answer(&house, request().header("authorization", bearer(&house))).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["vary"], "authorization");
    assert_eq!(answer.headers()["x-account"], bruce().to_string());
    assert_eq!(answer.headers()["x-authorization-seen"], "false");
}

#[tokio::test]
async fn a_missing_layer_is_named() {
    let house = house();
    let bare = request()
        .header("authorization", bearer(&house))
        .body(Body::empty())
        .unwrap();
    let without_context = call(&house, bare).await;
    assert_eq!(without_context.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(without_context.headers()["vary"], "authorization");
    assert!(text(without_context).await.contains("ContextLayer"));
    let without_tenant = call(&house, admit_as(request(), context().anonymous())).await;
    assert_eq!(without_tenant.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(text(without_tenant).await.contains("TenantLayer"));
}

#[tokio::test]
async fn the_layer_stands_once() {
    let house = house();
    let shown = || request().header("authorization", bearer(&house));
    let known = || context().user_in(wayne()).requesting(wayne());
    let twice = layer(&house).layer(layer(&house).layer(service_fn(handle)));
    for answer in [
        twice.oneshot(admit(shown())).await.unwrap(),
        call(&house, admit_as(shown(), known())).await,
        call(&house, admit_as(request(), known())).await,
    ] {
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.headers().get("www-authenticate").is_none());
        assert!(text(answer).await.contains("AuthenticationLayer"));
    }
}

#[tokio::test]
async fn without_keys_the_answer_is_503_and_no_challenge() {
    let house = house_with(ring_with(KeyScope::Tenant(kent()), KENT_SEED));
    let token = crate::helpers::house().token();
    let answer = answer(
        &house,
        request().header("authorization", format!("Bearer {token}")),
    )
    .await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers()["retry-after"], "1");
    assert!(answer.headers().get("www-authenticate").is_none());
}

#[tokio::test]
async fn a_refusal_names_the_invocation() {
    let house = house();
    let shown = admit(request().header("authorization", "Bearer x"));
    let ctx = shown.extensions().get::<InvocationContext>().unwrap();
    let id = ctx.trace().current().to_string();
    let refused = text(call(&house, shown).await).await;
    assert!(
        refused.contains(&format!("\"instance\":\"{id}\"")),
        "{refused}"
    );
}
