//! The steps, in the order in which they are numbered.

use std::io::Write;
use std::net::SocketAddr;

use serde_json::Value;
use serde_json::json;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;

use super::client::Call;
use super::client::Client;
use super::client::at;
use super::guide::Tour;
use super::guide::TourError;
use super::guide::balance;
use super::guide::command;
use super::guide::masked;
use super::guide::token_claims;
use super::print::Transcript;
use crate::ids::BankAccountId;
use crate::money::Currency;
use crate::money::Money;
use crate::projections;
use crate::seed::World;
use crate::services::Services;

/// Plays the tour against the bank at `address`.
///
/// # Errors
///
/// [`TourError`] at the first step that does not hold.
pub async fn play<W: Write>(
    services: &Services,
    address: SocketAddr,
    world: &World,
    out: &mut Transcript<W>,
) -> Result<(), TourError> {
    let mut tour = Tour::new(services, address, world, out);
    let ada = tour.log_in_ada().await?;
    tour.a_role_reaches_down(&ada).await?;
    tour.a_retry_runs_nothing_twice(&ada).await?;
    tour.money_is_counted(&ada).await?;
    tour.one_operation_has_three_doors(&ada).await?;
    tour.denials_say_what_would_help(&ada).await?;
    tour.a_tenant_shapes_its_tree(&ada).await?;
    tour.a_tenant_makes_its_rules(&ada).await?;
    tour.tenants_are_apart(&ada).await?;
    tour.a_tenant_comes_into_being().await?;
    tour.a_tenant_guards_its_door().await?;
    tour.a_person_is_forgotten(&ada).await?;
    tour.a_role_is_taken_back(&ada).await?;
    tour.everything_was_recorded().await
}

impl<W: Write> Tour<'_, W> {
    async fn log_in_ada(&mut self) -> Result<Client, TourError> {
        let (client, answer) = self.log_in(&self.world.ada).await?;
        let claims = token_claims(&answer);
        let life = at(&claims, "/exp")
            .as_i64()
            .zip(at(&claims, "/iat").as_i64());
        self.check(
            &answer,
            life.is_some_and(|(exp, iat)| exp - iat == 1_800),
            "30 minutes",
        )?;
        let grant = at(&claims, "/grants/0");
        let at_eu = *at(grant, "/scopes/0") == json!(self.world.acme.eu);
        let is_hers = at(grant, "/role") == "account-manager" && at_eu;
        self.check(&answer, is_hers, "account-manager at EU")?;
        self.print(
            "ada@acme",
            "log-in",
            &answer,
            "EdDSA token, 30 min, account-manager at EU",
        )?;
        Ok(client)
    }

    async fn a_role_reaches_down(&mut self, ada: &Client) -> Result<(), TourError> {
        let payload = json!({ "customer": self.dora, "container": self.world.acme.france,
            "name": "Dora Lindqvist", "email": "dora@example.org", "country": "FR" });
        let answer = ada.send(&command("register-customer", &payload)).await?;
        self.check_done(&answer)?;
        let meaning = "done: name and email are sealed under her own key";
        self.print(
            "ada@acme",
            "register-customer dora in France",
            &answer,
            meaning,
        )?;

        let call = command(
            "open-account",
            &self.open(self.account, self.world.acme.france),
        );
        let answer = ada.send(&call).await?;
        self.check_done(&answer)?;
        let meaning = "done: a role at EU reaches France";
        self.print(
            "ada@acme",
            "open-account fr-001 in France",
            &answer,
            meaning,
        )?;
        self.opening = Some((call, answer));
        Ok(())
    }

    async fn a_retry_runs_nothing_twice(&mut self, ada: &Client) -> Result<(), TourError> {
        let Some((call, first)) = self.opening.clone() else {
            return Ok(());
        };
        let before = self.events().await?;
        let answer = ada.send(&call).await?;
        let is_replay = answer.replayed && answer.text == first.text;
        self.check(
            &answer,
            is_replay,
            "the first answer again, marked as replayed",
        )?;
        self.check(
            &answer,
            answer.originating != first.originating,
            "a new trace",
        )?;
        self.check(&answer, self.events().await? == before, "no new event")?;
        self.print(
            "ada@acme",
            "the same request again",
            &answer,
            "replayed: nothing ran twice",
        )?;

        let other = call.with_payload(&self.open(self.account, self.world.acme.eu));
        let answer = ada.send(&other).await?;
        self.check_problem(&answer, 422, "idempotency-key-reused")?;
        self.check(&answer, self.events().await? == before, "no new event")?;
        let meaning = "idempotency-key-reused";
        self.print("ada@acme", "the same key, another body", &answer, meaning)
    }

    async fn money_is_counted(&mut self, ada: &Client) -> Result<(), TourError> {
        let amount = Money::new(4_000, Currency::Eur);
        let payload = json!({ "bank-account": self.account, "amount": amount });
        let answer = ada.send(&command("deposit", &payload)).await?;
        self.check_done(&answer)?;
        self.position = answer.at("/position").as_u64().unwrap_or_default();
        let meaning = "done: decided by a processor, answered by its door";
        self.print("ada@acme", "deposit fr-001 40.00 EUR", &answer, meaning)?;

        let answer = ada
            .send(&balance(self.account).after(self.position))
            .await?;
        self.check(
            &answer,
            *answer.at("/result/available") == json!(amount),
            "40.00 EUR",
        )?;
        let meaning = "40.00 EUR: read your own write";
        self.print(
            "ada@acme",
            "retrieve-available-balance fr-001",
            &answer,
            meaning,
        )
    }

    async fn denials_say_what_would_help(&mut self, ada: &Client) -> Result<(), TourError> {
        let forget = command("forget-customer", &json!({ "customer": self.dora }));
        let answer = ada.send(&forget).await?;
        self.check_problem(&answer, 403, "permission-denied")?;
        let params = answer.at("/params");
        let helps =
            |remedy: &Value| at(remedy, "/type") == "role" && at(remedy, "/role") == "data-steward";
        let remedies = at(params, "/would-allow").as_array();
        let is_reasoned = at(params, "/reason") == "role-lacks"
            && remedies.is_some_and(|remedies| remedies.iter().any(helps));
        self.check(
            &answer,
            is_reasoned,
            "the reason, and data-steward as what would help",
        )?;
        let meaning = "permission-denied: data-steward would do";
        self.print("ada@acme", "forget-customer dora", &answer, meaning)?;

        let texan = BankAccountId::generate(&RandomIds, SystemClock.now());
        let open = command("open-account", &self.open(texan, self.world.acme.texas));
        let answer = ada.send(&open).await?;
        self.check_problem(&answer, 404, "not-found")?;
        let meaning = "not-found: she holds nothing in US";
        self.print("ada@acme", "open-account tx-001 in Texas", &answer, meaning)
    }

    async fn tenants_are_apart(&mut self, ada: &Client) -> Result<(), TourError> {
        let (cy, _) = self.log_in(&self.world.cy).await?;
        let foreign = cy.send(&balance(self.account)).await?;
        let nobodys = BankAccountId::generate(&RandomIds, SystemClock.now());
        let unknown = cy.send(&balance(nobodys)).await?;
        self.check_problem(&foreign, 404, "not-found")?;
        self.check(
            &foreign,
            masked(&foreign) == masked(&unknown),
            "byte-equal to an unknown id",
        )?;
        let what = "retrieve-available-balance fr-001";
        self.print(
            "cy@globex",
            what,
            &foreign,
            "not-found: byte-equal to an unknown id",
        )?;

        let astray = ada.elsewhere("globex").send(&balance(self.account)).await?;
        self.check_problem(&astray, 401, "unauthenticated")?;
        let meaning = "unauthenticated: a token of acme is nothing here";
        self.print("ada@globex", what, &astray, meaning)
    }

    async fn a_person_is_forgotten(&mut self, ada: &Client) -> Result<(), TourError> {
        let (dana, _) = self.log_in(&self.world.dana).await?;
        let who = Call::new(
            "queries",
            "retrieve-customer",
            &json!({ "customer": self.dora }),
        );
        let answer = dana.send(&who).await?;
        let name = answer.at("/result/name");
        self.check(
            &answer,
            *name == json!({ "clear": "Dora Lindqvist" }),
            "her name",
        )?;
        self.print(
            "dana@acme",
            "retrieve-customer dora",
            &answer,
            "Dora Lindqvist, of FR",
        )?;

        let answer = dana
            .send(&command(
                "forget-customer",
                &json!({ "customer": self.dora }),
            ))
            .await?;
        self.check_done(&answer)?;
        self.position = answer.at("/position").as_u64().unwrap_or_default();
        let meaning = "done: her key is destroyed, the receipt is signed";
        self.print("dana@acme", "forget-customer dora", &answer, meaning)?;

        let answer = dana.send(&who.after(self.position)).await?;
        let name = answer.at("/result/name");
        self.check(
            &answer,
            *name == json!({ "code": "pii.forgotten" }),
            "pii.forgotten",
        )?;
        self.print(
            "dana@acme",
            "retrieve-customer dora",
            &answer,
            "[forgotten], of FR",
        )?;

        self.replay().await?;
        let answer = ada
            .send(&balance(self.account).after(self.position))
            .await?;
        let is_kept = answer.at("/result/available/minor") == 4_500;
        self.check(&answer, is_kept, "45.00 EUR as before")?;
        let meaning = "45.00 EUR, as before";
        self.print(
            "ada@acme",
            "retrieve-available-balance fr-001",
            &answer,
            meaning,
        )
    }

    /// Makes every view again from the first event on, beside the live ones, and compares the two.
    async fn replay(&mut self) -> Result<(), TourError> {
        let tenant = self.world.acme.tenant;
        let replayed = projections::replay(self.services, tenant)
            .await
            .map_err(|error| TourError::Replay(error.to_string()))?;
        if replayed.rebuilt != replayed.live {
            return Err(TourError::Replay(
                "a rebuilt view is not equal to the live one".to_owned(),
            ));
        }
        let names = projections::names(self.services, tenant, &replayed).await;
        let names = names.map_err(|error| TourError::Replay(error.to_string()))?;
        let hers = names.get(&self.dora);
        if hers.is_none_or(Option::is_some) {
            return Err(TourError::Replay("her name can still be read".to_owned()));
        }
        let what = "replay of its log from the first event";
        let meaning = "name [forgotten]; every view byte-equal, every balance as before";
        Ok(self.out.step("acme", what, "", meaning)?)
    }

    async fn everything_was_recorded(&mut self) -> Result<(), TourError> {
        let (bo, _) = self.log_in(&self.world.bo).await?;
        let answer = bo
            .send(&Call::new("queries", "list-audit-entries", &json!({})))
            .await?;
        let entries = answer
            .at("/result/entries")
            .as_array()
            .cloned()
            .unwrap_or_default();
        let refused = entries
            .iter()
            .filter(|entry| at(entry, "/result/type") == "refused")
            .count();
        let is_hers = |entry: &&Value| *at(entry, "/effective") == json!(self.world.ada.account);
        let hers = entries.iter().filter(is_hers).count();
        self.check(
            &answer,
            hers > 0 && refused > 0,
            "entries of ada, and refused ones",
        )?;
        let meaning = format!("{} entries, {refused} refused", entries.len());
        self.print("bo@acme", "list-audit-entries", &answer, &meaning)
    }
}
