//! What a server says of itself: how safe it is with what it is told.

use std::collections::HashMap;

use redis::aio::MultiplexedConnection;
use redis::cmd;

/// What is known; `None` of what it does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Whether it writes each change to a file (AOF).
    pub(crate) appends: Option<bool>,
    /// When that file is synced: `always`, `everysec` or `no`.
    pub(crate) append_sync: Option<String>,
    /// Whether it saves snapshots by itself.
    pub(crate) snapshots: Option<bool>,
    /// How many copies follow it.
    pub(crate) replicas: Option<u64>,
    /// What it does when its memory is full; `None` where it takes as much as there is.
    pub(crate) eviction: Option<String>,
}

impl Facts {
    /// Asks for everything. Servers that somebody else runs do not tell all of it.
    pub(crate) async fn ask(connection: &mut MultiplexedConnection) -> Self {
        let info: Option<String> = cmd("INFO").query_async(connection).await.ok();
        let mut settings = HashMap::new();
        for name in ["appendonly", "appendfsync", "save", "maxmemory", "maxmemory-policy"] {
            let told: Result<HashMap<String, String>, _> =
                cmd("CONFIG").arg("GET").arg(name).query_async(connection).await;
            settings.extend(told.unwrap_or_default());
        }
        Self::read(&info.unwrap_or_default(), &settings)
    }

    fn read(info: &str, settings: &HashMap<String, String>) -> Self {
        let info: HashMap<&str, &str> = info.lines().filter_map(|line| line.trim().split_once(':')).collect();
        let either = |setting: &str, fact: &str| {
            settings.get(setting).map(String::as_str).or_else(|| info.get(fact).copied()).map(str::to_owned)
        };
        let is_bounded = either("maxmemory", "maxmemory").is_some_and(|bytes| bytes != "0");
        Facts {
            appends: either("appendonly", "aof_enabled").map(|is| is == "yes" || is == "1"),
            append_sync: settings.get("appendfsync").cloned(),
            snapshots: settings.get("save").map(|save| !save.is_empty()),
            replicas: info.get("connected_slaves").and_then(|count| count.parse().ok()),
            eviction: either("maxmemory-policy", "maxmemory_policy").filter(|_| is_bounded),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_believed_before_the_report() {
        let info = "# Persistence\r\naof_enabled:1\r\nmaxmemory:1000\r\nmaxmemory_policy:allkeys-lru\r\nconnected_slaves:2\r\n";
        let told = Facts::read(info, &HashMap::new());
        let expected = Facts {
            appends: Some(true),
            replicas: Some(2),
            eviction: Some("allkeys-lru".to_owned()),
            ..Facts::default()
        };
        assert_eq!(told, expected);
        let settings = [("appendonly", "no"), ("save", ""), ("maxmemory", "0")];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let told = Facts::read(info, &settings);
        assert_eq!((told.appends, told.snapshots, told.eviction), (Some(false), Some(false), None));
        assert_eq!(Facts::read("", &HashMap::new()), Facts::default());
    }
}
