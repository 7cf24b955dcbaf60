//! Given events, when a command, then events or a rejection. The proofs come from a real authorizer.

use skeleton_authz::AccessViews;
use skeleton_authz::Authorized;
use skeleton_authz::Authorizer;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::MemoryAccessLog;
use skeleton_authz::Permission;
use skeleton_authz::Subject;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing::context;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::MemoryTrees;

use super::BankAccount;
use super::BankAccountEvent;
use super::Deposit;
use super::OpenAccount;
use crate::catalogue::Bank;
use crate::catalogue::account;
use crate::ids::BankAccountId;
use crate::ids::CustomerId;
use crate::money::Currency;
use crate::money::Money;
