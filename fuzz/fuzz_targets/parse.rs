//! Any bytes as the body of a webhook: they are refused or become events, each of which can be written and known again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wacloud::webhook;

fuzz_target!(|body: &[u8]| {
    let Ok(events) = webhook::parse(body) else { return };
    for event in &events {
        assert!(!event.key.is_empty());
        assert!(serde_json::to_string(event).is_ok());
        let _ = format!("{event:?}");
    }
    // Meta's repetition of it is known again.
    let again = webhook::parse(body).map(|events| events.into_iter().map(|event| event.key).collect::<Vec<_>>());
    assert_eq!(again.ok(), Some(events.into_iter().map(|event| event.key).collect()));
});
