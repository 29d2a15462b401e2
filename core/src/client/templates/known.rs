//! The definitions that the clients of an account know, in this process.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::template::Family;

/// How long a definition is taken for what it was. Whoever changes a template elsewhere and sends no webhook here is told by
/// Meta until then.
const KEPT: Duration = Duration::from_secs(3_600);
/// A definition that is older refuses nobody before it was fetched again.
const NEW: Duration = Duration::from_secs(30);
/// After a failed fetch nobody tries again for so long.
const NOT_AGAIN_FOR: Duration = Duration::from_secs(60);
/// Fetches in an hour: half of the calls that Meta allows an app that sends little (200, "Rate limits").
const FETCHES: usize = 100;
const HOUR: Duration = Duration::from_secs(3_600);
/// Names that are remembered at most: some 2 MB.
const NAMES: usize = 1_000;

/// How old a definition may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    Any,
    Kept,
    New,
}

/// A definition, and when it was fetched.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) family: Arc<Family>,
    fetched: Instant,
}

impl Known {
    fn is(&self, age: Age, now: Instant) -> bool {
        match age {
            Age::Any => true,
            Age::Kept => now.saturating_duration_since(self.fetched) < KEPT,
            Age::New => now.saturating_duration_since(self.fetched) < NEW,
        }
    }

    /// Whether it may refuse a message.
    pub(super) fn is_new(&self) -> bool {
        self.is(Age::New, Instant::now())
    }
}

/// What is known of the templates of an account.
#[derive(Debug, Default)]
pub(crate) struct KnownTemplates {
    inside: Mutex<Inside>,
    /// Something was said about a template.
    news: Notify,
}

#[derive(Debug, Default)]
struct Inside {
    known: HashMap<String, Known>,
    /// Held by whoever fetches a name.
    fetching: HashMap<String, Arc<tokio::sync::Mutex<()>>>,
    /// Until when nobody fetches, since it failed.
    not_before: Option<Instant>,
    /// When definitions were fetched in the last hour.
    fetched: VecDeque<Instant>,
}

impl KnownTemplates {
    fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, name: &str, age: Age) -> Option<Known> {
        let now = Instant::now();
        self.inside().known.get(name).filter(|known| known.is(age, now)).cloned()
    }

    /// What whoever fetches this name holds; `None` when nobody is to fetch just now.
    pub(super) fn fetching(&self, name: &str) -> Option<Arc<tokio::sync::Mutex<()>>> {
        let mut inside = self.inside();
        if inside.not_before.is_some_and(|at| at > Instant::now()) && !inside.known.contains_key(name) {
            return None;
        }
        if inside.fetching.len() > NAMES {
            // Those that nobody waits for any more.
            inside.fetching.retain(|_, lock| Arc::strong_count(lock) > 1);
        }
        Some(inside.fetching.entry(name.to_owned()).or_default().clone())
    }

    /// Whether one more fetch is in order; counts it.
    pub(super) fn may_fetch(&self, now: Instant) -> bool {
        let mut inside = self.inside();
        if inside.not_before.is_some_and(|at| at > now) {
            return false;
        }
        while inside.fetched.front().is_some_and(|at| now.saturating_duration_since(*at) >= HOUR) {
            inside.fetched.pop_front();
        }
        let may = inside.fetched.len() < FETCHES;
        if may {
            inside.fetched.push_back(now);
        }
        may
    }

    pub(super) fn failed(&self, now: Instant) {
        self.inside().not_before = Some(now + NOT_AGAIN_FOR);
    }

    pub(super) fn put(&self, name: &str, family: Family, now: Instant) -> Known {
        let known = Known { family: Arc::new(family), fetched: now };
        let mut inside = self.inside();
        if inside.known.len() >= NAMES && !inside.known.contains_key(name) {
            let oldest = inside.known.iter().min_by_key(|(_, known)| known.fetched).map(|(name, _)| name.clone());
            oldest.map(|name| inside.known.remove(&name));
        }
        inside.known.insert(name.to_owned(), known.clone());
        known
    }

    /// Forgets a definition, or all of them, and lets those know who wait for a decision.
    pub(crate) fn forget(&self, name: Option<&str>) {
        let mut inside = self.inside();
        match name {
            Some(name) => drop(inside.known.remove(name)),
            None => inside.known.clear(),
        }
        drop(inside);
        self.news.notify_waiters();
    }

    /// Returns when something was said about a template.
    pub(crate) async fn news(&self) {
        self.news.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn family() -> Family {
        Family::new("a", &[], true)
    }

    #[tokio::test(start_paused = true)]
    async fn a_definition_grows_old_and_is_forgotten() {
        let known = KnownTemplates::default();
        assert!(known.get("a", Age::Any).is_none());
        known.put("a", family(), Instant::now());
        assert!(known.get("a", Age::New).is_some());
        tokio::time::advance(NEW).await;
        assert!(known.get("a", Age::New).is_none() && known.get("a", Age::Kept).is_some());
        tokio::time::advance(KEPT).await;
        assert!(known.get("a", Age::Kept).is_none() && known.get("a", Age::Any).is_some());
        known.put("a", family(), Instant::now());
        known.put("b", family(), Instant::now());
        known.forget(Some("a"));
        assert!(known.get("a", Age::Any).is_none() && known.get("b", Age::Kept).is_some());
        known.forget(None);
        assert!(known.get("b", Age::Any).is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn fetches_are_few_and_stop_for_a_while_after_a_failure() {
        let known = KnownTemplates::default();
        let allowed = (0..500).filter(|_| known.may_fetch(Instant::now())).count();
        assert_eq!(allowed, FETCHES);
        tokio::time::advance(HOUR).await;
        assert!(known.may_fetch(Instant::now()));
        known.failed(Instant::now());
        assert!(!known.may_fetch(Instant::now()) && known.fetching("a").is_none());
        tokio::time::advance(NOT_AGAIN_FOR).await;
        assert!(known.may_fetch(Instant::now()) && known.fetching("a").is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn memory_is_bounded_and_the_oldest_goes_first() {
        let known = KnownTemplates::default();
        for number in 0..NAMES + 5 {
            known.put(&number.to_string(), family(), Instant::now());
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert!(known.get("4", Age::Any).is_none() && known.get("5", Age::Any).is_some());
        assert_eq!(known.inside().known.len(), NAMES);
    }
}
