//! Any header, secret and body: nothing but the right signature passes, and no query but the right one is answered.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wacloud::webhook;

fuzz_target!(|input: (Vec<u8>, String, String)| {
    let (body, secret, text) = input;
    // A header that was guessed cannot be right.
    assert!(webhook::verify(&[secret.as_str()], &body, Some(&text)).is_err());
    assert!(webhook::verify(&[secret.as_str(), "other"], &body, None).is_err());
    let answered = webhook::challenge(text.as_str(), &secret);
    if let Ok(challenge) = answered {
        assert!(!secret.is_empty() && !challenge.is_empty());
    }
    let arguments = format!(r#"{{"query": {}, "verify_token": "t"}}"#, serde_json::Value::String(text.clone()));
    let _ = webhook::answer("challenge", &arguments, b"");
    let _ = webhook::answer("verify", &text, &body);
    let _ = webhook::answer(&secret, &text, &body);
});
