//! The steps, in the order in which they are numbered.

use std::io::Write;
use std::net::SocketAddr;

use serde_json::Value;
use serde_json::json;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;

use super::client::Answered;
use super::client::Call;
use super::client::Client;
use super::client::ClientError;
use super::client::at;
use super::print::Transcript;
use crate::ids::BankAccountId;
use crate::ids::CustomerId;
use crate::money::Currency;
use crate::money::Money;
use crate::projections;
use crate::seed::Person;
use crate::seed::World;
use crate::services::Services;

/// Why the tour stopped.
#[derive(Debug, thiserror::Error)]
pub enum TourError {
    /// An answer was not what the tour shows.
    #[error("step {step}: {expected}; the answer was {status} {body}")]
    Unexpected {
        /// Which step.
        step: u32,
        /// What should have been there.
        expected: &'static str,
        /// The status.
        status: u16,
        /// The answer.
        body: String,
    },
    /// A replay of the log did not end where the live views are.
    #[error("the replay differs: {0}")]
    Replay(String),
    /// A request was not answered at all.
    #[error("a request was not answered: {0}")]
    Client(#[from] ClientError),
    /// The transcript could not be written.
    #[error("the transcript cannot be written: {0}")]
    Write(#[from] std::io::Error),
}

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
    tour.denials_say_what_would_help(&ada).await?;
    tour.tenants_are_apart(&ada).await?;
    tour.a_person_is_forgotten(&ada).await?;
    tour.everything_was_recorded().await
}

/// What the steps hand to one another.
struct Tour<'t, W> {
    services: &'t Services,
    address: SocketAddr,
    world: &'t World,
    out: &'t mut Transcript<W>,
    dora: CustomerId,
    account: BankAccountId,
    opening: Option<(Call, Answered)>,
    position: u64,
}

impl<'t, W: Write> Tour<'t, W> {
    fn new(
        services: &'t Services,
        address: SocketAddr,
        world: &'t World,
        out: &'t mut Transcript<W>,
    ) -> Self {
        let now = SystemClock.now();
        Self {
            services,
            address,
            world,
            out,
            dora: CustomerId::generate(&RandomIds, now),
            account: BankAccountId::generate(&RandomIds, now),
            opening: None,
            position: 0,
        }
    }

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
        let is_kept = answer.at("/result/available/minor") == 4_000;
        self.check(&answer, is_kept, "40.00 EUR as before")?;
        let meaning = "40.00 EUR, as before";
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

    async fn log_in(&self, person: &Person) -> Result<(Client, Answered), TourError> {
        let door = Client::at(self.address, person.slug);
        let payload = json!({ "identifier": person.email, "password": person.password });
        let answer = door.send(&command("log-in", &payload)).await?;
        self.check(&answer, answer.status == 200, "a log-in")?;
        let token = answer
            .at("/result/access-token")
            .as_str()
            .unwrap_or_default();
        let client = door.with_token(token);
        Ok((client, answer))
    }

    fn open(&self, account: BankAccountId, container: impl serde::Serialize) -> Value {
        json!({ "bank-account": account, "container": container, "owner": self.dora, "currency": "EUR" })
    }

    async fn events(&self) -> Result<u64, TourError> {
        let count = projections::events(self.services, self.world.acme.tenant).await;
        count.map_err(|error| TourError::Replay(error.to_string()))
    }

    fn check_done(&self, answer: &Answered) -> Result<(), TourError> {
        let is_done = answer.status == 200 && answer.at("/outcome") == "done";
        self.check(answer, is_done && !answer.replayed, "done")
    }

    fn check_problem(
        &self,
        answer: &Answered,
        status: u16,
        code: &'static str,
    ) -> Result<(), TourError> {
        self.check(
            answer,
            answer.status == status && answer.at("/code") == code,
            code,
        )
    }

    fn check(
        &self,
        answer: &Answered,
        holds: bool,
        expected: &'static str,
    ) -> Result<(), TourError> {
        if holds {
            return Ok(());
        }
        let holds_token = !answer.at("/result/access-token").is_null();
        let body = if holds_token {
            "(a token)".to_owned()
        } else {
            answer.text.clone()
        };
        let status = answer.status;
        Err(TourError::Unexpected {
            step: self.out.steps() + 1,
            expected,
            status,
            body,
        })
    }

    fn print(
        &mut self,
        who: &str,
        what: &str,
        answer: &Answered,
        meaning: &str,
    ) -> Result<(), TourError> {
        Ok(self
            .out
            .step(who, what, &answer.status.to_string(), meaning)?)
    }
}

fn command(operation: &str, payload: &Value) -> Call {
    Call::new("commands", operation, payload)
}

fn balance(account: BankAccountId) -> Call {
    Call::new(
        "queries",
        "retrieve-available-balance",
        &json!({ "bank-account": account }),
    )
}

/// The answer without what is drawn anew for every invocation.
fn masked(answer: &Answered) -> String {
    match answer.at("/instance").as_str() {
        Some(instance) => answer.text.replace(instance, "-"),
        None => answer.text.clone(),
    }
}

/// The claims of the access token in a log-in's answer.
fn token_claims(answer: &Answered) -> Value {
    let token = answer
        .at("/result/access-token")
        .as_str()
        .unwrap_or_default();
    let payload = token.split('.').nth(1).unwrap_or_default();
    let bytes = data_encoding::BASE64URL_NOPAD
        .decode(payload.as_bytes())
        .unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or(Value::Null)
}
