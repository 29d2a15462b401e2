//! Dates, in UTC: what a server says, and what a page shows.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_S: i64 = 86_400;

/// A moment in UTC, as people write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    year: i64,
    /// From 0.
    month: usize,
    day: i64,
    /// Seconds since midnight.
    second: i64,
}

impl Moment {
    pub(crate) fn of_ms(ms: u64) -> Self {
        Self::of_s(i64::try_from(ms / 1_000).unwrap_or(i64::MAX / 2))
    }

    /// Seconds since 1970. The days are counted from 1 March of the year 0, so that a leap day is the last of its year
    /// (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    pub(crate) fn of_s(seconds: i64) -> Self {
        let days = seconds.div_euclid(DAY_S) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 2 } else { shifted - 10 };
        Moment {
            year: year_of_era + era * 400 + i64::from(month < 2),
            month: usize::try_from(month).unwrap_or_default().min(11),
            day: day_of_year - (153 * shifted + 2) / 5 + 1,
            second: seconds.rem_euclid(DAY_S),
        }
    }

    /// Seconds since 1970.
    fn seconds(self) -> i64 {
        let year = if self.month < 2 { self.year - 1 } else { self.year };
        let shifted = i64::try_from((self.month + 10) % 12).unwrap_or_default();
        let day_of_year = (153 * shifted + 2) / 5 + self.day - 1;
        let day_of_era =
            year.rem_euclid(400) * 365 + year.rem_euclid(400) / 4 - year.rem_euclid(400) / 100 + day_of_year;
        (year.div_euclid(400) * 146_097 + day_of_era - 719_468) * DAY_S + self.second
    }

    /// `28 Nov 2026`
    pub(crate) fn day(self) -> String {
        format!("{} {} {}", self.day, MONTHS[self.month], self.year)
    }

    /// `28 Nov`
    pub(crate) fn short_day(self) -> String {
        format!("{} {}", self.day, MONTHS[self.month])
    }

    /// `07:06`
    pub(crate) fn clock(self) -> String {
        format!("{:02}:{:02}", self.second / 3_600, self.second / 60 % 60)
    }

    /// `07:06:12`
    pub(crate) fn exact_clock(self) -> String {
        format!("{}:{:02}", self.clock(), self.second % 60)
    }

    /// `28 Nov 2026, 07:06 UTC`
    pub(crate) fn full(self) -> String {
        format!("{}, {} UTC", self.day(), self.clock())
    }

    pub(crate) fn is_same_day(self, other: Moment) -> bool {
        (self.year, self.month, self.day) == (other.year, other.month, other.day)
    }
}

/// Now, in milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_millis()).unwrap_or(u64::MAX)
}

/// The moment of a `Date` header: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7, the form that servers must write).
pub(crate) fn of_header(text: &str) -> Option<SystemTime> {
    let mut words = text.split_once(", ")?.1.split(' ');
    let mut number = || words.next()?.parse::<i64>().ok();
    let day = number()?;
    let mut words = text.split_once(", ")?.1.split(' ').skip(1);
    let month = MONTHS.iter().position(|name| Some(*name) == words.clone().next())?;
    let year = words.nth(1)?.parse::<i64>().ok()?;
    let mut clock = words.next()?.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let is_sane =
        (1..=31).contains(&day) && (0..24).contains(&hour) && (0..60).contains(&minute) && (0..=60).contains(&second);
    let moment = Moment { year, month, day, second: hour * 3_600 + minute * 60 + second };
    let seconds = u64::try_from(moment.seconds()).ok()?;
    (is_sane && words.next() == Some("GMT")).then(|| UNIX_EPOCH + Duration::from_secs(seconds))
}

/// The seconds since 1970 of a day: `2028-07-29`.
pub(crate) fn of_day(text: &str) -> Option<i64> {
    let mut parts = text.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let month = usize::try_from(month - 1).ok().filter(|month| *month < 12)?;
    Some(Moment { year, month, day, second: 0 }.seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_and_read() {
        for (seconds, day, clock) in [
            (0, "1 Jan 1970", "00:00:00"),
            (951_827_696, "29 Feb 2000", "12:34:56"),
            (1_795_849_572, "28 Nov 2026", "07:06:12"),
            (4_107_542_399, "28 Feb 2100", "23:59:59"),
            (4_107_542_400, "1 Mar 2100", "00:00:00"),
        ] {
            let moment = Moment::of_s(seconds);
            assert_eq!((moment.day().as_str(), moment.exact_clock().as_str()), (day, clock));
            assert_eq!(moment.seconds(), seconds);
        }
        for day in (-800_000..800_000).step_by(37) {
            assert_eq!(Moment::of_s(day * DAY_S).seconds(), day * DAY_S);
        }
        assert_eq!(Moment::of_ms(1_795_849_572_999).full(), "28 Nov 2026, 07:06 UTC");
    }

    #[test]
    fn headers_and_days_are_read() {
        let seconds = |text: &str| of_header(text).map(|at| at.duration_since(UNIX_EPOCH).unwrap().as_secs());
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        for other in [
            "",
            "now",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 CET",
        ] {
            assert_eq!(seconds(other), None, "{other}");
        }
        assert_eq!(of_day("2028-07-29"), Some(1_848_441_600));
        assert_eq!(of_day("soon"), None);
    }
}
