//! The business profile (Meta's page "Business profiles").

use serde_json::{Map, Value, json};

use super::{asked, body_of_whatsapp, invalid, success, text};
use crate::api::Call;
use crate::graph::GraphError;
use crate::settings::PhoneNumber;
use crate::state::Inside;

const FIELDS: &[&str] =
    &["about", "address", "description", "email", "messaging_product", "profile_picture_url", "vertical", "websites"];

/// Members that are texts, with the fewest and the most characters.
const TEXTS: &[(&str, usize, usize)] =
    &[("about", 1, 139), ("address", 0, 256), ("description", 0, 256), ("email", 0, 128), ("vertical", 0, 64)];

pub(super) fn manage(inside: &mut Inside, call: &Call, number: &PhoneNumber) -> Result<Value, GraphError> {
    let state = inside.business.number(&number.id);
    if call.method == "GET" {
        let fields = call.query_value("fields").unwrap_or_else(|| "messaging_product".to_owned());
        let asked = asked(&fields, "WhatsAppBusinessProfile", FIELDS)?;
        let told =
            state.profile.iter().filter(|(name, _)| asked.contains(name.as_str()) || *name == "messaging_product");
        let told: Map<String, Value> = told.map(|(name, value)| (name.clone(), value.clone())).collect();
        return Ok(json!({"data": [told]}));
    }
    let body = body_of_whatsapp(call)?;
    let mut changed = state.profile.clone();
    for (name, least, most) in TEXTS {
        let Some(given) = text(body, name)? else { continue };
        let count = given.chars().count();
        if !(*least..=*most).contains(&count) {
            return Err(invalid(400, format!("Invalid parameter: {name} must have {least} to {most} characters")));
        }
        if *name == "email" && !given.is_empty() && !given.contains('@') {
            return Err(invalid(400, "Invalid parameter: email must be a valid email address"));
        }
        changed.insert((*name).to_owned(), given.into());
        if given.is_empty() {
            changed.remove(*name);
        }
    }
    if let Some(websites) = body.get("websites") {
        let fits =
            |site: &Value| site.as_str().is_some_and(|site| site.chars().count() <= 256 && site.starts_with("http"));
        match websites.as_array() {
            Some(sites) if sites.len() <= 2 && sites.iter().all(fits) => {
                changed.insert("websites".to_owned(), websites.clone());
            }
            _ => return Err(invalid(400, "Invalid parameter: websites must be up to 2 URLs of up to 256 characters")),
        }
    }
    if text(body, "profile_picture_handle")?.is_some() {
        let url = "https://pps.whatsapp.net/v/sandbox-profile-picture.jpg";
        changed.insert("profile_picture_url".to_owned(), url.into());
    }
    state.profile = changed;
    success()
}
