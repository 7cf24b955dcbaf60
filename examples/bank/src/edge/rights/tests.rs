//! About whom a decision is explained. No door of the bank lets an agent in, so it is asked behind the doors.

use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::Value;
use serde_json::json;
use skeleton_authz::Listing;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::testing;

use super::ExplainDecision;
use super::explain_decision;
use crate::files::DataDir;
use crate::seed;
use crate::seed::World;
use crate::wiring::Bank;

/// Asks whether an account may be opened in France.
async fn explained(
    bank: &Bank,
    world: &World,
    ctx: InvocationContext<Authenticated>,
    account: Option<AccountId>,
) -> Result<Value, Problem> {
    let snapshot = bank.services().authorizer.snapshot(&ctx).unwrap();
    let query = ExplainDecision {
        permission: "account:open".to_owned(),
        container: world.acme.france,
        account,
    };
    let answer = explain_decision(Listing(ctx, snapshot, query)).await?;
    Ok(body(answer).await["result"].clone())
}

async fn body(answer: Response) -> Value {
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_told_of_its_own_grants_and_that_they_are_its_own() {
    let dir = DataDir::fresh().unwrap();
    let bank = Bank::start(dir.path()).await.unwrap();
    let world = seed::plant(&bank).await.unwrap();
    let (ada, dana) = (world.ada.account, world.dana.account);
    // ada, who may open accounts in France, lets dana act for her, who may not.
    let user = || testing::context().user(ada, world.acme.tenant);
    let for_ada = || user().on_behalf_by(dana).build_authenticated();

    let own = explained(&bank, &world, for_ada(), None).await.unwrap();
    assert_eq!(
        (&own["decision"], &own["account"]),
        (&json!("deny"), &json!(dana))
    );
    assert_eq!(
        explained(&bank, &world, for_ada(), Some(dana))
            .await
            .unwrap(),
        own
    );
    // The beneficiary is somebody else, about whom it takes a permission of the agent's.
    let hers = explained(&bank, &world, for_ada(), Some(ada)).await;
    assert_eq!(hers.unwrap_err().kind(), ProblemKind::PermissionDenied);

    let direct = explained(&bank, &world, user().build_authenticated(), None).await;
    let direct = direct.unwrap();
    assert_eq!(
        (&direct["decision"], &direct["account"]),
        (&json!("allow"), &json!(ada))
    );
    bank.stop().await;
}
