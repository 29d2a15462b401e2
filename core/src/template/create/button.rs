//! The buttons of a new template.

use super::{About, one_text};
use crate::message::limits;
use crate::message::violation::{Checker, Rule};
use crate::template::definition::{ButtonDefinition, is_word};
use crate::template::variables;
use crate::template::words::check_word;

/// How many of a kind there may be ("Template components").
const MOST: &[(&str, usize)] = &[
    ("URL", limits::TEMPLATE_URL_BUTTONS),
    ("PHONE_NUMBER", limits::TEMPLATE_PHONE_BUTTONS),
    ("COPY_CODE", limits::TEMPLATE_COPY_CODE_BUTTONS),
    ("OTP", 1),
    ("FLOW", 1),
    ("CATALOG", 1),
    ("MPM", 1),
];

/// Kinds whose text is Meta's own: there need not be any.
const OWN_TEXT: &[&str] = &["COPY_CODE", "OTP", "CATALOG", "MPM", "SPM", "REQUEST_CONTACT_INFO"];

/// How a one-time password is handed over ("Authentication templates").
const OTP_TYPES: &[&str] = &["COPY_CODE", "ONE_TAP", "ZERO_TAP"];

pub(super) fn check_all(buttons: Option<&[ButtonDefinition]>, about: About, checker: &mut Checker) {
    let buttons = buttons.unwrap_or_default();
    let most = if about.is_card { limits::TEMPLATE_CARD_BUTTONS } else { limits::TEMPLATE_BUTTONS };
    checker.count("buttons", buttons.len(), 1, most);
    for (kind, most) in MOST {
        let count = buttons.iter().filter(|button| is_word(button.kind.as_ref(), kind)).count();
        if count > *most {
            checker.refuse_at("buttons", Rule::Count, format!("must have at most {most} of type {kind}, has {count}"));
        }
    }
    checker.items("buttons", buttons, |checker, button| {
        button.check_types(checker);
        check(button, about, checker);
    });
}

fn check(button: &ButtonDefinition, about: About, checker: &mut Checker) {
    let kind = button.kind.as_deref().unwrap_or_default().to_ascii_uppercase();
    if kind.is_empty() {
        checker.refuse_at("type", Rule::Required, "is required: text such as QUICK_REPLY");
    }
    let at_least = usize::from(!OWN_TEXT.contains(&kind.as_str()));
    match &button.text {
        Some(text) => checker.text("text", text, at_least, limits::TEMPLATE_BUTTON_TEXT),
        None if at_least == 1 => checker.refuse_at("text", Rule::Required, "is required: what the button says"),
        None => {}
    }
    match kind.as_str() {
        "URL" => check_url(button, checker),
        "PHONE_NUMBER" => {
            let phone = button.phone_number.as_deref().unwrap_or_default();
            checker.text("phone_number", phone, 1, limits::TEMPLATE_BUTTON_PHONE);
        }
        "COPY_CODE" => match one_text(button.example.as_ref()) {
            Some(code) => checker.text("example", code, 1, limits::COPY_CODE),
            None => checker.refuse_at("example", Rule::Required, "is required: a code that shows what is copied"),
        },
        "OTP" => check_otp(button, about, checker),
        "FLOW" => check_flow(button, checker),
        _ => {}
    }
}

fn check_url(button: &ButtonDefinition, checker: &mut Checker) {
    let url = button.url.as_deref().unwrap_or_default();
    checker.text("url", url, 1, limits::URL);
    let variables = variables::all(url);
    match variables.as_slice() {
        [] => {}
        [only] if url[only.at.end..].is_empty() => {
            if one_text(button.example.as_ref()).is_none_or(str::is_empty) {
                let message = format!("is required: a list of one text, what stands for {{{{{}}}}}", only.name);
                checker.refuse_at("example", Rule::Required, message);
            }
        }
        [_] => checker.refuse_at("url", Rule::Format, "must have its variable at the end"),
        many => {
            checker.refuse_at("url", Rule::Count, format!("must have one variable at most, has {}", many.len()));
        }
    }
}

fn check_otp(button: &ButtonDefinition, about: About, checker: &mut Checker) {
    if !about.is_code {
        checker.refuse_at("type", Rule::Conflict, "is a button of templates of the category AUTHENTICATION");
    }
    let otp_type = button.otp_type.as_deref().unwrap_or_default().to_ascii_uppercase();
    check_word("otp_type", &otp_type, OTP_TYPES, checker);
    checker.optional_text("autofill_text", button.autofill_text.as_ref(), 1, limits::TEMPLATE_BUTTON_TEXT);
    if !matches!(otp_type.as_str(), "ONE_TAP" | "ZERO_TAP") {
        return;
    }
    let apps = button.supported_apps.as_deref();
    checker.items("supported_apps", apps.unwrap_or_default(), |checker, app| {
        app.check_types(checker);
        checker.text("package_name", app.package_name.as_deref().unwrap_or_default(), 1, usize::MAX);
        checker.text("signature_hash", app.signature_hash.as_deref().unwrap_or_default(), 1, usize::MAX);
    });
    let has_app = button.package_name.is_some() && button.signature_hash.is_some();
    if !has_app && apps.is_none_or(<[_]>::is_empty) {
        let message = format!("is required for {otp_type}: a list of package_name and signature_hash of each app");
        checker.refuse_at("supported_apps", Rule::Required, message);
    }
    if otp_type == "ZERO_TAP" && button.zero_tap_terms_accepted != Some(true) {
        checker.refuse_at("zero_tap_terms_accepted", Rule::Required, "must be true for ZERO_TAP");
    }
}

fn check_flow(button: &ButtonDefinition, checker: &mut Checker) {
    let given = [&button.flow_id, &button.flow_name, &button.flow_json].into_iter().flatten().count();
    match given {
        0 => checker.refuse_at("flow_id", Rule::Required, "is required: one of flow_id, flow_name and flow_json"),
        1 => {}
        _ => checker.refuse_at("flow_id", Rule::Conflict, "must be the only one of flow_id, flow_name and flow_json"),
    }
    if let Some(action) = &button.flow_action {
        check_word("flow_action", action, &["navigate", "data_exchange"], checker);
    }
}
