//! What nobody may read in a log.

use core::fmt::Debug;

use skeleton_invocation_context::Access;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::ApiKeyHash;
use skeleton_invocation_context::Authentication;
use skeleton_invocation_context::ClientIp;
use skeleton_invocation_context::CredentialId;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::Identity;
use skeleton_invocation_context::Invocation;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Mechanism;
use skeleton_invocation_context::Provenance;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::ServiceIdentity;
use skeleton_invocation_context::SessionId;
use skeleton_invocation_context::UserAgent;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::testing::SeededIds;

use crate::helpers::NOW;
use crate::helpers::actors;
use crate::helpers::admit;
use crate::helpers::mechanisms;
use crate::helpers::proof;
use crate::helpers::service;

const HASH: [u8; 16] = [0xC7; 16];
const AGENT: &str = "Secret-Agent/9.9";
const SESSION: &str = "01M83XP8JTCDYP17J6FBD6F7W1";

/// Every spelling of what is secret: text, octets, hexadecimal digits.
const SECRETS: [&str; 9] = [
    "203.0.113.177",
    "203, 0, 113",
    "0, 113, 177",
    "cb0071b1",
    AGENT,
    "Secret",
    SESSION,
    "199, 199",
    "c7c7",
];

fn searched(value: &dyn Debug) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        let flat: String = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        for secret in SECRETS {
            let secret = secret.to_lowercase();
            assert!(!flat.to_lowercase().contains(&secret), "{secret}: {shown}");
        }
    }
}

fn provenance() -> Provenance {
    let ip = ClientIp::new("203.0.113.177".parse().unwrap());
    Provenance::new(Some(ip), UserAgent::new(AGENT))
}

fn secret_mechanisms() -> [Mechanism; 5] {
    let session: SessionId = SESSION.parse().unwrap();
    let credential = CredentialId::from_bytes([5; 16]).unwrap();
    mechanisms(session, credential, ApiKeyHash::new(HASH))
}

fn unknown() -> InvocationContext {
    testing::context().at(NOW).provenance(provenance()).build()
}

fn everything(actor: Actor, proof: Authentication) {
    let who = Identity::new(actor, proof.clone(), RoleAssignments::none());
    searched(&who);
    let ctx = unknown().authenticated_as(who).unwrap();
    searched(&ctx);
    searched(ctx.access());
    searched(&EventContext::of(&ctx));
    let child = ctx.child(&step!("debit")).unwrap();
    searched(&child);
    searched(&Invocation::new(child.begin(&SeededIds::new(2), NOW), ()));
    searched(&ctx.namespace());
    let known = ctx.authenticated().unwrap();
    searched(&known);
    searched(&known.into_access().unauthenticated().map(drop));
    searched(&ServiceIdentity::new(service(9, 9), proof));
}

#[test]
fn attack_21_no_debug_of_a_known_caller_shows_a_secret() {
    for actor in actors() {
        for mechanism in secret_mechanisms() {
            searched(&mechanism);
            everything(actor.clone(), proof(mechanism));
        }
    }
}

#[test]
fn attack_21_no_debug_of_an_unknown_caller_shows_a_secret() {
    let ctx = unknown();
    searched(&ctx);
    searched(&EventContext::of(&ctx));
    searched(&provenance());
    searched(&provenance().client_ip());
    searched(&provenance().user_agent());
    searched(&ApiKeyHash::new(HASH));
    searched(&ctx.unauthenticated());
}

#[test]
fn attack_21_no_problem_shows_a_header() {
    for name in ["x-action-id", "x-invocation-id", "idempotency-key"] {
        let lines: [(&str, &[u8]); 2] =
            [(name, AGENT.as_bytes()), ("user-agent", AGENT.as_bytes())];
        let problem = admit(&lines).expect_err("this is no id");
        searched(&problem);
        searched(&problem.to_string());
        searched(&String::from_utf8(problem.to_json()).unwrap());
    }
}

#[test]
fn attack_21_an_event_carries_no_provenance() {
    for mechanism in secret_mechanisms() {
        let [actor, ..] = actors();
        let who = Identity::new(actor, proof(mechanism), RoleAssignments::none());
        let ctx = unknown().authenticated_as(who).unwrap();
        let json = serde_json::to_string(&EventContext::of(&ctx)).unwrap();
        assert!(!json.contains("203.0.113") && !json.contains(AGENT));
    }
}

#[test]
fn debug_still_names_the_mechanism_and_its_record() {
    let shown = secret_mechanisms().map(|mechanism| format!("{mechanism:?}"));
    let record = CredentialId::from_bytes([5; 16]).unwrap();
    assert_eq!(shown[0], "Session { .. }");
    assert!(shown[1].starts_with("Federated { provider: "));
    assert_eq!(shown[2], format!("ApiKey {{ credential: {record:?}, .. }}"));
    assert!(shown[3].starts_with("PersonalAccessToken { credential: "));
    assert_eq!(shown[4], "Workload");
}

#[test]
fn the_secrets_are_there_to_be_revealed() {
    let ctx = unknown();
    let Access::Unauthenticated(caller) = ctx.access() else {
        panic!("nobody is known");
    };
    let held = caller.provenance();
    assert_eq!(held.client_ip().unwrap().reveal().to_string(), SECRETS[0]);
    assert_eq!(held.user_agent().unwrap().reveal(), AGENT);
}
