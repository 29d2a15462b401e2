//! Where the runtime leaves what a host's thread fetches, by waiting or when it is called back; and where a call asks the
//! host a question.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use wacloud::Event;

use crate::Callback;
use crate::envelope::{NOTHING, TOKEN_EVENT};
use crate::fence::fenced;
use crate::log::Log;

/// What is in a mailbox.
pub(crate) trait Content {
    /// Whether there is something to fetch.
    fn is_ready(&self) -> bool;

    /// What there is to fetch. Asked only when ready.
    fn fetch(&mut self) -> String;
}

/// A host's answer to a question, as it came.
pub(crate) type Reply = oneshot::Receiver<String>;

pub(crate) struct Mailbox<C> {
    state: Mutex<State<C>>,
    changed: Condvar,
}

struct State<C> {
    content: C,
    callback: Option<Callback>,
    /// Who waits for an answer: all of them for the same one, since they all ask the same.
    askers: Vec<oneshot::Sender<String>>,
    question_is_untold: bool,
    /// What the host's logger is not told yet.
    log: Log,
    /// How many threads wait: to wake up nobody costs as much as to wake up somebody.
    waiters: usize,
    /// Nobody is left to fetch or to answer.
    is_abandoned: bool,
}

impl<C: Content> State<C> {
    fn is_ready(&self) -> bool {
        self.question_is_untold || self.content.is_ready() || !self.log.is_empty()
    }
}

impl<C: Content> Mailbox<C> {
    pub(crate) fn new(content: C) -> Self {
        Self {
            state: Mutex::new(State {
                content,
                callback: None,
                askers: Vec::new(),
                question_is_untold: false,
                log: Log::default(),
                waiters: 0,
                is_abandoned: false,
            }),
            changed: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<C>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the content.
    pub(crate) fn look<R>(&self, look: impl FnOnce(&C) -> R) -> R {
        look(&self.lock().content)
    }

    /// Changes the content, and tells whoever waits.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut C) -> R) -> R {
        let mut state = self.lock();
        let result = change(&mut state.content);
        self.tell(state);
        result
    }

    fn tell(&self, mut state: MutexGuard<'_, State<C>>) {
        if !state.is_ready() {
            return;
        }
        let callback = state.callback.take();
        let is_awaited = state.waiters > 0;
        drop(state);
        if is_awaited {
            self.changed.notify_all();
        }
        if let Some(callback) = callback {
            call(callback);
        }
    }

    /// What there is to fetch, as soon as there is something, at the latest after `timeout`.
    pub(crate) fn wait(&self, timeout: Duration) -> Option<String> {
        let mut state = self.lock();
        if !state.is_ready() && !timeout.is_zero() {
            state.waiters += 1;
            state = self
                .changed
                .wait_timeout_while(state, timeout, |state| !state.is_ready())
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            state.waiters -= 1;
        }
        let log = std::mem::take(&mut state.log);
        let told = if std::mem::take(&mut state.question_is_untold) {
            TOKEN_EVENT.into()
        } else if state.content.is_ready() {
            state.content.fetch()
        } else if log.is_empty() {
            return None;
        } else {
            NOTHING.into()
        };
        Some(log.with(told))
    }

    /// Tells the host's logger.
    pub(crate) fn log(&self, event: &Event) {
        let mut state = self.lock();
        if !state.is_abandoned {
            state.log.add(event);
            self.tell(state);
        }
    }

    /// Calls `callback` once, when there is something to fetch: now, if there is already. It takes the place of the one
    /// before, if that still waits.
    pub(crate) fn on_ready(&self, callback: Callback) {
        let mut state = self.lock();
        if state.is_ready() {
            drop(state);
            call(callback);
        } else {
            let before = state.callback.replace(callback);
            // The host may do anything when it lets go of a function, also come back here.
            drop(state);
            drop(before);
        }
    }

    /// Asks the host for an access token. `None` if nobody is left to ask.
    pub(crate) fn ask(&self) -> Option<Reply> {
        let mut state = self.lock();
        if state.is_abandoned {
            return None;
        }
        let (asker, reply) = oneshot::channel();
        // Those that were cancelled while they waited.
        state.askers.retain(|asker| !asker.is_closed());
        let is_first = state.askers.is_empty();
        state.askers.push(asker);
        if is_first {
            state.question_is_untold = true;
            self.tell(state);
        }
        Some(reply)
    }

    /// The host's answer, for all that wait for one.
    pub(crate) fn answer(&self, answer: &str) {
        let askers = std::mem::take(&mut self.lock().askers);
        for asker in askers {
            // One that was cancelled no longer listens.
            let _ = asker.send(answer.to_string());
        }
    }

    /// Nobody will fetch, answer or be called back any more.
    pub(crate) fn abandon(&self) {
        let mut state = self.lock();
        state.is_abandoned = true;
        state.log = Log::default();
        let askers = std::mem::take(&mut state.askers);
        let callback = state.callback.take();
        drop(state);
        drop((askers, callback));
    }
}

fn call(callback: Callback) {
    // The host's function failed in its own way; there is nobody here to tell.
    let _ = fenced(false, callback);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Instant;

    impl Content for Option<&'static str> {
        fn is_ready(&self) -> bool {
            self.is_some()
        }

        fn fetch(&mut self) -> String {
            self.unwrap_or_default().into()
        }
    }

    fn empty() -> Arc<Mailbox<Option<&'static str>>> {
        Arc::new(Mailbox::new(None))
    }

    fn counter() -> (Arc<AtomicU32>, impl Fn() -> Callback) {
        let calls = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&calls);
        let callback = move || -> Callback {
            let counted = Arc::clone(&counted);
            Box::new(move || {
                counted.fetch_add(1, Ordering::SeqCst);
            })
        };
        (calls, callback)
    }

    #[test]
    fn waiting_ends_with_the_letter_or_the_time() {
        let mailbox = empty();
        assert_eq!(mailbox.wait(Duration::ZERO), None);
        assert_eq!(mailbox.wait(Duration::from_millis(10)), None);
        let waiter = Arc::clone(&mailbox);
        let waiting = std::thread::spawn(move || {
            let began = Instant::now();
            (waiter.wait(Duration::MAX), began.elapsed())
        });
        mailbox.change(|content| *content = Some("letter"));
        let (letter, waited) = waiting.join().unwrap();
        assert_eq!(letter.as_deref(), Some("letter"));
        assert!(waited < Duration::from_secs(5));
    }

    #[test]
    fn a_callback_is_called_once_also_when_it_comes_late() {
        let mailbox = empty();
        let (calls, callback) = counter();
        mailbox.on_ready(callback());
        mailbox.change(|_| ());
        assert_eq!(calls.load(Ordering::SeqCst), 0);
        mailbox.change(|content| *content = Some("letter"));
        mailbox.change(|content| *content = Some("another"));
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        mailbox.on_ready(callback());
        assert_eq!(calls.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn a_callback_that_panics_harms_nobody() {
        let mailbox = empty();
        mailbox.on_ready(Box::new(|| panic!("host")));
        mailbox.change(|content| *content = Some("letter"));
        assert_eq!(mailbox.wait(Duration::ZERO).as_deref(), Some("letter"));
    }

    #[test]
    fn a_question_is_told_once_and_answered_to_all_that_ask() {
        let mailbox = empty();
        let (calls, callback) = counter();
        mailbox.on_ready(callback());
        let mut replies = [mailbox.ask().unwrap(), mailbox.ask().unwrap()];
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        assert_eq!(mailbox.wait(Duration::ZERO).as_deref(), Some(TOKEN_EVENT));
        assert_eq!(mailbox.wait(Duration::ZERO), None);
        mailbox.answer("t");
        for reply in &mut replies {
            assert_eq!(reply.try_recv().as_deref(), Ok("t"));
        }
        // The next question is a new one.
        assert!(mailbox.ask().is_some());
        assert_eq!(mailbox.wait(Duration::ZERO).as_deref(), Some(TOKEN_EVENT));
    }

    #[test]
    fn a_log_event_comes_at_once_and_once() {
        let mailbox = empty();
        let (calls, callback) = counter();
        let event = Event::Warning { subject: "test", message: "mind the step".into() };
        mailbox.on_ready(callback());
        mailbox.log(&event);
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        let alone = mailbox.wait(Duration::ZERO).unwrap();
        assert!(alone.starts_with(r#"{"log":[{"level":"warning""#), "{alone}");
        assert_eq!(mailbox.wait(Duration::ZERO), None);
        mailbox.log(&event);
        mailbox.ask().unwrap();
        assert!(mailbox.wait(Duration::ZERO).unwrap().ends_with(&TOKEN_EVENT[1..]));
        mailbox.abandon();
        mailbox.log(&event);
        assert_eq!(mailbox.wait(Duration::ZERO), None);
    }

    #[test]
    fn an_abandoned_question_ends() {
        let mailbox = empty();
        let mut reply = mailbox.ask().unwrap();
        mailbox.abandon();
        assert!(reply.try_recv().is_err());
        assert!(mailbox.ask().is_none());
    }
}
