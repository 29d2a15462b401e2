//! Webhooks: what is told, when, in which form, and until the server under test has answered with 200.

mod delivery;
mod envelope;
mod management;
mod queue;
mod routes;
mod settings;
mod status;
mod turn;
mod wire;
mod worker;

pub use delivery::{Attempt, Delivery, DeliveryState, WebhookFilter};
pub(crate) use management::tell;
pub(crate) use queue::Webhooks;
pub(crate) use routes::ROUTES;
pub(crate) use routes::{deliveries, post, subscribe, write};
pub use settings::{DEFAULT_APP_SECRET, DEFAULT_VERIFY_TOKEN, Webhook};
pub(crate) use worker::{deliver, flush, subscribe_at_start};
