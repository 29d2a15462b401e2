//! What the settings of a server do not cover. Pure.

use crate::store::Facts;

/// Why a journal must not be kept there at all.
pub(super) fn refusal(facts: &Facts) -> Option<String> {
    let policy = facts.eviction.as_deref().filter(|policy| policy.starts_with("allkeys-"))?;
    Some(format!(
        "the server throws away whatever it likes when its memory is full (maxmemory-policy {policy}), and with the journal the \
         knowledge of what was sent. Set noeviction, or take another server"
    ))
}

/// What may be lost there, each as a sentence for people.
pub(super) fn doubts(facts: &Facts) -> Vec<String> {
    let mut doubts = Vec::new();
    match (facts.appends, facts.append_sync.as_deref()) {
        (Some(false), _) => doubts.push(match facts.snapshots {
            Some(true) => {
                "keeps no log of changes (appendonly no), only snapshots: when it ends, what was sent since the last snapshot is \
                 forgotten, and would be sent again. Set appendonly yes"
                    .to_owned()
            }
            Some(false) => {
                "keeps everything in memory only (appendonly no, no snapshots): when it ends, the whole campaign is \
                 forgotten, and would be sent again. Set appendonly yes"
                    .to_owned()
            }
            None => {
                "keeps no log of changes (appendonly no): when it ends, what was sent since its last snapshot, if it makes \
                 any, is forgotten, and would be sent again. Set appendonly yes"
                    .to_owned()
            }
        }),
        (Some(true), Some("always")) => {}
        (Some(true), Some("everysec")) => doubts.push(
            "syncs its log once a second (appendfsync everysec): when its machine fails, what was sent in the last one or two \
             seconds is forgotten, and would be sent again. appendfsync always covers that, and is slower"
                .to_owned(),
        ),
        (Some(true), Some(other)) => doubts.push(format!(
            "leaves it to the system when its log is synced (appendfsync {other}): when its machine fails, what was sent in the \
             last half minute or so is forgotten, and would be sent again. Set appendfsync everysec or always"
        )),
        (Some(true), None) => doubts.push(
            "does not say how often it syncs its log of changes (appendfsync): unless that is always, what was sent last is \
             forgotten when its machine fails, and would be sent again"
                .to_owned(),
        ),
        (None, _) => doubts.push(
            "does not say whether it keeps what it is told (appendonly): that could not be checked. Without it, what was \
             sent is forgotten when the server ends, and would be sent again"
                .to_owned(),
        ),
    }
    if facts.replicas.is_some_and(|count| count > 0) {
        doubts.push(
            "has replicas, which follow a moment later: when one of them takes over, what was sent in that moment is forgotten, \
             and would be sent again. The journal does not wait for them"
                .to_owned(),
        );
    }
    doubts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(appends: Option<bool>, sync: Option<&str>) -> Facts {
        Facts { appends, append_sync: sync.map(str::to_owned), replicas: Some(0), ..Facts::default() }
    }

    #[test]
    fn only_a_log_that_is_always_synced_covers_everything() {
        assert!(doubts(&facts(Some(true), Some("always"))).is_empty());
        for (appends, sync, says) in [
            (Some(false), Some("everysec"), "appendonly no"),
            (Some(true), Some("everysec"), "one or two seconds"),
            (Some(true), Some("no"), "half minute"),
            (Some(true), None, "does not say how often"),
            (None, None, "could not be checked"),
        ] {
            let told = doubts(&facts(appends, sync));
            assert!(told.len() == 1 && told[0].contains(says), "{told:?}");
        }
        let memory = Facts { snapshots: Some(false), ..facts(Some(false), None) };
        assert!(doubts(&memory)[0].contains("the whole campaign"));
        let copied = Facts { replicas: Some(1), ..facts(Some(true), Some("always")) };
        assert!(doubts(&copied)[0].contains("replicas"));
    }

    #[test]
    fn a_server_that_throws_keys_away_is_no_place() {
        let evicting = |policy: &str| Facts { eviction: Some(policy.to_owned()), ..Facts::default() };
        assert!(refusal(&evicting("allkeys-lru")).unwrap().contains("noeviction"));
        // Nothing here has a time to live.
        assert!(refusal(&evicting("volatile-lru")).is_none());
        assert!(refusal(&evicting("noeviction")).is_none() && refusal(&Facts::default()).is_none());
    }
}
