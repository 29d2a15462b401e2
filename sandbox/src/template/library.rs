//! Templates of Meta's library (its page "Template library"). The sandbox has no copy of it: it takes any name, and the text
//! that it makes up says which it is and has no variables.

use serde_json::{Map, Value, json};

use crate::graph::GraphError;

/// The same request with components, of one that names a template of the library instead.
pub(super) fn filled(body: &Map<String, Value>) -> Result<Option<Map<String, Value>>, GraphError> {
    let name = match body.get("library_template_name") {
        None => return Ok(None),
        Some(Value::String(name)) if !name.is_empty() => name,
        Some(_) => return Err(GraphError::param("Param library_template_name must be a non-empty string")),
    };
    let empty = Value::Null;
    let extras = body.get("library_template_body_inputs").unwrap_or(&empty);
    if !(extras.is_null() || extras.is_object()) {
        return Err(GraphError::param("Param library_template_body_inputs must be an object"));
    }
    let is_code =
        body.get("category").and_then(Value::as_str).is_some_and(|of| of.eq_ignore_ascii_case("AUTHENTICATION"));
    let mut components = vec![match is_code {
        true => json!({"type": "BODY", "add_security_recommendation": extras["add_security_recommendation"] == true}),
        false => json!({"type": "BODY", "text": format!("This is {name} of Meta's template library.")}),
    }];
    if let Some(minutes) = extras.get("code_expiration_minutes") {
        components.push(json!({"type": "FOOTER", "code_expiration_minutes": minutes}));
    }
    let inputs = match body.get("library_template_button_inputs") {
        None => &[][..],
        Some(Value::Array(inputs)) => inputs.as_slice(),
        Some(_) => return Err(GraphError::param("Param library_template_button_inputs must be an array.")),
    };
    if !inputs.is_empty() {
        let buttons = inputs.iter().map(button).collect::<Result<Vec<Value>, _>>()?;
        components.push(json!({"type": "BUTTONS", "buttons": buttons}));
    }
    let mut whole = body.clone();
    whole.insert("components".to_owned(), components.into());
    Ok(Some(whole))
}

/// The button that an input fills.
fn button(input: &Value) -> Result<Value, GraphError> {
    let lacks = |name: &str| GraphError::param(format!("Param library_template_button_inputs: {name} is required"));
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let kind = text(&input["type"]).ok_or_else(|| lacks("type"))?.to_ascii_uppercase();
    Ok(match kind.as_str() {
        "URL" => {
            let url = text(&input["url"]["base_url"]).ok_or_else(|| lacks("url.base_url"))?;
            let mut button = json!({"type": kind, "text": "Open", "url": url});
            if let Some(example) = text(&input["url"]["url_suffix_example"]) {
                button["example"] = json!([example]);
            }
            button
        }
        "PHONE_NUMBER" => {
            let number = text(&input["phone_number"]).ok_or_else(|| lacks("phone_number"))?;
            json!({"type": kind, "text": "Call", "phone_number": number})
        }
        "OTP" => {
            let mut button = input.clone();
            button["text"] = "Copy code".into();
            button
        }
        _ => json!({"type": "QUICK_REPLY", "text": "Yes"}),
    })
}
