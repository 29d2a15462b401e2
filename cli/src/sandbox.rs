//! `wacloud sandbox`: WhatsApp's Cloud API on this machine, until it is stopped.

use std::io::{self, Write as _};

use clap::{Args, ValueEnum};
use tokio::io::AsyncReadExt as _;
use wacloud_sandbox::{
    DEFAULT_APP_SECRET, DEFAULT_PHONE_NUMBER_ID, DEFAULT_TOKEN, DEFAULT_VERIFY_TOKEN, Error, PhoneNumber, Sandbox,
    Settings, Webhook,
};

use crate::exit::{FAILED, Failure, PORT_IN_USE, USAGE};
use crate::term::quoted;

/// What the printed curl line and the ready line name; any version works.
const API_VERSION: &str = "v25.0";

/// Run WhatsApp's Cloud API on this machine, with an inbox in the browser
#[derive(Debug, Args)]
#[command(
    after_help = "Faults, the ledger of accepted messages, customers, webhooks and all settings are under <URL>/_sandbox/; the inbox is \
                  at <URL>/."
)]
pub(crate) struct Arguments {
    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8025)]
    port: u16,
    /// Address to listen on; anything but loopback lets others on the network in
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Name by which the control API may be called besides localhost and plain addresses (repeatable)
    #[arg(long = "allow-host", value_name = "NAME")]
    allowed_hosts: Vec<String>,
    /// Access token to let in (repeatable)
    #[arg(long = "token", value_name = "TOKEN", env = "WACLOUD_SANDBOX_TOKEN", default_value = DEFAULT_TOKEN)]
    tokens: Vec<String>,
    /// Business phone number id that can send (repeatable)
    #[arg(long = "phone-number-id", value_name = "ID", default_value = DEFAULT_PHONE_NUMBER_ID)]
    phone_number_ids: Vec<String>,
    /// Country calling code of the business, put in front of recipients written without +
    #[arg(long, value_name = "CODE", default_value = "1")]
    country_code: String,
    /// Approve new templates after so long; `never` waits until you decide, on the page or through the control API
    #[arg(long, value_name = "MS|never", default_value = "1000", value_parser = review)]
    template_review_ms: Review,
    /// Where your server takes webhooks, as in http://127.0.0.1:3000/webhook; plain HTTP only
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,
    /// App secret that signs webhooks
    #[arg(long, value_name = "SECRET", env = "WACLOUD_SANDBOX_APP_SECRET", default_value = DEFAULT_APP_SECRET)]
    app_secret: String,
    /// Verify token of the handshake that subscribes your server
    #[arg(long, value_name = "TOKEN", env = "WACLOUD_SANDBOX_VERIFY_TOKEN", default_value = DEFAULT_VERIFY_TOKEN)]
    verify_token: String,
    /// Wait so long before each status (sent, delivered, read) of a message
    #[arg(long, value_name = "MS", default_value_t = 50)]
    status_delay_ms: u64,
    /// Refuse free-form messages to customers who did not write within 24 hours (131047)
    #[arg(long, value_name = "on|off", default_value = "off", hide_possible_values = true)]
    window: Switch,
    /// Refuse messages that name media which were not uploaded here
    #[arg(long, value_name = "on|off", default_value = "off", hide_possible_values = true)]
    strict_media: Switch,
    /// Messages per second and phone number; 0 is no limit
    #[arg(long, value_name = "N", default_value_t = 80)]
    rate: u32,
    /// One message per 6 s and recipient, with a burst of 45
    #[arg(long, value_name = "on|off", default_value = "on", hide_possible_values = true)]
    pair_rate: Switch,
    /// HTTP status of throttled answers: 400 as Meta answers today, or 429
    #[arg(long, value_name = "400|429", default_value_t = 400)]
    throttle_status: u16,
    /// Hold every answer back so long
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency_ms: u64,
    /// And up to so much longer, by chance
    #[arg(long, value_name = "MS", default_value_t = 0)]
    jitter_ms: u64,
    /// Make chance repeatable: jitter, fault probabilities, message ids
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// How many accepted messages the ledger remembers
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    keep: usize,
    /// Print one line of JSON when ready: url, phone_number_id, business_account_id, token, app_secret, verify_token, webhook_url, api_version, pid
    #[arg(long)]
    json: bool,
    /// Stop when standard input ends, so that nothing is left running behind a program that dies
    #[arg(long)]
    exit_with_parent: bool,
}

/// When a new template is approved.
#[derive(Debug, Clone, Copy)]
struct Review(Option<u64>);

fn review(text: &str) -> Result<Review, String> {
    match text {
        "never" => Ok(Review(None)),
        _ => text.parse().map(|ms| Review(Some(ms))).map_err(|_| "a number of milliseconds, or never".to_owned()),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Switch {
    On,
    Off,
}

impl Arguments {
    fn settings(&self) -> Settings {
        let number = |id: &String| PhoneNumber { country_code: self.country_code.clone(), ..PhoneNumber::new(id) };
        Settings {
            host: self.host.clone(),
            port: self.port,
            allowed_hosts: self.allowed_hosts.clone(),
            tokens: self.tokens.clone(),
            phone_numbers: self.phone_number_ids.iter().map(number).collect(),
            rate: self.rate,
            pair_rate: self.pair_rate == Switch::On,
            throttle_status: self.throttle_status,
            latency_ms: self.latency_ms,
            jitter_ms: self.jitter_ms,
            seed: self.seed,
            keep: self.keep,
            window: self.window == Switch::On,
            template_review_ms: self.template_review_ms.0,
            strict_media: self.strict_media == Switch::On,
            webhook: Webhook {
                url: self.webhook_url.clone(),
                app_secret: self.app_secret.clone(),
                verify_token: self.verify_token.clone(),
                status_delay_ms: self.status_delay_ms,
                ..Webhook::default()
            },
            ..Settings::default()
        }
    }
}

/// Runs the command to its end.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    // One thread is enough, and leaves the others to what is being tested.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(FAILED, format!("cannot start: {error}")))?;
    let result = runtime.block_on(serve(arguments));
    // A blocked read of standard input must not hold the process.
    runtime.shutdown_background();
    result
}

async fn serve(arguments: &Arguments) -> Result<(), Failure> {
    // Before the ready line: whoever reads it may signal at once.
    let stop = Stop::listen(arguments.exit_with_parent)
        .map_err(|error| Failure::new(FAILED, format!("cannot listen for signals: {error}")))?;
    let sandbox = Sandbox::start(arguments.settings()).await.map_err(|error| explain(&error))?;
    announce(&sandbox, arguments).map_err(|error| Failure::new(FAILED, format!("cannot write: {error}")))?;
    stop.wait().await;
    sandbox.stop().await;
    Ok(())
}

fn explain(error: &Error) -> Failure {
    match error {
        Error::PortInUse { port, .. } => Failure::new(
            PORT_IN_USE,
            format!(
                "{error}. Another sandbox may be running there: stop it, or take another port with --port {}, or any free one with --port 0.",
                port.wrapping_add(1).max(1024)
            ),
        ),
        Error::Settings(_) => Failure::new(USAGE, error.to_string()),
        _ => Failure::new(FAILED, error.to_string()),
    }
}

fn announce(sandbox: &Sandbox, arguments: &Arguments) -> io::Result<()> {
    let (url, id, token) = (sandbox.url(), sandbox.phone_number_id(), sandbox.token());
    let account = sandbox.business_account_id();
    if !sandbox.address().ip().is_loopback() {
        writeln!(
            io::stderr(),
            "wacloud: warning: the sandbox listens on {}; everybody who reaches it can read and drive it.",
            sandbox.address()
        )?;
    }
    if let Some(why) = sandbox.webhook_problem() {
        writeln!(io::stderr(), "wacloud: warning: {why} It is asked again until it answers; webhooks wait for it.")?;
    }
    let Webhook { url: webhook_url, app_secret, verify_token, .. } = sandbox.settings().webhook;
    let mut out = io::stdout().lock();
    if arguments.json {
        let ready = serde_json::json!({
            "url": url, "phone_number_id": id, "business_account_id": sandbox.business_account_id(), "token": token, "app_secret": app_secret, "verify_token": verify_token,
            "webhook_url": webhook_url, "api_version": API_VERSION, "pid": std::process::id(),
        });
        writeln!(out, "{ready}")?;
    } else {
        writeln!(
            out,
            "The WhatsApp sandbox is ready.\n\n  inbox            {url}/\n  base URL         {url}\n  phone number id  {id}\n  account id       {account}\n  access token     {token}\n  app secret       {app_secret}\n  \
             verify token     {verify_token}\n  webhooks go to   {}\n\nFor programs and `wacloud send` in another terminal:\n\n  export WA_BASE_URL={url} WA_PHONE_ID={id} WA_BUSINESS_ACCOUNT_ID={account} WA_TOKEN={shell_token}\n\n\
             Or without any of them:\n\n  curl {url}/{API_VERSION}/{id}/messages \\\n    -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' \\\n    \
             -d '{{\"messaging_product\":\"whatsapp\",\"to\":\"+15550001234\",\"type\":\"text\",\"text\":{{\"body\":\"Hello\"}}}}'\n\n\
             Ctrl-C stops it.",
            webhook_url.as_deref().unwrap_or("nobody; see --webhook-url"),
            shell_token = quoted(&token),
        )?;
    }
    out.flush()
}

/// What ends the command: a signal, or the end of standard input.
struct Stop {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    with_parent: bool,
}

impl Stop {
    #[cfg(unix)]
    fn listen(with_parent: bool) -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            with_parent,
        })
    }

    #[cfg(not(unix))]
    fn listen(with_parent: bool) -> io::Result<Self> {
        Ok(Self { with_parent })
    }

    #[cfg(unix)]
    async fn wait(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
            () = input_ends(), if self.with_parent => {}
        }
    }

    #[cfg(not(unix))]
    async fn wait(self) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = input_ends(), if self.with_parent => {}
        }
    }
}

async fn input_ends() {
    let mut input = tokio::io::stdin();
    let mut bytes = [0; 256];
    while input.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
}
