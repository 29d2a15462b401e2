//! The end of the interpreter, while the runtime's thread calls back.
//!
//! Until Python 3.14 a thread that wants to go on in an interpreter that is ending is ended itself (CPython's "Cautions
//! regarding runtime finalization"), which takes the stack of our thread apart from the inside and aborts the process. It
//! does not take much: the callback wakes the event loop, the program is done, and ends faster than the callback. So the
//! end waits for callbacks that run, and none begins after it.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use pyo3::prelude::*;

/// Whether the interpreter is about to end.
static IS_ENDING: AtomicBool = AtomicBool::new(false);

/// Callbacks that run, and the process that they run in: a forked child inherits the number, but not the thread.
static RUNNING: AtomicUsize = AtomicUsize::new(0);
static PROCESS: AtomicU32 = AtomicU32::new(0);

/// A callback takes no time. One that takes longer than this is not waited for.
const LONGEST: Duration = Duration::from_secs(1);

/// A callback that runs, until it is dropped.
pub(crate) struct Running;

impl Running {
    /// None when the interpreter is ending: nobody waits then.
    pub(crate) fn begin() -> Option<Self> {
        let process = std::process::id();
        if PROCESS.swap(process, SeqCst) != process {
            RUNNING.store(0, SeqCst);
        }
        RUNNING.fetch_add(1, SeqCst);
        let running = Running;
        if IS_ENDING.load(SeqCst) { None } else { Some(running) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.fetch_sub(1, SeqCst);
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
    // A callback needs the interpreter to come to its end.
    py.detach(|| {
        IS_ENDING.store(true, SeqCst);
        let began = Instant::now();
        while PROCESS.load(SeqCst) == std::process::id() && RUNNING.load(SeqCst) > 0 && began.elapsed() < LONGEST {
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}
