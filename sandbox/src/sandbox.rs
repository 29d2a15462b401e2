//! A sandbox in this process.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Map, Value};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::customer::Written;
use crate::fault::Fault;
use crate::ledger::{AcceptedMessage, Counters, LoggedRequest, MessageFilter, RequestFilter};
use crate::settings::Settings;
use crate::state::Shared;
use crate::template::Template;
use crate::webhook::{Delivery, WebhookFilter};
use crate::{Error, server, webhook};

/// A running sandbox. Dropping it stops it.
#[derive(Debug)]
pub struct Sandbox {
    shared: Arc<Shared>,
    address: SocketAddr,
    server: JoinHandle<()>,
    webhooks: JoinHandle<()>,
}

impl Sandbox {
    /// Listens, and answers in the background on the current tokio runtime.
    ///
    /// # Errors
    /// [`Error::Settings`] for settings that make no sense, [`Error::PortInUse`] and [`Error::Listen`] when it cannot listen,
    /// [`Error::Webhook`] when the server at `webhook.url` answers the handshake wrongly. One that does not answer at all is
    /// asked again in the background; nothing is delivered before it has answered.
    pub async fn start(mut settings: Settings) -> Result<Self, Error> {
        settings.check()?;
        let listener =
            TcpListener::bind((settings.host.as_str(), settings.port)).await.map_err(|error| match error.kind() {
                std::io::ErrorKind::AddrInUse => Error::PortInUse { host: settings.host.clone(), port: settings.port },
                _ => Error::Listen { host: settings.host.clone(), port: settings.port, error },
            })?;
        let address = listener.local_addr().map_err(|error| Error::Listen {
            host: settings.host.clone(),
            port: settings.port,
            error,
        })?;
        settings.port = address.port();
        let shared = Arc::new(Shared::new(settings));
        webhook::subscribe_at_start(&shared).await?;
        let server = tokio::spawn(server::serve(listener, Arc::clone(&shared)));
        let webhooks = tokio::spawn(webhook::deliver(Arc::clone(&shared)));
        Ok(Self { shared, address, server, webhooks })
    }

    /// Base URL, without a slash at the end: what a client takes for `https://graph.facebook.com`.
    pub fn url(&self) -> String {
        let mut address = self.address;
        // "Every address" is none that a client can connect to everywhere.
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        format!("http://{address}")
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Id of the first phone number.
    pub fn phone_number_id(&self) -> String {
        self.shared.lock().settings.phone_numbers.first().map(|number| number.id.clone()).unwrap_or_default()
    }

    /// Id of the business account that the numbers belong to.
    pub fn business_account_id(&self) -> String {
        self.shared.lock().settings.business_account_id.clone()
    }

    /// The first token.
    pub fn token(&self) -> String {
        self.shared.lock().settings.tokens.first().cloned().unwrap_or_default()
    }

    /// Everything accepted, oldest first, as far as it is kept.
    pub fn ledger(&self) -> Vec<Arc<AcceptedMessage>> {
        self.messages(&MessageFilter::default())
    }

    /// The accepted messages that the filter lets through.
    pub fn messages(&self, filter: &MessageFilter) -> Vec<Arc<AcceptedMessage>> {
        self.shared.lock().ledger.messages(filter)
    }

    /// The last 100,000 requests to the API, oldest first.
    pub fn requests(&self) -> Vec<Arc<LoggedRequest>> {
        self.shared.lock().ledger.requests(&RequestFilter::default())
    }

    /// What was counted since the start or the last reset.
    pub fn counters(&self) -> Counters {
        self.shared.lock().ledger.counters.clone()
    }

    /// Makes something go wrong.
    ///
    /// # Errors
    /// [`Error::Fault`] for a fault that lacks a member its kind needs, or has one its kind does not take.
    pub fn add_fault(&self, fault: Fault) -> Result<(), Error> {
        fault.check()?;
        self.shared.lock().faults.add(fault);
        Ok(())
    }

    /// The faults that wait.
    pub fn faults(&self) -> Vec<Fault> {
        self.shared.lock().faults.pending().to_vec()
    }

    /// Takes back the faults that wait.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// Adds a template, in the place of one with the same name and language.
    pub fn add_template(&self, template: Template) {
        let mut inside = self.shared.lock();
        inside.templates.retain(|known| (&known.name, &known.language) != (&template.name, &template.language));
        inside.templates.push(template);
    }

    /// The settings as they are.
    pub fn settings(&self) -> Settings {
        self.shared.lock().settings.clone()
    }

    /// Changes the settings that the object names.
    ///
    /// # Errors
    /// [`Error::Settings`], see [`Settings::merged`].
    pub fn set(&self, patch: &Map<String, Value>) -> Result<(), Error> {
        let mut inside = self.shared.lock();
        let merged = inside.settings.merged(patch)?;
        inside.set(merged);
        Ok(())
    }

    /// Changes the webhook: where it goes and how, see [`Webhook`](crate::Webhook). A `url` or `verify_token` in the patch makes
    /// the handshake; `"url": null` takes the webhook away.
    ///
    /// # Errors
    /// [`Error::Settings`] for members that make no sense, [`Error::Webhook`] when the handshake fails; nothing is changed then.
    pub async fn subscribe(&self, patch: &Map<String, Value>) -> Result<(), Error> {
        webhook::subscribe(&self.shared, patch).await
    }

    /// Why webhooks are not delivered yet: the server of the settings did not answer at the start, and is asked again.
    pub fn webhook_problem(&self) -> Option<String> {
        self.shared.lock().webhooks.problem()
    }

    /// Writes a message as a customer: the object that `POST /_sandbox/customer` takes.
    ///
    /// # Errors
    /// [`Error::Control`] for a request that makes no sense, [`Error::Webhook`] when too much waits already.
    pub fn write_as_customer(&self, message: &Value) -> Result<Written, Error> {
        webhook::write(&self.shared, message)
    }

    /// Signs and sends a payload to the webhook, byte for byte. The index of the POST.
    ///
    /// # Errors
    /// [`Error::Webhook`] without a subscription, or when too much waits already.
    pub fn post_webhook(&self, body: impl Into<Bytes>) -> Result<u64, Error> {
        webhook::post(&self.shared, body.into())
    }

    /// The POSTs to the webhook that the filter lets through, oldest first: the last 10,000, or 64 MiB.
    pub fn webhooks(&self, filter: &WebhookFilter) -> Vec<Delivery> {
        webhook::deliveries(&self.shared, filter)
    }

    /// Lets go at once what waits (statuses, held batches, repeats), and waits until all of it was answered with 200, up to
    /// `timeout`. How much still waits then.
    pub async fn flush_webhooks(&self, timeout: Duration) -> usize {
        webhook::flush(&self.shared, timeout).await
    }

    /// Moves the sandbox's clock forward: windows close, limits recover, what waits becomes due.
    pub fn advance_clock(&self, by: Duration) {
        let mut inside = self.shared.lock();
        inside.clock.advance(by);
        inside.webhooks.wake();
    }

    /// Forgets ledger, requests, counters, faults, limits and added templates; settings stay.
    pub fn reset(&self) {
        self.shared.lock().reset(false);
    }

    /// Stops listening and cuts all connections.
    pub async fn stop(mut self) {
        self.server.abort();
        self.webhooks.abort();
        let _ = (&mut self.server).await;
        let _ = (&mut self.webhooks).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.server.abort();
        self.webhooks.abort();
    }
}
