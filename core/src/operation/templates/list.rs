//! `templates.list`: what the account has.

use serde::Deserialize;

use crate::client::{Context, Operation, Request};
use crate::graph::{Object, Page};
use crate::message::Invalid;
use crate::message::violation::{Checker, Rule};
use crate::operation::fields;
use crate::outcome::Effect;
use crate::template::MessageTemplate;
use crate::template::words::{CATEGORIES, STATES, check_language, check_sought};

/// Fields that are asked for unless others are.
pub(super) const ALL: &str =
    "name,language,status,category,parameter_format,components,rejected_reason,quality_score,previous_category";

/// What Meta puts on a page at most; more is answered with an error.
const MOST: u32 = 1_000;

/// The templates of the business account, a page at a time.
///
/// Source: Meta's OpenAPI document (`GET /{waba-id}/message_templates`) and its page on managing templates. Meta counts it
/// among the 200 calls an hour that manage an account.
///
/// ```no_run
/// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
/// use wacloud::operation::templates;
///
/// let page = wa.call(templates::List::new().status("APPROVED")).await?;
/// for template in &page.items {
///     println!("{:?} {:?}", template.name, template.language);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Only those whose name contains this.
    pub name: Option<String>,
    /// Only those in this language: `en_US`.
    pub language: Option<String>,
    /// Only those in this state: `APPROVED`, `PENDING`, `REJECTED`, `PAUSED`, `DISABLED` …
    pub status: Option<String>,
    /// Only those of this category: `AUTHENTICATION`, `MARKETING` or `UTILITY`.
    pub category: Option<String>,
    /// What to ask for, by Graph's names. All that `MessageTemplate` has unless given.
    pub fields: Option<Vec<String>>,
    /// How many to a page: 1 to 1,000. 25 unless given.
    pub limit: Option<u32>,
    /// Where the page begins: what the one before said as `after`.
    pub after: Option<String>,
    /// Where the page ends: what the one after said as `before`.
    pub before: Option<String>,
}

builder!(List {
    ;
    name: String,
    language: String,
    status: String,
    category: String,
    fields: Vec<String>,
    limit: u32,
    after: String,
    before: String,
});
listing!(List of MessageTemplate);

impl Operation for List {
    const NAME: &'static str = "templates.list";
    const EFFECT: Effect = Effect::Read;
    const NEEDS_ACCOUNT: bool = true;
    const EXAMPLE: &'static str = r#"{"status": "APPROVED", "limit": 50}"#;
    type Output = Page<MessageTemplate>;

    fn request(self, cx: &Context<'_>) -> Result<Request, Invalid> {
        let mut checker = Checker::default();
        let fields = fields::list(self.fields.as_deref(), ALL, &mut checker);
        if let Some(limit) = self.limit.filter(|limit| !(1..=MOST).contains(limit)) {
            checker.refuse_at("limit", Rule::Format, format!("must be 1 to {MOST}, got {limit}"));
        }
        let filters = [
            ("name", &self.name),
            ("language", &self.language),
            ("status", &self.status),
            ("category", &self.category),
        ];
        for (name, text) in filters {
            checker.optional_text(name, text.as_ref(), 1, usize::MAX);
        }
        if let Some(language) = self.language.as_deref().filter(|language| !language.is_empty()) {
            check_language("language", language, &mut checker);
        }
        check_sought("status", self.status.as_ref(), STATES, &mut checker);
        check_sought("category", self.category.as_ref(), CATEGORIES, &mut checker);
        if self.after.is_some() && self.before.is_some() {
            checker.refuse_at("before", Rule::Conflict, "cannot stand beside after");
        }
        checker.into_result()?;
        let mut all = Object::new(cx.business_account_id).then("message_templates").with("fields", Some(fields));
        for (name, text) in filters {
            all = all.with(name, text.as_ref());
        }
        let all = all.with("limit", self.limit).with("after", self.after.as_ref());
        Ok(Request::get(all.with("before", self.before.as_ref())))
    }
}
