//! Where messages go out: the settings that every command of the API shares.

use std::fs;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use clap::Args;
use serde::{Deserialize, Serialize};
use wacloud::client::{PaceStore, Rate};
use wacloud::{Client, Settings};

use crate::exit::Failure;
use crate::retry::ToldOnStderr;

// Options of every command that reaches the API. (No documentation comment: clap would show it as the command's.)
//
// There is no option for the token: what stands on a command line, everybody on the machine can read (`ps`).
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Connection (the access token comes from WA_TOKEN or --token-file)")]
pub(crate) struct ClientArguments {
    /// Id of the number that sends, from Meta's dashboard; not the number itself
    #[arg(long, value_name = "ID", env = "WA_PHONE_ID")]
    phone_id: Option<String>,
    /// Id of the WhatsApp Business Account, from Meta's dashboard: what templates are looked up in
    #[arg(long, value_name = "ID", env = "WA_BUSINESS_ACCOUNT_ID")]
    account_id: Option<String>,
    /// File that holds the access token; otherwise WA_TOKEN
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Where the API is, such as a sandbox's http://127.0.0.1:8025
    #[arg(long, value_name = "URL", env = "WA_BASE_URL")]
    base_url: Option<String>,
    /// Version of the Graph API
    #[arg(long, value_name = "vN.0", env = "WA_API_VERSION")]
    api_version: Option<String>,
    /// Messages a second that the number may send: 80 unless given, `auto` asks Meta, 0 is no limit
    #[arg(long, value_name = "N|auto", value_parser = rate)]
    rate: Option<Rate>,
    /// Messages a second that one recipient may get: one in six seconds unless given, 0 is no limit
    #[arg(long, value_name = "N")]
    pair_rate: Option<f64>,
    /// Who keeps the rate together: `host`, `process`, or the address of a Redis or Valkey server
    #[arg(long, value_name = "WHERE", env = "WA_PACE", hide_env_values = true, value_parser = pace)]
    pace: Option<PaceStore>,
    /// Directory in which the processes of this machine keep the rate together
    #[arg(long, value_name = "DIR")]
    pace_dir: Option<String>,
    /// File in which the processes of this machine share the ids of what they have uploaded
    #[arg(long, value_name = "FILE")]
    media_cache: Option<String>,
    /// File of certificates (PEM) to trust besides the usual ones
    #[arg(long, value_name = "FILE")]
    ca_bundle: Option<String>,
}

fn rate(text: &str) -> Result<Rate, String> {
    match text {
        "auto" => Ok(Rate::Auto),
        _ => text.parse::<f64>().map(Rate::from).map_err(|_| "a number of messages a second, or auto".to_owned()),
    }
}

fn pace(text: &str) -> Result<PaceStore, String> {
    serde_json::from_value(text.into()).map_err(|_| "host, process, redis://… or rediss://…".to_owned())
}

/// The rate as it was given on the command line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct GivenRate {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rate: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pair_rate: Option<f64>,
}

impl GivenRate {
    pub(crate) fn is_default(&self) -> bool {
        *self == GivenRate::default()
    }
}

impl ClientArguments {
    /// How fast it may go, for whoever goes on with it.
    pub(crate) fn given_rate(&self) -> GivenRate {
        let rate = self.rate.map(|rate| match rate {
            Rate::Auto => "auto".to_owned(),
            Rate::PerSecond(per_second) => per_second.to_string(),
        });
        GivenRate { rate, pair_rate: self.pair_rate }
    }

    /// The same, at the rate that was given then, unless it says another one.
    pub(crate) fn at_rate(self, then: &GivenRate) -> Self {
        let known = then.rate.as_deref().and_then(|text| rate(text).ok());
        ClientArguments { rate: self.rate.or(known), pair_rate: self.pair_rate.or(then.pair_rate), ..self }
    }

    /// A client with these settings.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        Ok(Client::with_settings(self.settings()?)?)
    }

    /// A client for one call, which tells people when it tries again.
    pub(crate) fn client_of_one(&self) -> Result<Client, Failure> {
        Ok(self.client()?.with_observer(Arc::new(ToldOnStderr)))
    }

    /// Where the API is, as it was given.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        let given = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
        let (phone_id, token) = match (given(&self.phone_id), self.token()?) {
            (Some(phone_id), Some(token)) => (phone_id, token),
            (phone_id, token) => return Err(missing(phone_id.is_some(), token.is_some())),
        };
        let mut settings = Settings::new(phone_id, token);
        settings.business_account_id = given(&self.account_id);
        settings.base_url = given(&self.base_url);
        settings.api_version = given(&self.api_version);
        settings.rate = self.rate;
        settings.pair_rate = self.pair_rate;
        settings.pace = self.pace.clone();
        settings.pace_dir = self.pace_dir.clone();
        settings.media_cache = self.media_cache.clone();
        settings.ca_bundle = self.ca_bundle.clone();
        Ok(settings)
    }

    /// The token, if there is one.
    fn token(&self) -> Result<Option<String>, Failure> {
        let Some(path) = &self.token_file else {
            return Ok(std::env::var("WA_TOKEN").ok().filter(|token| !token.is_empty()));
        };
        let text = fs::read_to_string(path)
            .map_err(|error| Failure::usage(format!("--token-file {} cannot be read: {error}", path.display())))?;
        let token = text.trim();
        if token.is_empty() {
            return Err(Failure::usage(format!("--token-file {} is empty", path.display())));
        }
        Ok(Some(token.to_owned()))
    }
}

/// All that nobody has said, in one go.
fn missing(has_phone_id: bool, has_token: bool) -> Failure {
    let number = (!has_phone_id).then_some("the number that sends (WA_PHONE_ID or --phone-id)");
    let token = (!has_token).then_some("the access token (WA_TOKEN, or --token-file for the file that holds it)");
    let missing: Vec<&str> = number.into_iter().chain(token).collect();
    Failure::usage(format!("missing: {}. {}.", missing.join(" and "), Settings::where_to_get_them()))
}

/// Seconds on the command line, milliseconds in core.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seconds(pub(crate) u64);

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let seconds = text.trim_end_matches('s').trim().parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0);
        seconds
            .map(|s| Seconds((s * 1_000.0).round() as u64))
            .ok_or_else(|| "a number of seconds, such as 30".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        assert_eq!("1.5".parse(), Ok(Seconds(1_500)));
        assert_eq!("30s".parse(), Ok(Seconds(30_000)));
        assert!("soon".parse::<Seconds>().is_err() && "-1".parse::<Seconds>().is_err());
        assert!(matches!(rate("auto"), Ok(Rate::Auto)) && rate("80").is_ok() && rate("fast").is_err());
        assert!(pace("host").is_ok() && pace("redis://localhost").is_ok());
    }

    #[test]
    fn who_goes_on_keeps_the_rate_unless_told_another_one() {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            client: ClientArguments,
        }
        let given = |line: &[&str]| <Line as clap::Parser>::try_parse_from(line).unwrap().client;
        let then = given(&["x", "--rate", "7.5", "--pair-rate", "0"]).given_rate();
        let kept: GivenRate = serde_json::from_str(&serde_json::to_string(&then).unwrap()).unwrap();
        assert_eq!(given(&["x"]).at_rate(&kept).given_rate(), then);
        let other = given(&["x", "--rate", "auto"]).at_rate(&kept);
        assert_eq!((other.rate, other.pair_rate), (Some(Rate::Auto), Some(0.0)));
        assert!(given(&["x"]).at_rate(&GivenRate::default()).given_rate().is_default());
    }
}
