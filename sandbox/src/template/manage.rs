//! The endpoints that manage templates: `/{business-account-id}/message_templates` and `/{template-id}`.

use serde_json::{Map, Value, json};

use super::create::{self, New};
use super::shelf::{status_update, turn};
use super::{Template, graph_form, library, positional, review};
use crate::api::Call;
use crate::graph::GraphError;
use crate::state::Inside;
use crate::webhook::tell;

/// "Message templates": an account that is not verified may have so many.
const MOST: usize = 250;
/// How many templates a page has, unless asked for.
const PAGE: usize = 25;

/// Answers a request about templates; `None` for one that is about something else.
pub(crate) fn manage(inside: &mut Inside, call: &Call, object: &str, edge: &str) -> Option<Result<Value, GraphError>> {
    let now_ms = inside.clock.now_ms();
    review(inside, now_ms);
    let is_account = object == inside.settings.business_account_id && edge == "message_templates";
    let is_template = edge.is_empty() && inside.templates.of_id(object).is_some();
    Some(match (is_account, is_template, call.method.as_str()) {
        (true, _, "GET") => list(inside, call),
        (true, _, "POST") => create(inside, call, now_ms),
        (true, _, "DELETE") => delete(inside, call, now_ms),
        (_, true, "GET") => get(inside, call, object),
        (_, true, "POST") => edit(inside, call, object, now_ms),
        _ => return None,
    })
}

fn told(template: &Template, fields: Option<&str>) -> Result<Value, GraphError> {
    graph_form::told(template, fields).map_err(|name| {
        GraphError::param(format!("Tried accessing nonexisting field ({name}) on node type (WhatsAppMessageTemplate)"))
    })
}

fn get(inside: &Inside, call: &Call, id: &str) -> Result<Value, GraphError> {
    match inside.templates.of_id(id) {
        Some(template) => told(template, call.query_value("fields").as_deref()),
        None => Err(GraphError::unsupported("GET", id)),
    }
}

/// A page of those that were asked for. A cursor is the place of a template among them.
fn list(inside: &Inside, call: &Call) -> Result<Value, GraphError> {
    let asked = |name: &str| call.query_value(name).filter(|value| !value.is_empty());
    let (name, language) = (asked("name"), asked("language"));
    let (status, category) = (asked("status"), asked("category"));
    let is_asked = |template: &&Template| {
        // Graph's filter by name finds names that contain it.
        name.as_ref().is_none_or(|name| template.name.contains(name.as_str()))
            && language.as_ref().is_none_or(|code| template.language == *code)
            && status.as_ref().is_none_or(|status| template.status.eq_ignore_ascii_case(status))
            && category.as_ref().is_none_or(|of| graph_form::category(template).eq_ignore_ascii_case(of))
    };
    let found: Vec<&Template> = inside.templates.iter().filter(is_asked).collect();
    let limit = match asked("limit").map(|limit| limit.parse::<usize>()) {
        None => PAGE,
        Some(Ok(limit)) if limit > 0 => limit.min(1_000),
        Some(_) => return Err(GraphError::param("Param limit must be a positive integer")),
    };
    let place = |name: &str| -> Result<Option<usize>, GraphError> {
        let Some(cursor) = asked(name) else { return Ok(None) };
        let place = cursor.strip_prefix("QVFI").and_then(|rest| usize::from_str_radix(rest, 16).ok());
        place.map(Some).ok_or_else(|| GraphError::param("Invalid parameter: cursor is malformed or expired"))
    };
    let (after, before) = (place("after")?, place("before")?);
    let begin = match (after, before) {
        (Some(after), _) => after + 1,
        (None, Some(before)) => before.saturating_sub(limit),
        (None, None) => 0,
    };
    let end = before.filter(|_| after.is_none()).unwrap_or(begin + limit).min(found.len());
    let begin = begin.min(end);
    let fields = asked("fields");
    let data = found[begin..end].iter().map(|template| told(template, fields.as_deref()));
    let data = data.collect::<Result<Vec<Value>, _>>()?;
    let mut answer = json!({"data": data});
    if begin < end {
        let cursor = |place: usize| format!("QVFI{place:04X}");
        let (first, last) = (cursor(begin), cursor(end - 1));
        answer["paging"] = json!({"cursors": {"before": first, "after": last}});
        let settings = &inside.settings;
        let link = |name: &str, cursor: &str| {
            let path = format!("{}/message_templates", settings.business_account_id);
            format!("http://{}:{}/v25.0/{path}?limit={limit}&{name}={cursor}", settings.host, settings.port)
        };
        if end < found.len() {
            answer["paging"]["next"] = link("after", &last).into();
        }
        if begin > 0 {
            answer["paging"]["previous"] = link("before", &first).into();
        }
    }
    Ok(answer)
}

fn object(call: &Call) -> Result<&Map<String, Value>, GraphError> {
    let body = call.json.as_ref().and_then(Value::as_object);
    body.ok_or_else(|| GraphError::new(100).details("Invalid JSON in request body"))
}

fn create(inside: &mut Inside, call: &Call, now_ms: u64) -> Result<Value, GraphError> {
    let body = object(call)?;
    let filled = library::filled(body)?;
    let body = filled.as_ref().unwrap_or(body);
    let New { name, language, category, is_named, components } = create::read(body)?;
    if inside.templates.iter().any(|known| known.name == name && known.language == language) {
        return Err(GraphError::of_template(
            2_388_024,
            "Content in This Language Already Exists",
            format!(
                "There is already {language} content for this template. You can create a new template and try again."
            ),
        ));
    }
    if inside.templates.is_being_deleted(name, language, now_ms) {
        return Err(GraphError::of_template(
            2_388_023,
            "Message Template Language is Being Deleted",
            format!(
                "New {language} content can't be added while the existing {language} content is being deleted. Try again in 4 \
                 weeks or create a new message template."
            ),
        ));
    }
    if inside.templates.len() >= MOST {
        return Err(GraphError::of_template(
            2_388_019,
            "Message Template Limit Exceeded",
            format!("The limit of {MOST} message templates was reached."),
        ));
    }
    let mut template = Template {
        name: name.to_owned(),
        language: language.to_owned(),
        status: "PENDING".to_owned(),
        category: Some(category.to_owned()),
        header: None,
        body: String::new(),
        parameter_format: if is_named { "NAMED".to_owned() } else { positional() },
        limited_time_offer: None,
        buttons: Vec::new(),
        cards: Vec::new(),
        id: String::new(),
        rejected_reason: None,
        library_template_name: filled
            .as_ref()
            .and_then(|body| Some(body["library_template_name"].as_str()?.to_owned())),
        components: None,
    };
    graph_form::read(&mut template, components);
    inside.templates.put(template);
    let made = inside.templates.iter().rev().find(|known| known.name == name && known.language == language);
    let id = made.map(|made| made.id.clone()).unwrap_or_default();
    plan_review(inside, &id, now_ms);
    Ok(json!({"id": id, "status": "PENDING", "category": category}))
}

fn plan_review(inside: &mut Inside, id: &str, now_ms: u64) {
    if let Some(wait_ms) = inside.settings.template_review_ms {
        inside.templates.review_at(id, now_ms.saturating_add(wait_ms));
        inside.webhooks.wake();
    }
}

/// "Edit templates": a template that is approved, rejected or paused; an approved one keeps its category.
fn edit(inside: &mut Inside, call: &Call, id: &str, now_ms: u64) -> Result<Value, GraphError> {
    let body = object(call)?;
    let Some(template) = inside.templates.of_id(id) else {
        return Err(GraphError::unsupported("POST", id));
    };
    if !matches!(template.status.as_str(), "APPROVED" | "REJECTED" | "PAUSED") {
        let status = &template.status;
        return Err(GraphError::param(format!(
            "A template can be edited when it is approved, rejected or paused, not {status}"
        )));
    }
    let category = body.get("category").map(|category| create::category_of(category.as_str().unwrap_or_default()));
    let category = category.transpose()?;
    let current = graph_form::category(template);
    if template.status == "APPROVED" && category.is_some_and(|category| category != current) {
        return Err(GraphError::param("The category of an approved template cannot be edited"));
    }
    let components = body.get("components").map(|components| create::list(Some(components))).transpose()?;
    if components.is_none() && category.is_none() {
        return Err(GraphError::param("The parameter components or category is required."));
    }
    if let Some(components) = components {
        let (name, language) = (template.name.as_str(), template.language.as_str());
        let category = category.unwrap_or(&current);
        create::check(&New { name, language, category, is_named: template.is_named(), components })?;
    }
    let Some(template) = inside.templates.of_id_mut(id) else {
        return Err(GraphError::unsupported("POST", id));
    };
    if let Some(category) = category {
        template.category = Some(category.to_owned());
    }
    if let Some(components) = components {
        graph_form::read(template, components);
    }
    let edited = template.clone();
    turn(inside, id, "PENDING", None);
    tell(inside, "message_template_components_update", &components_update(&edited));
    plan_review(inside, id, now_ms);
    Ok(json!({"success": true}))
}

/// Meta's page on `message_template_components_update`.
fn components_update(template: &Template) -> Value {
    let mut value = json!({
        "message_template_id": template.id.parse::<u64>().unwrap_or_default(),
        "message_template_name": template.name,
        "message_template_language": template.language,
        "message_template_element": template.body,
    });
    if let Some(text) = template.header.as_ref().and_then(|header| header.text.as_ref()) {
        value["message_template_title"] = text.as_str().into();
    }
    value
}

/// By its name in all languages, or with `hsm_id` one of them.
fn delete(inside: &mut Inside, call: &Call, now_ms: u64) -> Result<Value, GraphError> {
    let Some(name) = call.query_value("name").filter(|name| !name.is_empty()) else {
        return Err(GraphError::param("The parameter name is required."));
    };
    let id = call.query_value("hsm_id").filter(|id| !id.is_empty());
    let is_meant = |one: &Template| one.name == name && id.as_ref().is_none_or(|id| one.id == *id);
    let gone = inside.templates.delete(is_meant, now_ms);
    if gone.is_empty() {
        return Err(GraphError::of_template(
            2_593_002,
            "Message Template Not Found",
            format!("A message template with the name {name} and this id was not found."),
        ));
    }
    for template in &gone {
        tell(inside, "message_template_status_update", &status_update(template, "DELETED"));
    }
    Ok(json!({"success": true}))
}
