//! Why a request failed, as the chain of its causes tells.

use std::error::Error;
use std::io;

/// The outermost cause of this type.
fn cause<E: Error + 'static>(error: &reqwest::Error) -> Option<&E> {
    let mut next = error.source();
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// Whether the server says that it has not looked at the request, although all of it may have arrived (RFC 9113 §8.7):
/// HTTP/2's REFUSED_STREAM, or a GOAWAY whose last stream is before ours. `h2` gives a stream the peer's GOAWAY for an error
/// in the latter case only; streams that the GOAWAY lets live end with an answer or with the connection.
pub(super) fn is_refused_stream(error: &reqwest::Error) -> bool {
    cause::<h2::Error>(error).is_some_and(|error| {
        let is_refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        error.is_remote() && (is_refused || error.is_go_away())
    })
}

/// Whether nobody listens there.
pub(super) fn is_connection_refused(error: &reqwest::Error) -> bool {
    cause::<io::Error>(error).is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

/// The innermost reason of a failed request: "Connection refused (os error 111)". The URL is left out; the token is in no
/// part of the chain, since the header is marked sensitive.
pub(super) fn root_cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: &dyn Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
