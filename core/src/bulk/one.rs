//! One message of a bulk, from the list to its result.

use super::progress::Tally;
use super::result::BulkResult;
use crate::client::send::How;
use crate::client::{Client, Request, SentMessage};
use crate::error::Result;
use crate::journal::{self, Run, Standing};
use crate::message::{Invalid, Message};
use crate::outcome::Effect;

/// What a message is sent with.
pub(super) struct Sending {
    pub(super) client: Client,
    pub(super) how: How,
    /// The journal, if there is one.
    pub(super) run: Option<Run>,
    pub(super) tally: Tally,
}

impl Sending {
    /// Not an `async fn`: that would keep room for the message as long as the message is under way.
    pub(super) fn send(
        mut self,
        message: std::result::Result<Message, Invalid>,
        key: Option<String>,
        index: u64,
    ) -> impl Future<Output = BulkResult> + Send {
        let request = match message {
            Ok(message) => self.client.prepare(message),
            Err(invalid) => Err(self.client.refused("send", Effect::Message, invalid)),
        };
        async move {
            let result = match self.run.take() {
                Some(run) if key.is_some() || request.is_ok() => self.journaled(&run, request, key, index).await,
                _ => {
                    let result = self.leave(request).await;
                    BulkResult { index, key, result, replayed: false }
                }
            };
            if let Err(error) = &result.result
                && !result.replayed
            {
                self.how.stop.stop_if_pointless(error);
            }
            result
        }
    }

    async fn journaled(
        &mut self,
        run: &Run,
        request: Result<Request>,
        given: Option<String>,
        index: u64,
    ) -> BulkResult {
        let payload = request.as_ref().ok().and_then(journal::payload);
        let (key, ticket) = match run.stand(given.clone(), index, payload).await {
            Err(error) => return BulkResult { index, key: given, result: Err(error), replayed: false },
            Ok((key, Standing::Told(result))) => return BulkResult { index, key, result, replayed: true },
            Ok((key, Standing::Claimed(error))) => {
                return BulkResult { index, key, result: Err(error), replayed: false };
            }
            Ok((key, Standing::Send { ticket, is_new })) => {
                if is_new {
                    self.tally.met_new();
                }
                (key, ticket)
            }
        };
        self.how.witness = Some(ticket.clone());
        let result = self.leave(request).await;
        BulkResult { index, key, result: ticket.end(&self.client, result).await, replayed: false }
    }

    async fn leave(&self, request: Result<Request>) -> Result<SentMessage> {
        self.client.send_request(request?, self.how.clone()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a message is while it is under way is allocated, moved and freed for each: what is seldom waited for belongs into a
    /// box of its own. It had 9,288 bytes once, and looking for room for it showed among the costs of a message.
    #[tokio::test]
    async fn a_message_under_way_is_small() {
        let client = Client::new("106540352242922", "token").unwrap();
        let sending = Sending { client, how: How::default(), run: None, tally: Tally::new(None) };
        let future = sending.send(Ok(Message::text("+15550001234", "Hello")), None, 0);
        let bytes = size_of_val(&future);
        assert!(bytes <= 5_000, "{bytes} bytes");
    }
}
