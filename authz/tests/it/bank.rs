//! The catalogue of the tests: every attribute occurs, and the bits span several words.

use skeleton_authz::permissions;
use skeleton_authz::skeleton::decision;
use skeleton_authz::skeleton::grant;
use skeleton_authz::skeleton::guardrail;
use skeleton_authz::skeleton::member;
use skeleton_authz::skeleton::role;

permissions! {
    /// What a small bank protects.
    pub(crate) catalogue Bank "bank" version 3;

    /// Bank accounts.
    resource account "account" {
        32 => Read "read" [read, on_archived];
        33 => Open "open";
        34 => TransferOwnership "transfer-ownership" [sensitive, aal2, max_age = 300];
        35 => Audit "audit" [read, sensitive];
        36 => Statement "statement" [read, aal2];
        63 => Close "close" [max_age = 60];
    }

    /// Customers.
    resource customer "customer" {
        64 => Read "read" [read];
        1023 => Erase "erase" [aal3];
    }

    policy AccountReading   "account-reading"   { account::Read, account::Statement }
    policy AccountServicing "account-servicing" { account::Open, account::TransferOwnership, account::Close }
    policy AccountAuditing  "account-auditing"  { account::Audit, account::Read }
    policy CustomerCare     "customer-care"     { customer::Read, customer::Erase }
    policy Supporting       "supporting"        { member::Impersonate }
    policy Explaining       "explaining"        { decision::Explain }
    policy Governing        "governing"         { grant::Read, grant::Assign, grant::Revoke, role::Define, role::Retire, guardrail::Set }
    policy Overruling       "overruling"        { grant::AssignBeyond, guardrail::Lift }

    role Clerk   "clerk"           { AccountReading }
    role Manager "account-manager" { AccountReading, AccountServicing }
    role Auditor "auditor"         { AccountAuditing, Explaining }
    role Carer   "carer"           { CustomerCare }
    role Support "support"         { Supporting }
    role Idle    "idle"            { }
    role Steward "steward"         { Governing }
    role Admin   "tenant-admin"    { Governing, Overruling }
}
