//! One operation, three doors: a request of its own, an item among others, a message.

use std::io::Write;

use serde_json::Value;
use serde_json::json;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;

use super::client::Answered;
use super::client::Call;
use super::client::Client;
use super::client::at;
use super::guide::Tour;
use super::guide::TourError;
use super::guide::command;
use crate::ids::BankAccountId;
use crate::money::Currency;
use crate::money::Money;
use crate::ports::messages::Messages;

/// How each item ended: its status, what it was answered, and whether that was said before.
type Ends<'a> = [(u16, &'a str, bool)];

impl<W: Write> Tour<'_, W> {
    /// Each item stands for itself, and one that is sent again is answered again, whatever door it comes through.
    pub(super) async fn one_operation_has_three_doors(
        &mut self,
        ada: &Client,
    ) -> Result<(), TourError> {
        let deposit = |minor| {
            let amount = Money::new(minor, Currency::Eur);
            command(
                "deposit",
                &json!({ "bank-account": self.account, "amount": amount }),
            )
        };
        let texan = BankAccountId::generate(&RandomIds, SystemClock.now());
        let open = command("open-account", &self.open(texan, self.world.acme.texas));
        let paid = deposit(500);
        let three = Call::bulk([&paid, &deposit(0), &open]);

        let answer = ada.send(&three).await?;
        let (rejected, missing) = ("amount-not-positive", "not-found");
        self.check_ends(
            &answer,
            &[
                (200, "done", false),
                (200, rejected, false),
                (404, missing, false),
            ],
        )?;
        let meaning = "done, rejected: amount-not-positive, 404 not-found";
        self.print("ada@acme", "3 commands in one request", &answer, meaning)?;
        self.position = answer
            .at("/items/0/body/position")
            .as_u64()
            .unwrap_or_default();

        let before = self.events().await?;
        let answer = ada.send(&three).await?;
        self.check_ends(
            &answer,
            &[
                (200, "done", true),
                (200, rejected, true),
                (404, missing, false),
            ],
        )?;
        self.check(&answer, self.events().await? == before, "no new event")?;
        let meaning = "replayed, replayed, 404 not-found";
        self.print("ada@acme", "the same 3 again", &answer, meaning)?;
        self.a_message_meets_its_item(ada, &paid, before).await
    }

    fn check_ends(&self, answer: &Answered, expected: &Ends<'_>) -> Result<(), TourError> {
        let items = answer.at("/items").as_array().cloned().unwrap_or_default();
        let is_so = |(item, (status, said, replayed)): (&Value, &(u16, &str, bool))| {
            let code = at(item, "/body/code").as_str();
            let outcome = at(item, "/body/outcome").as_str();
            let is_replay = *at(item, "/replayed") == json!(true);
            *at(item, "/status") == json!(status)
                && code.or(outcome) == Some(said)
                && is_replay == *replayed
        };
        let holds = items.len() == expected.len() && items.iter().zip(expected).all(is_so);
        self.check(answer, holds, "an outcome for each item")
    }

    async fn a_message_meets_its_item(
        &mut self,
        ada: &Client,
        paid: &Call,
        before: u64,
    ) -> Result<(), TourError> {
        let sent = self.services.messages.send(ada.message(paid)?);
        let reply = sent.map_err(|full| TourError::Message(full.to_string()))?;
        let reply = reply.await;
        let is_replay = reply
            .as_ref()
            .is_some_and(|reply| reply.status == 200 && reply.is_replay);
        if !is_replay || self.events().await? != before {
            return Err(TourError::Message(format!("{reply:?}")));
        }
        let what = "its deposit as a message from the bus";
        let meaning = "replayed: one key at three doors";
        Ok(self.out.step("ada@acme", what, "200", meaning)?)
    }
}
