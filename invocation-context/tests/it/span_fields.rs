//! The fields of the span of an invocation.

use std::collections::BTreeMap;

use skeleton_invocation_context::Actor;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::testing::capture_logs;

use crate::helpers::NOW;
use crate::helpers::account;
use crate::helpers::identity;
use crate::helpers::impersonating;
use crate::helpers::on_behalf;
use crate::helpers::service;
use crate::helpers::tenant;
use crate::helpers::user;
use crate::sealing::received;
use crate::spans::logs;
use crate::spans::secretive;
use crate::wire::domain;

/// The fields of a span, from everything that was recorded.
fn fields(ctx: &InvocationContext) -> BTreeMap<String, String> {
    let log = logs(|| drop(ctx.span()));
    let fields = log
        .split_whitespace()
        .filter_map(|word| word.split_once('='));
    fields
        .map(|(name, value)| (name.to_owned(), value.trim_matches('"').to_owned()))
        .collect()
}

/// The fields that the design lists, as far as they are known of every context.
fn expected(ctx: &InvocationContext) -> BTreeMap<String, String> {
    let (trace, external) = (ctx.trace(), ctx.trace().external());
    let mut fields = vec![
        ("invocation.id", trace.current().to_string()),
        ("invocation.originating_id", trace.originating().to_string()),
        ("invocation.external_id", external.invocation().to_string()),
        ("invocation.action_id", external.action().to_string()),
        ("invocation.step", trace.step().as_str().to_owned()),
        ("invocation.made_by", "client".to_owned()),
    ];
    if let Some(parent) = trace.parent() {
        fields.push(("invocation.parent_id", parent.to_string()));
    }
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

#[test]
fn the_span_has_the_fields_of_the_table() {
    let cases = [
        (Actor::direct(user(1, 1)), "direct", 1),
        (Actor::direct(service(4, 1)), "direct", 4),
        (
            impersonating(user(2, 9), user(1, 1).into_test()),
            "impersonating",
            2,
        ),
        (on_behalf(service(3, 9), user(1, 1)), "on-behalf", 3),
    ];
    for (actor, kind, accountable) in cases {
        let effective = actor.effective_account().id().to_string();
        let at_edge = secretive(Some(identity(actor)));
        for ctx in [at_edge.clone(), received(&domain(), &at_edge)] {
            let mut expected = expected(&ctx);
            let accountable = account(accountable).to_string();
            for (name, value) in [
                ("test", ctx.is_test().to_string()),
                ("tenant.id", tenant(1).to_string()),
                ("account.id", effective.clone()),
                ("actor.kind", kind.to_owned()),
                ("actor.accountable_id", accountable),
            ] {
                expected.insert(name.to_owned(), value);
            }
            let mut fields = fields(&ctx);
            // Beyond the table: whether the account is a user's.
            fields.remove("account.kind");
            assert_eq!(fields, expected);
        }
    }
}

#[test]
fn the_span_of_nobody_names_the_tenant_asked_for_at_most() {
    let nobody = secretive(None);
    assert_eq!(fields(&nobody), expected(&nobody));
    let asking = testing::context().at(NOW).requesting(tenant(7)).build();
    let mut expected = expected(&asking);
    expected.insert("tenant.id".to_owned(), tenant(7).to_string());
    expected.insert("test".to_owned(), "false".to_owned());
    assert_eq!(fields(&asking), expected);
}

#[test]
fn who_calls_is_recorded_later() {
    let log = logs(|| {
        let ctx = secretive(None);
        let span = ctx.span();
        let known = ctx
            .authenticated_as(identity(Actor::direct(user(1, 1))))
            .unwrap();
        known.record(&span);
        known.authenticated().unwrap().record(&span);
    });
    let (before, after) = log.split_once("record").unwrap();
    assert!(!before.contains("account.id"), "{log}");
    let effective = format!(" account.id={}", account(1));
    assert_eq!(after.matches(&effective).count(), 2, "{log}");
}

#[test]
fn a_span_is_kept_by_filters_of_errors() {
    let (span, _) = capture_logs(|| secretive(None).span());
    let metadata = span.metadata().unwrap();
    assert_eq!(metadata.name(), "invocation");
    assert_eq!(*metadata.level(), tracing::Level::ERROR);
}
