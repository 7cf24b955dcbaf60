//! What every step of the tour needs: somebody who logs in, something to ask, and an answer to hold it against.

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
use super::print::Transcript;
use crate::ids::BankAccountId;
use crate::ids::CustomerId;
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
    /// A message was not answered as it should have been.
    #[error("a message was answered otherwise: {0}")]
    Message(String),
    /// A request was not answered at all.
    #[error("a request was not answered: {0}")]
    Client(#[from] ClientError),
    /// The transcript could not be written.
    #[error("the transcript cannot be written: {0}")]
    Write(#[from] std::io::Error),
}

/// What the steps hand to one another.
pub(super) struct Tour<'t, W> {
    pub(super) services: &'t Services,
    address: SocketAddr,
    pub(super) world: &'t World,
    pub(super) out: &'t mut Transcript<W>,
    pub(super) dora: CustomerId,
    pub(super) account: BankAccountId,
    pub(super) opening: Option<(Call, Answered)>,
    pub(super) position: u64,
}

impl<'t, W: Write> Tour<'t, W> {
    pub(super) fn new(
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

    /// Somebody unknown at the door of a tenant.
    pub(super) fn door(&self, slug: &str) -> Client {
        Client::at(self.address, slug)
    }

    pub(super) async fn log_in(&self, person: &Person) -> Result<(Client, Answered), TourError> {
        let door = self.door(person.slug);
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

    pub(super) fn open(&self, account: BankAccountId, container: impl serde::Serialize) -> Value {
        json!({ "bank-account": account, "container": container, "owner": self.dora, "currency": "EUR" })
    }

    pub(super) async fn events(&self) -> Result<u64, TourError> {
        let count = projections::events(self.services, self.world.acme.tenant).await;
        count.map_err(|error| TourError::Replay(error.to_string()))
    }

    pub(super) fn check_done(&self, answer: &Answered) -> Result<(), TourError> {
        let is_done = answer.status == 200 && answer.at("/outcome") == "done";
        self.check(answer, is_done && !answer.replayed, "done")
    }

    pub(super) fn check_problem(
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

    pub(super) fn check(
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

    pub(super) fn print(
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

pub(super) fn command(operation: &str, payload: &Value) -> Call {
    Call::new("commands", operation, payload)
}

pub(super) fn balance(account: BankAccountId) -> Call {
    Call::new(
        "queries",
        "retrieve-available-balance",
        &json!({ "bank-account": account }),
    )
}

/// The answer without what is drawn anew for every invocation: status, media type and body.
pub(super) fn masked(answer: &Answered) -> (u16, Option<&str>, String) {
    let text = match answer.at("/instance").as_str() {
        Some(instance) => answer.text.replace(instance, "-"),
        None => answer.text.clone(),
    };
    (answer.status, answer.content_type.as_deref(), text)
}

/// The claims of the access token in a log-in's answer.
pub(super) fn token_claims(answer: &Answered) -> Value {
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
