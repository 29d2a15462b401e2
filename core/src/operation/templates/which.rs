//! Which template a call is about: by its id, or by its name and language.

use crate::client::send::{self, How};
use crate::client::{Client, Request};
use crate::error::{Error, Result};
use crate::graph::{Object, Page};
use crate::message::Invalid;
use crate::message::violation::{Checker, Rule};
use crate::outcome::Effect;
use crate::template::{MessageTemplate, told};

use super::list::List;

/// An id, which stands in the path of a request. Graph's are all digits; people give a name.
pub(super) fn check_id(id: &str, checker: &mut Checker) {
    if id.is_empty() {
        checker.refuse_at("id", Rule::Required, "must not be empty");
    } else if !id.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = format!("must be a template's id, which is all digits and told by templates.get, got {id:?}");
        checker.refuse_at("id", Rule::Format, message);
    }
}

/// As a call was given it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Which<'w> {
    pub(super) id: Option<&'w str>,
    pub(super) name: Option<&'w str>,
    pub(super) language: Option<&'w str>,
}

impl<'w> Which<'w> {
    /// Tells what does not name one template.
    pub(super) fn check(self, checker: &mut Checker) {
        if let Some(id) = self.id {
            check_id(id, checker);
        }
        for (member, text) in [("name", self.name), ("language", self.language)] {
            if let Some(text) = text {
                checker.text(member, text, 1, usize::MAX);
            }
        }
        match self {
            Which { id: None, name: None, .. } => {
                checker.refuse_at("id", Rule::Required, "is required: either id, or name and language");
            }
            Which { id: None, name: Some(_), language: None } => {
                checker.refuse_at("language", Rule::Required, "is required beside name: a template may have several");
            }
            Which { id: Some(_), name, language } if name.is_some() || language.is_some() => {
                checker.refuse_at("id", Rule::Conflict, "cannot stand beside name and language: either says which");
            }
            Which { .. } => {}
        }
    }

    /// The request for these fields of it; by name it is one for a list.
    pub(super) fn request(self, business_account_id: &str, fields: String) -> std::result::Result<Request, Invalid> {
        let mut checker = Checker::default();
        self.check(&mut checker);
        checker.into_result()?;
        Ok(Request::get(match self.id {
            Some(id) => Object::new(id).with("fields", Some(fields)),
            None => {
                let all = Object::new(business_account_id).then("message_templates");
                all.with("fields", Some(fields)).with("name", self.name).with("language", self.language)
            }
        }))
    }

    /// The one that is meant, looked for by its name, of this call.
    pub(super) async fn find(
        self,
        operation: &'static str,
        client: &Client,
        how: How,
        fields: &str,
    ) -> Result<MessageTemplate> {
        let mut checker = Checker::default();
        self.check(&mut checker);
        let refused = |invalid| client.refused(operation, Effect::Read, invalid);
        checker.into_result().map_err(refused)?;
        // It would be told of the list otherwise, in which the name is looked for.
        send::check_account(client, operation)?;
        let (name, language) = (self.name.unwrap_or_default(), self.language.unwrap_or_default());
        // Meta's filter by name finds names that contain it: the one that is meant may stand anywhere among them.
        let mut listing =
            List { fields: Some(named(fields)), name: Some(name.to_owned()), limit: Some(100), ..List::default() };
        let (mut languages, mut others) = (Vec::new(), Vec::new());
        loop {
            let page: Page<MessageTemplate> = client.run(listing.clone(), how.clone()).await?;
            let after = page.next().map(str::to_owned);
            for template in page.items {
                if template.name.as_deref() != Some(name) {
                    others.extend(template.name);
                    continue;
                }
                if template.language.as_deref() == Some(language) {
                    return Ok(template);
                }
                languages.extend(template.language);
            }
            match after {
                Some(after) => listing.after = Some(after),
                None => break,
            }
        }
        if languages.is_empty() && others.is_empty() {
            others = client.template_names(&how).await;
        }
        let mut checker = Checker::default();
        match languages.as_slice() {
            [] => {
                let others: Vec<&str> = others.iter().map(String::as_str).collect();
                checker.refuse_at("name", Rule::Choice, told::no_template(name, &others));
            }
            known => {
                let known = known.join(", ");
                let message = format!("{name} has no translation {language:?}; there are {known}");
                checker.refuse_at("language", Rule::Choice, message);
            }
        }
        match checker.into_result() {
            Err(invalid) => Err(refused(invalid)),
            Ok(()) => Err(Error::Internal {
                message: "a template is neither there nor not".to_owned(),
                may_have_been_sent: false,
            }),
        }
    }
}

/// Fields with those that tell templates apart.
fn named(fields: &str) -> Vec<String> {
    let mut all: Vec<String> = fields.split(',').map(str::to_owned).collect();
    for name in ["name", "language"] {
        if !all.iter().any(|known| known == name) {
            all.push(name.to_owned());
        }
    }
    all
}
