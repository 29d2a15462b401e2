//! The end of the interpreter, while other threads are on their way into it.
//!
//! Until Python 3.14 a thread that wants to go on in an interpreter that is ending is ended itself (CPython's "Cautions
//! regarding runtime finalization"), which takes its stack apart from the inside: with the unwinder of libgcc_s, through
//! frames that know only the unwinder that is linked into this module, so that the process aborts. Two kinds of threads go
//! there. The runtime's thread calls back to wake the event loop, the program is done, and ends faster than the callback.
//! And threads of the program that nobody joins (`daemon=True`) wait for the core in [`apart`]. So the end waits for those
//! that are on their way, no callback begins after it, and no thread comes back.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

/// Whether callbacks may no longer begin.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

/// Whether other threads than the one that ends the interpreter may no longer come back to it.
static IS_CLOSED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// Whether this thread ends the interpreter.
    static IS_LAST: Cell<bool> = const { Cell::new(false) };
}

/// The process (its upper half), and how many of its threads are on their way: a forked child inherits the number, but not
/// the threads.
static RUNNING: AtomicU64 = AtomicU64::new(0);

/// Of the number in [`RUNNING`], what is this process's.
fn of_this_process(running: u64) -> u64 {
    if running >> 32 == u64::from(std::process::id()) { running } else { u64::from(std::process::id()) << 32 }
}

fn count(running: u64) -> u64 {
    of_this_process(running) & u64::from(u32::MAX)
}

/// To call back or to come back takes no time. What takes longer than this is not waited for.
const LONGEST: Duration = Duration::from_secs(1);

/// How long threads are kept out. An interpreter has ended by then. If not, it is no end yet: a function of `atexit` that was
/// registered before ours runs after it, and may wait for such a thread.
const KEPT_OUT: Duration = Duration::from_secs(5);

/// A thread on its way into the interpreter, or in a callback, until it is dropped.
pub(crate) struct Running;

impl Running {
    /// None when the interpreter is ending: nobody waits for a callback then.
    pub(crate) fn begin() -> Option<Self> {
        Self::unless(&IS_ENDING)
    }

    fn unless(is_over: &AtomicBool) -> Option<Self> {
        let _ = RUNNING.fetch_update(SeqCst, SeqCst, |running| Some(of_this_process(running) + 1));
        let running = Running;
        if is_over.load(SeqCst) { None } else { Some(running) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = RUNNING.fetch_update(SeqCst, SeqCst, |running| (count(running) > 0).then(|| running - 1));
    }
}

/// Does work without the GIL, and comes back only to an interpreter that is not ending: a thread that nobody joins stays out
/// until the process is gone, as CPython does with those that are in its own code.
pub(crate) fn apart<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> T {
    let (done, _on_its_way) = py.detach(|| (work(), back()));
    done
}

/// Returns when this thread may come back.
fn back() -> Option<Running> {
    if IS_LAST.get() {
        return None;
    }
    let began = Instant::now();
    loop {
        if let Some(running) = Running::unless(&IS_CLOSED) {
            return Some(running);
        }
        if began.elapsed() >= KEPT_OUT {
            IS_CLOSED.store(false, SeqCst);
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Somebody waits for a callback, so it is not the end yet: `atexit` runs other functions after ours.
pub(crate) fn not_yet() {
    IS_ENDING.store(false, SeqCst);
}

/// Has [`wait`] called before the interpreter ends.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let wait = wrap_pyfunction!(wait, module)?;
    module.py().import("atexit")?.call_method1("register", (wait,))?;
    Ok(())
}

#[pyfunction]
fn wait(py: Python<'_>) {
    IS_LAST.set(true);
    // Those on their way need the interpreter to get there.
    py.detach(|| {
        IS_ENDING.store(true, SeqCst);
        IS_CLOSED.store(true, SeqCst);
        let began = Instant::now();
        while count(RUNNING.load(SeqCst)) > 0 && began.elapsed() < LONGEST {
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}
