//! The API version in a path, and the path without it.

use std::time::{SystemTime, UNIX_EPOCH};

/// The last day of each version (Meta's page "Versions"), as days since 1970. A version beyond the newest is no version.
const ENDS: &[(u32, u64)] = &[
    (20, 20720), // 2026-09-24
    (21, 20839), // 2027-01-21
    (22, 20958), // 2027-05-20
    (23, 21099), // 2027-10-08
    (24, 21232), // 2028-02-18
    (25, 21394), // 2028-07-29
    (26, u64::MAX),
];

/// Version of a request that names none: the oldest that still lives, as Meta does it.
pub(crate) struct Route<'p> {
    /// The version that answers.
    pub(crate) answered: u32,
    /// The version asked for, if it has ended.
    pub(crate) ended: Option<u32>,
    /// The path without the version, and without the first slash.
    pub(crate) rest: &'p str,
}

/// Splits a path; `None` for a version that does not exist.
pub(crate) fn route(path: &str) -> Option<Route<'_>> {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
    route_on(path, days)
}

fn route_on(path: &str, today: u64) -> Option<Route<'_>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let oldest = ENDS.iter().find(|(_, end)| *end > today).map_or(26, |(version, _)| *version);
    let (first, rest) = path.split_once('/').unwrap_or((path, ""));
    let Some(version) = first.strip_prefix('v').and_then(|rest| rest.split_once('.')) else {
        return Some(Route { answered: oldest, ended: None, rest: path });
    };
    let (Ok(major), Ok(_)) = (version.0.parse::<u32>(), version.1.parse::<u32>()) else {
        return Some(Route { answered: oldest, ended: None, rest: path });
    };
    if ENDS.last().is_some_and(|(newest, _)| major > *newest) {
        return None;
    }
    let ended = (major < oldest).then_some(major);
    Some(Route { answered: major.max(oldest), ended, rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-12-01, when v20.0 had ended and v21.0 had not.
    const DAY: u64 = 20_788;

    #[test]
    fn an_ended_version_is_answered_by_the_oldest_living_one() {
        for (path, expected) in [
            ("/v19.0/1/messages", Some((21, Some(19), "1/messages"))),
            ("/v25.0/1/messages", Some((25, None, "1/messages"))),
            ("/1/messages", Some((21, None, "1/messages"))),
            ("/v25.0", Some((25, None, ""))),
            ("/v99.0/1/messages", None),
            ("/vx.0/1", Some((21, None, "vx.0/1"))),
        ] {
            assert_eq!(route_on(path, DAY).map(|r| (r.answered, r.ended, r.rest)), expected, "{path}");
        }
    }
}
