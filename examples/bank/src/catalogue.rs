//! What the bank protects: resources and actions, bundled into policies and roles.

use skeleton_authz::permissions;
use skeleton_authz::skeleton::container;
use skeleton_authz::skeleton::decision;
use skeleton_authz::skeleton::grant;
use skeleton_authz::skeleton::role;

permissions! {
    /// Everything the bank protects. A number is the permission's bit: once published it never changes hands.
    pub catalogue Bank "bank" version 1;

    resource account "account" {
        32 => Read "read" [read, on_archived];
        33 => Open "open";
        34 => Deposit "deposit";
    }
    resource customer "customer" {
        40 => Read "read" [read, on_archived];
        41 => Register "register";
        42 => Forget "forget" [sensitive];
    }
    resource audit "audit" {
        48 => Read "read" [read, on_archived];
    }

    resource tenant "tenant" {
        56 => Onboard "onboard" [sensitive];
        57 => RestrictIpRange "restrict-ip-range" [sensitive];
    }
    resource billing "billing" {
        64 => Read "read" [read, on_archived];
    }

    policy AccountReading     "account-reading"     { account::Read }
    policy AccountServicing   "account-servicing"   { account::Open, account::Deposit }
    policy AccountDepositing  "account-depositing"  { account::Deposit }
    policy CustomerServicing  "customer-servicing"  { customer::Register }
    policy CustomerStewarding "customer-stewarding" { customer::Read, customer::Forget }
    policy Auditing           "auditing"            { audit::Read }
    policy ContainerReading   "container-reading"   { container::Read }
    policy ContainerManaging  "container-managing"  {
        container::Read, container::Create, container::Rename, container::Move, container::Archive, container::Restore,
    }
    policy RoleManaging       "role-managing"       {
        role::Define, role::Retire, grant::Read, grant::Assign, grant::Revoke, decision::Explain,
    }
    policy DoorKeeping        "door-keeping"        { tenant::RestrictIpRange }
    policy TenantOnboarding   "tenant-onboarding"   { tenant::Onboard }
    policy BillReading        "bill-reading"        { billing::Read }

    role AccountManager "account-manager" { AccountReading, AccountServicing, CustomerServicing, ContainerReading }
    role Teller         "teller"          { AccountReading, AccountDepositing }
    role DataSteward    "data-steward"    { CustomerStewarding }
    role Auditor        "auditor"         { Auditing }
    role TenantAdmin    "tenant-admin"    { ContainerManaging, RoleManaging, DoorKeeping }
    role Operator       "operator"        { TenantOnboarding }
    role BillingReader  "billing-reader"  { BillReading }
}
