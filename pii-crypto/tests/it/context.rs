//! The ids and the context of `skeleton-invocation-context` as this crate's.

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::testing::context;
use skeleton_pii_crypto::AsSubject;
use skeleton_pii_crypto::Pii;
use skeleton_pii_crypto::Protected;
use skeleton_pii_crypto::RecordId;
use skeleton_pii_crypto::RevealAccess;
use skeleton_pii_crypto::SubjectId;
use skeleton_pii_crypto::TenantRef;

use crate::helpers::TEST;
use crate::helpers::World;
use crate::helpers::clear;
use crate::helpers::open;
use crate::helpers::seal;

#[derive(Protected)]
#[pii(event = "account-created")]
struct AccountCreated {
    #[pii(subject)]
    account: AccountId,
    name: Pii<String>,
}

#[tokio::test]
async fn an_account_is_a_subject_and_the_context_says_who_reads() {
    let tenant = TenantId::from_bytes([1; 16]).unwrap();
    let account = AccountId::from_bytes([2; 16]).unwrap();
    let ctx = context().user(account, tenant).build_authenticated();
    let world = World::new();
    let vault = world.vault.tenant(tenant.into());
    let event = AccountCreated {
        account,
        name: Pii::plain("Ada".to_owned()),
    };
    let sealed = seal(&vault, "record-1", event).await;
    let read = open(&vault, "record-1", sealed).await;
    let why = RevealAccess::of(&ctx, TEST);
    assert_eq!(clear(read.name.reveal(&why)), "Ada");
    assert_eq!(read.account, account);
    let seen = world.audit.drain().remove(0);
    assert_eq!(seen.tenant.as_str(), tenant.to_string());
    assert_eq!(seen.subject.as_str(), account.to_string());
    assert_eq!(seen.actor, account.to_string());
    assert_eq!(seen.invocation, ctx.trace().current().to_string());
}

#[test]
fn ids_keep_their_canonical_text() {
    let tenant = TenantId::from_bytes([1; 16]).unwrap();
    let event = EventId::from_bytes([3; 16]).unwrap();
    let account = AccountId::from_bytes([2; 16]).unwrap();
    assert_eq!(TenantRef::from(tenant).as_str(), tenant.to_string());
    assert_eq!(RecordId::from(event).as_str(), event.to_string());
    assert_eq!(SubjectId::from(account), account.as_subject().unwrap());
    assert_eq!(SubjectId::parse(&account.to_string()), Ok(account.into()));
}
