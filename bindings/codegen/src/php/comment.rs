//! Documentation comments.

use crate::docs::{self, Docs};
use crate::layout::WIDTH;
use crate::model::{self, Operation};
use crate::schema::{Field, Type};

use super::{Php, STEP, types, variable};

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
pub(super) fn trait_docs(intro: &str, more: Option<&str>, imports: Vec<String>) -> Vec<String> {
    let more = more.map(|more| text("", more)).unwrap_or_default();
    comment("", &sections(&[text("", intro), more, imports, vec!["@internal".into()]]))
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
    /// Where the names of arrays in the documentation of these parameters are explained.
    pub(super) fn imported_types<'o>(&self, operations: impl Iterator<Item = &'o Operation>) -> Vec<String> {
        let mut names = std::collections::BTreeSet::new();
        for param in operations.flat_map(|operation| &operation.params) {
            self.collect_types(&param.ty, &mut names);
        }
        names.into_iter().map(|name| format!("@phpstan-import-type {name} from Types")).collect()
    }

    /// The names that the documentation of a type uses.
    fn collect_types(&self, ty: &Type, names: &mut std::collections::BTreeSet<String>) {
        model::visit(ty, &mut |ty| {
            let Type::Ref(name) = ty else { return };
            if types::has_name(self.model, name) {
                names.insert(name.clone());
            } else if let Some(known) = self.model.definition(name) {
                // Written out where it is used, so that what it is made of is used there.
                model::visit(&known.ty, &mut |inner| {
                    if let Type::Ref(inner) = inner
                        && types::has_name(self.model, inner)
                    {
                        names.insert(inner.clone());
                    }
                });
            }
        });
    }

    /// `Types.php`: the arrays that parameters take, by name.
    pub(super) fn types(&self) -> Vec<String> {
        let mut sections_of_all = vec![text(
            "",
            "The arrays that parameters take: their keys, which are Graph's own names, and what they mean. The names are for \
             documentation and static analysis (`@phpstan-import-type`).",
        )];
        for known in &self.model.definitions {
            let (true, Type::Object(fields)) = (types::has_name(self.model, &known.name), &known.ty) else { continue };
            let mut lines =
                docs::wrap(&known.docs.in_one_line(&self.speech), width(""), &format!("{}: ", known.name), "");
            for field in fields {
                let docs = field.docs.in_one_line(&self.speech);
                lines.extend(docs::wrap(&docs, width(""), &format!("- `{}`: ", field.name), "  "));
            }
            let shape = types::documented(self.model, &known.ty);
            lines.extend(tag("", "@phpstan-type", &format!("{} {shape}", known.name)));
            sections_of_all.push(lines);
        }
        let mut lines = comment("", &sections(&sections_of_all));
        lines.extend(["final class Types".to_string(), "{".into()]);
        lines.extend([format!("{STEP}private function __construct()"), format!("{STEP}{{"), format!("{STEP}}}")]);
        lines.push("}".into());
        lines
    }

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
