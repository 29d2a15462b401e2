//! The native module of the Python package: [`wacloud_bindings`] as Python classes.
//!
//! It knows no operation. Everything crosses as JSON text, errors included, so nothing here raises; the Python
//! package does. Whatever may wait lets go of the GIL first, and no Python object is touched from a runtime thread
//! except the one callback that says "there is something to fetch".

mod exit;

use std::time::Duration;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyList};
use wacloud_bindings::{BulkHandle, CallHandle, ClientHandle, InboxHandle};

use self::exit::apart;

/// A client: settings, connections and pace. Cheap to make; opens nothing by itself.
#[pyclass(frozen, module = "wacloud._native")]
struct Client(ClientHandle);

#[pymethods]
impl Client {
    #[new]
    fn new(py: Python<'_>, config_json: &str) -> Self {
        apart(py, || Self(ClientHandle::new(config_json)))
    }

    /// What is wrong with the configuration, as error data; `None` if nothing is.
    fn error(&self) -> Option<String> {
        self.0.error()
    }

    /// Begins a call, and appends it to `held`: what a signal handler raises comes out between this and the assignment of
    /// what it returns.
    #[pyo3(signature = (operation, params_json, options_json, held=None))]
    fn submit(
        &self,
        py: Python<'_>,
        operation: &str,
        params_json: &str,
        options_json: &str,
        held: Option<&Bound<'_, PyList>>,
    ) -> PyResult<Py<Call>> {
        let call = Py::new(py, apart(py, || Call(self.0.submit(operation, params_json, options_json))))?;
        if let Some(held) = held {
            held.append(&call)?;
        }
        Ok(call)
    }

    /// Answers a local question: what needs neither a request nor waiting.
    fn look(&self, py: Python<'_>, what_json: &str) -> String {
        apart(py, || self.0.look(what_json))
    }

    fn bulk(&self, py: Python<'_>, options_json: &str) -> Bulk {
        apart(py, || Bulk(self.0.bulk(options_json)))
    }
}

/// What is remembered of events. Opens nothing by itself.
#[pyclass(frozen, module = "wacloud._native")]
struct Inbox(InboxHandle);

#[pymethods]
impl Inbox {
    #[new]
    fn new(py: Python<'_>, config_json: &str) -> Self {
        apart(py, || Self(InboxHandle::new(config_json)))
    }

    /// What is wrong with it, as error data; `None` if nothing is.
    fn error(&self) -> Option<String> {
        self.0.error()
    }

    /// What names it in the options of a call.
    fn name(&self) -> String {
        self.0.name()
    }

    fn submit(&self, py: Python<'_>, question_json: &str) -> Call {
        apart(py, || Call(self.0.submit(question_json)))
    }
}

/// One operation under way.
#[pyclass(frozen, module = "wacloud._native")]
struct Call(CallHandle);

#[pymethods]
impl Call {
    fn wait(&self, py: Python<'_>, seconds: f64) -> Option<String> {
        apart(py, || self.0.wait(duration(seconds)))
    }

    /// The bytes that belong to the answer, once.
    fn bytes<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        apart(py, || self.0.bytes()).map(|bytes| PyBytes::new(py, &bytes))
    }

    fn cancel(&self, py: Python<'_>) {
        apart(py, || self.0.cancel());
    }

    fn on_done(&self, py: Python<'_>, callback: Py<PyAny>) {
        let callback = from_any_thread(callback);
        apart(py, || self.0.on_done(callback));
    }

    fn answer(&self, py: Python<'_>, answer_json: &str) {
        apart(py, || self.0.answer(answer_json));
    }
}

/// Many messages under way, a window of them at a time.
#[pyclass(frozen, module = "wacloud._native")]
struct Bulk(BulkHandle);

#[pymethods]
impl Bulk {
    fn push(&self, py: Python<'_>, items_json: &str) -> String {
        apart(py, || self.0.push(items_json))
    }

    fn finish(&self, py: Python<'_>) {
        apart(py, || self.0.finish());
    }

    fn cancel(&self, py: Python<'_>) {
        apart(py, || self.0.cancel());
    }

    fn next(&self, py: Python<'_>, seconds: f64) -> Option<String> {
        apart(py, || self.0.next(duration(seconds)))
    }

    fn on_ready(&self, py: Python<'_>, callback: Py<PyAny>) {
        let callback = from_any_thread(callback);
        apart(py, || self.0.on_ready(callback));
    }

    fn answer(&self, py: Python<'_>, answer_json: &str) {
        apart(py, || self.0.answer(answer_json));
    }
}

/// The request body that an operation would send, without sending it.
#[pyfunction]
fn payload(py: Python<'_>, operation: &str, params_json: &str) -> String {
    apart(py, || wacloud_bindings::payload(operation, params_json))
}

/// Keeps a file or bytes for messages, under a name.
#[pyfunction]
#[pyo3(signature = (description_json, data = None))]
fn hold(description_json: &str, data: Option<&[u8]>) -> String {
    wacloud_bindings::hold(description_json, data.map(<[u8]>::to_vec))
}

/// Forgets what stands under the name.
#[pyfunction]
fn let_go(name: &str) {
    wacloud_bindings::let_go(name);
}

/// A body that is read in less time than it takes to let go of the GIL, get it back and have other threads in between.
const SMALL_BYTES: usize = 16 * 1024;

/// Does pure work on a body; other threads go on meanwhile if that takes long.
fn on_body<T: Send>(py: Python<'_>, body: &[u8], work: impl FnOnce() -> T + Send) -> T {
    if body.len() <= SMALL_BYTES { work() } else { apart(py, work) }
}

/// What a webhook function of the core makes of a request's body.
#[pyfunction]
fn webhook(py: Python<'_>, function: &str, arguments_json: &str, body: &[u8]) -> String {
    on_body(py, body, || wacloud_bindings::webhook(function, arguments_json, body))
}

/// Checks the signature of a request; `None` if it fits.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over")]
fn verify(py: Python<'_>, app_secrets: Vec<PyBackedBytes>, header: Option<&[u8]>, body: &[u8]) -> Option<String> {
    on_body(py, body, || wacloud_bindings::verify(&app_secrets, header, body))
}

/// The version of the core that this module was built from.
#[pyfunction]
fn version() -> &'static str {
    wacloud_bindings::version()
}

/// Seconds as Python gives them; what is no time at all (negative, not a number) is a wait of zero.
fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// A Python callable as something that a runtime thread may call once.
///
/// An interpreter that is shutting down can no longer be entered; nobody is waiting then.
fn from_any_thread(callback: Py<PyAny>) -> Box<dyn FnOnce() + Send> {
    exit::not_yet();
    Box::new(move || {
        let Some(_running) = exit::Running::begin() else { return };
        Python::try_attach(|py| {
            if let Err(error) = callback.call0(py) {
                error.write_unraisable(py, Some(callback.bind(py)));
            }
        });
    })
}

#[pymodule(gil_used = false)]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Client>()?;
    module.add_class::<Inbox>()?;
    module.add_class::<Call>()?;
    module.add_class::<Bulk>()?;
    module.add_function(wrap_pyfunction!(payload, module)?)?;
    module.add_function(wrap_pyfunction!(hold, module)?)?;
    module.add_function(wrap_pyfunction!(let_go, module)?)?;
    module.add_function(wrap_pyfunction!(webhook, module)?)?;
    module.add_function(wrap_pyfunction!(verify, module)?)?;
    module.add_function(wrap_pyfunction!(version, module)?)?;
    exit::register(module)
}
