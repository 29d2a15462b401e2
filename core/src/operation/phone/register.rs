//! Making a number able to send: the code that shows whose it is, the pin, registering.
//!
//! Source: Meta's pages "Registration", "Two-step verification" and "Business phone numbers", the Graph API's reference of
//! `/register`, and Meta's OpenAPI document.

use serde::{Deserialize, Serialize};

use crate::client::Request;
use crate::graph::Object;
use crate::message::violation::{Checker, Rule};
use crate::operation::call::Body;
use crate::operation::{Done, Hidden};

/// What was exported from the On-Premises API, of a number that moves from there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// The password that it was exported with.
    pub password: Hidden,
    /// The exported data.
    pub data: Hidden,
}

call! {
    /// Registers the number, so that it can send.
    ///
    /// It must have been verified (`phone.request_code`, `phone.verify_code`). The call is never repeated by itself: Meta
    /// takes ten in 72 hours, and refuses the number for as long again after that (133016).
    ///
    /// Source: Meta's page "Registration" and the Graph API's reference of `/register`.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::phone;
    ///
    /// wa.call(phone::Register::new("123456").data_localization_region("AE")).await?;
    /// # Ok(())
    /// # }
    /// ```
    Register: "phone.register", Once, Done, r#"{"pin": "123456"}"# {
        /// The pin of two-step verification: six digits. A number that has none gets this one; one that has one is
        /// registered with that.
        pin: Hidden,
        ;
        /// Keeps messages at rest in that country: two letters, such as `DE`. Where Meta keeps them unless given.
        data_localization_region: String,
        /// What was exported from the On-Premises API, of a number that moves from there.
        backup: Backup,
        /// The tier, as Meta's document has it: `PROD`.
        tier: String,
    }
    |call, cx, checker| {
        six_digits("pin", &call.pin, checker);
        if let Some(region) = &call.data_localization_region
            && !(region.len() == 2 && region.bytes().all(|b| b.is_ascii_uppercase()))
        {
            let message = "must be the two letters of a country, such as DE";
            checker.refuse_at("data_localization_region", Rule::Format, message);
        }
        let backup = call.backup.map(|backup| Body::new().with("password", Some(backup.password)).with("data", Some(backup.data)));
        let body = Body::of_whatsapp()
            .with("pin", Some(call.pin))
            .with("tier", call.tier)
            .with("data_localization_region", call.data_localization_region)
            .with("backup", backup);
        Request::post(Object::new(cx.phone_number_id).then("register"), body.into())
    }
}

call! {
    /// Takes the number off the Cloud API: it can send nothing any more, until it is registered again.
    ///
    /// Never repeated by itself: Meta counts it together with registering (133016).
    ///
    /// Source: Meta's page "Registration".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::phone;
    ///
    /// wa.call(phone::Deregister::new()).await?;
    /// # Ok(())
    /// # }
    /// ```
    Deregister: "phone.deregister", Once, Done, r#"{}"# { ; }
    |_, cx, _| Request::post_nothing(Object::new(cx.phone_number_id).then("deregister"))
}

call! {
    /// Has Meta send a code to the number, which shows that it is yours (`phone.verify_code`).
    ///
    /// Never repeated by itself: each one is a text or a call, and Meta sends a few only.
    ///
    /// Source: Meta's page "Business phone numbers" and its OpenAPI document.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::phone;
    ///
    /// wa.call(phone::RequestCode::new("SMS", "en_US")).await?;
    /// # Ok(())
    /// # }
    /// ```
    RequestCode: "phone.request_code", Once, Done, r#"{"code_method": "SMS", "language": "en_US"}"# {
        /// How it comes: `SMS` or `VOICE`, a call.
        code_method: String,
        /// The language of the text or the call, as templates have it: `en_US`, `es`.
        language: String,
        ;
    }
    |call, cx, checker| {
        if !matches!(call.code_method.as_str(), "SMS" | "VOICE") {
            checker.refuse_at("code_method", Rule::Choice, "must be SMS or VOICE");
        }
        language(&call.language, checker);
        let body = Body::new().with("code_method", Some(call.code_method)).with("language", Some(call.language));
        Request::post(Object::new(cx.phone_number_id).then("request_code"), body.into())
    }
}

call! {
    /// Verifies the number with the code that came to it.
    ///
    /// Never repeated by itself: Meta takes a few tries only.
    ///
    /// Source: Meta's page "Business phone numbers" and its OpenAPI document.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::phone;
    ///
    /// wa.call(phone::VerifyCode::new("123456")).await?;
    /// # Ok(())
    /// # }
    /// ```
    VerifyCode: "phone.verify_code", Once, Done, r#"{"code": "123456"}"# {
        /// The code: six digits. The hyphen that the message shows may stay.
        code: Hidden,
        ;
    }
    |call, cx, checker| {
        let code = Hidden(call.code.0.replace(['-', ' '], ""));
        six_digits("code", &code, checker);
        Request::post(Object::new(cx.phone_number_id).then("verify_code"), Body::new().with("code", Some(code)).into())
    }
}

call! {
    /// Sets the pin of two-step verification, or changes it: what registering the number asks for from then on.
    ///
    /// Never repeated by itself.
    ///
    /// Source: Meta's page "Two-step verification".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::phone;
    ///
    /// wa.call(phone::SetPin::new("123456")).await?;
    /// # Ok(())
    /// # }
    /// ```
    SetPin: "phone.set_pin", Once, Done, r#"{"pin": "123456"}"# {
        /// The new pin: six digits.
        pin: Hidden,
        ;
    }
    |call, cx, checker| {
        six_digits("pin", &call.pin, checker);
        Request::post(Object::new(cx.phone_number_id), Body::new().with("pin", Some(call.pin)).into())
    }
}

/// A pin or a code. What is wrong with it is told without it.
fn six_digits(name: &'static str, text: &Hidden, checker: &mut Checker) {
    let text = &text.0;
    if text.is_empty() {
        checker.refuse_at(name, Rule::Required, "must not be empty: six digits");
    } else if !text.bytes().all(|b| b.is_ascii_digit()) {
        checker.refuse_at(name, Rule::Format, "must be six digits");
    } else if text.len() != 6 {
        checker.refuse_at(name, Rule::Length, format!("must have 6 digits, has {}", text.len()));
    }
}

/// `en`, `en_US`, `zh_CN`, `fil`.
fn language(code: &str, checker: &mut Checker) {
    let (language, region) = code.split_once('_').unwrap_or((code, "US"));
    let fits = matches!(language.len(), 2 | 3)
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && matches!(region.len(), 2..=4)
        && region.bytes().all(|b| b.is_ascii_alphanumeric());
    if code.is_empty() {
        checker.refuse_at("language", Rule::Required, "must not be empty");
    } else if !fits {
        checker.refuse_at("language", Rule::Format, "must be the code of a language, such as en_US or es");
    }
}
