//! A list to pick one row from.

use serde::{Deserialize, Serialize};

use super::{Action, FrameRules, HeaderRule};
use crate::message::limits;
use crate::message::violation::{Checker, Rule};

/// A button that opens a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// What the button that opens the list says: 1 to 20 characters.
    pub button: String,
    /// 1 to 10 sections with 10 rows in all.
    pub sections: Vec<ListSection>,
}

/// Rows of a list under one title.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListSection {
    /// What stands above the rows: up to 24 characters. Required when there is more than one section.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// At least one row; all sections together have 10 at most.
    pub rows: Vec<ListRow>,
}

/// A row of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListRow {
    /// What comes back in the webhook when it is picked: 1 to 200 characters, different from the other rows'.
    pub id: String,
    /// What the row says: 1 to 24 characters.
    pub title: String,
    /// A smaller line below it: up to 72 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

impl ListSection {
    /// These rows under a title.
    pub fn new(title: impl Into<String>, rows: impl IntoIterator<Item = ListRow>) -> Self {
        ListSection { title: Some(title.into()), rows: rows.into_iter().collect() }
    }
}

impl ListRow {
    /// A row that says `title` and answers with `id`.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        ListRow { id: id.into(), title: title.into(), description: None }
    }
}

impl Action for List {
    /// "Interactive list messages" gives the body 4,096 characters, the OpenAPI document 1,024.
    const FRAME: FrameRules = FrameRules { header: HeaderRule::Text, body: limits::LIST_BODY, ..FrameRules::ALL };

    fn check(&self, checker: &mut Checker) {
        checker.text("button", &self.button, 1, limits::LIST_BUTTON);
        checker.count("sections", self.sections.len(), 1, limits::SECTIONS);
        let needs_titles = self.sections.len() > 1;
        checker.items("sections", &self.sections, |checker, section| {
            check_title(section.title.as_ref(), needs_titles, checker);
            if section.rows.is_empty() {
                checker.refuse_at("rows", Rule::Count, "must have at least 1 item, has 0");
            }
            checker.items("rows", &section.rows, |checker, row| {
                checker.text("id", &row.id, 1, limits::ROW_ID);
                checker.text("title", &row.title, 1, limits::ROW_TITLE);
                checker.optional_text("description", row.description.as_ref(), 0, limits::ROW_DESCRIPTION);
            });
        });
        let rows = self.sections.iter().map(|section| section.rows.len()).sum();
        check_total(self.sections.len(), "rows", rows, limits::LIST_ROWS, checker);
        self.check_ids(checker);
    }
}

impl List {
    /// Meta refuses two rows of one id ("Duplicated row id"): nobody could tell which was picked.
    fn check_ids(&self, checker: &mut Checker) {
        let mut seen = std::collections::HashSet::new();
        checker.items("sections", &self.sections, |checker, section| {
            checker.items("rows", &section.rows, |checker, row| {
                if !row.id.is_empty() && !seen.insert(row.id.as_str()) {
                    checker.refuse_at("id", Rule::Unique, "is the id of another row too");
                }
            });
        });
    }
}

/// The title of a section of rows or products.
pub(super) fn check_title(title: Option<&String>, is_required: bool, checker: &mut Checker) {
    match title {
        Some(title) => checker.text("title", title, usize::from(is_required), limits::SECTION_TITLE),
        None if is_required => {
            checker.refuse_at("title", Rule::Required, "is required when there is more than one section");
        }
        None => {}
    }
}

/// How many things all sections have together.
pub(super) fn check_total(sections: usize, what: &str, count: usize, most: usize, checker: &mut Checker) {
    // Too many sections have been told already.
    if count > most && sections <= limits::SECTIONS {
        let message = format!("must have at most {most} {what} in all sections together, have {count}");
        checker.refuse_at("sections", Rule::Count, message);
    }
}
