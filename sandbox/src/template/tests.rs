use super::*;
use serde_json::{Value, json};

fn sent(name: &str, language: &str, components: &Value, how: Sent) -> i64 {
    let message = json!({"name": name, "language": {"code": language}, "components": components});
    check(&built_in(), message.as_object().unwrap(), how).err().map_or(0, |error| error.code)
}

fn code(name: &str, language: &str, components: &Value) -> i64 {
    sent(name, language, components, Sent::default())
}

fn texts(kind: &str, values: &[&str]) -> Value {
    let parameters: Vec<Value> = values.iter().map(|text| json!({"type": "text", "text": text})).collect();
    json!({"type": kind, "parameters": parameters})
}

fn button(index: usize, sub_type: &str, parameter: &Value) -> Value {
    json!({"type": "button", "sub_type": sub_type, "index": index, "parameters": [parameter]})
}

#[test]
fn parameters_must_fit_the_approved_template() {
    let body = |parameters: Value| json!([{"type": "body", "parameters": parameters}]);
    let text = |text: &str| json!({"type": "text", "text": text});
    let named = |name: &str| json!({"type": "text", "text": "x", "parameter_name": name});
    let two = body(json!([text("Ana"), text("#1")]));
    for (name, language, components, expected) in [
        ("hello_world", "en_US", json!([]), 0),
        ("hello_world", "en_US", two.clone(), 132000),
        ("order_update", "en_US", two.clone(), 0),
        ("order_update", "de", two.clone(), 0),
        ("order_update", "fr", two.clone(), 132001),
        ("nothing", "en_US", two.clone(), 132001),
        ("order_update", "en_US", json!([]), 132000),
        ("order_update", "en_US", body(json!([text("Ana")])), 132000),
        ("order_update", "en_US", body(json!([named("name"), named("order")])), 132012),
        ("order_update_named", "en_US", body(json!([named("name"), named("order")])), 0),
        ("order_update_named", "en_US", body(json!([named("name"), named("odrer")])), 132012),
        ("order_update_named", "en_US", two.clone(), 132012),
        ("appointment", "en_US", two.clone(), 132000),
        ("promo", "en_US", body(json!([text("Ana")])), 132012),
    ] {
        assert_eq!(code(name, language, &components), expected, "{name} {language} {components}");
    }
}

#[test]
fn headers_and_buttons_are_checked() {
    let image = json!({"type": "header", "parameters": [{"type": "image", "image": {"id": "1"}}]});
    let body = json!({"type": "body", "parameters": [{"type": "text", "text": "Ana"}]});
    let button = |index: Value, sub_type: &str| json!({"type": "button", "sub_type": sub_type, "index": index, "parameters": [{}]});
    let (url, coupon) = (button(json!("0"), "url"), button(json!(1), "COPY_CODE"));
    assert_eq!(code("promo", "en_US", &json!([image, body, url, coupon])), 0);
    assert_eq!(code("promo", "en_US", &json!([image, body, url])), 131008);
    assert_eq!(code("promo", "en_US", &json!([image, body, url, coupon, button(json!(2), "url")])), 132012);
    assert_eq!(code("promo", "en_US", &json!([image, body, button(json!(0), "quick_reply"), coupon])), 132012);
}

#[test]
fn a_template_must_be_approved() {
    for (status, expected) in [("PAUSED", 132015), ("DISABLED", 132016), ("PENDING", 132001), ("REJECTED", 132001)] {
        let template = json!({"name": "t", "language": "en", "body": "Hi", "status": status});
        let templates = [serde_json::from_value(template).unwrap()];
        let sent = json!({"name": "t", "language": {"code": "en"}});
        assert_eq!(check(&templates, sent.as_object().unwrap(), Sent::default()).unwrap_err().code, expected);
    }
}

#[test]
fn every_built_in_template_can_be_sent() {
    let media = |kind: &str| json!({"type": "header", "parameters": [{"type": kind, kind: {"id": "1"}}]});
    let ana = texts("body", &["Ana"]);
    let suffix = json!({"type": "text", "text": "a"});
    let coupon = json!({"type": "coupon_code", "coupon_code": "SAVE10"});
    let action = |action: Value| json!({"type": "action", "action": action});
    let offer = json!({"type": "limited_time_offer", "parameters": [{"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": 1}}]});
    let arrival = |index: usize| {
        json!({"card_index": index, "components": [media("image"), texts("body", &["Tea"]),
        button(1, "url", &suffix)]})
    };
    let product = |index: usize| json!({"card_index": index, "components": [media("product")]});
    let spot =
        json!({"type": "header", "parameters": [{"type": "location", "location": {"latitude": 1, "longitude": 2}}]});
    let call = json!({"type": "button", "sub_type": "voice_call", "parameters": [{"type": "payload", "payload": "p"}]});
    let names = ["name", "order"].map(|name| json!({"type": "text", "text": "x", "parameter_name": name}));
    let two = texts("body", &["Ana", "#1"]);
    let messages = [
        ("hello_world", json!([])),
        ("order_update", json!([two])),
        ("order_update_named", json!([{"type": "body", "parameters": names}])),
        ("appointment", json!([texts("header", &["9:00"]), two])),
        ("promo", json!([media("image"), ana, button(0, "url", &suffix), button(1, "copy_code", &coupon)])),
        (
            "login_code",
            json!([texts("body", &["123456"]), button(0, "url", &json!({"type": "text", "text": "123456"}))]),
        ),
        ("invoice", json!([media("document"), two])),
        ("pick_up", json!([spot, ana])),
        ("feedback", json!([ana, button(2, "quick_reply", &json!({"type": "payload", "payload": "none"}))])),
        ("book_visit", json!([ana, button(0, "flow", &action(json!({"flow_token": "t"})))])),
        ("call_us", json!([ana, call])),
        ("pay_order", json!([ana, button(0, "order_details", &action(json!({"order_details": {}})))])),
        ("flash_sale", json!([media("image"), two, offer, button(0, "copy_code", &coupon), button(1, "url", &suffix)])),
        ("our_catalog", json!([ana])),
        (
            "abandoned_cart",
            json!([
                texts("header", &["Ana"]),
                texts("body", &["C"]),
                button(0, "mpm", &action(json!({"sections": []})))
            ]),
        ),
        ("new_arrivals", json!([ana, {"type": "carousel", "cards": [arrival(0), arrival(1)]}])),
        ("picked_for_you", json!([ana, {"type": "carousel", "cards": [product(0), product(1), product(2)]}])),
    ];
    for (name, components) in &messages {
        assert_eq!(code(name, "en_US", components), 0, "{name}");
    }
    for template in built_in() {
        assert!(messages.iter().any(|(name, _)| *name == template.name), "{} is not tried", template.name);
    }
    let cards = |cards: Value| json!([ana, {"type": "carousel", "cards": cards}]);
    let without = |name: &str, at: usize| {
        let mut components = messages.iter().find(|(other, _)| *other == name).unwrap().1.clone();
        components.as_array_mut().unwrap().remove(at);
        components
    };
    for (name, components, expected) in [
        ("invoice", json!([media("image"), two]), 132012),
        ("invoice", json!([two]), 132012),
        ("pick_up", json!([media("video"), ana]), 132012),
        (
            "pick_up",
            json!([{"type": "header", "parameters": [spot["parameters"][0], spot["parameters"][0]]}, ana]),
            132000,
        ),
        ("login_code", without("login_code", 1), 131008),
        ("login_code", json!([texts("body", &["1"]), button(0, "copy_code", &coupon)]), 132012),
        (
            "login_code",
            json!([texts("body", &["1"]), button(0, "url", &json!({"type": "text", "text": "1".repeat(16)}))]),
            131009,
        ),
        ("feedback", json!([ana, button(3, "quick_reply", &json!({"type": "payload", "payload": "p"}))]), 132012),
        ("call_us", json!([ana, button(1, "url", &suffix)]), 132018),
        ("feedback", json!([ana, call]), 132012),
        ("flash_sale", without("flash_sale", 2), 131008),
        ("feedback", json!([ana, offer]), 132012),
        ("abandoned_cart", without("abandoned_cart", 2), 131008),
        ("pay_order", without("pay_order", 1), 131008),
        ("new_arrivals", json!([ana]), 131008),
        ("feedback", cards(json!([arrival(0)])), 132012),
        ("new_arrivals", cards(json!([arrival(0)])), 132012),
        ("new_arrivals", cards(json!([arrival(0), arrival(2)])), 132012),
        ("new_arrivals", cards(json!([arrival(0), product(1)])), 132012),
        (
            "new_arrivals",
            cards(json!([arrival(0), {"card_index": 1, "components": [media("image"), button(1, "url", &suffix)]}])),
            132000,
        ),
        (
            "new_arrivals",
            cards(json!([arrival(0), {"card_index": 1, "components": [media("image"), texts("body", &["Tea"])]}])),
            131008,
        ),
    ] {
        assert_eq!(code(name, "en_US", &components), expected, "{name} {components}");
    }
}

#[test]
fn a_category_decides_who_gets_a_template() {
    let otp = json!([texts("body", &["1"]), button(0, "url", &json!({"type": "text", "text": "1"}))]);
    let (invoice, catalog) = (
        json!([{"type": "header", "parameters": [{"type": "document", "document": {"id": "1"}}]}, texts("body", &["Ana", "1"])]),
        json!([texts("body", &["Ana"])]),
    );
    let to_user = Sent { to_user: true, ..Sent::default() };
    let to_group = Sent { to_group: true, ..Sent::default() };
    let marketing = Sent { marketing: true, ..Sent::default() };
    for (name, components, how, expected) in [
        ("login_code", &otp, to_user, 131062),
        ("login_code", &otp, to_group, 131051),
        ("login_code", &otp, marketing, 134100),
        ("invoice", &invoice, to_user, 0),
        ("invoice", &invoice, to_group, 0),
        ("invoice", &invoice, marketing, 134100),
        ("our_catalog", &catalog, marketing, 0),
        ("hello_world", &json!([]), marketing, 0),
    ] {
        assert_eq!(sent(name, "en_US", components, how), expected, "{name} {how:?}");
    }
}
