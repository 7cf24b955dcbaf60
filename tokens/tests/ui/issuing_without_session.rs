use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_tokens::AccessToken;
use skeleton_tokens::Acr;
use skeleton_tokens::Amr;
use skeleton_tokens::Issuer;

fn issue(issuer: &Issuer, tenant: TenantId, account: AccountId, at: Timestamp) {
    let draft = AccessToken::of(tenant, account, AccountKind::User)
        .client("bank-web")
        .audience("https://api.bank.example")
        .authenticated(at, Acr::Aal1, [Amr::Pwd]);
    let _ = issuer.issue(draft);
}

fn main() {}
