//! The usage headers: how much of a limit of calls is used up, and when there is some again.
//!
//! Meta's page "Rate limits" (Graph API): `x-app-usage` counts an app's calls of the last hour in percent,
//! `x-business-use-case-usage` those of an account, with the minutes until it is let in again.

use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize;

/// The longest time that is believed, in minutes: limits are counted by the hour and by the day.
const LONGEST_MINUTES: u64 = 24 * 60;
/// How long to leave an app alone whose share is used up, where Meta does not say: the hour rolls.
const USED_UP: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
struct AccountUsage {
    #[serde(default)]
    estimated_time_to_regain_access: u64,
}

#[derive(Deserialize)]
struct AppUsage {
    #[serde(default)]
    call_count: f64,
    #[serde(default)]
    total_cputime: f64,
    #[serde(default)]
    total_time: f64,
}

/// How long to wait before the next call, as far as the headers say. They are advice: what cannot be read says nothing.
pub(crate) fn wait(app: Option<&str>, account: Option<&str>) -> Option<Duration> {
    account.and_then(account_wait).or_else(|| app.and_then(app_wait))
}

fn account_wait(header: &str) -> Option<Duration> {
    let usage: HashMap<String, Vec<AccountUsage>> = serde_json::from_str(header).ok()?;
    let minutes = usage.values().flatten().map(|usage| usage.estimated_time_to_regain_access).max()?;
    (minutes > 0).then(|| Duration::from_secs(minutes.min(LONGEST_MINUTES) * 60))
}

fn app_wait(header: &str) -> Option<Duration> {
    let AppUsage { call_count, total_cputime, total_time } = serde_json::from_str(header).ok()?;
    (call_count.max(total_cputime).max(total_time) >= 100.0).then_some(USED_UP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_waited_for_as_long_as_meta_says() {
        let header = r#"{"102290129340398":[{"type":"messages","call_count":100,"total_cputime":25,"total_time":25,
            "estimated_time_to_regain_access":3},{"estimated_time_to_regain_access":1}]}"#;
        assert_eq!(wait(None, Some(header)), Some(Duration::from_secs(180)));
        assert_eq!(wait(None, Some(r#"{"1":[{"call_count":1}]}"#)), None);
        let endless = r#"{"1":[{"estimated_time_to_regain_access":99999999}]}"#;
        assert_eq!(wait(None, Some(endless)), Some(Duration::from_secs(86_400)));
    }

    #[test]
    fn an_app_that_is_used_up_is_left_alone() {
        assert_eq!(wait(Some(r#"{"call_count":100,"total_cputime":3,"total_time":4}"#), None), Some(USED_UP));
        assert_eq!(wait(Some(r#"{"call_count":28,"total_time":25,"total_cputime":25}"#), None), None);
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        for broken in ["", "{", "[]", "{\"call_count\":\"many\"}", "null", "{\"1\":{}}"] {
            assert_eq!(wait(Some(broken), Some(broken)), None, "{broken}");
        }
    }
}
