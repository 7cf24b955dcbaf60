//! The steps in which a tenant makes its own rules.

use std::io::Write;

use serde_json::json;
use skeleton_authz::GrantId;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;

use super::client::Call;
use super::client::Client;
use super::guide::Tour;
use super::guide::TourError;
use super::guide::command;

impl<W: Write> Tour<'_, W> {
    /// A role of the tenant's own, and what its author cannot give.
    pub(super) async fn a_tenant_makes_its_rules(&mut self, ada: &Client) -> Result<(), TourError> {
        let (ines, _) = self.log_in(&self.world.ines).await?;
        let acme = self.world.acme;
        let holds = json!({ "permissions": ["container:read", "container:create"] });
        let payload = json!({ "role": "x-planner", "home": acme.eu, "holds": holds });
        let answer = ines.send(&command("define-role", &payload)).await?;
        self.check_done(&answer)?;
        let meaning = "done: acme's own, assignable at EU and below";
        self.print("ines@acme", "define-role x-planner at EU", &answer, meaning)?;

        let grant = GrantId::generate(&RandomIds, SystemClock.now());
        let payload = json!({ "grant": grant, "account": self.world.bo.account, "role": "account-manager",
            "container": acme.eu });
        let answer = ines.send(&command("assign-role", &payload)).await?;
        let is_refused = answer.at("/code") == "beyond-own-powers";
        self.check(
            &answer,
            answer.status == 200 && is_refused,
            "beyond-own-powers",
        )?;
        let meaning = "rejected: beyond-own-powers, she holds no account:open";
        self.print(
            "ines@acme",
            "assign-role account-manager to bo",
            &answer,
            meaning,
        )?;

        let payload = json!({ "permission": "account:open", "container": acme.france });
        let answer = ada
            .send(&Call::new("queries", "explain-decision", &payload))
            .await?;
        let is_told =
            answer.at("/result/decision") == "allow" && answer.at("/result/distance") == 1;
        self.check(&answer, is_told, "the grant at EU, one level up")?;
        let meaning = "allow: account-manager at EU, one level up";
        self.print(
            "ada@acme",
            "explain-decision account:open in France",
            &answer,
            meaning,
        )
    }

    /// A role that is taken back is gone with the next invocation, whatever the token says.
    pub(super) async fn a_role_is_taken_back(&mut self, ada: &Client) -> Result<(), TourError> {
        let (ines, _) = self.log_in(&self.world.ines).await?;
        let view = self.services.access.published(self.world.acme.tenant);
        let hers = view.and_then(|view| {
            let held = view.grants_of(self.world.ada.account);
            held.first().map(|grant| grant.id())
        });
        let revoke = command("revoke-role", &json!({ "grant": hers }));
        let answer = ines.send(&revoke).await?;
        self.check_done(&answer)?;
        self.print(
            "ines@acme",
            "revoke-role account-manager of ada",
            &answer,
            "done",
        )?;

        let payload =
            json!({ "bank-account": self.account, "amount": { "minor": 1, "currency": "EUR" } });
        let answer = ada.send(&command("deposit", &payload)).await?;
        self.check_problem(&answer, 404, "not-found")?;
        let meaning = "not-found: revoked at once, same token";
        self.print("ada@acme", "deposit fr-001 0.01 EUR", &answer, meaning)
    }
}
