//! Any text as the arguments of a call: it is refused, or becomes a request body that is taken again and comes out equal.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wacloud::registry;

fuzz_target!(|text: &str| {
    let _ = registry::payload("send_text", text);
    let _ = registry::payload("send_template", text);
    let arguments = format!(r#"{{"payload": {text}}}"#);
    let Ok(body) = registry::payload("send_payload", &arguments) else { return };
    let again = registry::payload("send_payload", &format!(r#"{{"payload": {body}}}"#));
    assert_eq!(again.ok().as_deref(), Some(body.as_str()));
});
