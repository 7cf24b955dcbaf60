//! The steps in which tenants shape themselves: their trees, their doors, and new tenants.

use std::io::Write;

use serde_json::Value;
use serde_json::json;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;

use super::client::Answered;
use super::client::Call;
use super::client::Client;
use super::client::at;
use super::guide::Tour;
use super::guide::TourError;
use super::guide::balance;
use super::guide::command;
use super::guide::token_claims;
use crate::seed;

impl<W: Write> Tour<'_, W> {
    /// Containers are scopes as soon as they are there, and move with what depends on them.
    pub(super) async fn a_tenant_shapes_its_tree(&mut self, ada: &Client) -> Result<(), TourError> {
        let (ines, _) = self.log_in(&self.world.ines).await?;
        let acme = self.world.acme;
        let spain = ContainerId::generate(&RandomIds, SystemClock.now());
        let payload = json!({ "container": spain, "parent": acme.eu, "name": "Spain" });
        let answer = ines.send(&command("create-container", &payload)).await?;
        self.check_done(&answer)?;
        self.check_sees(ada, spain, true).await?;
        let meaning = "done: ada's role at EU reaches it at once";
        self.print(
            "ines@acme",
            "create-container Spain in EU",
            &answer,
            meaning,
        )?;

        let answer = ines.send(&relocate(acme.eu, acme.france)).await?;
        self.check_rejected(&answer, "would-cycle")?;
        let meaning = "rejected: would-cycle, by way of France";
        self.print("ines@acme", "move-container EU to France", &answer, meaning)?;

        self.what_a_move_would_change(&ines, spain).await?;

        let answer = ines.send(&relocate(spain, acme.us)).await?;
        self.check_done(&answer)?;
        self.check_sees(ada, spain, false).await?;
        let meaning = "done: ada, who holds nothing in US, sees it no more";
        self.print("ines@acme", "move-container Spain to US", &answer, meaning)?;

        let archive = command("archive-container", &json!({ "container": acme.texas }));
        let answer = ines.send(&archive).await?;
        self.check_done(&answer)?;
        let meaning = "done: readable for ever, changed no more";
        self.print("ines@acme", "archive-container Texas", &answer, meaning)?;
        self.the_bill_follows_the_tree().await
    }

    /// The dry run names who would lose what, before anything moves.
    async fn what_a_move_would_change(
        &mut self,
        ines: &Client,
        spain: ContainerId,
    ) -> Result<(), TourError> {
        let payload = json!({ "container": spain, "to": self.world.acme.us });
        let call = Call::new("queries", "retrieve-move-impact", &payload);
        let answer = ines.send(&call).await?;
        let changes = answer.at("/result/changes").as_array();
        let [change] = changes.map_or(&[][..], Vec::as_slice) else {
            return self.check(&answer, false, "a change for ada alone");
        };
        let is_ada = *at(change, "/account") == json!(self.world.ada.account);
        let count = |of: &str| at(change, of).as_array().map_or(0, Vec::len);
        let is_loss = count("/gains") == 0 && count("/losses") > 0;
        self.check(&answer, is_ada && is_loss, "what ada loses")?;
        let meaning = format!(
            "ada would lose {} permissions, nobody gain any",
            count("/losses")
        );
        let what = "retrieve-move-impact Spain to US";
        self.print("ines@acme", what, &answer, &meaning)
    }

    async fn the_bill_follows_the_tree(&mut self) -> Result<(), TourError> {
        let (bo, _) = self.log_in(&self.world.bo).await?;
        let payload = json!({ "container": self.world.acme.global });
        let call = Call::new("queries", "retrieve-billing-rollup", &payload);
        let answer = bo.send(&call.after(self.position)).await?;
        let units = |place: &str| answer.at(place).as_i64().unwrap_or(-1);
        let (eu, us) = (
            units("/result/below/0/units"),
            units("/result/below/1/units"),
        );
        let is_sum = units("/result/units") == eu + us && eu > 0 && us == 0;
        self.check(&answer, is_sum, "what EU used, and nothing in US")?;
        let version = units("/result/tree-version");
        let meaning = format!("EU {eu} units, US {us}: by the tree at version {version}");
        self.print(
            "bo@acme",
            "retrieve-billing-rollup Global",
            &answer,
            &meaning,
        )
    }

    /// A tenant is made by a command like any other, and its subdomain answers when that is done.
    pub(super) async fn a_tenant_comes_into_being(&mut self) -> Result<(), TourError> {
        let door = self.door("initech");
        let nobodys = balance(self.account);
        let answer = door.send(&nobodys).await?;
        self.check_problem(&answer, 404, "not-found")?;
        let meaning = "not-found: there is no such tenant";
        self.print("ada@initech", "any operation", &answer, meaning)?;

        let (olga, _) = self.log_in(&self.world.olga).await?;
        let id = TenantId::generate(&RandomIds, SystemClock.now());
        let ivy = seed::stranger("ivy", "initech");
        let administrator =
            json!({ "account": ivy.account, "identifier": ivy.email, "password": ivy.password });
        let payload = json!({ "tenant": id, "slug": "initech", "administrator": administrator });
        let answer = olga.send(&command("onboard-tenant", &payload)).await?;
        self.check_done(&answer)?;
        let meaning = "done: file, keys, root container, entry point, administrator";
        self.print("olga@house", "onboard-tenant initech", &answer, meaning)?;

        let answer = door.send(&nobodys).await?;
        self.check_problem(&answer, 401, "unauthenticated")?;
        let meaning = "unauthenticated: its door answers at once";
        self.print("ada@initech", "the same operation", &answer, meaning)?;

        let (_, answer) = self.log_in(&ivy).await?;
        let claims = token_claims(&answer);
        let grant = at(&claims, "/grants/0");
        let is_hers = at(grant, "/role") == "tenant-admin" && *at(grant, "/scopes/0") == json!(id);
        self.check(&answer, is_hers, "tenant-admin at the root")?;
        let meaning = "tenant-admin at the root: its first administrator";
        self.print("ivy@initech", "log-in", &answer, meaning)
    }

    /// From outside its ranges a tenant cannot be entered, whatever credential is brought.
    pub(super) async fn a_tenant_guards_its_door(&mut self) -> Result<(), TourError> {
        let (hal, _) = self.log_in(&self.world.hal).await?;
        let (cy, _) = self.log_in(&self.world.cy).await?;
        let elsewhere = json!({ "only": ["203.0.113.0/24"] });
        let payload = json!({ "to": elsewhere });
        let answer = hal.send(&command("restrict-ip-range", &payload)).await?;
        self.check_rejected(&answer, "would-lock-out")?;
        let meaning = "rejected: would-lock-out, himself included";
        let what = "restrict-ip-range 203.0.113.0/24";
        self.print("hal@globex", what, &answer, meaning)?;

        let payload = json!({ "to": elsewhere, "confirm-lockout": true });
        let answer = hal.send(&command("restrict-ip-range", &payload)).await?;
        self.check_done(&answer)?;
        self.print("hal@globex", "the same, confirmed", &answer, "done")?;

        let answer = cy.send(&balance(self.account)).await?;
        self.check_problem(&answer, 403, "address-refused")?;
        let meaning = "address-refused: her token is not even looked at";
        let what = "retrieve-available-balance fr-001";
        self.print("cy@globex", what, &answer, meaning)
    }

    /// Whether a container is in the tree that somebody is shown.
    async fn check_sees(
        &self,
        client: &Client,
        container: ContainerId,
        expected: bool,
    ) -> Result<(), TourError> {
        let call = Call::new("queries", "retrieve-container-tree", &json!({}));
        let answer = client.send(&call).await?;
        let shown = answer.at("/result/containers").as_array();
        let is_it = |row: &Value| *at(row, "/container") == json!(container);
        let sees = shown.is_some_and(|shown| shown.iter().any(is_it));
        self.check(
            &answer,
            sees == expected,
            "the part of the tree that she may see",
        )
    }

    fn check_rejected(&self, answer: &Answered, code: &'static str) -> Result<(), TourError> {
        let is_rejected = answer.at("/outcome") == "rejected" && answer.at("/code") == code;
        self.check(answer, answer.status == 200 && is_rejected, code)
    }
}

fn relocate(container: ContainerId, to: ContainerId) -> Call {
    command(
        "move-container",
        &json!({ "container": container, "to": to }),
    )
}
