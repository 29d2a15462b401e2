//! What can go wrong with a sandbox itself.

/// Why a sandbox cannot do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Settings that make no sense.
    #[error("settings: {0}")]
    Settings(String),
    /// A fault that makes no sense.
    #[error("fault: {0}")]
    Fault(String),
    /// A request to the control API that cannot be read.
    #[error("{0}")]
    Control(String),
    /// A webhook that was not subscribed.
    #[error("webhook: {0}")]
    Webhook(String),
    /// Somebody else listens there.
    #[error("port {port} on {host} is in use")]
    PortInUse {
        /// The address.
        host: String,
        /// The port.
        port: u16,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {host}:{port}: {error}")]
    Listen {
        /// The address.
        host: String,
        /// The port.
        port: u16,
        /// What the system says.
        #[source]
        error: std::io::Error,
    },
}
