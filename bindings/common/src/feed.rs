//! What a bulk has to tell, until the host fetches it.

use std::collections::VecDeque;
use std::sync::Arc;

use wacloud::Error;
use wacloud::bulk::{Bulk, BulkProgress};

use crate::envelope;
use crate::mailbox::Content;

/// How many results one `next` returns, and how many wait here before core is asked for more.
const CHUNK: usize = 256;

/// The same where progress is watched: between two fetches the host does something with each, and shows nothing meanwhile.
const CHUNK_WATCHED: usize = 16;

/// Who is told how far the bulk is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Watcher {
    #[default]
    Nobody,
    /// The host, which calls the user's function.
    Host,
    /// A bar on stderr.
    Bar,
}

/// Results that wait to be fetched.
#[derive(Default)]
pub(crate) struct Feed {
    results: VecDeque<String>,
    /// Where they come from. Asked when they are fetched how many messages are welcome: what it said any earlier may be
    /// too little by then, and nothing else would come to say more.
    bulk: Option<Arc<Bulk>>,
    pushed: usize,
    told: usize,
    watcher: Watcher,
    /// Progress that is not told yet: the latest, since what was before is of no use.
    progress: Option<BulkProgress>,
    /// Progress that is fetched, and not drawn yet.
    undrawn: Option<BulkProgress>,
    /// What is told after the last result, for ever.
    end: Option<String>,
    end_is_told: bool,
    is_abandoned: bool,
}

impl Feed {
    pub(crate) fn new(watcher: Watcher) -> Self {
        Feed { watcher, ..Feed::default() }
    }

    /// Of a bulk that ended before it began.
    pub(crate) fn ended(end: String) -> Self {
        Feed { end: Some(end), ..Feed::default() }
    }

    pub(crate) fn comes_from(&mut self, bulk: Arc<Bulk>) {
        self.bulk = Some(bulk);
    }

    pub(crate) fn push(&mut self, count: usize) {
        self.pushed += count;
    }

    pub(crate) fn take_back(&mut self, count: usize) {
        self.pushed -= count;
    }

    pub(crate) fn add(&mut self, results: Vec<String>) {
        self.told += results.len();
        if !self.is_abandoned {
            self.results.extend(results);
        }
    }

    /// Whether somebody may still want to know.
    pub(crate) fn tell_progress(&mut self, progress: BulkProgress) -> bool {
        let is_wanted = self.end.is_none() && !self.is_abandoned;
        if is_wanted {
            self.progress = Some(progress);
        }
        is_wanted
    }

    /// Progress that is to be drawn now, and whether that is the last time.
    pub(crate) fn take_for_bar(&mut self) -> (Option<BulkProgress>, bool) {
        (self.undrawn.take(), self.end_is_told)
    }

    /// What to tell after core has told everything. Neither a message that is never told nor a bulk that stopped by itself
    /// must look like the end of the list.
    pub(crate) fn end_of_all(&self, stopped_by: Option<&Error>) -> String {
        match (self.pushed.checked_sub(self.told), stopped_by) {
            (None | Some(0), None) => envelope::DONE.into(),
            (None | Some(0), Some(refusal)) => envelope::stopped(refusal),
            // It could not begin: nothing of what was pushed has gone out.
            (Some(_), Some(error @ (Error::Store { .. } | Error::Config { .. }))) if self.told == 0 => {
                envelope::error(error)
            }
            (Some(lost), _) => envelope::error(&Error::Internal {
                message: format!("the bulk broke off: nothing is known of {lost} of its messages"),
                may_have_been_sent: true,
            }),
        }
    }

    pub(crate) fn end(&mut self, end: String, progress: Option<BulkProgress>) {
        if self.watcher != Watcher::Nobody {
            self.progress = progress;
        }
        self.end = Some(end);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.results.len() >= CHUNK
    }

    pub(crate) fn abandon(&mut self) {
        self.is_abandoned = true;
        self.results.clear();
        self.progress = None;
    }
}

impl Content for Feed {
    fn is_ready(&self) -> bool {
        !self.results.is_empty() || self.progress.is_some() || self.end.is_some()
    }

    fn fetch(&mut self) -> String {
        let is_drained = self.results.is_empty();
        if let (true, None, Some(end)) = (is_drained, &self.progress, &self.end) {
            self.end_is_told = true;
            return end.clone();
        }
        let most = if self.watcher == Watcher::Nobody { CHUNK } else { CHUNK_WATCHED };
        let results: Vec<String> = self.results.drain(..self.results.len().min(most)).collect();
        // The last one comes after the last result.
        let is_due = self.end.is_none() || is_drained;
        let mut progress = if is_due { self.progress.take() } else { None };
        if self.watcher == Watcher::Bar {
            self.undrawn = progress.take().or(self.undrawn);
        }
        let (room, is_stopped) = self.bulk.as_ref().map_or((0, false), |bulk| (bulk.room(), bulk.is_stopped()));
        envelope::results(&results, room, is_stopped, progress.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(done: u64) -> BulkProgress {
        BulkProgress { done, ..BulkProgress::default() }
    }

    #[test]
    fn an_end_that_leaves_messages_untold_is_an_error() {
        let mut feed = Feed { pushed: 3, ..Feed::default() };
        feed.add(vec!["{}".into(); 2]);
        assert!(feed.end_of_all(None).contains("nothing is known of 1 of its messages"));
        feed.add(vec!["{}".into()]);
        assert_eq!(feed.end_of_all(None), envelope::DONE);
    }

    #[test]
    fn a_bulk_that_could_not_begin_says_why() {
        let feed = Feed { pushed: 3, ..Feed::default() };
        let error = Error::Store { place: "c.db".into(), problem: "is in use".into() };
        assert_eq!(feed.end_of_all(Some(&error)), envelope::error(&error));
    }

    #[test]
    fn a_fetch_is_a_chunk_and_the_end_comes_last() {
        let mut feed = Feed::default();
        feed.end(envelope::DONE.into(), Some(progress(257)));
        feed.add(vec!["1".into(); CHUNK + 1]);
        assert!(feed.is_full());
        assert_eq!(feed.fetch().matches('1').count(), CHUNK);
        assert!(!feed.is_full());
        assert_eq!(feed.fetch(), r#"{"results":[1],"room":0}"#);
        assert_eq!(feed.fetch(), envelope::DONE);
        assert_eq!(feed.fetch(), envelope::DONE);
    }

    #[test]
    fn progress_comes_with_results_or_alone_and_last_after_all_of_them() {
        let mut feed = Feed::new(Watcher::Host);
        assert!(feed.tell_progress(progress(1)) && feed.tell_progress(progress(2)));
        assert!(feed.is_ready());
        let alone = feed.fetch();
        assert!(alone.starts_with(r#"{"results":[],"room":0,"progress":{"done":2,"#), "{alone}");
        assert!(!feed.is_ready());
        feed.add(vec!["1".into(); CHUNK_WATCHED + 1]);
        feed.tell_progress(progress(3));
        assert!(feed.fetch().contains(r#""progress":{"done":3,"#));
        feed.end(envelope::DONE.into(), Some(progress(4)));
        assert!(!feed.tell_progress(progress(3)), "nothing comes after the last one");
        assert_eq!(feed.fetch(), r#"{"results":[1],"room":0}"#);
        assert!(feed.fetch().contains(r#""progress":{"done":4,"#));
        assert_eq!(feed.fetch(), envelope::DONE);
    }

    #[test]
    fn for_a_bar_it_stays_here_to_be_drawn() {
        let mut feed = Feed::new(Watcher::Bar);
        feed.tell_progress(progress(1));
        assert_eq!(feed.fetch(), r#"{"results":[],"room":0}"#);
        assert_eq!(feed.take_for_bar(), (Some(progress(1)), false));
        feed.end(envelope::DONE.into(), Some(progress(2)));
        feed.fetch();
        assert_eq!(feed.take_for_bar(), (Some(progress(2)), false));
        assert_eq!(feed.fetch(), envelope::DONE);
        assert_eq!(feed.take_for_bar(), (None, true));
    }
}
