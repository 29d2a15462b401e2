//! QR codes and short links that open a chat with the number.
//!
//! Source: Meta's page "QR codes" and its OpenAPI document.

use serde::{Deserialize, Serialize};

use super::Done;
use super::call::{Body, only};
use super::check::limit;
use crate::client::Request;
use crate::graph::{Extra, Object, Page};
use crate::message::limits;
use crate::message::violation::{Checker, Rule};

/// What the group is about.
pub(super) const DOCS: &str = "QR codes and short links that open a chat with the number, with a text already written.";

/// A QR code, and the short link that does the same.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct QrCode {
    /// What names it: `4O4YGZEG3RIVE1`.
    pub code: String,
    /// The text that stands in the chat of whoever scans it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefilled_message: Option<String>,
    /// The short link: `https://wa.me/message/…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deep_link_url: Option<String>,
    /// Where the picture of it is, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qr_image_url: Option<String>,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

call! {
    /// The QR codes of the number, a page at a time.
    ///
    /// Source: Meta's page "QR codes" and its OpenAPI document.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::qr_codes;
    ///
    /// let page = wa.call(qr_codes::List::new().generate_qr_image("SVG")).await?;
    /// println!("{:?}", page.items);
    /// # Ok(())
    /// # }
    /// ```
    List: "qr_codes.list", Read, Page<QrCode>, r#"{"generate_qr_image": "SVG"}"# {
        ;
        /// Has pictures of them made: `PNG` or `SVG`. None unless given.
        generate_qr_image: String,
        /// How many on a page, at most. Meta's own number unless given.
        limit: u32,
        /// Where the page begins: `after` of the one before it.
        after: String,
        /// Where the page ends: `before` of the one after it.
        before: String,
    }
    |call, cx, checker| {
        limit(call.limit, checker);
        let fields = with_image(call.generate_qr_image.as_deref(), checker);
        Request::get(
            Object::new(cx.phone_number_id)
                .then("message_qrdls")
                .with("fields", fields)
                .with("limit", call.limit)
                .with("after", call.after)
                .with("before", call.before),
        )
    }
}

listing!(List of QrCode);

call! {
    /// One QR code.
    ///
    /// Source: Meta's page "QR codes" and its OpenAPI document.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::qr_codes;
    ///
    /// let code = wa.call(qr_codes::Get::new("4O4YGZEG3RIVE1")).await?;
    /// println!("{:?}", code.deep_link_url);
    /// # Ok(())
    /// # }
    /// ```
    Get: "qr_codes.get", Read, QrCode, r#"{"code": "4O4YGZEG3RIVE1"}"#, answer: only {
        /// What names it: `4O4YGZEG3RIVE1`.
        code: String,
        ;
        /// Has a picture of it made: `PNG` or `SVG`. None unless given.
        generate_qr_image: String,
    }
    |call, cx, checker| {
        code(&call.code, checker);
        let fields = with_image(call.generate_qr_image.as_deref(), checker);
        Request::get(Object::new(cx.phone_number_id).then("message_qrdls").then(&call.code).with("fields", fields))
    }
}

call! {
    /// Makes a QR code.
    ///
    /// Never repeated by itself: a number can have 2,000, and each call makes one.
    ///
    /// Source: Meta's page "QR codes" and its OpenAPI document.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::qr_codes;
    ///
    /// let made = wa.call(qr_codes::Create::new("I would like to order").generate_qr_image("SVG")).await?;
    /// println!("{:?} {:?}", made.deep_link_url, made.qr_image_url);
    /// # Ok(())
    /// # }
    /// ```
    Create: "qr_codes.create", Once, QrCode, r#"{"prefilled_message": "I would like to order", "generate_qr_image": "SVG"}"#, answer: only {
        /// The text that stands in the chat of whoever scans it: 1 to 140 characters.
        prefilled_message: String,
        ;
        /// Has a picture of it made: `PNG` or `SVG`. None unless given.
        generate_qr_image: String,
    }
    |call, cx, checker| {
        checker.text("prefilled_message", &call.prefilled_message, 1, limits::PREFILLED_MESSAGE);
        image(call.generate_qr_image.as_deref(), checker);
        let body = Body::new()
            .with("prefilled_message", Some(call.prefilled_message))
            .with("generate_qr_image", call.generate_qr_image);
        Request::post(Object::new(cx.phone_number_id).then("message_qrdls"), body.into())
    }
}

call! {
    /// Changes the text of a QR code. The code and its picture stay as they are.
    ///
    /// Source: Meta's page "QR codes" and its OpenAPI document.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::qr_codes;
    ///
    /// wa.call(qr_codes::Update::new("4O4YGZEG3RIVE1", "What is on offer today?")).await?;
    /// # Ok(())
    /// # }
    /// ```
    Update: "qr_codes.update", Idempotent, QrCode, r#"{"code": "4O4YGZEG3RIVE1", "prefilled_message": "What is on offer today?"}"#, answer: only {
        /// What names it: `4O4YGZEG3RIVE1`.
        code: String,
        /// The new text: 1 to 140 characters.
        prefilled_message: String,
        ;
    }
    |call, cx, checker| {
        code(&call.code, checker);
        checker.text("prefilled_message", &call.prefilled_message, 1, limits::PREFILLED_MESSAGE);
        let body = Body::new().with("prefilled_message", Some(call.prefilled_message)).with("code", Some(call.code));
        Request::post(Object::new(cx.phone_number_id).then("message_qrdls"), body.into())
    }
}

call! {
    /// Removes a QR code: whoever scans it is told that it is not valid any more.
    ///
    /// Source: Meta's page "QR codes" and its OpenAPI document.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::qr_codes;
    ///
    /// wa.call(qr_codes::Delete::new("4O4YGZEG3RIVE1")).await?;
    /// # Ok(())
    /// # }
    /// ```
    Delete: "qr_codes.delete", Idempotent, Done, r#"{"code": "4O4YGZEG3RIVE1"}"# {
        /// What names it: `4O4YGZEG3RIVE1`.
        code: String,
        ;
    }
    |call, cx, checker| {
        code(&call.code, checker);
        Request::delete(Object::new(cx.phone_number_id).then("message_qrdls").then(&call.code))
    }
}

fn code(code: &str, checker: &mut Checker) {
    if code.is_empty() {
        checker.refuse_at("code", Rule::Required, "must not be empty");
    } else if !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
        checker.refuse_at("code", Rule::Format, "must be letters and digits, as in 4O4YGZEG3RIVE1");
    }
}

fn image(format: Option<&str>, checker: &mut Checker) {
    if format.is_some_and(|format| !matches!(format, "PNG" | "SVG")) {
        checker.refuse_at("generate_qr_image", Rule::Choice, "must be PNG or SVG");
    }
}

/// The fields, where a picture is one of them.
fn with_image(format: Option<&str>, checker: &mut Checker) -> Option<String> {
    image(format, checker);
    format.map(|format| format!("code,prefilled_message,deep_link_url,qr_image_url.format({format})"))
}
