//! Templates in Meta's own form, which it tells, and what the sandbox knows of them.

use serde_json::{Map, Value, json};

use super::{Template, TemplateButton, TemplateCard, TemplateHeader, TemplateOffer};

/// Members of a template that can be asked for (the Graph API's reference of the node), in the order of recorded answers.
const FIELDS: &[&str] = &[
    "name",
    "parameter_format",
    "components",
    "language",
    "status",
    "category",
    "id",
    "rejected_reason",
    "quality_score",
    "previous_category",
    "sub_category",
    "message_send_ttl_seconds",
    "cta_url_link_tracking_opted_out",
    "correct_category",
    "library_template_name",
    "bid_spec",
    "degrees_of_freedom_spec",
    "health_status",
];

/// Those that come without being asked for.
const USUAL: &str = "name,parameter_format,components,language,status,category,id";

/// A template's category; built-in ones that go through both endpoints are told as utility.
pub(super) fn category(template: &Template) -> String {
    template.category.clone().unwrap_or_else(|| "UTILITY".to_owned())
}

/// The members that were asked for, or the name of one that there is not.
pub(super) fn told(template: &Template, fields: Option<&str>) -> Result<Value, String> {
    let mut told = Map::new();
    for name in fields.unwrap_or(USUAL).split(',').map(str::trim).filter(|name| !name.is_empty()) {
        if !FIELDS.contains(&name) {
            return Err(name.to_owned());
        }
        let value = match name {
            "name" => json!(template.name),
            "parameter_format" => json!(template.parameter_format.to_ascii_uppercase()),
            "components" => Value::Array(components(template)),
            "language" => json!(template.language),
            "status" => json!(template.status),
            "category" => json!(category(template)),
            "rejected_reason" => json!(template.rejected_reason.as_deref().unwrap_or("NONE")),
            "quality_score" => json!({"score": "UNKNOWN"}),
            "library_template_name" if template.library_template_name.is_some() => {
                json!(template.library_template_name)
            }
            // Graph leaves out what it has nothing to say of.
            _ => continue,
        };
        told.insert(name.to_owned(), value);
    }
    // The id comes with any.
    told.insert("id".to_owned(), json!(template.id));
    Ok(Value::Object(told))
}

/// What a template is made of, as Meta tells it.
fn components(template: &Template) -> Vec<Value> {
    let is_code = category(template) == "AUTHENTICATION";
    let mut components = template.components.clone().unwrap_or_else(|| made(template));
    for component in &mut components {
        if let Some(kind) = component["type"].as_str().map(str::to_ascii_uppercase) {
            component["type"] = kind.into();
        }
        // "Authentication templates": the text is Meta's own, and so is where the button leads.
        if is_code && component["type"] == "BODY" {
            component["text"] = template.body.as_str().into();
        }
        for button in component.get_mut("buttons").and_then(Value::as_array_mut).into_iter().flatten() {
            if button["type"] == "OTP" {
                let kind = button["otp_type"].as_str().unwrap_or("COPY_CODE").to_owned();
                let text = button["text"].as_str().unwrap_or("Copy code").to_owned();
                let url = format!("https://www.whatsapp.com/otp/code/?otp_type={kind}&code=otp{{{{1}}}}");
                *button = json!({"type": "URL", "text": text, "url": url, "example": [format!("{url}123456")]});
            }
        }
    }
    components
}

/// Those of a template that was not created through the API.
fn made(template: &Template) -> Vec<Value> {
    let mut components = part(template.header.as_ref(), Some(&template.body), &template.buttons);
    if let Some(offer) = &template.limited_time_offer {
        components.push(json!({"type": "LIMITED_TIME_OFFER", "limited_time_offer": offer}));
    }
    if !template.cards.is_empty() {
        let card =
            |card: &TemplateCard| json!({"components": part(Some(&card.header), card.body.as_deref(), &card.buttons)});
        components.push(json!({"type": "CAROUSEL", "cards": template.cards.iter().map(card).collect::<Vec<_>>()}));
    }
    components
}

fn part(header: Option<&TemplateHeader>, body: Option<&str>, buttons: &[TemplateButton]) -> Vec<Value> {
    let mut components = Vec::new();
    if let Some(header) = header {
        let mut told = json!({"type": "HEADER"});
        if let Ok(Value::Object(more)) = serde_json::to_value(header) {
            told.as_object_mut().into_iter().for_each(|told| told.extend(more.clone()));
        }
        components.push(told);
    }
    components.extend(body.map(|text| json!({"type": "BODY", "text": text})));
    if !buttons.is_empty() {
        components.push(json!({"type": "BUTTONS", "buttons": buttons}));
    }
    components
}

/// What the sandbox has to know of components to hold messages to them.
pub(super) fn read(template: &mut Template, components: &[Value]) {
    let (header, body, buttons) = read_part(components);
    let is_code = category(template) == "AUTHENTICATION";
    template.header = header;
    template.body = match body {
        Some(text) => text,
        None if is_code => {
            let warns = component(components, "BODY").is_some_and(|body| body["add_security_recommendation"] == true);
            let warning = if warns { " For your security, do not share this code." } else { "" };
            format!("*{{{{1}}}}* is your verification code.{warning}")
        }
        None => String::new(),
    };
    template.buttons = buttons;
    let offer = component(components, "LIMITED_TIME_OFFER").map(|component| &component["limited_time_offer"]);
    template.limited_time_offer = offer.map(|offer| TemplateOffer {
        text: offer["text"].as_str().unwrap_or_default().to_owned(),
        has_expiration: offer["has_expiration"].as_bool().unwrap_or_default(),
    });
    let cards = component(components, "CAROUSEL").and_then(|carousel| carousel["cards"].as_array());
    let card = |card: &Value| {
        let (header, body, buttons) = read_part(card["components"].as_array().map_or(&[][..], Vec::as_slice));
        TemplateCard {
            header: header.unwrap_or(TemplateHeader { format: "TEXT".to_owned(), text: None }),
            body,
            buttons,
        }
    };
    template.cards = cards.into_iter().flatten().map(card).collect();
    template.components = Some(components.to_vec());
}

type Part = (Option<TemplateHeader>, Option<String>, Vec<TemplateButton>);

fn read_part(components: &[Value]) -> Part {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let header = component(components, "HEADER").map(|header| TemplateHeader {
        format: header["format"].as_str().unwrap_or("TEXT").to_ascii_uppercase(),
        text: text(&header["text"]),
    });
    let body = component(components, "BODY").and_then(|body| text(&body["text"]));
    let buttons = component(components, "BUTTONS").and_then(|buttons| buttons["buttons"].as_array());
    let button = |button: &Value| TemplateButton {
        kind: button["type"].as_str().unwrap_or_default().to_ascii_uppercase(),
        url: text(&button["url"]),
        text: text(&button["text"]),
    };
    (header, body, buttons.into_iter().flatten().map(button).collect())
}

/// The component of this type, whatever its capitals: Meta's examples have both.
pub(super) fn component<'v>(components: &'v [Value], kind: &str) -> Option<&'v Value> {
    components.iter().find(|one| one["type"].as_str().is_some_and(|given| given.eq_ignore_ascii_case(kind)))
}
