//! What a payload must do to enter the log.

use core::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use skeleton_authz::Authorized;
use skeleton_authz::Guarded;
use skeleton_authz::RuleError;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::TenantId;
use skeleton_pii_crypto::KeySet;
use skeleton_pii_crypto::Protected;
use skeleton_pii_crypto::SealError;
use skeleton_pii_crypto::Unavailable;

use super::allowed::decided_on;
use crate::domain::bank_account::Deposit;
use crate::domain::bank_account::OpenAccount;
use crate::domain::container::ArchiveContainer;
use crate::domain::container::CreateContainer;
use crate::domain::container::MoveContainer;
use crate::domain::customer::ForgetCustomer;
use crate::domain::customer::RegisterCustomer;
use crate::domain::rules::AssignRole;
use crate::domain::rules::DefineRole;
use crate::domain::rules::RevokeRole;
use crate::domain::rules::RulesAsked;
use crate::domain::tenant::OnboardTenant;
use crate::domain::tenant::RestrictIpRange;
use crate::onboarding;
use crate::onboarding::Found;
use crate::services::Services;

/// A command whose payload may enter the log.
pub(super) trait Command:
    Guarded + DeserializeOwned + Send + Sync + Sized + 'static
{
    /// Its name on the wire.
    const OPERATION: &'static str;

    /// The payload as the log keeps it: personal data sealed, bound to the event `record`, or left out.
    fn into_log(
        self,
        services: &Services,
        ctx: &InvocationContext<Authenticated>,
        auth: &Authorized<'static, Self::Needs>,
        record: EventId,
    ) -> impl Future<Output = Result<Value, Problem>> + Send;
}

macro_rules! without_personal_data {
    ($command:ty, $operation:literal) => {
        impl Command for $command {
            const OPERATION: &'static str = $operation;

            async fn into_log(
                self,
                _: &Services,
                _: &InvocationContext<Authenticated>,
                _: &Authorized<'static, Self::Needs>,
                _: EventId,
            ) -> Result<Value, Problem> {
                to_value(&self)
            }
        }
    };
}

without_personal_data!(OpenAccount, "open-account");
without_personal_data!(Deposit, "deposit");
without_personal_data!(ForgetCustomer, "forget-customer");
without_personal_data!(CreateContainer, "create-container");
without_personal_data!(MoveContainer, "move-container");
without_personal_data!(ArchiveContainer, "archive-container");

macro_rules! decided_at_the_door {
    ($command:ty, $operation:literal) => {
        impl Command for $command {
            const OPERATION: &'static str = $operation;

            async fn into_log(
                self,
                _: &Services,
                _: &InvocationContext<Authenticated>,
                auth: &Authorized<'static, Self::Needs>,
                _: EventId,
            ) -> Result<Value, Problem> {
                let asked = RulesAsked::decide(&self, decided_on(auth)?);
                to_value(&asked.map_err(unmade)?)
            }
        }
    };
}

decided_at_the_door!(DefineRole, "define-role");
decided_at_the_door!(AssignRole, "assign-role");
decided_at_the_door!(RevokeRole, "revoke-role");

/// The answer to a rule that was neither made nor rejected.
fn unmade(error: RuleError) -> Problem {
    match error {
        RuleError::Refused(refusal) => refusal.into(),
        _ => unavailable(),
    }
}

impl Command for OnboardTenant {
    const OPERATION: &'static str = "onboard-tenant";

    /// Nobody is let in where others live, nor on the order of a customer: the processor rejects both.
    async fn into_log(
        self,
        services: &Services,
        ctx: &InvocationContext<Authenticated>,
        _: &Authorized<'static, Self::Needs>,
        _: EventId,
    ) -> Result<Value, Problem> {
        let (order, administrator) = self.into_order();
        if onboarding::is_the_house(services, ctx.tenant()) {
            let found = onboarding::find(services, &order).await;
            if matches!(
                found.map_err(|_| unavailable())?,
                Found::Nothing | Found::Unclaimed
            ) {
                onboarding::enrol(services, order.tenant, administrator).await?;
            }
        }
        to_value(&order)
    }
}

impl Command for RestrictIpRange {
    const OPERATION: &'static str = "restrict-ip-range";

    async fn into_log(
        self,
        _: &Services,
        ctx: &InvocationContext<Authenticated>,
        _: &Authorized<'static, Self::Needs>,
        _: EventId,
    ) -> Result<Value, Problem> {
        to_value(&self.asked_from(ctx.access().provenance().client_ip()))
    }
}

impl Command for RegisterCustomer {
    const OPERATION: &'static str = "register-customer";

    async fn into_log(
        self,
        services: &Services,
        ctx: &InvocationContext<Authenticated>,
        _: &Authorized<'static, Self::Needs>,
        record: EventId,
    ) -> Result<Value, Problem> {
        sealed(services, ctx.tenant(), record, self).await
    }
}

/// Seals a command under the keys of its data subject, which are made if there are none.
async fn sealed<C: Protected>(
    services: &Services,
    tenant: TenantId,
    record: EventId,
    command: C,
) -> Result<Value, Problem> {
    let vault = services.vaults.of(tenant).ok_or_else(unavailable)?;
    let keys = KeySet::sealing(&command).map_err(|_| Problem::new(ProblemKind::Malformed))?;
    let session = vault
        .session(keys)
        .await
        .map_err(|error| refused(&error.into()))?;
    let sealed = session
        .seal(&record.into(), command)
        .map_err(|error| refused(&error))?;
    to_value(&sealed)
}

fn refused(error: &SealError) -> Problem {
    match error {
        SealError::Forgotten => Problem::new(ProblemKind::Malformed)
            .with_code("customer-forgotten")
            .with_detail("the customer is forgotten: nothing more is kept about this person"),
        SealError::Value => {
            Problem::new(ProblemKind::Malformed).with_detail("a value is too large to be sealed")
        }
        SealError::Unavailable(Unavailable::Damaged) => Problem::new(ProblemKind::Misconfigured),
        _ => unavailable(),
    }
}

fn to_value(payload: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(payload).map_err(|_| {
        Problem::new(ProblemKind::Misconfigured).with_detail("the command has no JSON form")
    })
}

fn unavailable() -> Problem {
    Problem::new(ProblemKind::Unavailable).with_retry_after(Duration::from_secs(1))
}
