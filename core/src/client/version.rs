//! Versions of the Graph API and when they end.

use crate::error::{Error, Result};

/// The version that requests name unless told otherwise.
pub(super) const DEFAULT: &str = "v25.0";

/// When versions end, as days since 1970 (Meta's change log of the Graph API, read in 2026-09). A version that is not
/// listed is older than all of these or newer.
const ENDS: &[(u32, i64, &str)] = &[
    (20, 20_720, "2026-09-24"),
    (21, 20_839, "2027-01-21"),
    (22, 20_958, "2027-05-20"),
    (23, 21_099, "2027-10-08"),
    (24, 21_232, "2028-02-18"),
    (25, 21_394, "2028-07-29"),
];

/// The day on which a version ends, where Meta has announced it: `2028-07-29`.
pub(super) fn end(version: &str) -> Option<&'static str> {
    let major = major(version)?;
    ENDS.iter().find(|(number, ..)| *number == major).map(|(.., end)| *end)
}

/// How long before its end a version is warned about.
const NOTICE_DAYS: i64 = 60;

/// Refuses what is no version: `v25.0` is one.
pub(super) fn check(version: &str) -> Result<()> {
    if major(version).is_some() {
        return Ok(());
    }
    Err(Error::config("api_version", format!("must look like {DEFAULT}")))
}

/// What to tell about a version that has ended or soon will. Meta answers it with a later one, silently, so it is never
/// refused.
pub(super) fn warning(version: &str, today: i64) -> Option<String> {
    let major = major(version)?;
    let oldest = ENDS.first()?.0;
    let (end_day, end) = match ENDS.iter().find(|(number, ..)| *number == major) {
        Some((_, day, end)) => (*day, *end),
        None if major < oldest => return Some(format!("Graph API {version} has ended; use {DEFAULT}.")),
        None => return None,
    };
    if today >= end_day {
        Some(format!("Graph API {version} ended on {end}: Meta answers with a later one. Use {DEFAULT}."))
    } else if today + NOTICE_DAYS >= end_day {
        Some(format!("Graph API {version} ends on {end}. Use {DEFAULT}."))
    } else {
        None
    }
}

fn major(version: &str) -> Option<u32> {
    let (major, minor) = version.strip_prefix('v')?.split_once('.')?;
    minor.parse::<u32>().ok()?;
    major.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_version_is_told() {
        let day = |ends: usize| ENDS[ends].1;
        assert!(warning("v21.0", day(1) - 61).is_none());
        assert!(warning("v21.0", day(1) - 60).unwrap().contains("ends on 2027-01-21"));
        assert!(warning("v21.0", day(1)).unwrap().contains("ended on"));
        assert!(warning("v17.0", day(0)).unwrap().contains("has ended"));
        assert!(warning("v26.0", day(5)).is_none());
    }

    #[test]
    fn a_version_has_two_numbers() {
        for fine in ["v25.0", "v9.1"] {
            assert!(check(fine).is_ok());
        }
        for refused in ["25.0", "v25", "v.0", "vx.0", "v25.0/../me"] {
            assert!(check(refused).is_err(), "{refused}");
        }
    }
}
