//! `docs/errors.md`: the error classes of the manifest and core's table of Graph codes, for people.

use serde_json::Value;
use wacloud::graph::codes::{Acceptance, CODES, CodeRow, ErrorClass, Remedy, Scope, lookup};

use crate::layout::row;
use crate::output::{BANNER, GeneratedFile};

/// The page.
pub(crate) fn emit(manifest: &Value) -> GeneratedFile {
    let mut page = format!("<!-- {BANNER} -->\n\n# Errors\n\n{INTRODUCTION}\n\n## Codes\n\n{ABOUT_CODES}\n\n");
    page += "| code | means | error | what happens |\n| --- | --- | --- | --- |\n";
    page.extend(CODES.iter().map(code_row));
    page += &format!("\n## What to do\n\n{ABOUT_SECTIONS}\n");
    page.extend(CODES.iter().map(section));
    page += &format!(
        "\n{WITHOUT_CODE}\n\n## Classes\n\nEvery class has the members of the class that it is a kind of.\n\n"
    );
    page += "| class | is a | means | members |\n| --- | --- | --- | --- |\n";
    page.extend(classes(manifest).map(class_row));
    GeneratedFile::new("docs/errors.md", page)
}

const INTRODUCTION: &str = "\
Every error tells what happened, if the message can have been sent, and what to do about it. The classes have the same
names in Python, Node and PHP; members are in camel case in Node and PHP. In PHP they live in `WaCloud\\Exception`, and
Graph's code comes from `getCode()`. In Rust there is `wacloud::Error`, whose variant `Api`
knows the class.

Here are [all of Meta's codes](#codes), [what to do](#what-to-do) about each, [answers without a code](#answers-without-a-code), such as
a bare 429, and [the classes](#classes).";

const ABOUT_CODES: &str = "\
Graph's `code` decides what an error is; the HTTP status counts only where there is no code. The same codes come in
status webhooks of messages that were accepted and failed later.

*repeated* means that the message waits for its turn and goes out again, within `max_wait`; only when that is over
is the error raised. *unknown* means that the message may have been accepted all the same: `DeliveryUnknownError`.";

const ABOUT_SECTIONS: &str = "\
Every error that is raised has this text in `help`. \"May it have gone out\" is about the answer to a request: in a status
webhook the same code says that the message was accepted and has failed.";

/// What `outcome::of_answer` does without a code. Written by hand: a test of core's holds the rules.
const WITHOUT_CODE: &str = "\
## Answers without a code

A proxy, a gateway or an overloaded server may answer with an HTTP status and nothing that Graph would say. So may Meta, with a
code that is newer than this table: then the status counts, too.

#### HTTP 429

**Too many requests.** `RateLimitError`, scope `number`. It is treated like [130429](#130429): the number is held back, as long as
`Retry-After` says if the answer has it, and the message goes out again within `max_wait`. It was not sent. With one of Graph's
codes in the answer that code counts instead: [4](#4), [80007](#80007), [130429](#130429) and [131056](#131056) are the usual
ones. How the limits are kept, so that you do not see it: [pace](pace.md).

#### HTTP 3xx and 4xx

**Refused.** `ApiError`: whoever answered took nothing. Redirects are not followed, because the token would go along. Look at
`base_url` and at proxies between you and Meta.

#### HTTP 5xx

**Server error.** `DeliveryUnknownError`, with the reason `server_error`: the message may have been accepted before something
failed. It is not repeated, unless you set `on_unknown=\"resend\"`: [outcomes](outcomes.md#settling-an-unknown).";

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
    let name = name(code);
    let link = format!("[{name}](#{})", name.replace(' ', "-"));
    row(&[&link, code.title, &format!("`{}`", class_name(code.class)), &what_happens(code)])
}

/// Markdown whose codes lead to their sections on the page of errors: what stands in brackets and is in the table.
pub(crate) fn with_links(markdown: &str) -> String {
    let mut linked = String::new();
    for part in markdown.split_inclusive(|character: char| !character.is_ascii_digit()) {
        let digits = part.trim_end_matches(|character: char| !character.is_ascii_digit());
        let code =
            digits.parse().ok().and_then(lookup).filter(|code| code.first == code.last && digits.len() >= SHORTEST);
        match code {
            Some(_) => linked += &format!("[{digits}](errors.md#{digits}){}", &part[digits.len()..]),
            None => linked += part,
        }
    }
    linked
}

/// Digits of a number that is a code wherever it stands in a text, and no limit or year.
const SHORTEST: usize = 6;

/// What a code is called: the heading of its section, which is nothing else, so that its address is the code.
fn name(code: &CodeRow) -> String {
    if code.first == code.last { code.first.to_string() } else { format!("{} to {}", code.first, code.last) }
}

fn section(code: &CodeRow) -> String {
    let class = class_name(code.class);
    let scope = match code.remedy {
        Remedy::Throttle(scope) | Remedy::Wait { scope: Some(scope), .. } => format!(", scope `{}`", scope_name(scope)),
        _ => String::new(),
    };
    let (title, help) = (code.title, code.help);
    let (gone_out, happens) = (gone_out(code), what_happens(code));
    format!(
        "\n#### {}\n\n**{title}.** `{class}`{scope}\n\n{help}\n\nMay it have gone out: {gone_out}. What happens: {happens}.\n",
        name(code)
    )
}

fn gone_out(code: &CodeRow) -> &'static str {
    match code.acceptance {
        Acceptance::Reported => "perhaps",
        Acceptance::No => "no",
    }
}

/// As `RateLimitError` has it.
fn scope_name(scope: Scope) -> String {
    format!("{scope:?}").to_lowercase()
}

/// The class in the language packages, which is core's name for it and a suffix; a test holds it to the manifest.
fn class_name(class: ErrorClass) -> String {
    format!("{class:?}Error")
}

fn what_happens(code: &CodeRow) -> String {
    if code.acceptance == Acceptance::Reported {
        return "unknown: `DeliveryUnknownError` is raised".to_owned();
    }
    match code.remedy {
        Remedy::Throttle(scope) => format!("repeated; {} is held back", whom(scope)),
        Remedy::Wait { retry_after_s, scope } => {
            let whom = scope.map(|scope| format!(" ({})", whom(scope))).unwrap_or_default();
            let bulk = if code.holds_back().is_some() { "; a bulk waits" } else { "" };
            format!("raised; try again after {}{whom}{bulk}", duration(retry_after_s))
        }
        Remedy::Consent => "unknown: `DeliveryUnknownError` is raised".to_owned(),
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
        60 => "a minute".to_owned(),
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
    fn every_code_has_a_section_with_its_own_address() {
        let page = emit(&wacloud::registry::manifest()).text;
        for code in CODES {
            let heading = format!("\n#### {}\n\n**{}.** `{}`", name(code), code.title, class_name(code.class));
            assert_eq!(page.matches(&heading).count(), 1, "{heading}");
        }
        assert!(page.contains("[200 to 299](#200-to-299)"));
        assert!(page.contains("#### 131056\n\n**Pair rate limit.** `RateLimitError`, scope `pair`\n"));
        assert!(page.contains("May it have gone out: perhaps. What happens: unknown"));
        assert!(page.contains("#### HTTP 429\n"));
    }

    #[test]
    fn codes_in_texts_lead_to_their_sections() {
        let text = "Refused (132000, 132001): 100000 of them, or 131047.";
        let linked = "Refused ([132000](errors.md#132000), [132001](errors.md#132001)): 100000 of them, or [131047](errors.md#131047).";
        assert_eq!(with_links(text), linked);
        assert_eq!(with_links(""), "");
    }

    #[test]
    fn tables_keep_their_shape() {
        let page = emit(&wacloud::registry::manifest()).text;
        let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
        assert!(rows.len() > CODES.len());
        for line in rows {
            assert_eq!(line.replace("\\|", "").matches('|').count(), 5, "{line}");
        }
        assert!(page.contains(
            "| [130429](#130429) | Throughput limit | `RateLimitError` | repeated; the number is held back |"
        ));
        assert!(page.contains("| [131000](#131000) | Something went wrong | `ApiError` | unknown: "));
    }
}
