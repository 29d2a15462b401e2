//! Holds of a whole app: Meta's codes 4, 17 and 341 count the calls of all its numbers.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::outcome::LONGEST_HOLD;
use crate::store::{Book, Page, Record, Store};

/// So often the book is looked at: a hold lasts for seconds at least.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// The hold of an app, shared by all its numbers.
pub(crate) struct AppHold {
    book: Book,
    seen: Mutex<Seen>,
}

#[derive(Clone, Copy, Default)]
struct Seen {
    looked: Option<Instant>,
    until: Option<Instant>,
}

impl AppHold {
    pub(crate) fn new(name: &str, store: &Store) -> Self {
        AppHold { book: store.book(name), seen: Mutex::default() }
    }

    /// Until when the app is held back, if it is.
    pub(crate) async fn until(&self) -> Option<Instant> {
        let seen = *self.seen();
        let now = Instant::now();
        if seen.looked.is_none_or(|looked| looked + LOOK_EVERY <= now) {
            self.change(None).await;
        }
        let until = self.seen().until;
        until.filter(|until| *until > now)
    }

    /// The same as far as it is known without waiting for an answer.
    pub(crate) fn known_until(&self) -> Option<Instant> {
        let now = Instant::now();
        let left = self.book.update_now(|mut page| Self::left(&mut page, None));
        let until = left.map_or_else(|| self.seen().until, |left| Some(now + left));
        until.filter(|until| *until > now)
    }

    /// Nothing goes for `pause`, or for the longest hold there is.
    pub(crate) async fn hold(&self, pause: Duration) {
        self.change(Some(pause)).await;
    }

    async fn change(&self, hold: Option<Duration>) {
        let left = self.book.update(&[], |mut page| Self::left(&mut page, hold)).await;
        let now = Instant::now();
        *self.seen() = Seen { looked: Some(now), until: (!left.is_zero()).then_some(now + left) };
    }

    /// What is left of the hold, after another one.
    fn left(page: &mut Page<'_>, hold: Option<Duration>) -> Duration {
        let Record([until_us, ..]) = &mut *page.record;
        let in_time = |hold: Duration| page.now_us + u64::try_from(hold.as_micros()).unwrap_or(0);
        if let Some(hold) = hold {
            *until_us = (*until_us).max(in_time(hold.min(LONGEST_HOLD)));
        }
        // Whoever wrote it may have believed whatever an answer said. It is written down: seen anew each time, it would
        // never end.
        *until_us = (*until_us).min(in_time(LONGEST_HOLD));
        Duration::from_micros(until_us.saturating_sub(page.now_us))
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::LocalStore;

    #[tokio::test(start_paused = true)]
    async fn a_hold_is_kept_and_ends() {
        let app = AppHold::new("app", &Store::Local(LocalStore::Memory));
        assert_eq!(app.until().await, None);
        app.hold(Duration::from_secs(9)).await;
        app.hold(Duration::from_secs(1)).await;
        assert_eq!(app.until().await, Some(Instant::now() + Duration::from_secs(9)));
        tokio::time::advance(Duration::from_secs(9)).await;
        assert_eq!(app.until().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn no_hold_is_longer_than_an_hour() {
        for nonsense in [Duration::from_secs(999_999_999), Duration::from_secs(u64::MAX), Duration::MAX] {
            let app = AppHold::new("app", &Store::Local(LocalStore::Memory));
            app.hold(nonsense).await;
            assert_eq!(app.until().await, Some(Instant::now() + LONGEST_HOLD), "{nonsense:?}");
            tokio::time::advance(LONGEST_HOLD).await;
            assert_eq!(app.until().await, None, "{nonsense:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_somebody_else_has_written_ends_within_an_hour_too() {
        let app = AppHold::new("app", &Store::Local(LocalStore::Memory));
        // As an older version did, which some other process may still be.
        for written in [u64::MAX, u64::MAX / 2 + 5, 999_999_999_000_000] {
            app.book.update(&[], |page| page.record.0[0] = written).await;
            tokio::time::advance(LOOK_EVERY).await;
            let first_seen = Instant::now();
            // Waiters look again and again; each look must not begin a new hour.
            while let Some(until) = app.until().await {
                assert!(until <= first_seen + LONGEST_HOLD, "{written}");
                tokio::time::advance(LONGEST_HOLD / 4).await;
            }
            assert_eq!(first_seen.elapsed(), LONGEST_HOLD, "{written}");
            assert_eq!(app.known_until(), None);
        }
    }
}
