//! What a client says about its pace: how fast, and who shares it.

use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::message::read;
use crate::pace::Limits;
use crate::store::ServerAddress;

/// What Meta allows a new number.
pub(super) const STANDARD: f64 = 80.0;
/// Meta's page "Throughput": one message in six seconds to one user.
pub(super) const PAIR: f64 = 1.0 / 6.0;
/// A hundred times what Meta allows an upgraded number: more than that is a mistake, in the unit perhaps.
pub(super) const MOST: f64 = 100_000.0;

/// Messages a second that a number may send.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rate {
    /// So many; 0 for no limit.
    PerSecond(f64),
    /// What Meta says that the number may: 80, or 1,000 after an upgrade. It is asked before the first message, and again
    /// every hour.
    Auto,
}

impl Default for Rate {
    fn default() -> Self {
        Rate::PerSecond(STANDARD)
    }
}

impl From<f64> for Rate {
    fn from(per_second: f64) -> Self {
        Rate::PerSecond(per_second)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let given = Value::deserialize(deserializer)?;
        let got = match &given {
            Value::Number(number) => return Ok(Rate::PerSecond(number.as_f64().unwrap_or(f64::NAN))),
            Value::String(text) if text == "auto" => return Ok(Rate::Auto),
            // What comes from the environment or a file is text, also where it reads as a number.
            Value::String(text) => format!("the text {text:?}"),
            other => read::kind_of(other),
        };
        Err(serde::de::Error::custom(format!("must be a number of messages a second or \"auto\", got {got}")))
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for Rate {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rate".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"anyOf": [{"type": "number"}, {"enum": ["auto"]}]})
    }
}

/// Who keeps the limits of a number together.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum PaceStore {
    /// The clients and threads of this process.
    Process,
    /// All processes of this user on this machine.
    #[default]
    Host,
    /// Everybody who names the same server: `redis://` or `rediss://` (TLS), with its password and database. While it is
    /// away, the host keeps them.
    Redis(String),
}

impl fmt::Debug for PaceStore {
    /// A server's address holds its password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PaceStore::Process => "Process",
            PaceStore::Host => "Host",
            PaceStore::Redis(_) => "Redis(…)",
        })
    }
}

impl<'de> Deserialize<'de> for PaceStore {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "process" => Ok(PaceStore::Process),
            "host" => Ok(PaceStore::Host),
            url if url.starts_with("redis://") || url.starts_with("rediss://") => Ok(PaceStore::Redis(text)),
            // What it is instead may be a password: it is not shown.
            _ => Err(serde::de::Error::custom("must be \"process\", \"host\", or a redis:// or rediss:// address")),
        }
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for PaceStore {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PaceStore".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string"})
    }
}

/// Checked: how fast, and who shares it.
#[derive(Debug, Clone)]
pub(super) struct Pacing {
    pub(super) rate: Rate,
    pub(super) pair_rate: f64,
    pub(super) place: Place,
}

/// Where a book is: what tells pacers apart, beside whose they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Process,
    Host(Option<PathBuf>),
    /// With the directory that takes over.
    Redis(ServerAddress, Option<PathBuf>),
}

impl Pacing {
    pub(super) fn new(
        rate: Option<Rate>,
        pair_rate: Option<f64>,
        store: Option<PaceStore>,
        directory: Option<String>,
        ca_bundle: Option<&str>,
    ) -> Result<Self> {
        let check = |setting: &str, rate: f64, or: &str| match (0.0..=MOST).contains(&rate) {
            true => Ok(()),
            false => Err(Error::config(
                setting,
                format!("must be 0 (no limit) to 100,000 messages a second{or}, got the number {rate}"),
            )),
        };
        let rate = rate.unwrap_or_default();
        if let Rate::PerSecond(rate) = rate {
            check("rate", rate, ", or \"auto\"")?;
        }
        let pair_rate = pair_rate.unwrap_or(PAIR);
        check("pair_rate", pair_rate, " to one recipient")?;
        let directory = match directory.map(PathBuf::from) {
            Some(path) if !path.is_absolute() => {
                return Err(Error::config("pace_dir", "must be an absolute path: processes start in different places"));
            }
            directory => directory,
        };
        let store = store.unwrap_or_default();
        if store == PaceStore::Process && directory.is_some() {
            let why = "is of no use with the pace \"process\", which keeps nothing outside of the process: leave one of them out";
            return Err(Error::config("pace_dir", why));
        }
        let place = match store {
            PaceStore::Process => Place::Process,
            PaceStore::Host => Place::Host(directory),
            PaceStore::Redis(url) => {
                super::transport::use_ring();
                let address = ServerAddress::new(&url, ca_bundle).map_err(|why| Error::config("pace", why))?;
                Place::Redis(address, directory)
            }
        };
        Ok(Pacing { rate, pair_rate, place })
    }

    /// The limits, once it is known what Meta allows.
    pub(super) fn limits(&self, level: Option<u32>) -> Limits {
        let per_second = match self.rate {
            Rate::PerSecond(rate) => rate,
            Rate::Auto => level.map_or(STANDARD, f64::from),
        };
        Limits { per_second, pair_per_second: self.pair_rate }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_not_shown() {
        let store: PaceStore = serde_json::from_str(r#""redis://:very-secret@cache:6379/0""#).unwrap();
        assert!(!format!("{store:?}").contains("very-secret"));
        let pacing = Pacing::new(None, None, Some(store), None, None).unwrap();
        assert!(!format!("{pacing:?}").contains("very-secret"));
        for wrong in ["redis://:very-secret@", "redis://:very-secret@cache:port"] {
            let error = Pacing::new(None, None, Some(PaceStore::Redis(wrong.into())), None, None).unwrap_err();
            assert!(!error.to_string().contains("very-secret"), "{error}");
        }
        let error = serde_json::from_str::<PaceStore>(r#""http://:very-secret@cache""#).unwrap_err();
        assert!(!error.to_string().contains("very-secret"), "{error}");
    }

    #[test]
    fn a_rate_says_what_it_must_be_and_what_it_got() {
        for (given, told) in [
            (r#""80""#, r#"must be a number of messages a second or "auto", got the text "80""#),
            ("true", r#"must be a number of messages a second or "auto", got true"#),
            ("[80]", r#"must be a number of messages a second or "auto", got a list"#),
        ] {
            assert_eq!(serde_json::from_str::<Rate>(given).unwrap_err().to_string(), told);
        }
        let told = |rate: f64| match Pacing::new(Some(rate.into()), None, None, None, None) {
            Err(Error::Config { message, .. }) => message,
            other => panic!("{other:?}"),
        };
        let too_large = r#"must be 0 (no limit) to 100,000 messages a second, or "auto", got the number 100001"#;
        assert_eq!(told(MOST + 1.0), too_large);
        assert!(told(f64::NAN).ends_with("got the number NaN"));
    }

    #[test]
    fn mistakes_name_the_setting() {
        let at_fault = |made: Result<Pacing>| match made {
            Err(Error::Config { setting, .. }) => setting,
            other => panic!("{other:?}"),
        };
        assert_eq!(at_fault(Pacing::new(Some((-1.0).into()), None, None, None, None)), "rate");
        assert_eq!(at_fault(Pacing::new(None, Some(f64::NAN), None, None, None)), "pair_rate");
        assert_eq!(at_fault(Pacing::new(None, None, None, Some("pace".into()), None)), "pace_dir");
        let nobody_looks = Pacing::new(None, None, Some(PaceStore::Process), Some("/tmp/pace".into()), None);
        assert_eq!(at_fault(nobody_looks), "pace_dir");
        let nowhere = Some(PaceStore::Redis("redis://".into()));
        assert_eq!(at_fault(Pacing::new(None, None, nowhere, None, None)), "pace");
    }
}
