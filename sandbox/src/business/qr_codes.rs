//! QR codes and short links (Meta's page "QR codes").

use serde_json::{Value, json};

use super::{body, invalid, not_found, paging, required, success, text};
use crate::api::Call;
use crate::graph::GraphError;
use crate::settings::PhoneNumber;
use crate::state::Inside;

/// How many a number can have.
const MOST: usize = 2_000;

/// A code.
#[derive(Debug, Clone)]
pub(super) struct QrCode {
    code: String,
    prefilled_message: String,
}

impl QrCode {
    pub(super) fn new(code: &str, prefilled_message: &str) -> Self {
        Self { code: code.to_owned(), prefilled_message: prefilled_message.to_owned() }
    }

    /// As it is told, with a picture in that format if one was asked for.
    fn told(&self, image: Option<&str>) -> Value {
        let Self { code, prefilled_message } = self;
        let mut told = json!({
            "code": code, "prefilled_message": prefilled_message, "deep_link_url": format!("https://wa.me/message/{code}"),
        });
        if let Some(format) = image {
            let kind = format.to_ascii_lowercase();
            told["qr_image_url"] = format!("https://scontent.xx.fbcdn.net/m1/v/t6/sandbox-{code}.{kind}").into();
        }
        told
    }
}

pub(super) fn manage(
    inside: &mut Inside,
    call: &Call,
    number: &PhoneNumber,
    code: Option<&str>,
) -> Result<Value, GraphError> {
    match (call.method.as_str(), code) {
        ("POST", None) => write(inside, call, number),
        ("GET", None) => {
            let image = image_of_fields(call)?;
            let codes = &inside.business.number(&number.id).qr_codes;
            let items: Vec<Value> = codes.iter().map(|code| code.told(image.as_deref())).collect();
            paging::page(&items, call)
        }
        ("GET", Some(code)) => {
            let image = image_of_fields(call)?;
            let codes = &inside.business.number(&number.id).qr_codes;
            let found = codes.iter().find(|known| known.code == code).ok_or_else(|| not_found("QR code not found"))?;
            Ok(json!({"data": [found.told(image.as_deref())]}))
        }
        ("DELETE", Some(code)) => {
            let codes = &mut inside.business.number(&number.id).qr_codes;
            let at = codes.iter().position(|known| known.code == code);
            codes.remove(at.ok_or_else(|| not_found("QR code not found"))?);
            success()
        }
        (method, _) => Err(GraphError::unsupported(method, &number.id)),
    }
}

fn write(inside: &mut Inside, call: &Call, number: &PhoneNumber) -> Result<Value, GraphError> {
    let body = body(call)?;
    let message = required(body, "prefilled_message")?;
    if message.is_empty() || message.chars().count() > 140 {
        return Err(invalid(400, "Invalid prefilled_message length. Maximum 140 characters allowed"));
    }
    let image = text(body, "generate_qr_image")?;
    if image.is_some_and(|image| !matches!(image, "PNG" | "SVG")) {
        return Err(invalid(400, "(#100) Param generate_qr_image must be one of {PNG, SVG}"));
    }
    if let Some(code) = text(body, "code")? {
        let codes = &mut inside.business.number(&number.id).qr_codes;
        let known = codes.iter_mut().find(|known| known.code == code).ok_or_else(|| not_found("QR code not found"))?;
        known.prefilled_message = message.to_owned();
        return Ok(known.told(image));
    }
    let code = format!("{}1", inside.ids.letters(13));
    let codes = &mut inside.business.number(&number.id).qr_codes;
    if codes.len() >= MOST {
        return Err(invalid(400, format!("Too many QR codes. Maximum allowed is {MOST}")));
    }
    let made = QrCode::new(&code, message);
    let told = made.told(image);
    codes.push(made);
    Ok(told)
}

/// The format of the picture among the fields.
fn image_of_fields(call: &Call) -> Result<Option<String>, GraphError> {
    let Some(fields) = call.query_value("fields") else { return Ok(None) };
    let wrong = || invalid(400, "Invalid fields parameter. Check field names and format specifications");
    let mut image = None;
    for field in fields.split(',') {
        match field.strip_prefix("qr_image_url") {
            Some(".format(PNG)" | "") => image = Some("PNG".to_owned()),
            Some(".format(SVG)") => image = Some("SVG".to_owned()),
            Some(_) => return Err(wrong()),
            None if matches!(field, "code" | "prefilled_message" | "deep_link_url" | "creation_time") => {}
            None => return Err(wrong()),
        }
    }
    Ok(image)
}
