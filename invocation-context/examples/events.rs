//! An invocation becomes an event, and a consumer reacts to it under its own name.
//!
//! `cargo run -p skeleton-invocation-context --example events --features full,testing`

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use skeleton_invocation_context::Account;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Authentication;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::Mechanism;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::ServiceIdentity;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::context;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let now = SystemClock.now();
    let tenant = TenantId::generate(&RandomIds, now);

    // A user's invocation causes an event. What it keeps of the context is a document.
    let ctx = context().user_in(tenant).at(now).build_authenticated();
    let event = EventId::generate(&RandomIds, now);
    let document = serde_json::to_string_pretty(&EventContext::of(&ctx))?;
    println!("the event keeps:\n{document}\n");

    // Another process reads it. The document lends its trace and its beneficiary, never the user's authority.
    let read = EventContext::from_json(&document)?;
    let house = TenantId::generate(&RandomIds, now);
    let account = AccountId::generate(&RandomIds, now);
    let mailer = ServiceIdentity::new(
        Account::new(account, AccountKind::Service, house),
        Authentication::new(Mechanism::Workload, Assurance::Aal1, now),
    );
    let reaction = mailer.react_to(&read, &step!("mail"), &RandomIds, SystemClock.now())?;
    assert_eq!(reaction.trace().originating(), ctx.trace().originating());
    assert_eq!(reaction.actor().accountable_account().id(), account);
    assert_eq!(reaction.actor().effective_account().tenant(), tenant);

    // What the reaction causes names the event that led to it.
    let next = EventContext::of(&reaction).caused_by(event, &read);
    assert_eq!(next.lineage().map(|lineage| lineage.parent()), Some(event));
    println!(
        "the reaction keeps:\n{}",
        serde_json::to_string_pretty(&next)?
    );
    Ok(())
}
