//! What whoever sends leaves for the thread that writes.
//!
//! Steps are written as they will stand in the log by whoever sends, into room that is used again, and the thread takes all
//! that has gathered at once. So no message is allocated by one thread and freed by the other, which costs both of them more
//! than to write it does (glibc's pieces then come back to a cache that nobody takes them from).

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use futures_util::future::Shared;
use rusqlite::types::{ToSqlOutput, ValueRef};
use tokio::sync::oneshot;

use super::keys::Mark;
use super::log::{Ended, Intended, Step};
use crate::journal::key::Key;
use crate::journal::ledger::Planned;
use crate::journal::record::{Entry, Record};
use crate::journal::tracker::Name;
use crate::store::Unusable;

type Reply<T> = oneshot::Sender<Result<T, Unusable>>;
/// Ready when a batch is written or cannot be; an error when nobody writes any more.
pub(super) type Written = Shared<oneshot::Receiver<Result<(), Unusable>>>;

/// More room than this is not kept for later.
const ROOM: usize = 1 << 20;

/// Where it is left and taken from.
#[derive(Default)]
pub(super) struct Desk {
    pending: Mutex<Pending>,
    /// Told when there is something, if the thread waits for that.
    arrived: Condvar,
}

#[derive(Default)]
struct Pending {
    batch: Batch,
    /// A batch that is done with, and whose room the next one takes.
    spare: Option<Batch>,
    questions: Vec<Question>,
    closing: Option<Closing>,
    is_awaited: bool,
    is_gone: bool,
}

/// What is asked of a message.
pub(super) enum Question {
    /// Before it is sent: what is known of it.
    Plan { key: Key, index: u64, reply: Reply<Planned> },
    /// Before another copy of it leaves: whether it was accepted meanwhile.
    IsSettled { name: Name, reply: Reply<Option<Box<Record>>> },
}

/// That nothing more comes, and who is told what could not be written.
pub(super) struct Closing(pub(super) Option<Reply<()>>);

/// What is written together.
#[derive(Default)]
pub(super) struct Batch {
    /// The steps as JSON, in the order in which they came, with a comma between them.
    text: Vec<u8>,
    /// Where each of them ends, and whether a message leaves with it.
    steps: Vec<(usize, bool)>,
    /// The messages that are over with it.
    over: Vec<Mark>,
    /// Who waits to leave, and how they are told.
    waiting: Option<(Reply<()>, Written)>,
}

impl Desk {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Leaves something, and wakes the thread up if it waits; nothing where the thread has gone.
    fn leave<T>(&self, put: impl FnOnce(&mut Pending) -> T) -> Option<T> {
        let mut pending = self.pending();
        if pending.is_gone {
            return None;
        }
        let left = put(&mut pending);
        if std::mem::take(&mut pending.is_awaited) {
            self.arrived.notify_one();
        }
        Some(left)
    }

    /// Asks something of a message.
    pub(super) fn ask(&self, question: Question) {
        self.leave(|pending| pending.questions.push(question));
    }

    /// A message is about to leave; nothing where that cannot be written.
    pub(super) fn leaves(&self, entry: &Entry) -> Option<Written> {
        self.leave(|pending| pending.batch.leaves(entry))?
    }

    /// A message ended; `over` unless more may come of it.
    pub(super) fn ends(&self, ended: Ended<'_>, over: Option<Mark>) {
        self.leave(|pending| pending.batch.ends(ended, over));
    }

    /// Nothing more comes. Only the first who says so is told.
    pub(super) fn close(&self, reply: Option<Reply<()>>) {
        self.leave(|pending| _ = pending.closing.get_or_insert(Closing(reply)));
    }

    /// Waits until there is something.
    pub(super) fn wait(&self) {
        let mut pending = self.pending();
        while pending.is_empty() {
            pending.is_awaited = true;
            pending = self.arrived.wait(pending).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub(super) fn questions(&self) -> Vec<Question> {
        std::mem::take(&mut self.pending().questions)
    }

    /// How many steps there are, and whether anybody waits for no more of them.
    pub(super) fn count(&self) -> (usize, bool) {
        let pending = self.pending();
        (pending.batch.steps.len(), pending.closing.is_some())
    }

    /// What is to be written now.
    pub(super) fn take(&self) -> (Batch, Option<Closing>) {
        let mut pending = self.pending();
        let room = pending.spare.take().unwrap_or_default();
        (std::mem::replace(&mut pending.batch, room), pending.closing.take())
    }

    /// Gives the room of a batch back that is done with.
    pub(super) fn give_back(&self, mut batch: Batch) {
        batch.clear();
        if batch.text.capacity() <= ROOM {
            self.pending().spare = Some(batch);
        }
    }

    /// Nobody takes anything any more, and whoever waits shall not do so in vain.
    pub(super) fn end(&self) {
        let mut pending = self.pending();
        *pending = Pending { is_gone: true, ..Pending::default() };
    }
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.batch.steps.is_empty() && self.questions.is_empty() && self.closing.is_none()
    }
}

impl Batch {
    fn leaves(&mut self, entry: &Entry) -> Option<Written> {
        self.add(&Step::Leaves(Intended::from(entry)), true)?;
        let (_, written) = self.waiting.get_or_insert_with(|| {
            let (reply, answer) = oneshot::channel();
            (reply, answer.shared())
        });
        Some(written.clone())
    }

    fn ends(&mut self, ended: Ended<'_>, over: Option<Mark>) {
        // Where it cannot be written, the message stays one that may have left, which is safe.
        if self.add(&Step::Ended(ended), false).is_some() {
            self.over.extend(over);
        }
    }

    /// A step is numbers and strings: nothing in it can fail to become JSON.
    fn add(&mut self, step: &Step<'_>, leaves: bool) -> Option<()> {
        let before = self.text.len();
        self.separate();
        let written = serde_json::to_writer(&mut self.text, step).ok();
        match written {
            Some(()) => self.steps.push((self.text.len(), leaves)),
            None => self.text.truncate(before),
        }
        written
    }

    fn separate(&mut self) {
        if !self.text.is_empty() {
            self.text.push(b',');
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether a message leaves with it.
    pub(super) fn lets_leave(&self) -> bool {
        self.steps.iter().any(|(_, leaves)| *leaves)
    }

    /// What the row of the log says, between its brackets.
    pub(super) fn text(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Borrowed(ValueRef::Text(&self.text))
    }

    /// The messages that are over with it.
    pub(super) fn over(&self) -> &[Mark] {
        &self.over
    }

    /// Tells whoever waits to leave.
    pub(super) fn tell(&mut self, written: &Result<(), Unusable>) {
        if let Some((reply, _)) = self.waiting.take() {
            let _ = reply.send(written.clone());
        }
    }

    /// Leaves out the messages that were about to leave; who waits for them is still to be told.
    pub(super) fn keep_ends(&mut self) {
        let all = std::mem::take(self);
        all.copy_to(self, |leaves| !leaves);
        self.over = all.over;
        self.waiting = all.waiting;
    }

    /// Puts what was owed before it.
    pub(super) fn put_before(&mut self, owed: Batch) {
        if owed.is_empty() {
            return;
        }
        let new = std::mem::replace(self, owed);
        new.copy_to(self, |_| true);
        self.over.extend(new.over);
        self.waiting = new.waiting;
    }

    fn copy_to(&self, other: &mut Batch, is_wanted: impl Fn(bool) -> bool) {
        let mut begin = 0;
        for (end, leaves) in &self.steps {
            if is_wanted(*leaves)
                && let Some(step) = self.text.get(begin..*end)
            {
                other.separate();
                other.text.extend_from_slice(step.strip_prefix(b",").unwrap_or(step));
                other.steps.push((other.text.len(), *leaves));
            }
            begin = *end;
        }
    }

    fn clear(&mut self) {
        self.text.clear();
        self.steps.clear();
        self.over.clear();
        self.waiting = None;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::journal::record::{Ending, GivenTracker};
    use crate::journal::sqlite::log;

    fn entry(id: u64) -> Entry {
        Entry {
            name: Name { id, nonce: 7 },
            key: format!("key \"{id}\""),
            index: id,
            recipient: "+15550001234".to_owned(),
            tracker: GivenTracker::None,
            body: None,
            may_have_left: false.into(),
        }
    }

    fn end(desk: &Desk, entry: &Entry) {
        desk.ends(Ended::new(entry, &Ending::repeated(1), true), Some(u128::from(entry.name.id)));
    }

    fn steps(batch: &Batch) -> Vec<(u64, bool)> {
        let text = format!("[{}]", std::str::from_utf8(&batch.text).unwrap());
        let steps = log::steps(&text).unwrap();
        let steps = steps.iter().map(|step| match step {
            Step::Leaves(intended) => (intended.id, true),
            Step::Ended(ended) => (ended.id, false),
        });
        steps.collect()
    }

    #[test]
    fn what_is_left_is_taken_at_once_and_in_its_order() {
        let desk = Desk::default();
        let (one, two) = (entry(1), entry(2));
        let waits = desk.leaves(&one).unwrap();
        end(&desk, &two);
        let also_waits = desk.leaves(&two).unwrap();
        desk.wait();
        assert_eq!(desk.count(), (3, false));
        let (mut batch, _) = desk.take();
        assert_eq!((steps(&batch), batch.over()), (vec![(1, true), (2, false), (2, true)], &[2][..]));
        assert!(waits.clone().now_or_never().is_none());
        batch.tell(&Ok(()));
        assert!([waits, also_waits].into_iter().all(|waits| waits.now_or_never() == Some(Ok(Ok(())))));
        desk.give_back(batch);
        desk.leaves(&one);
        assert_eq!(steps(&desk.take().0), [(1, true)]);
    }

    #[test]
    fn ends_outlast_what_could_not_leave() {
        let desk = Desk::default();
        let (one, two, three) = (entry(1), entry(2), entry(3));
        for (left, over) in [(&two, &one), (&three, &two)] {
            desk.leaves(left);
            end(&desk, over);
        }
        let (mut owed, _) = desk.take();
        owed.keep_ends();
        assert_eq!((steps(&owed), owed.over(), owed.lets_leave()), (vec![(1, false), (2, false)], &[1, 2][..], false));
        owed.tell(&Ok(()));

        desk.leaves(&three);
        let (mut next, _) = desk.take();
        next.put_before(owed);
        assert_eq!(steps(&next), [(1, false), (2, false), (3, true)]);
        assert_eq!((next.over(), next.lets_leave()), (&[1, 2][..], true));
    }

    #[test]
    fn nobody_waits_for_a_thread_that_has_gone() {
        let desk = Arc::new(Desk::default());
        let waits = desk.leaves(&entry(1)).unwrap();
        desk.end();
        assert!(waits.now_or_never().unwrap().is_err());
        assert!(desk.leaves(&entry(2)).is_none());
        let (reply, answer) = oneshot::channel();
        desk.close(Some(reply));
        assert!(answer.now_or_never().unwrap().is_err());
    }
}
