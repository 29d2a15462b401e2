//! A Python file: banner, imports of what it uses, classes.

use crate::layout::bracketed;
use crate::output::{BANNER, GeneratedFile};

/// One step of indentation.
pub(super) const STEP: &str = "    ";

/// What is imported only where a file uses it, and only by type checkers: module and names.
type Typing<'a> = (&'a str, Vec<&'a str>);

/// A file of the package.
pub(super) fn file(path: &str, docs: &str, body: &[String]) -> GeneratedFile {
    let mut lines = vec![format!("# {BANNER}")];
    if !docs.is_empty() {
        lines.push(format!("\"\"\"{docs}\"\"\""));
    }
    lines.push(String::new());
    lines.extend(body.iter().cloned());
    GeneratedFile::new(path, lines.join("\n") + "\n")
}

/// The imports at the head of a file: `runtime` ones as they are, of `typing` those that `body` uses.
pub(super) fn imports(runtime: &[String], typing: &[Typing<'_>], body: &[String]) -> Vec<String> {
    let mut lines = vec!["from __future__ import annotations".to_string(), String::new()];
    if !runtime.is_empty() {
        lines.extend(runtime.iter().cloned());
        lines.push(String::new());
    }
    let used = typing.iter().map(|(module, names)| {
        let names = names.iter().filter(|name| is_used(name, body));
        (*module, names.copied().collect::<Vec<_>>())
    });
    let used: Vec<Typing<'_>> = used.filter(|(_, names)| !names.is_empty()).collect();
    if used.is_empty() {
        return lines;
    }
    lines.push("TYPE_CHECKING = False".into());
    lines.push("if TYPE_CHECKING:".into());
    let mut previous_is_ours = None;
    for (module, names) in used {
        let is_ours = module.starts_with("wacloud");
        if previous_is_ours.is_some_and(|previous| previous != is_ours) {
            lines.push(String::new());
        }
        let head = format!("from {module} import ");
        lines.extend(import_after(STEP, &head, &names));
        previous_is_ours = Some(is_ours);
    }
    lines.push(String::new());
    lines
}

/// `from module import a, b`, in brackets when it is long.
pub(super) fn import(module: &str, names: &[&str]) -> Vec<String> {
    import_after("", &format!("from {module} import "), names)
}

fn import_after(indent: &str, head: &str, names: &[&str]) -> Vec<String> {
    // As ruff sorts them: classes before functions, and capitals within a name count for nothing.
    let mut names = names.to_vec();
    names.sort_by_key(|name| (name.starts_with(char::is_lowercase), name.to_lowercase()));
    let line = format!("{indent}{head}{}", names.join(", "));
    if line.chars().count() <= crate::layout::WIDTH {
        return vec![line];
    }
    let names: Vec<String> = names.iter().map(|name| (*name).to_string()).collect();
    bracketed(indent, STEP, &format!("{head}("), &names, "")
}

/// `__all__`.
pub(super) fn all(names: &[&str]) -> Vec<String> {
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    bracketed("", STEP, "__all__ = [", &names, "")
}

/// Whether `name` stands as a word in code.
pub(super) fn is_used(name: &str, body: &[String]) -> bool {
    let in_word = |c: char| c.is_alphanumeric() || c == '_';
    body.iter().any(|line| {
        line.match_indices(name).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let after = line[at + name.len()..].chars().next();
            !before.is_some_and(in_word) && !after.is_some_and(in_word)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_used_is_imported() {
        let body = ["x: Sequence[AnyButton]".to_string()];
        let lines = imports(&[], &[("collections.abc", vec!["Sequence"]), ("typing", vec!["Any"])], &body);
        assert_eq!(
            lines[2..],
            ["TYPE_CHECKING = False", "if TYPE_CHECKING:", "    from collections.abc import Sequence", ""]
        );
    }
}
