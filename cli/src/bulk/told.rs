//! The rows with mistakes, for people and for programs, as the check finds them.

use std::collections::HashMap;
use std::io::{self, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use serde_json::json;

use super::check::Teller;
use super::plan::Problem;
use crate::exit::Failure;
use crate::term::{Paint, counted, cut, grouped};

/// How many rows with mistakes are listed for people; `--json` lists all.
const MOST_TOLD: u64 = 1_000;

/// How often the same mistake is listed. A column that is missing in the command is missing in every row.
const MOST_ALIKE: u64 = 3;

/// How often it is shown how far the check is.
const SHOWN_EVERY: Duration = Duration::from_millis(500);

/// Tells of rows with mistakes, and on a terminal how far the check is.
pub(super) struct Told {
    json: bool,
    problems: u64,
    /// Mistakes that were listed, as they were written, and which rows have them.
    alike: HashMap<String, Alike>,
    paint: Paint,
    /// When that was shown last; `None` where there is no terminal.
    shown: Option<Instant>,
    is_shown: bool,
}

#[derive(Debug, Clone, Copy)]
struct Alike {
    count: u64,
    /// Where the first stands, for the order in which they are told, and the last.
    first: u64,
    last: u64,
}

impl Told {
    pub(super) fn new(json: bool) -> Self {
        let shown = io::stderr().is_terminal().then(Instant::now);
        Told { json, problems: 0, alike: HashMap::new(), paint: Paint::stderr(), shown, is_shown: false }
    }

    /// Takes back what shows how far it is.
    fn clear(&mut self) {
        if std::mem::take(&mut self.is_shown) {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }

    /// Whether a mistake shall be listed.
    fn is_listed(&mut self, mistake: &str, line: u64) -> bool {
        if let Some(alike) = self.alike.get_mut(mistake) {
            (alike.count, alike.last) = (alike.count + 1, line);
            return alike.count <= MOST_ALIKE;
        }
        if self.alike.len() as u64 >= MOST_TOLD {
            return false;
        }
        self.alike.insert(mistake.to_owned(), Alike { count: 1, first: line, last: line });
        true
    }

    /// What was not listed: the same mistakes of further rows, and others.
    fn rest(&self) -> Vec<String> {
        let mut repeated: Vec<(&String, &Alike)> = self.alike.iter().filter(|(_, of)| of.count > MOST_ALIKE).collect();
        repeated.sort_by_key(|(_, of)| (of.first, of.last));
        let mut rest: Vec<String> = repeated
            .into_iter()
            .map(|(mistake, Alike { count, last, .. })| {
                let more = counted(count - MOST_ALIKE, "more row", "more rows");
                format!("… and in {more}, up to line {last}: {}", cut(mistake, 100))
            })
            .collect();
        let others = self.problems - self.alike.values().map(|alike| alike.count).sum::<u64>();
        if others > 0 {
            rest.push(format!("… and {} more; --json lists all of them", grouped(others)));
        }
        rest
    }

    /// The check is over.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        self.clear();
        if !self.json {
            for line in self.rest() {
                writeln!(io::stderr(), "{line}")?;
            }
        }
        Ok(())
    }
}

impl Teller for Told {
    fn problem(&mut self, line: u64, problem: &Problem) -> Result<(), Failure> {
        self.problems += 1;
        self.clear();
        let Problem { column, value, reason } = problem;
        if self.json {
            let told = json!({"line": line, "outcome": "invalid", "column": column, "value": value, "reason": reason});
            return Ok(writeln!(io::stdout(), "{told}")?);
        }
        let place = match (column, value) {
            (Some(column), Some(value)) => format!("{column} {:?} ", cut(value, 40)),
            (Some(column), None) => format!("{column} "),
            (None, Some(value)) => format!("{:?} ", cut(value, 40)),
            (None, None) => String::new(),
        };
        let mistake = format!("{place}{}", cut(reason, 400));
        if self.is_listed(&mistake, line) {
            writeln!(io::stderr(), "{} {mistake}", self.paint.bold(&format!("line {line}:")))?;
        }
        Ok(())
    }

    fn rows(&mut self, count: u64) {
        if let Some(shown) = self.shown.filter(|shown| shown.elapsed() >= SHOWN_EVERY) {
            let _ = write!(io::stderr(), "\rchecking … {} rows", grouped(count));
            (self.shown, self.is_shown) = (Some(shown + shown.elapsed()), true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_mistake_of_many_rows_is_listed_thrice_and_counted() {
        let mut told = Told { shown: None, ..Told::new(false) };
        let mut listed = 0;
        for line in 2..=1_001 {
            for mistake in ["takes 2 values, got 1", "name is empty"] {
                told.problems += 1;
                listed += u64::from(told.is_listed(mistake, line));
            }
        }
        assert_eq!(listed, 6);
        let rest = told.rest();
        assert_eq!(rest.len(), 2, "{rest:?}");
        assert!(
            rest.contains(&"… and in 997 more rows, up to line 1001: takes 2 values, got 1".to_owned()),
            "{rest:?}"
        );
    }

    #[test]
    fn of_many_mistakes_a_thousand_are_listed() {
        let mut told = Told { shown: None, ..Told::new(false) };
        for line in 2..=1_502 {
            told.problems += 1;
            assert_eq!(told.is_listed(&format!("{line} is no number"), line), line <= 1_001);
        }
        assert_eq!(told.rest(), ["… and 501 more; --json lists all of them"]);
    }
}
