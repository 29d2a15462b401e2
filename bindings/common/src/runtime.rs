//! The runtime of a process: one thread that all calls share.

use std::io;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::{Builder, Handle, Runtime};

/// A runtime that starts when it is first needed.
#[derive(Default)]
pub(crate) struct LazyRuntime(Mutex<Option<Runtime>>);

impl LazyRuntime {
    /// The way in, through a runtime that is running.
    pub(crate) fn handle(&self) -> io::Result<Handle> {
        let mut runtime = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = &*runtime {
            return Ok(runtime.handle().clone());
        }
        let started = start()?;
        let handle = started.handle().clone();
        *runtime = Some(started);
        Ok(handle)
    }

    #[cfg(test)]
    pub(crate) fn is_running(&self) -> bool {
        self.0.lock().unwrap().is_some()
    }

    /// Ends it without waiting for its threads.
    pub(crate) fn shutdown(&self) {
        let runtime = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = runtime {
            runtime.shutdown_background();
        }
    }
}

fn start() -> io::Result<Runtime> {
    with_signals_blocked(|| Builder::new_multi_thread().worker_threads(1).thread_name("wacloud").enable_all().build())
}

/// Threads inherit the mask of the thread that starts them. Without it a signal that the host has blocked for a moment
/// in its own threads (PHP does while it dispatches) would run the host's handler in ours.
#[cfg(unix)]
fn with_signals_blocked<T>(work: impl FnOnce() -> T) -> T {
    use nix::sys::signal::{SigSet, SigmaskHow, Signal};

    let mut signals = SigSet::all();
    // A fault comes to the thread that caused it, blocked or not; blocked, nobody can report it.
    for fault in [Signal::SIGBUS, Signal::SIGFPE, Signal::SIGILL, Signal::SIGSEGV, Signal::SIGTRAP] {
        signals.remove(fault);
    }
    let before = signals.thread_swap_mask(SigmaskHow::SIG_BLOCK);
    let result = work();
    if let Ok(before) = before {
        // Cannot fail: the mask came from the same call.
        let _ = before.thread_set_mask();
    }
    result
}

#[cfg(not(unix))]
fn with_signals_blocked<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_once_and_again_after_it_was_ended() {
        let runtime = LazyRuntime::default();
        let first = runtime.handle().unwrap();
        assert_eq!(first.id(), runtime.handle().unwrap().id());
        runtime.shutdown();
        let second = runtime.handle().unwrap();
        assert_ne!(first.id(), second.id());
        assert_eq!(second.block_on(async { 7 }), 7);
        runtime.shutdown();
    }

    #[cfg(unix)]
    #[test]
    fn its_threads_block_signals_and_the_hosts_do_not() {
        use nix::sys::signal::{SigSet, Signal};

        let interrupt_is_blocked = || SigSet::thread_get_mask().unwrap().contains(Signal::SIGINT);
        let runtime = LazyRuntime::default();
        let handle = runtime.handle().unwrap();
        let on_worker = handle.spawn(async move { interrupt_is_blocked() });
        assert!(handle.block_on(on_worker).unwrap());
        assert!(!interrupt_is_blocked());
        runtime.shutdown();
    }
}
