//! Where things are on a server. Pure.
//!
//! In braces is what decides where a cluster keeps a key: all keys of a campaign are together, as its scripts need them, and
//! campaigns lie apart. A message's id says which campaign it is of, so a tracker leads to it with one look.

/// All campaigns by name, with their numbers.
pub(super) const CAMPAIGNS: &str = "wacloud:{journal}:campaigns";
/// The number of the last campaign.
pub(super) const LAST: &str = "wacloud:{journal}:last";

/// The keys of a campaign, in the order in which its scripts have them (common.lua). The numbers of messages by key are
/// the scripts' own.
#[derive(Debug, Clone)]
pub(super) struct Names([String; 5]);

const PARTS: [&str; 5] = ["head", "messages", "numbers", "index", "leases"];

impl Names {
    pub(super) fn of(campaign: u64) -> Self {
        Names(PARTS.map(|part| format!("wacloud:{{journal:{campaign}}}:{part}")))
    }

    pub(super) fn all(&self) -> &[String] {
        &self.0
    }

    /// What is known of the campaign itself; a hash.
    pub(super) fn head(&self) -> &str {
        &self.0[0]
    }

    /// The messages by number; a hash.
    pub(super) fn messages(&self) -> &str {
        &self.0[1]
    }

    /// What leads to messages that no tracker of ours leads to; a sorted set of texts.
    pub(super) fn index(&self) -> &str {
        &self.0[3]
    }

    /// The workers, and until when they have what they claimed; a sorted set.
    pub(super) fn leases(&self) -> &str {
        &self.0[4]
    }
}

/// The id of a message, within all campaigns of a server.
pub(super) fn id(campaign: u64, number: u64) -> u64 {
    campaign << 32 | number & u64::from(u32::MAX)
}

/// The campaign and the number that an id says.
pub(super) fn parts(id: u64) -> (u64, u64) {
    (id >> 32, id & u64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::tracker::Name;

    /// As clusters find it: the specification says what is between the first `{` and the first `}` after it.
    fn tag(key: &str) -> &str {
        key.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map_or(key, |(tag, _)| tag)
    }

    #[test]
    fn what_a_script_touches_lies_together() {
        let (one, other) = (Names::of(1), Names::of(11));
        assert!(one.all().iter().all(|key| tag(key) == "journal:1"), "{one:?}");
        assert!(other.all().iter().all(|key| tag(key) == "journal:11"), "{other:?}");
        assert_eq!(tag(CAMPAIGNS), tag(LAST));
    }

    #[test]
    fn a_tracker_leads_to_campaign_and_number() {
        let name = Name::new(id(77, 1_000_000));
        let found = Name::of_tracker(&name.tracker()).unwrap();
        assert_eq!(parts(found.id), (77, 1_000_000));
    }
}
