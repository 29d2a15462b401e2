//! What only Meta's pages describe.

use super::*;

/// A valid order in this currency: 2 × 12.00 and 1 × 10.00 instead of 15.00.
pub(super) fn order(currency: &str) -> Value {
    let amount = |value: i64| json!({"value": value, "offset": 100});
    let item = |name: &str, price: i64, quantity: i64| json!({"retailer_id": "1", "name": name, "amount": amount(price), "quantity": quantity});
    let mut reduced = item("Tea", 1500, 1);
    reduced["sale_amount"] = amount(1000);
    let order = json!({"status": "pending", "items": [item("Cup", 1200, 2), reduced], "subtotal": amount(3400), "tax": amount(0),
        "shipping": {"value": 500, "offset": 100, "description": "Express"}, "expiration": {"timestamp": "1798761600", "description": "Soon"},
        "discount": {"value": 400, "offset": 100, "discount_program_name": "Friends"}});
    let mut order = json!({"reference_id": "order_1.2-3", "type": "physical-goods", "currency": currency, "total_amount": amount(3500), "order": order});
    match currency {
        "BRL" => {
            order["payment_type"] = "br".into();
            order["payment_settings"] = json!([
                {"type": "pix_dynamic_code", "pix_dynamic_code": {"code": "000201", "merchant_name": "M", "key": "1", "key_type": "CNPJ"}},
                {"type": "payment_link", "payment_link": {"uri": "https://pay.example/1"}},
                {"type": "boleto", "boleto": {"digitable_line": "03399026944140000002628346101018898510000008848"}},
                {"type": "offsite_card_pay", "offsite_card_pay": {"last_four_digits": "5235", "credential_id": "1"}}]);
        }
        _ => {
            let gateway = json!({"type": "razorpay", "configuration_name": "main", "razorpay": {"receipt": "r", "notes": {"a": "b"}}});
            order["payment_settings"] = json!([{"type": "payment_gateway", "payment_gateway": gateway}]);
            order["beneficiaries"] = json!([{"name": "Ana", "address_line1": "1", "city": "Mumbai", "state": "MH", "country": "India", "postal_code": "400051"}]);
        }
    }
    order
}

pub(super) fn status() -> Value {
    json!({"reference_id": "order-1", "order": {"status": "partially-shipped", "description": "The rest follows."},
        "payment": {"status": "captured", "timestamp": 1_722_445_231}})
}

fn message(kind: &str, content: &Value) -> Value {
    json!({"messaging_product": "whatsapp", "to": "+15550001234", "type": kind, kind: content})
}

fn interactive(kind: &str, action: &Value) -> Value {
    message("interactive", &json!({"type": kind, "body": {"text": "Body"}, "action": action}))
}

fn template(component: &Value) -> Value {
    message("template", &json!({"name": "n", "language": {"code": "en"}, "components": [component]}))
}

fn url_card(index: usize) -> Value {
    json!({"card_index": index, "type": "cta_url", "header": {"type": "image", "image": {"link": "https://example.com/a.png"}},
        "body": {"text": "One\n\ntwo"}, "action": {"name": "cta_url", "parameters": {"display_text": "Buy", "url": "https://a.example"}}})
}

fn reply_card(index: usize) -> Value {
    let reply = |id: &str| json!({"type": "quick_reply", "quick_reply": {"id": id, "title": id}});
    json!({"card_index": index, "type": "cta_url", "header": {"type": "video", "video": {"link": "https://example.com/a.mp4"}},
        "action": {"buttons": [reply("more"), reply("less")]}})
}

fn product_card(index: usize) -> Value {
    json!({"card_index": index, "type": "product", "action": {"product_retailer_id": "a", "catalog_id": "1"}})
}

fn carousel(cards: &[Value]) -> Value {
    interactive("carousel", &json!({"cards": cards}))
}

fn button(sub_type: &str, parameters: &Value) -> Value {
    template(&json!({"type": "button", "sub_type": sub_type, "index": 0, "parameters": parameters}))
}

fn action(action: &Value) -> Value {
    json!([{"type": "action", "action": action}])
}

/// `body` with `value` put at `pointer`; `Null` takes the member away.
fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap() {
        Value::Object(members) if value.is_null() => {
            assert!(members.remove(name).is_some(), "{pointer}");
        }
        Value::Object(members) => {
            members.insert(name.to_owned(), value);
        }
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        other => panic!("{pointer} leads into {other}"),
    }
    body
}

fn card(index: usize) -> Value {
    json!({"card_index": index, "components": [
        {"type": "header", "parameters": [{"type": "image", "image": {"id": "1"}}]},
        {"type": "button", "sub_type": "quick_reply", "index": 0, "parameters": [{"type": "payload", "payload": "p"}]}]})
}

fn address() -> Value {
    let values = json!({"name": "Ana", "phone_number": "+91", "in_pin_code": "400063", "building_name": ""});
    interactive(
        "address_message",
        &json!({"name": "address_message", "parameters": {"country": "IN", "values": values, "validation_errors": {"in_pin_code": "Unknown"},
        "saved_addresses": [{"id": "a1", "value": values}]}}),
    )
}

fn sections(products: usize) -> Value {
    let products: Vec<Value> = (0..products).map(|n| json!({"product_retailer_id": n.to_string()})).collect();
    json!([{"title": "T", "product_items": products}])
}

#[test]
fn what_the_pages_show_is_accepted() {
    let call =
        json!({"name": "voice_call", "parameters": {"display_text": "Call us", "ttl_minutes": 43_200, "payload": "p"}});
    let mut simple = order("BRL");
    simple.as_object_mut().unwrap().remove("order");
    let call_button = json!({"type": "button", "sub_type": "voice_call",
        "parameters": [{"type": "ttl_minutes", "ttl_minutes": 100}, {"type": "payload", "payload": "p"}]});
    let mut both = message("text", &json!({"body": "Hi"}));
    both["recipient"] = "US.1".into();
    for body in [
        both,
        carousel(&[url_card(0), url_card(1)]),
        carousel(&[reply_card(1), reply_card(0)]),
        carousel(&(0..10).map(product_card).collect::<Vec<_>>()),
        interactive("request_contact_info", &json!({"name": "request_contact_info"})),
        interactive("voice_call", &call),
        interactive("order_details", &json!({"name": "review_and_pay", "parameters": order("BRL")})),
        interactive("order_details", &json!({"name": "review_and_pay", "parameters": simple})),
        interactive("order_status", &json!({"name": "review_order", "parameters": status()})),
        address(),
        button("order_details", &action(&json!({"order_details": order("INR")}))),
        button("MPM", &action(&json!({"thumbnail_product_retailer_id": "1", "sections": sections(30)}))),
        button("catalog", &action(&json!({"thumbnail_product_retailer_id": "1"}))),
        template(&json!({"type": "button", "sub_type": "CATALOG", "index": "0"})),
        button("flow", &action(&json!({"flow_token": "t", "flow_action_data": {"any": [1]}}))),
        template(&call_button),
        template(&json!({"type": "carousel", "cards": [card(0), card(1)]})),
        template(&json!({"type": "order_status", "parameters": [{"type": "order_status", "order_status": status()}]})),
        template(&json!({"type": "tap_target_configuration", "parameters": [{"type": "tap_target_configuration",
            "tap_target_configuration": [{"url": "https://a.example", "title": "Offer"}]}]})),
        template(
            &json!({"type": "header", "parameters": [{"type": "product", "product": {"product_retailer_id": "1", "catalog_id": "2"}}]}),
        ),
        json!({"messaging_product": "whatsapp", "recipient_type": "group", "to": "Y2Fw", "type": "pin",
            "pin": {"type": "pin", "message_id": "wamid.x", "expiration_days": "4"}}),
    ] {
        assert_eq!(refusal(&body), None, "{body}");
    }
}

/// Changes to a valid body, the code they get and where it points.
type Cases<'a> = &'a [(&'a str, Value, i64, &'a str)];

fn refused(valid: &Value, cases: Cases<'_>) {
    assert_eq!(refusal(valid), None, "{valid}");
    for (pointer, value, code, path) in cases {
        let body = with(valid.clone(), pointer, value.clone());
        let found = refusal(&body).map(|(code, path)| (code, path.rsplit('.').next().unwrap_or_default().to_owned()));
        assert_eq!(found, Some((*code, (*path).to_owned())), "{pointer} {value}");
    }
}

#[test]
fn an_order_adds_up_and_is_complete() {
    let at = "/interactive/action/parameters";
    let of = |name: &str| format!("{at}/{name}");
    let long = "r".repeat(36);
    for (currency, cases) in [
        (
            "INR",
            vec![
                ("reference_id", json!(""), 131009, "reference_id"),
                ("reference_id", json!("order 1"), 131009, "reference_id"),
                ("reference_id", json!(long), 131009, "reference_id"),
                ("type", json!("goods"), 131009, "type"),
                ("currency", json!("EUR"), 131009, "currency"),
                ("order", Value::Null, 131008, "order"),
                ("payment_settings", Value::Null, 131008, "payment_settings"),
                ("payment_settings/0/payment_gateway/type", json!("stripe"), 131009, "type"),
                ("total_amount/value", json!(3499), 131009, "value"),
                ("total_amount/value", json!(35.0), 100, "value"),
                ("total_amount/offset", json!(1000), 131009, "offset"),
                ("order/subtotal/value", json!(3401), 131009, "value"),
                ("order/status", json!("completed"), 131009, "status"),
                ("order/tax", Value::Null, 131008, "tax"),
                ("order/items", json!([]), 131009, "items"),
                ("order/items/0/name", json!("n".repeat(61)), 131009, "name"),
                ("order/items/0/quantity", json!(0), 131009, "quantity"),
                ("order/items/0/image", json!({"link": "https://a.example/b.png"}), 131009, "image"),
                ("order/expiration/timestamp", json!(1_798_761_600), 100, "timestamp"),
                ("order/tip", json!({}), 100, "tip"),
                ("beneficiaries/0/postal_code", json!("40005"), 131009, "postal_code"),
            ],
        ),
        (
            "BRL",
            vec![
                ("reference_id", json!("r".repeat(61)), 131009, "reference_id"),
                ("payment_type", Value::Null, 131008, "payment_type"),
                ("payment_settings/0/pix_dynamic_code/key_type", json!("IBAN"), 131009, "key_type"),
                ("payment_settings/0/pix_dynamic_code", Value::Null, 131008, "pix_dynamic_code"),
                ("payment_settings/3/offsite_card_pay/last_four_digits", json!("523"), 131009, "last_four_digits"),
                ("order/items/1/retailer_id", Value::Null, 131008, "retailer_id"),
            ],
        ),
    ] {
        let valid = interactive("order_details", &json!({"name": "review_and_pay", "parameters": order(currency)}));
        for (name, value, code, path) in cases {
            refused(&valid, &[(&of(name), value, code, path)]);
        }
    }
    let picture = json!({"type": "image", "image": {"link": "https://a.example/b.png", "provider": {"name": "P"}}});
    let valid = interactive("order_details", &json!({"name": "review_and_pay", "parameters": order("BRL")}));
    let pictured = with(valid, "/interactive/header", picture);
    refused(&pictured, &[(&of("order"), Value::Null, 131009, "header")]);
}

#[test]
fn an_order_status_says_something_known() {
    let valid = interactive("order_status", &json!({"name": "review_order", "parameters": status()}));
    let of = |name: &str| format!("/interactive/action/parameters/{name}");
    refused(
        &valid,
        &[
            (&of("order/status"), json!("cancelled"), 131009, "status"),
            (&of("order/description"), json!("d".repeat(121)), 131009, "description"),
            (&of("payment/status"), json!("paid"), 131009, "status"),
            (&of("reference_id"), Value::Null, 131008, "reference_id"),
        ],
    );
    let nothing = interactive("order_status", &json!({"name": "review_order", "parameters": {"reference_id": "1"}}));
    assert_eq!(refusal(&nothing), Some((131008, "interactive.action.parameters.order".to_owned())));
}

#[test]
fn the_cards_of_a_carousel_are_alike() {
    let of = |name: &str| format!("/interactive/action/cards/{name}");
    refused(
        &carousel(&[url_card(0), url_card(1), url_card(2)]),
        &[
            (&of("1/card_index"), json!(0), 131009, "card_index"),
            (&of("1/card_index"), json!(10), 131009, "card_index"),
            (&of("1/type"), json!("quick_reply"), 131009, "type"),
            (&of("1"), reply_card(1), 131009, "cards[1]"),
            (&of("2"), product_card(2), 131009, "cards[2]"),
            (&of("0/header"), Value::Null, 131008, "header"),
            (&of("0/body/text"), json!("b".repeat(161)), 131009, "text"),
            (&of("0/body/text"), json!("1\n2\n3\n4"), 131009, "text"),
            (&of("0/action/name"), Value::Null, 131008, "name"),
            (&of("0/action/buttons"), json!([reply_card(0)["action"]["buttons"][0]]), 100, "parameters"),
            ("/interactive/header", json!({"type": "text", "text": "H"}), 100, "header"),
            ("/interactive/footer", json!({"text": "F"}), 100, "footer"),
            ("/interactive/action/cards", json!([url_card(0)]), 131009, "cards"),
        ],
    );
    let other_catalog = with(product_card(1), "/action/catalog_id", json!("2"));
    assert_eq!(refusal(&carousel(&[product_card(0), other_catalog])).unwrap().0, 131009);
    let fewer = with(reply_card(1), "/action/buttons", json!([reply_card(1)["action"]["buttons"][0]]));
    assert_eq!(refusal(&carousel(&[reply_card(0), fewer])).unwrap().0, 131009);
}

#[test]
fn requests_to_the_customer_are_checked() {
    let of = |name: &str| format!("/interactive/action/parameters/{name}");
    refused(
        &address(),
        &[
            (&of("country"), Value::Null, 131008, "country"),
            (&of("country"), json!("DE"), 131009, "country"),
            (&of("values/zip"), json!("1"), 100, "zip"),
            (&of("values/in_pin_code"), json!("4000631"), 131009, "in_pin_code"),
            (&of("validation_errors/zip"), json!("?"), 100, "zip"),
            (&of("saved_addresses/0/id"), Value::Null, 131008, "id"),
        ],
    );
    let call = interactive("voice_call", &json!({"name": "voice_call", "parameters": {}}));
    refused(
        &call,
        &[
            (&of("ttl_minutes"), json!(43_201), 131009, "ttl_minutes"),
            (&of("display_text"), json!("d".repeat(21)), 131009, "display_text"),
            (&of("payload"), json!("p".repeat(513)), 131009, "payload"),
        ],
    );
    let contact = interactive("request_contact_info", &json!({"name": "request_contact_info"}));
    refused(
        &contact,
        &[
            ("/interactive/action/parameters", json!({}), 100, "parameters"),
            ("/interactive/body", Value::Null, 131008, "body"),
        ],
    );
}

#[test]
fn each_button_of_a_template_takes_its_own_parameter() {
    let text = json!([{"type": "text", "text": "x"}]);
    for (sub_type, parameters, code) in [
        ("quick_reply", text.clone(), 131009),
        ("url", json!([{"type": "payload", "payload": "p"}]), 131009),
        ("phone_number", text.clone(), 131009),
        ("copy_code", json!([{"type": "coupon_code", "coupon_code": "SIXTEENLETTERS16"}]), 131009),
        ("copy_code", json!([{"type": "coupon_code", "coupon_code": "10 %"}]), 131009),
        ("mpm", action(&json!({"thumbnail_product_retailer_id": "1"})), 131008),
        ("mpm", action(&json!({"sections": sections(31)})), 131009),
        ("catalog", action(&json!({"flow_token": "t"})), 100),
        ("order_details", action(&json!({})), 131008),
        ("voice_call", json!([{"type": "ttl_minutes", "ttl_minutes": 0}]), 131009),
    ] {
        let found = refusal(&button(sub_type, &parameters)).map(|(code, _)| code);
        assert_eq!(found, Some(code), "{sub_type} {parameters}");
    }
    refused(
        &template(&json!({"type": "carousel", "cards": [card(0), card(1)]})),
        &[
            ("/template/components/0/cards/1/card_index", json!(0), 131009, "card_index"),
            ("/template/components/0/cards/0/components/0/parameters", json!([]), 131009, "parameters"),
            ("/template/components/0/cards/0/components/0/type", json!("carousel"), 131009, "type"),
        ],
    );
}

#[test]
fn groups_get_what_groups_can_get() {
    let to_group = |mut body: Value| {
        body["recipient_type"] = "group".into();
        refusal(&body)
    };
    let pin = message("pin", &json!({"type": "unpin", "message_id": "wamid.x"}));
    assert_eq!(to_group(message("image", &json!({"id": "1"}))), None);
    assert_eq!(to_group(pin.clone()), None);
    assert_eq!(refusal(&pin), Some((131051, "type".to_owned())));
    assert_eq!(to_group(address()), Some((131051, "type".to_owned())));
    let forever = message("pin", &json!({"type": "pin", "message_id": "wamid.x"}));
    assert_eq!(to_group(forever), Some((131008, "pin.expiration_days".to_owned())));
}
