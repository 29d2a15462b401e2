use super::*;
use serde_json::{Value, json};

fn told(definition: Value) -> Vec<String> {
    let definition: TemplateDefinition = serde_json::from_value(definition).unwrap();
    let found = definition.check_new().err().map(|invalid| invalid.violations).unwrap_or_default();
    found.iter().map(|v| format!("{} {}: {}", v.path, v.rule, v.message)).collect()
}

#[allow(clippy::needless_pass_by_value, reason = "reads better in tables")]
fn template(components: Value) -> Value {
    json!({"name": "order_update", "language": "en_US", "category": "UTILITY", "components": components})
}

fn body() -> Value {
    json!({"type": "BODY", "text": "Hello."})
}

#[test]
fn what_meta_takes_passes() {
    for (what, components) in [
        ("a body", json!([body()])),
        ("small letters", json!([{"type": "body", "text": "Hello."}])),
        (
            "variables",
            json!([{"type": "HEADER", "format": "TEXT", "text": "For {{1}}", "example": {"header_text": ["Ana"]}},
                   {"type": "BODY", "text": "Hi {{1}}, {{2}}!", "example": {"body_text": [["Ana", "#1"]]}},
                   {"type": "FOOTER", "text": "Reply STOP to stop"}]),
        ),
        (
            "all kinds of buttons",
            json!([body(), {"type": "BUTTONS", "buttons": [
                {"type": "QUICK_REPLY", "text": "Yes"},
                {"type": "URL", "text": "Open", "url": "https://example.com/{{1}}", "example": ["a"]},
                {"type": "URL", "text": "Help", "url": "https://example.com/help"},
                {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+15550001234"},
                {"type": "COPY_CODE", "example": "SAVE10"},
                {"type": "FLOW", "text": "Fill in", "flow_id": "1", "flow_action": "navigate", "navigate_screen": "A"},
                {"type": "SOMETHING_NEW", "text": "Go"}]}]),
        ),
        (
            "an offer",
            json!([{"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends soon", "has_expiration": true}}, body()]),
        ),
        (
            "a carousel",
            json!([body(), {"type": "CAROUSEL", "cards": [{"components": [
                {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["4::a"]}},
                {"type": "BODY", "text": "{{1}} is back", "example": {"body_text": [["Tea"]]}},
                {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "More"}]}]}]}]),
        ),
        (
            "a button whose text is Meta's own",
            json!([body(), {"type": "BUTTONS", "buttons": [{"type": "REQUEST_CONTACT_INFO"}]}]),
        ),
        ("a question for a call", json!([body(), {"type": "call_permission_request"}])),
        ("what is newer than this version", json!([body(), {"type": "HOLOGRAM", "depth": 3}])),
    ] {
        assert_eq!(told(template(components)), Vec::<String>::new(), "{what}");
    }
    let named = json!([{"type": "BODY", "text": "Hi {{name}}!",
        "example": {"body_text_named_params": [{"param_name": "name", "example": "Ana"}]}}]);
    let mut named = template(named);
    named["parameter_format"] = "NAMED".into();
    assert_eq!(told(named), Vec::<String>::new());
    let code = json!({"name": "code", "language": "en", "category": "AUTHENTICATION", "components": [
        {"type": "BODY", "add_security_recommendation": true},
        {"type": "FOOTER", "code_expiration_minutes": 10},
        {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "ZERO_TAP", "zero_tap_terms_accepted": true,
            "supported_apps": [{"package_name": "com.example.app", "signature_hash": "K8a/AINcGX7"}]}]}]});
    assert_eq!(told(code), Vec::<String>::new());
}

/// Meta's pages write words small and examples short, too.
#[test]
fn small_letters_and_short_examples_pass_and_come_out_as_they_were() {
    let with = |text: &str, example: Value| json!([{"type": "body", "text": text, "example": {"body_text": example}}]);
    for (text, example, expected) in [
        ("Hi {{1}}, {{2}}!", json!([["Ana", "#1"]]), None),
        ("Hi {{1}}, {{2}}!", json!(["Ana", "#1"]), None),
        ("Hi {{1}}!", json!(["Ana"]), None),
        ("Hi {{1}}!", json!("Ana"), None),
        (
            "Hi {{1}}, {{2}}!",
            json!(["Ana"]),
            Some("components[0].example.body_text count: must have a value for each of {{1}} {{2}}, has 1"),
        ),
        (
            "Hi {{1}}, {{2}}!",
            json!("Ana"),
            Some("components[0].example.body_text count: must have a value for each of {{1}} {{2}}, has 1"),
        ),
        (
            "Hi {{1}}!",
            json!([5]),
            Some("components[0].example.body_text type: is a list, but what is in it has the wrong type"),
        ),
        ("Hi {{1}}!", json!(5), Some("components[0].example.body_text type: must be a list, got the number 5")),
    ] {
        let mut whole = template(with(text, example.clone()));
        whole["category"] = "utility".into();
        let read: TemplateDefinition = serde_json::from_value(whole.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), whole);
        assert_eq!(told(whole), expected.into_iter().collect::<Vec<_>>(), "{text} {example}");
    }
    let header =
        json!([body(), {"type": "header", "format": "text", "text": "For {{1}}", "example": {"header_text": "Ana"}}]);
    assert_eq!(told(template(header)), Vec::<String>::new());
    let mut code = template(json!([{"type": "body", "add_security_recommendation": true}]));
    code["category"] = "authentication".into();
    assert_eq!(told(code), Vec::<String>::new());
}

#[test]
fn every_limit_is_told_at_its_place() {
    let long = |count: usize| "x".repeat(count);
    let header = |text: &str| json!([{"type": "HEADER", "format": "TEXT", "text": text}, body()]);
    let text = |text: &str, example: Value| json!([{"type": "BODY", "text": text, "example": {"body_text": example}}]);
    let buttons = |buttons: Value| json!([body(), {"type": "BUTTONS", "buttons": buttons}]);
    let quick = |count: usize| Value::Array(vec![json!({"type": "QUICK_REPLY", "text": "Yes"}); count]);
    for (components, expected) in [
        (json!([]), "components required: is required: a list with a BODY at least"),
        (json!([{"type": "FOOTER", "text": "a"}]), "components required: must have a component of type BODY"),
        (
            json!([body(), body()]),
            "components[1].type unique: only one BODY may be in a template, and there is one before",
        ),
        (json!([body(), {"type": "FOTER"}]), "components[1].type choice: is not known here; did you mean FOOTER?"),
        (json!([{"type": "BODDY", "text": "a"}]), "components[0].type choice: is not known here; did you mean BODY?"),
        (json!([{"type": "BODY", "txt": "a"}]), "components[0].txt unknown: is not known here; did you mean text?"),
        (
            text("{{1}} hello {{2}}", json!([["a", "b"]])),
            "components[0].text format: must neither begin nor end with a variable (2388299)",
        ),
        (json!([body(), {"text": "a"}]), "components[1].type required: is required: text such as BODY"),
        (json!([body(), "FOOTER"]), "components[1] type: must be an object, got text"),
        (json!([{"type": "BODY", "text": 5}]), "components[0].text type: must be text, got the number 5"),
        (header(&long(61)), "components[0].text length: must have at most 60 characters, has 61"),
        (header("a\nb"), "components[0].text format: must be one line"),
        (header("{{1}} {{2}}"), "components[0].text count: must have one variable at most, has 2"),
        (header("For {{1}}"), "components[0].example.header_text required: is required: what stands for {{1}}"),
        (
            json!([{"type": "HEADER", "format": "SONG"}, body()]),
            "components[0].format choice: must be one of TEXT, IMAGE, VIDEO, GIF, DOCUMENT, LOCATION, PRODUCT, got \"SONG\"",
        ),
        (
            json!([{"type": "HEADER", "format": "IMAGE"}, body()]),
            "components[0].example.header_handle required: is required: a list of one handle from media.upload_handle, so that Meta can see what it is",
        ),
        (text(&long(1025), json!([])), "components[0].text length: must have at most 1024 characters, has 1025"),
        (text("{{1}} hello", json!([["a"]])), "components[0].text format: must not begin with a variable (2388299)"),
        (text("hello {{1}} ", json!([["a"]])), "components[0].text format: must not end with a variable (2388299)"),
        (
            text("a {{1}} b {{3}} c", json!([["a", "b"]])),
            "components[0].text format: must count its variables from {{1}} without a gap: {{2}} is missing",
        ),
        (
            text("a {{name}} b", json!([["a"]])),
            "components[0].text format: has the variable {{name}}: names need parameter_format NAMED, else variables are {{1}}, {{2}} …",
        ),
        (
            text("a {{1}} {{2}} b", json!([["a"]])),
            "components[0].example.body_text count: must have a value for each of {{1}} {{2}}, has 1",
        ),
        (
            json!([{"type": "BODY", "text": "a {{1}} b"}]),
            "components[0].example.body_text required: is required: what stands for {{1}}",
        ),
        (
            json!([body(), {"type": "FOOTER", "text": long(61)}]),
            "components[1].text length: must have at most 60 characters, has 61",
        ),
        (json!([body(), {"type": "FOOTER", "text": "a {{1}}"}]), "components[1].text format: must not have variables"),
        (
            json!([body(), {"type": "FOOTER", "text": "a", "cards": []}]),
            "components[1].cards unknown: is not known in a component of type FOOTER",
        ),
        (buttons(quick(11)), "components[1].buttons count: must have 1 to 10 items, has 11"),
        (
            buttons(json!([{"type": "QUICK_REPLY", "text": long(26)}])),
            "components[1].buttons[0].text length: must have at most 25 characters, has 26",
        ),
        (
            buttons(json!([{"type": "URL", "text": "a", "url": "https://example.com/{{1}}"}])),
            "components[1].buttons[0].example required: is required: a list of one text, what stands for {{1}}",
        ),
        (
            buttons(json!([{"type": "URL", "text": "a", "url": "https://example.com/{{1}}/b", "example": ["a"]}])),
            "components[1].buttons[0].url format: must have its variable at the end",
        ),
        (
            buttons(json!([{"type": "URL", "text": "a", "url": format!("https://{}", long(2000))}])),
            "components[1].buttons[0].url length: must have at most 2000 characters, has 2008",
        ),
        (
            buttons(json!([{"type": "PHONE_NUMBER", "text": "a", "phone_number": long(21)}])),
            "components[1].buttons[0].phone_number length: must have at most 20 characters, has 21",
        ),
        (
            buttons(
                json!([{"type": "PHONE_NUMBER", "text": "a", "phone_number": "1"}, {"type": "PHONE_NUMBER", "text": "b", "phone_number": "1"}]),
            ),
            "components[1].buttons count: must have at most 1 of type PHONE_NUMBER, has 2",
        ),
        (
            buttons(json!([{"type": "OTP", "otp_type": "COPY_CODE"}])),
            "components[1].buttons[0].type conflict: is a button of templates of the category AUTHENTICATION",
        ),
        (
            buttons(json!([{"type": "FLOW", "text": "a", "flow_id": "1", "flow_name": "b"}])),
            "components[1].buttons[0].flow_id conflict: must be the only one of flow_id, flow_name and flow_json",
        ),
        (
            json!([body(), {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": long(17)}}]),
            "components[1].limited_time_offer.text length: must have at most 16 characters, has 17",
        ),
        (
            json!([body(), {"type": "CAROUSEL", "cards": [{"components": [{"type": "BODY", "text": long(161)},
                {"type": "HEADER", "format": "PRODUCT"}]}]}]),
            "components[1].cards[0].components[0].text length: must have at most 160 characters, has 161",
        ),
    ] {
        assert_eq!(told(template(components.clone())), [expected], "{components}");
    }
    // What is told first does not make what is told next look like another mistake.
    let several = |text: &str| told(template(json!([{"type": "BODY", "text": text}])));
    assert_eq!(
        several("a {{name}} b"),
        [
            "components[0].text format: has the variable {{name}}: names need parameter_format NAMED, else variables are {{1}}, {{2}} …",
            "components[0].example.body_text_named_params required: is required: what stands for {{name}}",
        ]
    );
    assert_eq!(
        several("a {{1}} b {{3}} c"),
        [
            "components[0].text format: must count its variables from {{1}} without a gap: {{2}} is missing",
            "components[0].example.body_text required: is required: what stands for {{1}} {{2}}",
        ]
    );
    for (member, value, expected) in [
        ("language", json!("english"), "language format: must be a language code, got \"english\"; did you mean en?"),
        ("name", json!("Order-Update"), "name format: must be lower-case letters, digits and _"),
        ("name", json!("x".repeat(513)), "name length: must have at most 512 characters, has 513"),
        ("language", json!("en-US"), "language format: is written with an underscore: en_US"),
        (
            "category",
            json!("PROMO"),
            "category choice: must be one of AUTHENTICATION, MARKETING, UTILITY, got \"PROMO\"",
        ),
        ("parameter_format", json!("BOTH"), "parameter_format choice: must be one of POSITIONAL, NAMED, got \"BOTH\""),
        ("components", json!("none"), "components type: must be a list, got text"),
    ] {
        let mut definition = template(json!([body()]));
        definition[member] = value;
        assert_eq!(told(definition), [expected]);
    }
}
