//! The templates of the account, and what is decided about them.

use std::ops::Deref;

use serde::Deserialize;
use serde_json::{Value, json};

use super::built_in::built_in;
use super::{Template, graph_form};
use crate::Error;
use crate::state::Inside;
use crate::webhook::tell;

/// Meta's page on deleting templates: the name of a deleted template is not free for 30 days.
const NAME_IS_KEPT_MS: u64 = 30 * 86_400_000;

/// Every template of the account.
#[derive(Debug)]
pub(crate) struct Templates {
    all: Vec<Template>,
    /// When Meta has looked at a template, by its id.
    reviews: Vec<(u64, String)>,
    /// Name, language, and when it was deleted.
    deleted: Vec<(String, String, u64)>,
    /// How often something about any of them has changed.
    changes: u64,
}

impl Deref for Templates {
    type Target = [Template];

    fn deref(&self) -> &[Template] {
        &self.all
    }
}

impl Templates {
    /// Those that every sandbox has.
    pub(crate) fn new() -> Self {
        let mut templates = Self { all: Vec::new(), reviews: Vec::new(), deleted: Vec::new(), changes: 0 };
        built_in().into_iter().for_each(|template| templates.put(template));
        templates
    }

    /// Puts one in, in the place of one with the same name and language.
    pub(crate) fn put(&mut self, mut template: Template) {
        self.changes += 1;
        if template.id.is_empty() {
            template.id = self.id(&template);
        }
        match self.all.iter_mut().find(|known| is_same(known, &template)) {
            Some(known) => *known = template,
            None => self.all.push(template),
        }
    }

    /// 16 digits, the same ones in each run: chance is for what a seed repeats. One that was deleted had another.
    fn id(&self, template: &Template) -> String {
        let is_same =
            |(name, language, _): &&(String, String, u64)| *name == template.name && *language == template.language;
        let before = self.deleted.iter().filter(is_same).count();
        let text = format!("{}/{}/{before}", template.name, template.language);
        let hash = text
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        (1_000_000_000_000_000 + hash % 8_000_000_000_000_000).to_string()
    }

    pub(super) fn of_id(&self, id: &str) -> Option<&Template> {
        self.all.iter().find(|template| template.id == id)
    }

    pub(super) fn of_id_mut(&mut self, id: &str) -> Option<&mut Template> {
        self.changes += 1;
        self.all.iter_mut().find(|template| template.id == id)
    }

    /// Plans that Meta has looked at a template by then.
    pub(super) fn review_at(&mut self, id: &str, due_ms: u64) {
        self.reviews.retain(|(_, planned)| planned != id);
        self.reviews.push((due_ms, id.to_owned()));
    }

    /// Takes those out that are meant, and keeps their names from being used again.
    pub(super) fn delete(&mut self, is_meant: impl Fn(&Template) -> bool, now_ms: u64) -> Vec<Template> {
        let (gone, kept) = std::mem::take(&mut self.all).into_iter().partition::<Vec<_>, _>(|one| is_meant(one));
        self.all = kept;
        self.changes += 1;
        self.reviews.retain(|(_, id)| !gone.iter().any(|template| template.id == *id));
        self.deleted.extend(gone.iter().map(|one| (one.name.clone(), one.language.clone(), now_ms)));
        gone
    }

    /// Whether a template of this name and language is gone, and has not been long enough for another one.
    pub(super) fn is_being_deleted(&self, name: &str, language: &str, now_ms: u64) -> bool {
        let is_kept = |at_ms: u64| now_ms < at_ms.saturating_add(NAME_IS_KEPT_MS);
        self.deleted.iter().any(|(known, code, at_ms)| known == name && code == language && is_kept(*at_ms))
    }

    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// When the next template has been looked at.
    pub(crate) fn next_review_ms(&self) -> Option<u64> {
        self.reviews.iter().map(|(due_ms, _)| *due_ms).min()
    }
}

fn is_same(one: &Template, other: &Template) -> bool {
    (&one.name, &one.language) == (&other.name, &other.language)
}

/// Approves what Meta has looked at by now.
pub(crate) fn review(inside: &mut Inside, now_ms: u64) {
    let (due, later) = inside.templates.reviews.drain(..).partition::<Vec<_>, _>(|(due_ms, _)| *due_ms <= now_ms);
    inside.templates.reviews = later;
    for (_, id) in due {
        if inside.templates.of_id(&id).is_some_and(|template| template.status == "PENDING") {
            turn(inside, &id, "APPROVED", None);
        }
    }
}

/// The same, as late as it is now.
pub(crate) fn review_due(inside: &mut Inside) {
    let now_ms = inside.clock.now_ms();
    review(inside, now_ms);
}

/// What a person decides about a template.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    name: String,
    /// All translations without one.
    #[serde(default)]
    language: Option<String>,
    status: String,
    /// Why, of one that is rejected.
    #[serde(default)]
    reason: Option<String>,
}

/// The states that a template can be put into.
const STATES: &[&str] = &["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "IN_APPEAL"];

/// Decides about a template as Meta would, and tells it. The template as it is then; of several translations the last.
pub(crate) fn decide(inside: &mut Inside, decision: &Value) -> Result<Template, Error> {
    let Decision { name, language, status, reason } =
        serde_json::from_value(decision.clone()).map_err(|e| Error::Control(format!("body: {e}")))?;
    if !STATES.contains(&status.as_str()) {
        return Err(Error::Control(format!("status: one of {}, not {status:?}", STATES.join(", "))));
    }
    let is_meant = |one: &&Template| one.name == name && language.as_ref().is_none_or(|code| *code == one.language);
    let meant: Vec<String> = inside.templates.iter().filter(is_meant).map(|one| one.id.clone()).collect();
    let mut decided = None;
    for id in meant {
        decided = turn(inside, &id, &status, reason.as_deref());
    }
    decided.ok_or_else(|| {
        Error::Control(format!("there is no template {name:?} in {}", language.as_deref().unwrap_or("any language")))
    })
}

/// Gives a template another state, and tells it.
pub(super) fn turn(inside: &mut Inside, id: &str, status: &str, reason: Option<&str>) -> Option<Template> {
    inside.templates.reviews.retain(|(_, planned)| planned != id);
    let template = inside.templates.of_id_mut(id)?;
    template.status = status.to_owned();
    let reason = (status == "REJECTED").then(|| reason.unwrap_or("INVALID_FORMAT"));
    template.rejected_reason = reason.map(str::to_owned);
    let template = template.clone();
    tell(inside, "message_template_status_update", &status_update(&template, status));
    Some(template)
}

/// Meta's page on `message_template_status_update`.
pub(super) fn status_update(template: &Template, event: &str) -> Value {
    let mut value = json!({
        "event": event,
        "message_template_id": template.id.parse::<u64>().unwrap_or_default(),
        "message_template_name": template.name,
        "message_template_language": template.language,
        "message_template_category": graph_form::category(template),
        "reason": template.rejected_reason.as_deref().unwrap_or("NONE"),
    });
    match event {
        "PAUSED" => {
            value["other_info"] = json!({"title": "FIRST_PAUSE",
                "description": "Your WhatsApp message template has been paused for 3 hours because it had issues."});
        }
        "DISABLED" => value["disable_info"] = json!({"disable_date": "November 28, 2026"}),
        _ => {}
    }
    value
}
