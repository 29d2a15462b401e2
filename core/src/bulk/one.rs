//! One message of a bulk, from the list to its result.

use super::progress::Tally;
use super::result::BulkResult;
use crate::client::Client;
use crate::client::send::How;
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
        self,
        message: std::result::Result<Message, Invalid>,
        key: Option<String>,
        index: u64,
    ) -> impl Future<Output = BulkResult> + Send {
        let request = match message {
            Ok(message) => self.client.prepare(message),
            Err(invalid) => Err(self.client.refused("send", Effect::Message, invalid)),
        };
        // Not in parts, each of which would have room of its own for what it is given.
        async move {
            let Sending { client, mut how, run, tally } = self;
            let stop = how.stop.clone();
            let told = |key, result, replayed| BulkResult { index, key, result, replayed };
            let mut ticket = None;
            if let Some(run) = run.filter(|_| key.is_some() || request.is_ok()) {
                let payload = request.as_ref().ok().and_then(journal::payload);
                if let Some(doubt) = journal::doubt_of_key(key.as_deref(), payload) {
                    client.warn_once("journal", doubt.to_owned());
                }
                match run.stand(key.clone(), index, payload).await {
                    Ok(Standing::Send { ticket: given, is_new }) => {
                        if is_new {
                            tally.met_new();
                        }
                        how.witness = Some(given.clone());
                        ticket = Some(given);
                    }
                    Ok(Standing::Told { key, result }) => return told(Some(key), result, true),
                    Ok(Standing::Claimed { key, error }) => return told(Some(key), Err(error), false),
                    Err(error) => {
                        stop.stop_if_pointless(&error);
                        return told(key, Err(error), false);
                    }
                }
            }
            let left = match request {
                Ok(request) => client.send_request(request, how).await,
                Err(error) => Err(error),
            };
            let (key, result, replayed) = match ticket {
                Some(ticket) => {
                    let journal::Told { key, result, replayed } = ticket.end(&client, left).await;
                    (Some(key), result, replayed)
                }
                None => (key, left, false),
            };
            if let Err(error) = &result {
                stop.stop_if_pointless(error);
            }
            told(key, result, replayed)
        }
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
