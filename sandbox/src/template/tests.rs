use super::*;
use serde_json::json;

fn code(name: &str, language: &str, components: &Value) -> i64 {
    let sent = json!({"name": name, "language": {"code": language}, "components": components});
    check(&built_in(), sent.as_object().unwrap()).err().map_or(0, |error| error.code)
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
    let (url, coupon) = (button(json!("0"), "url"), button(json!(1), "copy_code"));
    assert_eq!(code("promo", "en_US", &json!([image, body, url, coupon])), 0);
    assert_eq!(code("promo", "en_US", &json!([image, body, url])), 131008);
    assert_eq!(code("promo", "en_US", &json!([image, body, url, coupon, button(json!(2), "url")])), 132012);
    assert_eq!(code("promo", "en_US", &json!([image, body, button(json!(0), "quick_reply"), coupon])), 132012);
}

#[test]
fn a_template_must_be_approved() {
    for (status, expected) in [("PAUSED", 132015), ("DISABLED", 132016), ("PENDING", 132001), ("REJECTED", 132001)] {
        let templates = [Template { status: status.to_owned(), ..Template::built_in("t", "en", "Hi") }];
        let sent = json!({"name": "t", "language": {"code": "en"}});
        assert_eq!(check(&templates, sent.as_object().unwrap()).unwrap_err().code, expected);
    }
}
