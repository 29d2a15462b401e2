//! The client: settings, transport, and the one way out.

mod body;
mod causes;
mod counters;
pub(crate) mod download;
mod event;
mod form;
pub mod inspect;
mod level;
pub(crate) mod lines;
pub(crate) mod operation;
mod pacing;
pub(crate) mod send;
mod sent;
pub(crate) mod session;
mod settings;
mod shared;
pub(crate) mod stop;
mod templates;
mod token;
mod transport;
pub(crate) mod upload;
mod version;
mod wait;
mod witness;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

pub use counters::{ClientStats, Counters};
pub use event::{Event, EventCall, Level, Observer};
pub use form::{ProgressFn, UploadProgress};
pub use operation::{Answered, Context, Expected, Operation, Request, RequestBody};
pub use pacing::{PaceStore, Rate};
pub use sent::SentMessage;
pub use settings::{CallOptions, HttpVersion, OnUnknown, Secret, Settings};
pub(crate) use settings::{check_timeout, from_json};
pub use shared::Shared;
pub use token::TokenSource;
pub(crate) use transport::use_ring;
pub(crate) use witness::Witness;

use crate::error::Result;
use crate::message::Message;
use crate::outcome::{Effect, RetryBudget};
use crate::pace::{AppHold, PaceReport, Pacer};
use crate::store::{Link, ServerAddress};
use level::KnownLevel;
use send::How;
use settings::Resolved;
use templates::KnownTemplates;
use token::TokenCache;
use transport::Transport;
use upload::Uploads;

/// A client for one phone number. Cloning it is cheap, and the clones are the same client.
///
/// Making one opens no connection and starts no thread. Its calls run in a tokio runtime with time and I/O enabled.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
    counters: Arc<Counters>,
    token_source: Option<Arc<dyn TokenSource>>,
    observer: Option<Arc<dyn Observer>>,
    progress: Option<ProgressFn>,
}

struct Inner {
    given: Settings,
    settings: Resolved,
    shared: Shared,
    pacer: Arc<Pacer>,
    app: Arc<AppHold>,
    level: KnownLevel,
    /// What is known of the templates of the account, if it is known which one that is.
    templates: Option<Arc<KnownTemplates>>,
    transport: Arc<Transport>,
    uploads: Arc<Uploads>,
    budget: Mutex<RetryBudget>,
    /// The token, unless a function gives it.
    token: Mutex<Option<Secret>>,
    token_cache: TokenCache,
    /// Warnings about the settings that no observer has been told of.
    warnings: Mutex<Vec<Event>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("phone_number_id", &self.inner.settings.phone_number_id)
            .field("base_url", &self.inner.settings.link.base_url)
            .finish_non_exhaustive()
    }
}

/// How a call went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct CallMeta {
    /// How many requests it took.
    pub attempts: u32,
    /// How long it took in all, in milliseconds, waiting for the pace included.
    pub elapsed_ms: u64,
    /// Meta's name for the last request (`fbtrace_id`): what its support asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl Client {
    /// A client with default settings.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) when the id is no id or the token no token.
    pub fn new(phone_number_id: impl Into<String>, access_token: impl Into<String>) -> Result<Self> {
        Client::with_settings(Settings::new(phone_number_id, access_token))
    }

    /// A client from `WA_PHONE_ID` and `WA_TOKEN` (and `WA_BUSINESS_ACCOUNT_ID`, `WA_BASE_URL` and `WA_API_VERSION` where
    /// they are set).
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) that names the variable.
    pub fn from_env() -> Result<Self> {
        Client::with_settings(Settings::from_env()?)
    }

    /// A client with settings of its own. All clients of the process that are made like this keep the pace of a number
    /// together and share connections.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) that names the setting.
    pub fn with_settings(settings: Settings) -> Result<Self> {
        static PROCESS: std::sync::OnceLock<Shared> = std::sync::OnceLock::new();
        Client::with_shared(settings, PROCESS.get_or_init(Shared::new))
    }

    /// A client that has its pace and connections from `shared`.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) that names the setting.
    pub fn with_shared(settings: Settings, shared: &Shared) -> Result<Self> {
        let given = settings.clone();
        let settings = settings.resolve()?;
        if let Some(path) = &settings.link.ca_bundle {
            transport::own_roots(path)?;
        }
        let today = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
        let warnings: Vec<Event> = version::warning(&settings.api_version, i64::try_from(today).unwrap_or(0))
            // Clients are made anew, and copied with other settings, more often than anybody wants to read it.
            .filter(|message| shared.is_new(message))
            .map(|message| Event::Warning { subject: "api_version", message })
            .into_iter()
            .collect();
        if Level::Warning.is_traced() {
            warnings.iter().for_each(Event::trace);
        }
        let inner = Inner {
            given,
            pacer: shared.pacer(&settings),
            app: shared.app(&settings),
            level: KnownLevel::default(),
            templates: shared.templates(&settings),
            transport: shared.transport(&settings.link),
            uploads: shared.uploads(&settings),
            shared: shared.clone(),
            budget: Mutex::new(RetryBudget::new()),
            token: Mutex::new(settings.access_token.clone()),
            token_cache: TokenCache::default(),
            warnings: Mutex::new(warnings),
            settings,
        };
        Ok(Client {
            inner: Arc::new(inner),
            counters: Arc::default(),
            token_source: None,
            observer: None,
            progress: None,
        })
    }

    /// A copy with some settings changed. It shares connections and pace with this one where the changes allow.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) that names the setting.
    pub fn with_options(&self, change: impl FnOnce(&mut Settings)) -> Result<Self> {
        let mut settings = self.inner.given.clone();
        settings.access_token = self.fixed_token().or(settings.access_token);
        change(&mut settings);
        let mut client = Client::with_shared(settings, &self.inner.shared)?;
        client.counters = self.counters.clone();
        client.progress.clone_from(&self.progress);
        client.token_source = self.token_source.clone();
        client.observer = self.observer.clone();
        Ok(client)
    }

    /// Uses another access token from now on, in this client and its clones; requests that are on their way end with the old
    /// one. Copies that were made before with [`Client::with_options`] or [`Client::phone`] keep theirs: where many are to
    /// follow, give them a function ([`Client::with_token_source`]).
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) when it is no token; the old one stays.
    pub fn set_access_token(&self, access_token: impl Into<String>) -> Result<()> {
        let token = Secret::new(access_token);
        settings::check_token(&token)?;
        *self.inner.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token);
        Ok(())
    }

    /// The same client, asking `source` for the token. What it gave is kept for all copies of the client.
    #[must_use]
    pub fn with_token_source(&self, source: Arc<dyn TokenSource>) -> Self {
        Client { token_source: Some(source), ..self.clone() }
    }

    /// The same client, which tells `observer` what it does, instead of telling it through `tracing`. Warnings about the
    /// settings come at once.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use wacloud::{Event, Level, Observer};
    ///
    /// struct Unknowns;
    ///
    /// impl Observer for Unknowns {
    ///     fn wants(&self, level: Level) -> bool {
    ///         level >= Level::Info
    ///     }
    ///
    ///     fn observe(&self, event: &Event) {
    ///         if let Event::Outcome { outcome: "unknown", call, .. } = event {
    ///             eprintln!("look out for a status of {:?}", call.tracker);
    ///         }
    ///     }
    /// }
    ///
    /// # fn main() -> wacloud::Result<()> {
    /// let wa = wacloud::Client::new("106540352242922", "EAAG")?.with_observer(Arc::new(Unknowns));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn with_observer(&self, observer: Arc<dyn Observer>) -> Self {
        if observer.wants(Level::Warning) {
            self.take_warnings().iter().for_each(|warning| observer.observe(warning));
        }
        Client { observer: Some(observer), ..self.clone() }
    }

    /// The same client, which tells how far its uploads are: of [`media::Upload`](crate::operation::media::Upload), and of files
    /// that are sent. `progress` is called from the thread that sends, and must not wait.
    #[must_use]
    pub fn with_upload_progress(&self, progress: ProgressFn) -> Self {
        Client { progress: Some(progress), ..self.clone() }
    }

    /// The warnings about the settings that no observer has been told of. They are told once: afterwards there are none.
    pub fn take_warnings(&self) -> Vec<Event> {
        std::mem::take(&mut *self.inner.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What this client has done since it was made, together with its copies.
    pub fn stats(&self) -> ClientStats {
        self.counters.read()
    }

    /// The same client, counting with these counters.
    #[must_use]
    pub fn with_counters(&self, counters: Arc<Counters>) -> Self {
        Client { counters, ..self.clone() }
    }

    /// The number that messages are sent from.
    pub fn phone_number_id(&self) -> &str {
        &self.inner.settings.phone_number_id
    }

    /// The business account that the number belongs to, if it was given.
    pub fn business_account_id(&self) -> Option<&str> {
        self.inner.settings.business_account_id.as_deref()
    }

    /// What requests depend on.
    fn context(&self) -> Context<'_> {
        let business_account_id = self.business_account_id().unwrap_or_default();
        Context { phone_number_id: self.phone_number_id(), business_account_id }
    }

    /// The same client for another number of the account: it shares connections, token and what it counts with this one,
    /// and keeps the pace of that number.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// let support = wa.phone("106540352242923")?;
    /// support.send_text("+15550001234", "Hello from the other number").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) when the id is no id.
    pub fn phone(&self, phone_number_id: impl Into<String>) -> Result<Self> {
        self.with_options(|settings| settings.phone_number_id = phone_number_id.into())
    }

    /// Carries out an operation with default options.
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn call<O: Operation>(&self, operation: O) -> Result<O::Output> {
        self.call_with(operation, &CallOptions::default()).await
    }

    /// Carries out an operation. Dropping the future cancels it; whether it was sent is then not told. To learn that,
    /// use [`crate::registry::dispatch`] with a token.
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn call_with<O: Operation>(&self, operation: O, options: &CallOptions) -> Result<O::Output> {
        self.run(operation, How { options: *options, ..How::default() }).await
    }

    pub(crate) async fn run<O: Operation>(&self, operation: O, how: How) -> Result<O::Output> {
        operation.perform(self, how).await
    }

    /// Sends a message.
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn send(&self, message: Message) -> Result<SentMessage> {
        self.send_with(message, &CallOptions::default()).await
    }

    /// Sends a message with options of its own.
    ///
    /// # Errors
    /// Every [`Error`](crate::Error).
    pub async fn send_with(&self, message: Message, options: &CallOptions) -> Result<SentMessage> {
        self.send_how(message, How { options: *options, ..How::default() }).await
    }

    pub(crate) async fn send_how(&self, message: Message, how: How) -> Result<SentMessage> {
        send::send(self, self.prepare(message)?, how).await
    }

    /// Checks a message and makes the request that sends it.
    pub(crate) fn prepare(&self, message: Message) -> Result<Request> {
        let request = Request::message(message, &self.context());
        request.map_err(|invalid| self.refused("send", Effect::Message, invalid))
    }

    /// Sends a message that was checked.
    pub(crate) async fn send_request(&self, request: Request, how: How) -> Result<SentMessage> {
        send::send(self, request, how).await
    }

    /// Where the API is, without a slash at its end.
    pub fn base_url(&self) -> &str {
        &self.settings().link.base_url
    }

    pub(crate) fn on_unknown(&self) -> OnUnknown {
        self.settings().on_unknown
    }

    /// Whether anybody would hear of events of this level.
    fn is_heard(&self, level: Level) -> bool {
        self.observer.as_ref().map_or_else(|| level.is_traced(), |observer| observer.wants(level))
    }

    /// Tells of an event of this level. It is made only if somebody listens.
    fn tell(&self, level: Level, event: impl FnOnce() -> Event) {
        if !self.is_heard(level) {
            return;
        }
        let event = event();
        debug_assert_eq!(event.level(), level, "{event:?}");
        match &self.observer {
            Some(observer) => observer.observe(&event),
            None => event.trace(),
        }
    }

    /// Something that whoever runs this should know, once in a process.
    pub(crate) fn warn_once(&self, subject: &'static str, message: String) {
        if self.is_heard(Level::Warning) && self.inner.shared.is_new(&message) {
            self.tell(Level::Warning, || Event::Warning { subject, message });
        }
    }

    /// The way to a server, which all clients of the process share.
    pub(crate) fn link(&self, address: &ServerAddress) -> Arc<Link> {
        self.inner.shared.link(address)
    }

    /// A file of certificates to trust as well.
    pub(crate) fn ca_bundle(&self) -> Option<&str> {
        self.settings().link.ca_bundle.as_deref()
    }

    fn settings(&self) -> &Resolved {
        &self.inner.settings
    }

    /// What is going on with the pace of the number: how fast it goes, who waits, and whether Meta has refused. Of a Redis
    /// server it tells what that said last.
    pub fn pace(&self) -> PaceReport {
        self.inner.pacer.report(self.limits(), self.inner.app.known_until())
    }

    /// Whether messages are held to the definition of their template.
    fn checks_templates(&self) -> bool {
        self.settings().check_templates
    }

    fn pacer(&self) -> &Arc<Pacer> {
        &self.inner.pacer
    }

    fn app(&self) -> &AppHold {
        &self.inner.app
    }

    fn transport(&self) -> &Transport {
        &self.inner.transport
    }

    fn token_cache(&self) -> &TokenCache {
        &self.inner.token_cache
    }

    fn token_source(&self) -> Option<&Arc<dyn TokenSource>> {
        self.token_source.as_ref()
    }

    fn has_token_function(&self) -> bool {
        self.fixed_token().is_none()
    }

    /// The token, unless a function gives it.
    fn fixed_token(&self) -> Option<Secret> {
        self.inner.token.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the retry budget allows another attempt.
    fn may_retry(&self) -> bool {
        self.inner.budget.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Meta is within reach: the budget recovers.
    fn answered(&self) {
        self.inner.budget.lock().unwrap_or_else(PoisonError::into_inner).give_back();
    }
}
