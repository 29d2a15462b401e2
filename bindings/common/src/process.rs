//! What belongs to one process. A fork copies memory but only the thread that forks: locks that another thread held stay
//! locked for ever, connections are the parent's too, and a runtime is there without its threads. So a child must
//! neither use what it inherited nor drop it (dropping writes on sockets and takes locks); it leaves it as it is and
//! makes its own.
//!
//! The process id tells the two apart. Every way in asks for it before it touches a lock.

use std::mem;
use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::generation::Generation;

/// This process.
pub(crate) static PROCESS: Process = Process::new(std::process::id);

/// Where the id of this process comes from; tests have their own.
pub(crate) type Pid = fn() -> u32;

/// A value that only the process that made it can reach or drop.
pub(crate) struct Bound<T> {
    pid: Pid,
    owner: u32,
    value: Option<T>,
}

impl<T> Bound<T> {
    pub(crate) fn new(pid: Pid, value: T) -> Self {
        Self { pid, owner: pid(), value: Some(value) }
    }

    /// The value, unless this is a child of the process that made it.
    pub(crate) fn get(&self) -> Option<&T> {
        self.value.as_ref().filter(|_| (self.pid)() == self.owner)
    }
}

impl<T> Drop for Bound<T> {
    fn drop(&mut self) {
        if (self.pid)() != self.owner {
            mem::forget(self.value.take());
        }
    }
}

/// The slot of what a process has once: a [`Generation`].
pub(crate) struct Process {
    pub(crate) pid: Pid,
    current: ArcSwapOption<Bound<Generation>>,
}

impl Process {
    pub(crate) const fn new(pid: Pid) -> Self {
        Self { pid, current: ArcSwapOption::const_empty() }
    }

    /// Uses this process's generation, which is made if there is none yet.
    pub(crate) fn with<R>(&self, mut work: impl FnMut(&Generation) -> R) -> R {
        loop {
            let current = self.current.load();
            if let Some(generation) = current.as_deref().and_then(Bound::get) {
                return work(generation);
            }
            let new = Arc::new(Bound::new(self.pid, Generation::new()));
            // If another thread was faster, its generation is the one, and ours has started nothing yet.
            self.current.compare_and_swap(&current, Some(new));
        }
    }

    /// Ends the runtime, if there is one.
    pub(crate) fn shutdown(&self) {
        let current = self.current.load_full();
        if let Some(generation) = current.as_deref().and_then(Bound::get) {
            generation.shutdown();
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::{Barrier, Mutex, MutexGuard, PoisonError};

    static FAKE_PID: AtomicU32 = AtomicU32::new(1);
    static NEXT_PID: AtomicU32 = AtomicU32::new(2);
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

    /// A process that can be made to look forked, one test at a time.
    pub(crate) struct FakeProcess {
        pub(crate) process: &'static Process,
        _turn: MutexGuard<'static, ()>,
    }

    impl FakeProcess {
        pub(crate) fn new() -> Self {
            Self {
                _turn: ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner),
                process: Box::leak(Box::new(Process::new(|| FAKE_PID.load(Ordering::SeqCst)))),
            }
        }

        /// From here on this is the child. Returns the parent's id.
        pub(crate) fn fork(&self) -> u32 {
            let parent = FAKE_PID.load(Ordering::SeqCst);
            FAKE_PID.store(NEXT_PID.fetch_add(1, Ordering::SeqCst), Ordering::SeqCst);
            parent
        }

        /// From here on this is that process again.
        pub(crate) fn back_in(&self, pid: u32) {
            FAKE_PID.store(pid, Ordering::SeqCst);
        }
    }

    struct CountsDrops(Arc<AtomicU32>);

    impl Drop for CountsDrops {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn a_child_neither_reaches_nor_drops_what_it_inherited() {
        let fake = FakeProcess::new();
        let drops = Arc::new(AtomicU32::new(0));
        let bound = || Bound::new(fake.process.pid, CountsDrops(Arc::clone(&drops)));
        drop(bound());
        assert_eq!(drops.load(Ordering::SeqCst), 1);

        let inherited = bound();
        assert!(inherited.get().is_some());
        fake.fork();
        assert!(inherited.get().is_none());
        drop(inherited);
        assert_eq!(drops.load(Ordering::SeqCst), 1);
    }

    fn address(process: &Process) -> usize {
        process.with(|generation| std::ptr::from_ref(generation).addr())
    }

    #[test]
    fn each_process_has_one_generation() {
        let fake = FakeProcess::new();
        let parents = address(fake.process);
        assert_eq!(address(fake.process), parents);
        fake.fork();
        // The parent's is leaked, so its address is not used again.
        let childs = address(fake.process);
        assert_ne!(childs, parents);
        assert_eq!(address(fake.process), childs);
    }

    #[test]
    fn threads_that_come_at_once_get_the_same_generation() {
        let fake = FakeProcess::new();
        let start = Barrier::new(8);
        let addresses: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        address(fake.process)
                    })
                })
                .collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert!(addresses.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn a_lock_that_was_held_at_the_fork_stops_nobody() {
        let fake = FakeProcess::new();
        // As if a runtime thread had been in the middle of the client cache.
        fake.process.with(|generation| {
            generation.with_clients_locked(|| {
                fake.fork();
                fake.process.with(|own| own.with_clients_locked(|| ()));
            });
        });
    }
}
