//! Documentation comments.

use crate::docs::{self, Docs};
use crate::layout::WIDTH;
use crate::schema::{Field, Type};

use super::{Php, types, variable};

/// A documentation comment, on one line if it fits.
pub(super) fn comment(indent: &str, lines: &[String]) -> Vec<String> {
    match lines {
        [] => Vec::new(),
        [line] if indent.len() + line.chars().count() + 7 <= WIDTH => {
            vec![format!("{indent}/** {line} */")]
        }
        lines => {
            let mut text = vec![format!("{indent}/**")];
            text.extend(lines.iter().map(|line| format!("{indent} * {line}").trim_end().to_string()));
            text.push(format!("{indent} */"));
            text
        }
    }
}

/// Why the parameters of generated methods have no types.
pub(super) const UNCHECKED: &str = "Parameters have the types that their documentation says. PHP does not check them: core \
                                    does, with everything else, and tells all mistakes at once.";

/// What a trait says about itself.
pub(super) fn trait_docs(intro: &str, more: Option<&str>) -> Vec<String> {
    let more = more.map(|more| text("", more)).unwrap_or_default();
    comment("", &sections(&[text("", intro), more, vec!["@internal".into()]]))
}

/// The room for text in a comment that is indented so far.
fn width(indent: &str) -> usize {
    WIDTH - indent.len() - 3
}

/// What a method says about itself: sections with a blank line between them, those that are empty left out.
pub(super) fn sections(sections: &[Vec<String>]) -> Vec<String> {
    let filled: Vec<&[String]> = sections.iter().map(Vec::as_slice).filter(|section| !section.is_empty()).collect();
    filled.join(&String::new())
}

/// Text of the generator's own, broken into lines.
pub(super) fn text(indent: &str, text: &str) -> Vec<String> {
    docs::wrap(text, width(indent), "", "")
}

/// A tag (`@param`, `@throws` …) with what it says.
pub(super) fn tag(indent: &str, tag: &str, text: &str) -> Vec<String> {
    docs::wrap(text, width(indent), &format!("{tag} "), "    ")
}

impl Php<'_> {
    /// The Markdown of core as lines of a comment.
    pub(super) fn lines(&self, indent: &str, docs: &Docs) -> Vec<String> {
        docs.lines(&self.speech, width(indent))
    }

    /// The `@param` lines of parameters.
    pub(super) fn params<'f>(&self, indent: &str, fields: impl IntoIterator<Item = &'f Field>) -> Vec<String> {
        let param = |field: &Field| {
            let ty = types::documented_parameter(self.model, field);
            let docs = field.docs.in_one_line(&self.speech);
            let unit = if field.ty == Type::DurationMs { " In seconds." } else { "" };
            tag(indent, "@param", &format!("{ty} {} {docs}{unit}", variable(field)))
        };
        fields.into_iter().flat_map(param).collect()
    }
}
