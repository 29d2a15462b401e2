use super::*;
use crate::message::{Content, Message};
use crate::operation::registry::payload;
use serde_json::{Value, json};

/// Definitions as Meta tells them.
fn account() -> Vec<TemplateDefinition> {
    let body = |text: &str| json!({"type": "BODY", "text": text});
    let all = json!([
        {"name": "order_update", "language": "en_US", "status": "APPROVED", "components": [
            body("Hello {{1}}, your order {{2}} is on its way.")]},
        {"name": "order_update", "language": "de", "status": "APPROVED", "components": [
            body("Hallo {{1}}, deine Bestellung {{2}} ist unterwegs.")]},
        {"name": "by_name", "language": "en_US", "status": "APPROVED", "parameter_format": "NAMED", "components": [
            body("Hello {{name}}, your order {{order}} is on its way.")]},
        {"name": "promo", "language": "en_US", "status": "APPROVED", "components": [
            {"type": "HEADER", "format": "IMAGE"}, body("Hello {{1}}, this is for you."),
            {"type": "BUTTONS", "buttons": [
                {"type": "URL", "text": "Show me", "url": "https://example.com/offer/{{1}}"},
                {"type": "COPY_CODE", "text": "Copy code"},
                {"type": "URL", "text": "Help", "url": "https://example.com/help"}]}]},
        {"name": "appointment", "language": "en_US", "status": "APPROVED", "components": [
            {"type": "HEADER", "format": "TEXT", "text": "Your appointment at {{1}}"}, body("See you.")]},
        {"name": "paused", "language": "en_US", "status": "PAUSED", "components": [body("Hello.")]},
        {"name": "refused", "language": "en_US", "status": "REJECTED", "rejected_reason": "INVALID_FORMAT",
         "components": [body("Hello.")]},
        {"name": "waiting", "language": "en_US", "status": "PENDING", "components": [body("Hello.")]},
        {"name": "login_code", "language": "en_US", "status": "APPROVED", "category": "AUTHENTICATION", "components": [
            {"type": "BODY", "add_security_recommendation": true},
            {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code"}]}]},
        {"name": "flash_sale", "language": "en_US", "status": "APPROVED", "components": [
            {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends soon", "has_expiration": true}},
            body("Good news.")]},
        {"name": "new_arrivals", "language": "en_US", "status": "APPROVED", "components": [
            body("Look, {{1}}"),
            {"type": "CAROUSEL", "cards": [
                {"components": [{"type": "HEADER", "format": "IMAGE"}, body("{{1}} is back."),
                    {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "More"}]}]},
                {"components": [{"type": "HEADER", "format": "IMAGE"}, body("{{1}} is back."),
                    {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "More"}]}]}]}]},
        {"name": "new_kind", "language": "en_US", "status": "SOMETHING_NEW", "components": [
            body("Hello."), {"type": "SOMETHING"},
            {"type": "BUTTONS", "buttons": [{"type": "TELEPORT", "text": "Go"}]}]},
    ]);
    serde_json::from_value(all).unwrap()
}

/// What is told of a message with these arguments: path, rule and sentence.
#[allow(clippy::needless_pass_by_value, reason = "reads better in tables")]
fn told(name: &str, language: &str, arguments: Value) -> Vec<String> {
    let mut all = json!({"to": "+15550001234", "name": name, "language": language});
    all.as_object_mut().unwrap().extend(arguments.as_object().unwrap().clone());
    let body: Value = serde_json::from_str(&payload("send_template", &all.to_string()).unwrap()).unwrap();
    let Content::Template(template) = Message::from_payload(&body).unwrap().content else { panic!("no template") };
    let found = Family::new(name, &account(), true).check(&template);
    found.into_iter().map(|v| format!("{} {}: {}", v.path, v.rule, v.message)).collect()
}

#[test]
fn what_fits_passes() {
    let image = json!({"image": "https://example.com/a.jpg"});
    let card = json!({"header": image, "body": ["Tea"], "buttons": [{"index": 0, "quick_reply": "more"}]});
    for (name, language, arguments) in [
        ("order_update", "en_US", json!({"body": ["Ana", "#1"]})),
        (
            "order_update",
            "de",
            json!({"body": ["Ana", {"currency": {"fallback_value": "1", "code": "EUR", "amount_1000": 1}}]}),
        ),
        ("by_name", "en_US", json!({"body": {"order": "#1", "name": "Ana"}})),
        (
            "promo",
            "en_US",
            json!({"header": image, "body": ["Ana"], "buttons": [{"index": 0, "url": "x"}, {"index": 1, "copy_code": "A1"}]}),
        ),
        ("appointment", "en_US", json!({"header": "the office"})),
        ("login_code", "en_US", json!({"buttons": [{"index": 0, "otp": "123456"}]})),
        ("flash_sale", "en_US", json!({"limited_time_offer": {"expiration_time_ms": 1_900_000_000_000_i64}})),
        ("new_arrivals", "en_US", json!({"body": ["Ana"], "cards": [card, {"header": image, "body": ["Tea"]}]})),
        ("new_kind", "en_US", json!({"buttons": [{"index": 0, "url": "x"}]})),
    ] {
        assert_eq!(told(name, language, arguments), Vec::<String>::new(), "{name}");
    }
}

/// The ten mistakes that people report most, and those beside them.
#[test]
fn each_mistake_is_told_in_the_templates_own_words() {
    let image = json!({"image": "https://example.com/a.jpg"});
    let buttons = json!([{"index": 0, "url": "x"}, {"index": 1, "copy_code": "A1"}]);
    let with = |more: Value| {
        let mut all = json!({"header": image, "body": ["Ana"], "buttons": buttons});
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        all
    };
    let without = |name: &str| {
        let mut all = with(json!({}));
        all.as_object_mut().unwrap().remove(name);
        all
    };
    for (mistake, name, language, arguments, expected) in [
        (
            "wrong count",
            "order_update",
            "en_US",
            json!({"body": ["Ana"]}),
            "template.components[0].parameters count: body of order_update (en_US) takes 2 values {{1}} {{2}}, got 1",
        ),
        (
            "none at all",
            "order_update",
            "de",
            json!({}),
            "template.components count: body of order_update (de) takes 2 values {{1}} {{2}}, got 0",
        ),
        (
            "values where there are none",
            "appointment",
            "en_US",
            json!({"header": "here", "body": ["Ana"]}),
            "template.components[1].parameters count: body of appointment (en_US) takes no values, got 1",
        ),
        (
            "missing name",
            "by_name",
            "en_US",
            json!({"body": {"name": "Ana"}}),
            "template.components[0].parameters required: body of by_name (en_US) takes {{name}} {{order}}: {{order}} is missing",
        ),
        (
            "extra name",
            "by_name",
            "en_US",
            json!({"body": {"name": "Ana", "order": "#1", "city": "Graz"}}),
            "template.components[0].parameters[2].parameter_name unknown: body of by_name (en_US) takes {{name}} {{order}}, not {{city}}",
        ),
        (
            "positional for named",
            "by_name",
            "en_US",
            json!({"body": ["Ana", "#1"]}),
            "template.components[0].parameters conflict: body of by_name (en_US) takes its values by name, {{name}} {{order}}, got 2 in order",
        ),
        (
            "named for positional",
            "order_update",
            "en_US",
            json!({"body": {"a": "Ana", "b": "#1"}}),
            "template.components[0].parameters conflict: body of order_update (en_US) takes its values in order, {{1}} {{2}}, got them by name",
        ),
        (
            "header missing",
            "promo",
            "en_US",
            without("header"),
            "template.components required: header of promo (en_US) is an image, none was given",
        ),
        (
            "value of the header missing",
            "appointment",
            "en_US",
            json!({}),
            "template.components count: header of appointment (en_US) takes 1 value {{1}}, got 0",
        ),
        (
            "header of the wrong kind",
            "promo",
            "en_US",
            with(json!({"header": {"video": "https://example.com/a.mp4"}})),
            "template.components[0].parameters[0].type choice: header of promo (en_US) is an image, got a video",
        ),
        (
            "header where there is none",
            "order_update",
            "en_US",
            json!({"header": image, "body": ["Ana", "#1"]}),
            "template.components[0] conflict: order_update (en_US) has no header, got an image",
        ),
        (
            "url suffix missing",
            "promo",
            "en_US",
            with(json!({"buttons": [{"index": 1, "copy_code": "A1"}]})),
            "template.components required: button 0 \"Show me\" of promo (en_US) opens https://example.com/offer/{{1}} and takes url, none was given",
        ),
        (
            "code missing",
            "promo",
            "en_US",
            with(json!({"buttons": [{"index": 0, "url": "x"}]})),
            "template.components required: button 1 \"Copy code\" of promo (en_US) copies a code and takes copy_code, none was given",
        ),
        (
            "button out of range",
            "promo",
            "en_US",
            with(
                json!({"buttons": [{"index": 0, "url": "x"}, {"index": 1, "copy_code": "A1"}, {"index": 3, "url": "y"}]}),
            ),
            "template.components[4].index choice: promo (en_US) has 3 buttons, at index 0 to 2; there is none at 3",
        ),
        (
            "button where there are none",
            "order_update",
            "en_US",
            json!({"body": ["Ana", "#1"], "buttons": [{"index": 0, "url": "x"}]}),
            "template.components[1] conflict: order_update (en_US) has no buttons",
        ),
        (
            "button of another kind",
            "promo",
            "en_US",
            with(json!({"buttons": [{"index": 0, "quick_reply": "x"}, {"index": 1, "copy_code": "A1"}]})),
            "template.components[2].sub_type choice: button 0 \"Show me\" of promo (en_US) opens https://example.com/offer/{{1}} and takes url, got quick_reply",
        ),
        (
            "button that takes nothing",
            "promo",
            "en_US",
            with(
                json!({"buttons": [{"index": 0, "url": "x"}, {"index": 1, "copy_code": "A1"}, {"index": 2, "url": "y"}]}),
            ),
            "template.components[4] conflict: button 2 \"Help\" of promo (en_US) opens https://example.com/help and takes no value, got url",
        ),
        (
            "language not there",
            "order_update",
            "en",
            json!({"body": ["Ana", "#1"]}),
            "template.language.code choice: order_update has no translation \"en\"; there are en_US, de (132001)",
        ),
        (
            "language nearly there",
            "order_update",
            "en_UK",
            json!({"body": ["Ana", "#1"]}),
            "template.language.code choice: order_update has no translation \"en_UK\", did you mean en_US? There are en_US, de",
        ),
        (
            "only one language",
            "promo",
            "de",
            with(json!({})),
            "template.language.code choice: promo has no translation \"de\", only en_US (132001)",
        ),
        (
            "name not there",
            "order_updates",
            "en_US",
            json!({}),
            "template.name choice: the business account has no template \"order_updates\"; did you mean order_update? (132001)",
        ),
        (
            "paused",
            "paused",
            "en_US",
            json!({}),
            "template.name conflict: paused (en_US) is paused: Meta has stopped it for now because people did not like it (132015)",
        ),
        (
            "rejected",
            "refused",
            "en_US",
            json!({}),
            "template.name conflict: refused (en_US) was rejected by Meta (INVALID_FORMAT)",
        ),
        (
            "not approved",
            "waiting",
            "en_US",
            json!({}),
            "template.name conflict: waiting (en_US) is not approved yet (PENDING)",
        ),
        (
            "code of an authentication template",
            "login_code",
            "en_US",
            json!({"body": ["123456"]}),
            "template.components required: button 0 \"Copy code\" of login_code (en_US) hands over a one-time password and takes otp, none was given",
        ),
        (
            "end of an offer",
            "flash_sale",
            "en_US",
            json!({}),
            "template.components required: the offer of flash_sale (en_US) ends at a time, and limited_time_offer was not given",
        ),
        (
            "offer where there is none",
            "order_update",
            "en_US",
            json!({"body": ["Ana", "#1"], "limited_time_offer": {"expiration_time_ms": 1_900_000_000_000_i64}}),
            "template.components[1] conflict: order_update (en_US) has no limited-time offer",
        ),
        (
            "cards",
            "new_arrivals",
            "en_US",
            json!({"body": ["Ana"]}),
            "template.components required: new_arrivals (en_US) has 2 cards, none was given",
        ),
        (
            "card too few",
            "new_arrivals",
            "en_US",
            json!({"body": ["Ana"], "cards": [{"header": image, "body": ["Tea"]}]}),
            "template.components[1].cards count: new_arrivals (en_US) has 2 cards, got 1",
        ),
        (
            "value of a card",
            "new_arrivals",
            "en_US",
            json!({"body": ["Ana"], "cards": [{"header": image, "body": ["Tea"]}, {"header": image}]}),
            "template.components[1].cards[1].components count: body of card 1 of new_arrivals (en_US) takes 1 value {{1}}, got 0",
        ),
    ] {
        assert_eq!(told(name, language, arguments), [expected], "{mistake}");
    }
    let slip = told("by_name", "en_US", json!({"body": {"name": "Ana", "ordr": "#1"}}));
    assert!(slip[1].ends_with("not {{ordr}}; did you mean {{order}}?") && slip.len() == 2, "{slip:?}");
}

#[test]
fn what_is_not_known_is_not_judged() {
    let message = Template::new("order_update", "fr");
    assert!(Family::new("order_update", &account(), false).check(&message).is_empty());
    assert!(!Family::new("order_update", &account(), true).check(&message).is_empty());
    // A filter by name finds others, too.
    assert!(Family::new("order", &account(), false).check(&Template::new("order", "en_US")).is_empty());
}

#[test]
fn a_button_of_a_one_time_password_is_known_as_meta_tells_it() {
    let definition = json!([{"name": "code", "language": "en", "status": "APPROVED", "category": "AUTHENTICATION",
        "components": [{"type": "BODY", "text": "*{{1}}* is your code."}, {"type": "BUTTONS", "buttons": [
            {"type": "URL", "text": "Copy code", "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}"}]}]}]);
    let family = Family::new("code", &serde_json::from_value::<Vec<_>>(definition).unwrap(), true);
    let told = family.check(&Template::new("code", "en"));
    let messages: Vec<&str> = told.iter().map(|violation| violation.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "body of code (en) takes 1 value {{1}}, got 0",
            "button 0 \"Copy code\" of code (en) hands over a one-time password and takes otp, none was given",
        ]
    );
}
