//! `docs/errors.md`: the error classes of the manifest and core's table of Graph codes, for people.

use serde_json::Value;
use wacloud::graph::codes::{Acceptance, CODES, CodeRow, ErrorClass, Remedy, Scope};

use crate::layout::row;
use crate::output::{BANNER, GeneratedFile};

/// The page.
pub(crate) fn emit(manifest: &Value) -> GeneratedFile {
    let mut page = format!("<!-- {BANNER} -->\n\n# Errors\n\n{INTRODUCTION}\n\n## Classes\n\n");
    page += "| class | is a | means | members |\n| --- | --- | --- | --- |\n";
    for class in classes(manifest) {
        page += &class_row(class);
    }
    page += &format!(
        "\n## Codes\n\n{ABOUT_CODES}\n\n| code | error | what happens | what it means |\n| --- | --- | --- | --- |\n"
    );
    for row in CODES {
        page += &code_row(row);
    }
    GeneratedFile::new("docs/errors.md", page)
}

const INTRODUCTION: &str = "\
Every error tells what happened, if the message can have been sent, and what to do about it. The classes have the same
names in Python, Node and PHP; members are in camel case in Node and PHP. In PHP they live in `WaCloud\\Exception`, and
Graph's code comes from `getCode()`. In Rust there is `wacloud::Error`, whose variant `Api`
knows the class.

Every class has the members of the class that it is a kind of.";

const ABOUT_CODES: &str = "\
Graph's `code` decides what an error is; the HTTP status counts only where there is no code. The same codes come in
status webhooks of messages that were accepted and failed later.

*repeated* means that the message waits for its turn and goes out again, within `max_wait`; only when that is over
is the error raised. *unknown* means that the message may have been accepted all the same: `DeliveryUnknownError`.";

fn classes(manifest: &Value) -> impl Iterator<Item = &Value> {
    manifest["errors"].as_array().into_iter().flatten()
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

fn class_row(class: &Value) -> String {
    let parent = match text(class, "parent") {
        "" => String::new(),
        parent => format!("`{parent}`"),
    };
    let members: Vec<String> = class["fields"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|field| format!("`{}`: {}", text(field, "name"), text(field, "docs")))
        .collect();
    row(&[&format!("`{}`", text(class, "name")), &parent, text(class, "docs"), &members.join("<br>")])
}

fn code_row(code: &CodeRow) -> String {
    let number =
        if code.first == code.last { code.first.to_string() } else { format!("{} to {}", code.first, code.last) };
    let error = format!("{}<br>`{}`", code.title, class_name(code.class));
    row(&[&number, &error, &what_happens(code), code.help])
}

/// The class in the language packages, which is core's name for it and a suffix; a test holds it to the manifest.
fn class_name(class: ErrorClass) -> String {
    format!("{class:?}Error")
}

fn what_happens(code: &CodeRow) -> String {
    if code.acceptance == Acceptance::Reported {
        return "unknown".to_owned();
    }
    match code.remedy {
        Remedy::Throttle(scope) => format!("repeated; {} is held back", whom(scope)),
        Remedy::Wait { retry_after_s, scope } => {
            let whom = scope.map(|scope| format!(" ({})", whom(scope))).unwrap_or_default();
            format!("raised; try again after {}{whom}", duration(retry_after_s))
        }
        Remedy::Consent => "unknown".to_owned(),
        Remedy::Fix => "raised; something must be changed first".to_owned(),
        Remedy::Never => "raised; do not send it again".to_owned(),
    }
}

fn whom(scope: Scope) -> &'static str {
    match scope {
        Scope::Pair => "this recipient",
        Scope::Number => "the number",
        Scope::Account => "the account",
        Scope::App => "the app",
    }
}

fn duration(seconds: u32) -> String {
    match seconds {
        3600 => "an hour".to_owned(),
        s if s % 3600 == 0 => format!("{} hours", s / 3600),
        s => format!("{} minutes", s / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_belongs_to_a_class_of_the_manifest() {
        let manifest = wacloud::registry::manifest();
        let known: Vec<&str> = classes(&manifest).map(|class| text(class, "name")).collect();
        assert!(known.contains(&"DeliveryUnknownError"));
        for code in CODES {
            let name = class_name(code.class);
            assert!(known.contains(&name.as_str()), "{name} of {} is not in the manifest", code.first);
        }
    }

    #[test]
    fn tables_keep_their_shape() {
        let page = emit(&wacloud::registry::manifest()).text;
        let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
        assert!(rows.len() > CODES.len());
        for line in rows {
            assert_eq!(line.replace("\\|", "").matches('|').count(), 5, "{line}");
        }
        assert!(page.contains("| 130429 | Throughput limit<br>`RateLimitError` | repeated; the number is held back |"));
        assert!(page.contains("| 131000 | Something went wrong<br>`ApiError` | unknown |"));
    }
}
