//! Messages are held to the definition of their template before they leave: it is fetched once, kept, and fetched again when
//! somebody has said that it changed.
//!
//! The fetch is a help and never in the way: it has little time, a failure is told once and not tried again for a while, and
//! a message that could not be checked goes out as it is. A definition that is not new never refuses a message: it is
//! fetched again first.

mod known;

use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use super::operation::{Context, Operation, Request};
use super::send::{self, How};
use super::{CallOptions, Client};
use crate::error::Result;
use crate::graph::{Object, Page};
use crate::message::Invalid;
use crate::message::template::Template;
use crate::outcome::Effect;
use crate::template::{Family, TemplateDefinition};
pub(crate) use known::KnownTemplates;
use known::{Age, Known};

/// What a message waits for a definition at most.
const TIMEOUT_MS: u64 = 2_000;
/// How many pages of a name and those that contain it are fetched at most.
const PAGES: usize = 3;
/// Of a hundred templates each.
const PAGE: u32 = 100;
/// How many names are looked at where one is not known: what Meta puts on a page at most.
const NAMES: u32 = 1_000;
/// What a definition has to tell.
const FIELDS: &str = "name,language,status,category,parameter_format,components,rejected_reason";

impl Client {
    /// All translations of a template that the account has, ready to hold messages to; `None` where they are not to be
    /// checked, or could not be fetched just now.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) {
    /// use wacloud::{Content, Message};
    ///
    /// if let Some(family) = wa.template_family("order_update").await {
    ///     let mistakes = family.check(&wacloud::message::Template::new("order_update", "en_US"));
    ///     println!("{mistakes:?}");
    /// }
    /// # }
    /// ```
    pub async fn template_family(&self, name: &str) -> Option<std::sync::Arc<Family>> {
        self.known_family(name, Age::Kept, &How::default()).await.map(|known| known.family)
    }

    /// Forgets the definition of a template, or of all: the next message fetches it again.
    pub(crate) fn forget_templates(&self, name: Option<&str>) {
        if let Some(templates) = &self.inner.templates {
            templates.forget(name);
        }
    }

    /// Everything in which a message does not fit its template, as far as that is known.
    ///
    /// # Errors
    /// [`Invalid`] with every mistake.
    pub(super) async fn check_template(&self, template: &Template, how: &How) -> std::result::Result<(), Invalid> {
        let Some(known) = self.known_family(&template.name, Age::Kept, how).await else { return Ok(()) };
        let mut violations = known.family.check(template);
        if !violations.is_empty() && !known.is_new() {
            // It may have been approved, or changed, a moment ago.
            let Some(known) = self.known_family(&template.name, Age::New, how).await else { return Ok(()) };
            violations = known.family.check(template);
        }
        if violations.is_empty() { Ok(()) } else { Err(Invalid::new(violations)) }
    }

    /// Returns when something was said about a template of the account.
    pub(crate) async fn template_news(&self) {
        match &self.inner.templates {
            Some(templates) => templates.news().await,
            None => std::future::pending().await,
        }
    }

    fn known_templates(&self) -> Option<std::sync::Arc<KnownTemplates>> {
        self.checks_templates().then(|| self.inner.templates.clone()).flatten()
    }

    /// The definition, if it is no older than this; fetched if need be, by one message for all that wait for it.
    async fn known_family(&self, name: &str, age: Age, how: &How) -> Option<Known> {
        let templates = self.known_templates()?;
        if let Some(known) = templates.get(name, age) {
            return Some(known);
        }
        let lock = templates.fetching(name)?;
        let _fetching = tokio::select! {
            guard = lock.lock() => guard,
            () = how.cancel.cancelled() => return None,
            () = how.stop.stopped() => return None,
        };
        if let Some(known) = templates.get(name, age) {
            return Some(known);
        }
        if !templates.may_fetch(Instant::now()) {
            return templates.get(name, Age::Any).filter(|_| age != Age::New);
        }
        // The fetch goes through the loop that messages wait in: a future cannot hold itself.
        match Box::pin(self.fetch_family(name, how)).await {
            Ok(family) => Some(templates.put(name, family, Instant::now())),
            Err(error) => {
                if !how.cancel.is_cancelled() {
                    templates.failed(Instant::now());
                    self.warn_once(
                        "templates",
                        format!(
                            "messages are not checked against their templates for now, since the definitions could not be fetched: \
                             {error} They are sent all the same; check_templates=false turns the check off."
                        ),
                    );
                }
                // What could not be fetched again is better than nothing, but refuses nobody.
                templates.get(name, Age::Any).filter(|_| age != Age::New)
            }
        }
    }

    async fn fetch_family(&self, name: &str, how: &How) -> Result<Family> {
        let deadline = Instant::now() + Duration::from_millis(TIMEOUT_MS);
        let (mut found, mut after, mut is_whole) = (Vec::new(), None, false);
        for _ in 0..PAGES {
            let page = send::run(self, FetchTemplates { name: name.to_owned(), after }, until(deadline, how)).await?;
            after = page.next().map(str::to_owned);
            found.extend(page.items);
            if after.is_none() {
                is_whole = true;
                break;
            }
        }
        let family = Family::new(name, &found, is_whole);
        if !family.knows_nothing() {
            return Ok(family);
        }
        // Which name was meant?
        Ok(Family::new(name, &self.named_templates(deadline, how).await, is_whole))
    }

    /// What the templates of the account are called, for whoever named one that is not there. It is worth one question and
    /// little time, and no failure.
    pub(crate) async fn template_names(&self, how: &How) -> Vec<String> {
        let deadline = Instant::now() + Duration::from_millis(TIMEOUT_MS);
        self.named_templates(deadline, how).await.into_iter().filter_map(|template| template.name).collect()
    }

    async fn named_templates(&self, deadline: Instant, how: &How) -> Vec<TemplateDefinition> {
        let asked = send::run(self, FetchNames {}, until(deadline, how)).await;
        asked.map(|page| page.items).unwrap_or_default()
    }
}

/// How a question goes that has so long, and may be cancelled like the message that it is for.
fn until(deadline: Instant, how: &How) -> How {
    let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    let timeout_ms = u64::try_from(left.as_millis()).unwrap_or(TIMEOUT_MS);
    let options = CallOptions { timeout_ms: Some(timeout_ms), ..CallOptions::default() };
    How { options, cancel: how.cancel.clone(), ..How::default() }
}

/// `GET /{business-account-id}/message_templates?fields=name`: what the templates of the account are called.
#[derive(Deserialize)]
struct FetchNames {}

impl Operation for FetchNames {
    const NAME: &'static str = "template_names";
    const EFFECT: Effect = Effect::Read;
    const NEEDS_ACCOUNT: bool = true;
    const EXAMPLE: &'static str = "{}";
    type Output = Page<TemplateDefinition>;

    fn request(self, cx: &Context<'_>) -> std::result::Result<Request, Invalid> {
        let all = Object::new(cx.business_account_id).then("message_templates");
        Ok(Request::get(all.with("fields", Some("name")).with("limit", Some(NAMES))))
    }
}

/// `GET /{business-account-id}/message_templates?name=…`.
#[derive(Deserialize)]
struct FetchTemplates {
    name: String,
    after: Option<String>,
}

impl Operation for FetchTemplates {
    const NAME: &'static str = "template_definition";
    const EFFECT: Effect = Effect::Read;
    const NEEDS_ACCOUNT: bool = true;
    const EXAMPLE: &'static str = r#"{"name": "order_update"}"#;
    type Output = Page<TemplateDefinition>;

    fn request(self, cx: &Context<'_>) -> std::result::Result<Request, Invalid> {
        let all = Object::new(cx.business_account_id).then("message_templates");
        let asked = all.with("fields", Some(FIELDS)).with("name", Some(self.name)).with("limit", Some(PAGE));
        Ok(Request::get(asked.with("after", self.after)))
    }
}
