//! What counts where a setting is not given, and between which numbers it may be. The manifest has them from here, too.

/// Meta's API.
pub(in crate::client) const BASE_URL: &str = "https://graph.facebook.com";
pub(in crate::client) const CONNECT_TIMEOUT_MS: u64 = 5_000;
pub(in crate::client) const ATTEMPT_TIMEOUT_MS: u64 = 30_000;
pub(in crate::client) const TOTAL_TIMEOUT_MS: u64 = 120_000;
pub(in crate::client) const MAX_WAIT_MS: u64 = 60_000;
pub(in crate::client) const MAX_RETRIES: u32 = 3;
pub(in crate::client) const MOST_RETRIES: u32 = 10;
