//! The fault matrix: one row for each fault, and how a message ends under it.

use serde_json::json;

use super::failing::{End, GOOD, Place as At, Reads, Script, up_to};
use super::http2::{
    CANCEL, ENHANCE_YOUR_CALM, First, HTTP_1_1_REQUIRED, INTERNAL_ERROR, NO_ERROR, REFUSED_STREAM, Step, When,
};
use super::site::Place;
use super::wire::answer;

use End::{Close, Hang, Reset, Well};
use Ends::{Accepted, Again, Broken, Lost, Never, Rejected, Throttled, Unknown};
use Reads::{All, Half, Idle, Nothing};

/// One fault, which strikes once unless it says otherwise.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) place: Place,
    /// How many complete requests have arrived when it strikes.
    pub(crate) arrived: usize,
    pub(crate) ends: Ends,
}

/// How a message ends under a fault. The rest follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// Nothing can be noticed.
    Accepted,
    /// Nobody is reached, however often it is tried.
    Never,
    /// Certainly not sent, and so tried again, with success.
    Again,
    /// Nobody knows, for this reason.
    Unknown(&'static str),
    /// Nobody ever knows, since it is the same each time.
    Lost,
    /// A success with this status, and without an id.
    Broken(u16),
    /// Refused, with this status and class.
    Rejected(u16, &'static str),
    /// Refused because of pace, and so sent again later, with success.
    Throttled,
}

/// Every row.
pub(crate) fn rows() -> Vec<Row> {
    [without_a_connection(), in_the_middle(), strange_answers(), statuses(), http2()].into_iter().flatten().collect()
}

fn row(name: impl Into<String>, place: Place, arrived: usize, ends: Ends) -> Row {
    Row { name: name.into(), place, arrived, ends }
}

/// A fault of a plain server.
fn plain(name: impl Into<String>, reads: Reads, says: impl Into<Vec<u8>>, how: End, arrived: usize, ends: Ends) -> Row {
    row(name, Place::Plain(Script::new(reads, says, how)), arrived, ends)
}

/// What ends a connection before anything of a request can leave.
fn without_a_connection() -> Vec<Row> {
    let no_tls = |says: &str, how| Place::NoTls(Script::new(Nothing, says, how).always());
    let tunnel = |says: Vec<u8>, how| Place::Tunnel(Script::new(All, says, how).always());
    let no = |status| answer(status, "no");
    vec![
        row("no such host", Place::NoSuchHost, 0, Never),
        row("connection refused", Place::DeafPort, 0, Never),
        row("connecting takes too long", Place::FullPort, 0, Never),
        row("a trusted certificate", Place::Certificate { name: "127.0.0.1", is_trusted: true }, 1, Accepted),
        row("an untrusted certificate", Place::Certificate { name: "127.0.0.1", is_trusted: false }, 0, Never),
        row("a certificate for another name", Place::Certificate { name: "graph.example", is_trusted: true }, 0, Never),
        row("no TLS where it is expected", no_tls("HTTP/1.1 400 No\r\n\r\n", Close), 0, Never),
        row("closed in the TLS handshake", no_tls("", Close), 0, Never),
        row("reset in the TLS handshake", no_tls("", Reset), 0, Never),
        row("silence in the TLS handshake", no_tls("", Hang), 0, Never),
        row("no proxy", Place::NoProxy, 0, Never),
        row("a proxy that refuses the tunnel: 403", tunnel(no(403), Close), 0, Never),
        row("a proxy that refuses the tunnel: 407", tunnel(no(407), Close), 0, Never),
        row("a proxy that refuses the tunnel: 502", tunnel(no(502), Close), 0, Never),
        row("a proxy that closes before the tunnel", tunnel(Vec::new(), Close), 0, Never),
        row("a proxy that resets before the tunnel", tunnel(Vec::new(), Reset), 0, Never),
        row("a proxy that answers nothing", tunnel(Vec::new(), Hang), 0, Never),
        row("a tunnel that closes in the handshake", Place::Through(Script::new(Idle, "", Close)), 0, Never),
        row("a tunnel that is reset in the handshake", Place::Through(Script::new(Idle, "", Reset)), 0, Never),
    ]
}

/// Where a connection ends, and how.
fn in_the_middle() -> Vec<Row> {
    let stages = [
        ("before the request is read", Nothing, Vec::new(), 0, None),
        ("in the middle of the body", Half, Vec::new(), 0, None),
        ("before the answer", All, Vec::new(), 1, None),
        ("in the middle of the status line", All, up_to(At::StatusLine), 1, None),
        ("in the middle of the headers", All, up_to(At::Headers), 1, None),
        ("in the middle of the answer's body", All, up_to(At::Body), 1, Some(Broken(200))),
        ("after 100 Continue", All, CONTINUE.into(), 1, None),
    ];
    let ways =
        [("closed", Close, "connection_lost"), ("reset", Reset, "connection_lost"), ("silence", Hang, "timeout")];
    let mut rows = Vec::new();
    for (stage, reads, says, arrived, ends) in stages {
        for (way, how, reason) in ways {
            let script = Script::new(reads, says.clone(), how);
            let ends = ends.unwrap_or(Unknown(reason));
            let at = |place: &str| format!("{way} {stage}{place}");
            rows.push(row(at(", with TLS"), Place::Tls(script.clone()), arrived, ends));
            if how != Hang {
                // A silence takes its time, and is the same everywhere.
                rows.push(row(at(", through a tunnel"), Place::Through(script.clone()), arrived, ends));
                rows.push(row(at(", on a reused connection"), Place::Plain(script.clone().reused()), arrived, ends));
            }
            rows.push(row(at(""), Place::Plain(script), arrived, ends));
        }
    }
    // Seen before anything is written, so another connection is taken; nobody notices.
    let idle = Script::new(Idle, "", Close).reused();
    rows.push(row("closed while idle", Place::Plain(idle), 0, Accepted));
    let lasting = Script::new(All, "", Reset).always();
    rows.push(row("reset before the answer, every time", Place::Plain(lasting), 1, Lost));
    rows
}

const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";
const HINTS: &str = "HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n";

/// An answer with this head and body, whether they belong together or not.
fn said(head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    [format!("HTTP/1.1 {head}\r\n\r\n").as_bytes(), body.as_ref()].concat()
}

/// Answers that are none, or not the one that belongs to the request.
fn strange_answers() -> Vec<Row> {
    let lost = Unknown("connection_lost");
    let long = format!("{}{}", GOOD, " ".repeat(2 << 20));
    let with = |head: &str, body: &str| said(&format!("{head}\r\ncontent-length: {}", body.len()), body);
    let error = |name: &str, body: &str, ends| plain(name, All, answer(200, body), Close, 1, ends);
    vec![
        plain("100 Continue, then the answer", All, CONTINUE, Well, 1, Accepted),
        plain("103 Early Hints, then the answer", All, HINTS, Well, 1, Accepted),
        plain(
            "101, which nobody asked for",
            All,
            said("101 Switching\r\nupgrade: x\r\nconnection: upgrade", ""),
            Close,
            1,
            Unknown("server_error"),
        ),
        plain("garbage", All, "SSH-2.0-OpenSSH_9.6\r\n", Close, 1, lost),
        plain("garbage before the request is read", Nothing, [0, 1, 2, 255, 10, 10], Close, 0, lost),
        plain("a status that is none", All, said("abc Fine", ""), Close, 1, lost),
        plain("a length that is none", All, said("200 OK\r\ncontent-length: many", GOOD), Close, 1, lost),
        row("TLS, spoken to without", Place::UnexpectedTls, 0, Lost),
        plain("200 that stops early", All, said("200 OK\r\ncontent-length: 900", GOOD), Close, 1, Broken(200)),
        plain(
            "200 with a broken chunk",
            All,
            said("200 OK\r\ntransfer-encoding: chunked", "xyz\r\n"),
            Close,
            1,
            Broken(200),
        ),
        plain("200 that is no gzip", All, with("200 OK\r\ncontent-encoding: gzip", GOOD), Close, 1, Broken(200)),
        plain("200 without a body", All, answer(200, ""), Close, 1, Broken(200)),
        plain("204", All, said("204 No Content", ""), Close, 1, Broken(204)),
        plain("202 with HTML", All, with("202 Accepted", HTML), Close, 1, Broken(202)),
        plain("200 with HTML", All, answer(200, HTML), Close, 1, Broken(200)),
        plain("200 with half of a JSON", All, answer(200, &GOOD[..60]), Close, 1, Broken(200)),
        plain("200 with a list", All, answer(200, "[]"), Close, 1, Broken(200)),
        plain("200 without messages", All, answer(200, r#"{"messages":[]}"#), Close, 1, Broken(200)),
        plain("200 with an id that is no text", All, answer(200, r#"{"messages":[{"id":7}]}"#), Close, 1, Broken(200)),
        error("200 with an error", r#"{"error":{"code":131047,"message":"no"}}"#, Rejected(200, "WindowClosedError")),
        error("200 with too fast", r#"{"error":{"code":130429,"message":"no"}}"#, Throttled),
        error("200 with an error that promises nothing", r#"{"error":{"code":131000,"message":"no"}}"#, Broken(200)),
        error("200 with an error that nobody knows", r#"{"error":{"code":987654,"message":"no"}}"#, Broken(200)),
        error(
            "200 with an error beside something",
            r#"{"error":{"code":190,"message":"no"},"messages":[]}"#,
            Broken(200),
        ),
        error(
            "200 with an error and an id",
            r#"{"error":{"code":190},"messages":[{"id":"wamid.x"}],"success":true}"#,
            Accepted,
        ),
        plain("200 without an end", All, said("200 OK", long), Close, 1, Broken(200)),
        plain("200 with an odd contact", All, answer(200, ODD), Close, 1, Accepted),
        plain(
            "503 that stops early",
            All,
            said("503 Busy\r\ncontent-length: 900", "{"),
            Reset,
            1,
            Unknown("server_error"),
        ),
        plain(
            "400 that stops early",
            All,
            said("400 No\r\ncontent-length: 900", "{"),
            Reset,
            1,
            Unknown("server_error"),
        ),
        row("a proxy's 407", Place::Relay(Script::new(All, answer(407, ""), Close)), 1, Rejected(407, "ApiError")),
        row("a proxy's 502", Place::Relay(Script::new(All, answer(502, HTML), Close)), 1, Unknown("server_error")),
        row("a proxy that closes", Place::Relay(Script::new(All, "", Close)), 1, lost),
        row("a proxy that resets", Place::Relay(Script::new(All, up_to(At::Headers), Reset)), 1, lost),
    ]
}

const HTML: &str = "<!DOCTYPE html><html><body><h1>Sorry, something went wrong.</h1></body></html>";
/// Its id counts, whatever the rest is like.
const ODD: &str = r#"{"contacts":null,"messages":[{"id":"wamid.odd","message_status":1}],"success":true}"#;

/// What a status says where Graph's code says nothing.
const STATUSES: &[(u16, Ends)] = &[
    (301, Rejected(301, "ApiError")),
    (302, Rejected(302, "ApiError")),
    (304, Rejected(304, "ApiError")),
    (307, Rejected(307, "ApiError")),
    (308, Rejected(308, "ApiError")),
    (400, Rejected(400, "ApiError")),
    (401, Rejected(401, "AuthenticationError")),
    (403, Rejected(403, "ApiError")),
    (404, Rejected(404, "ApiError")),
    (405, Rejected(405, "ApiError")),
    (408, Rejected(408, "ApiError")),
    (411, Rejected(411, "ApiError")),
    (413, Rejected(413, "ApiError")),
    (414, Rejected(414, "ApiError")),
    (415, Rejected(415, "ApiError")),
    (421, Rejected(421, "ApiError")),
    (425, Rejected(425, "ApiError")),
    (429, Throttled),
    (431, Rejected(431, "ApiError")),
    (500, Unknown("server_error")),
    (501, Unknown("server_error")),
    (502, Unknown("server_error")),
    (503, Unknown("server_error")),
    (504, Unknown("server_error")),
    (529, Unknown("server_error")),
    (999, Unknown("server_error")),
];

/// Bodies in which there is no code that is known.
const BODIES: &[(&str, &str)] = &[
    ("no body", ""),
    ("HTML", HTML),
    ("half of a JSON", r#"{"error":{"code":131047,"mess"#),
    ("a code that nobody knows", r#"{"error":{"code":987654,"message":"new"}}"#),
];

/// What a code says, whatever the status.
const CODES: &[(i64, Ends)] = &[
    (100, Rejected(0, "ApiError")),
    (190, Rejected(0, "AuthenticationError")),
    (131_047, Rejected(0, "WindowClosedError")),
    (1, Unknown("server_error")),
    (2, Unknown("server_error")),
    (131_000, Unknown("server_error")),
    (131_016, Unknown("server_error")),
    (130_429, Throttled),
];

fn statuses() -> Vec<Row> {
    let mut rows = Vec::new();
    for &(status, ends) in STATUSES {
        for (what, body) in BODIES {
            let ends = match ends {
                // Meta's own no, not one of something in between.
                Rejected(403, _) if body.contains("987654") => Rejected(403, "PermissionDeniedError"),
                // It may have been any error.
                Rejected(400.., _) | Throttled if body.ends_with("mess") => Unknown("server_error"),
                ends => ends,
            };
            // A 304 has no body (RFC 9110 §15.4.5).
            let says = if status == 304 { said("304 Not Modified", "") } else { answer(status, body) };
            rows.push(plain(format!("{status} with {what}"), All, says, Close, 1, ends));
        }
    }
    for &(code, ends) in CODES {
        for status in [400, 429, 500, 503] {
            let body = json!({"error": {"code": code, "message": "said so", "is_transient": true}}).to_string();
            let ends = if let Rejected(_, class) = ends { Rejected(status, class) } else { ends };
            rows.push(plain(format!("{status} with code {code}"), All, answer(status, &body), Close, 1, ends));
        }
    }
    rows
}

fn http2() -> Vec<Row> {
    use Step::{Answer, Garbage, GoAway, HalfAnswer, Reset as Rst};
    let lost = Unknown("connection_lost");
    let h2 = |name: &str, when, steps: &'static [Step], arrived, ends| {
        row(format!("HTTP/2: {name}"), Place::Http2(when, steps), arrived, ends)
    };
    let (headers, body) = (When::Headers, When::Body);
    vec![
        h2("REFUSED_STREAM", body, &[Rst(REFUSED_STREAM)], 1, Again),
        h2("REFUSED_STREAM at the headers", headers, &[Rst(REFUSED_STREAM)], 0, Again),
        h2("a GOAWAY that leaves us out", body, &[GoAway(First::Ours, NO_ERROR)], 1, Again),
        h2("the same, closed", body, &[GoAway(First::Ours, NO_ERROR), Step::End(Close)], 1, Again),
        h2("the same, for cause", body, &[GoAway(First::Ours, ENHANCE_YOUR_CALM), Step::End(Close)], 1, Again),
        h2("a GOAWAY after ours, answered", body, &[GoAway(First::Next, NO_ERROR), Answer], 1, Accepted),
        h2("a GOAWAY after ours, closed", body, &[GoAway(First::Next, NO_ERROR), Step::End(Close)], 1, lost),
        h2("a GOAWAY after ours, for cause", body, &[GoAway(First::Next, INTERNAL_ERROR), Step::End(Close)], 1, lost),
        h2("NO_ERROR", body, &[Rst(NO_ERROR)], 1, lost),
        h2("INTERNAL_ERROR", body, &[Rst(INTERNAL_ERROR)], 1, lost),
        h2("CANCEL", body, &[Rst(CANCEL)], 1, lost),
        h2("ENHANCE_YOUR_CALM", body, &[Rst(ENHANCE_YOUR_CALM)], 1, lost),
        h2("HTTP_1_1_REQUIRED", body, &[Rst(HTTP_1_1_REQUIRED)], 1, lost),
        h2("closed", body, &[Step::End(Close)], 1, lost),
        h2("reset", body, &[Step::End(Reset)], 1, lost),
        h2("silence", body, &[], 1, Unknown("timeout")),
        h2("closed at the headers", headers, &[Step::End(Close)], 0, lost),
        h2("no HTTP/2", body, &[Garbage, Step::End(Close)], 1, lost),
        h2("refused in the middle of the answer", body, &[HalfAnswer, Rst(REFUSED_STREAM)], 1, Broken(200)),
        h2("left out in the middle of the answer", body, &[HalfAnswer, GoAway(First::Ours, NO_ERROR)], 1, Broken(200)),
        h2("closed in the middle of the answer", body, &[HalfAnswer, Step::End(Close)], 1, Broken(200)),
    ]
}
