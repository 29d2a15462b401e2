//! What is written on a command line, as the JSON that an argument of an operation is.

use std::fs;
use std::io::{self, Read as _};

use serde_json::{Map, Value, json};

/// How an argument is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it stands.
    Text,
    /// A number.
    Number,
    /// There or not.
    Switch,
    /// `--link URL`, `--id ID` or `--file PATH`.
    Media,
    /// A text, or `image=…`, `video=…`, `document=…`, each a link or a media id, or JSON.
    Heading,
    /// `ID=TITLE`, repeated, or JSON.
    Replies,
    /// `ID=TITLE` or `ID=TITLE=DESCRIPTION`, repeated: the rows of one section.
    Rows,
    /// Values one after the other, or `NAME=VALUE` with `--var`.
    Variables,
    /// `INDEX:KIND=VALUE`, repeated, or JSON.
    TemplateButtons,
    /// `NAME=PHONE`, repeated, or JSON.
    Contacts,
    /// JSON, or `@file`.
    Json,
    /// JSON objects, repeated.
    JsonList,
}

/// What is wrong with what was written, without the name of the option.
type Parsed = Result<Value, String>;

impl Form {
    /// Whether it can be given several times.
    pub(crate) fn repeats(self) -> bool {
        matches!(
            self,
            Form::Replies | Form::Rows | Form::Variables | Form::TemplateButtons | Form::Contacts | Form::JsonList
        )
    }

    /// The argument from all that was written for it.
    pub(crate) fn read(self, written: &[String]) -> Parsed {
        let first = written.first().map_or("", String::as_str);
        let list = |one: fn(&str) -> Parsed| {
            written.iter().map(|text| one(text)).collect::<Result<Vec<_>, _>>().map(Value::from)
        };
        match self {
            Form::Text | Form::Media => Ok(first.into()),
            Form::Number => number(first),
            Form::Switch => Ok(true.into()),
            Form::Heading => heading(first),
            Form::Replies => list(|text| {
                or_json(text, |text| pair(text, "ID=TITLE").map(|(id, title)| json!({"id": id, "title": title})))
            }),
            Form::Rows => list(row).map(|rows| json!([{"rows": rows}])),
            Form::Variables => Ok(written.into()),
            Form::TemplateButtons => list(|text| or_json(text, template_button)),
            Form::Contacts => list(|text| or_json(text, contact)),
            Form::Json => json_or_file(first),
            Form::JsonList => list(json_or_file),
        }
    }
}

fn number(text: &str) -> Parsed {
    serde_json::from_str::<serde_json::Number>(text.trim())
        .map(Value::from)
        .map_err(|_| format!("{text:?} is not a number"))
}

fn or_json(text: &str, short: impl Fn(&str) -> Parsed) -> Parsed {
    if text.trim_start().starts_with('{') { parse(text) } else { short(text) }
}

fn parse(text: &str) -> Parsed {
    serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))
}

/// JSON as it stands, from a file (`@name`) or from standard input (`-`).
pub(crate) fn json_or_file(text: &str) -> Parsed {
    if let Some(name) = text.strip_prefix('@') {
        let text = fs::read_to_string(name).map_err(|error| format!("the file {name} cannot be read: {error}"))?;
        return parse(&text).map_err(|error| format!("the file {name} {error}"));
    }
    if text == "-" {
        return parse(&input()?).map_err(|error| format!("standard input {error}"));
    }
    parse(text)
}

/// All of standard input.
pub(crate) fn input() -> Result<String, String> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).map_err(|error| format!("standard input cannot be read: {error}"))?;
    Ok(text)
}

fn pair<'t>(text: &'t str, form: &str) -> Result<(&'t str, &'t str), String> {
    text.split_once('=').ok_or_else(|| format!("{text:?} must be {form} or JSON"))
}

/// The kinds of media that stand above a message.
const MEDIA: [&str; 3] = ["image", "video", "document"];

/// What stands above a message. A text that begins like media is given as `text=…`.
pub(crate) fn heading(text: &str) -> Parsed {
    if text.trim_start().starts_with('{') {
        // `{name}` is the placeholder of a bulk, not JSON.
        if let Ok(value @ Value::Object(_)) = parse(text) {
            return Ok(value);
        }
    }
    match text.split_once('=') {
        Some(("text", text)) => Ok(text.into()),
        Some((kind, media)) if MEDIA.contains(&kind) => Ok(json!({kind: media})),
        _ => Ok(text.into()),
    }
}

/// What a button of a template may be given; `true` for a number.
const BUTTON_VALUES: [(&str, bool); 6] = [
    ("url", false),
    ("quick_reply", false),
    ("copy_code", false),
    ("otp", false),
    ("catalog", false),
    ("call_ttl_minutes", true),
];

/// `0:url=ana-42`
pub(crate) fn template_button(text: &str) -> Parsed {
    let kinds = BUTTON_VALUES.map(|(name, _)| name).join(", ");
    let wrong = || format!("{text:?} must be INDEX:KIND=VALUE, such as 0:url=ana-42, with one of {kinds}; or JSON");
    let (index, rest) = text.split_once(':').ok_or_else(wrong)?;
    let index: u32 = index.trim().parse().map_err(|_| wrong())?;
    let (kind, value) = rest.split_once('=').ok_or_else(wrong)?;
    let kind = kind.replace('-', "_");
    let (_, is_number) = BUTTON_VALUES.iter().find(|(name, _)| *name == kind).ok_or_else(wrong)?;
    let value = if *is_number { number(value)? } else { value.into() };
    Ok(json!({"index": index, kind: value}))
}

/// A template's button, also as JSON.
pub(crate) fn template_buttons(written: &[String]) -> Parsed {
    Form::TemplateButtons.read(written)
}

fn row(text: &str) -> Parsed {
    let (id, rest) = pair(text, "ID=TITLE or ID=TITLE=DESCRIPTION")?;
    Ok(match rest.split_once('=') {
        Some((title, description)) => json!({"id": id, "title": title, "description": description}),
        None => json!({"id": id, "title": rest}),
    })
}

/// `Ana Silva=+1555…`: with the one part of the name that Meta wants beside the whole.
fn contact(text: &str) -> Parsed {
    let (name, phone) = pair(text, "NAME=PHONE")?;
    let first = name.split_whitespace().next().unwrap_or_default();
    Ok(json!({"name": {"formatted_name": name, "first_name": first}, "phones": [{"phone": phone}]}))
}

/// `NAME=VALUE` of each.
pub(crate) fn named(written: &[String]) -> Parsed {
    let mut all = Map::new();
    for text in written {
        let (name, value) = text.split_once('=').ok_or_else(|| format!("{text:?} must be NAME=VALUE"))?;
        if all.insert(name.to_owned(), value.into()).is_some() {
            return Err(format!("{name} is given twice"));
        }
    }
    Ok(all.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: Form, written: &[&str]) -> Parsed {
        form.read(&written.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_written_becomes_the_argument() {
        for (form, written, expected) in [
            (Form::Text, vec!["-5 %"], json!("-5 %")),
            (Form::Number, vec!["-48.2"], json!(-48.2)),
            (Form::Heading, vec!["Hello = you"], json!("Hello = you")),
            (Form::Heading, vec!["image=https://a.b/c"], json!({"image": "https://a.b/c"})),
            (Form::Heading, vec!["text=image=5"], json!("image=5")),
            (Form::Heading, vec!["{name}"], json!("{name}")),
            (Form::Heading, vec![r#"{"product": {}}"#], json!({"product": {}})),
            (Form::Replies, vec!["yes=Yes", r#"{"id": "no"}"#], json!([{"id": "yes", "title": "Yes"}, {"id": "no"}])),
            (
                Form::Rows,
                vec!["m9=09:00", "m10=10:00=one hour"],
                json!([{"rows": [{"id": "m9", "title": "09:00"}, {"id": "m10", "title": "10:00", "description": "one hour"}]}]),
            ),
            (Form::Variables, vec!["Ana", "#1042"], json!(["Ana", "#1042"])),
            (
                Form::TemplateButtons,
                vec!["0:url=a=b", "1:copy-code=SAVE10", "2:call_ttl_minutes=60"],
                json!([{"index": 0, "url": "a=b"}, {"index": 1, "copy_code": "SAVE10"}, {"index": 2, "call_ttl_minutes": 60}]),
            ),
            (
                Form::Contacts,
                vec!["Ana Silva=+15550005678"],
                json!([{"name": {"formatted_name": "Ana Silva", "first_name": "Ana"}, "phones": [{"phone": "+15550005678"}]}]),
            ),
            (Form::JsonList, vec![r#"{"a": 1}"#], json!([{"a": 1}])),
        ] {
            assert_eq!(read(form, &written), Ok(expected), "{form:?}");
        }
        assert_eq!(
            named(&["name=Ana".to_owned(), "order=#1=2".to_owned()]),
            Ok(json!({"name": "Ana", "order": "#1=2"}))
        );
    }

    #[test]
    fn what_is_none_is_told_with_how_it_is_written() {
        for (form, written, expected) in [
            (Form::Number, "north", "not a number"),
            (Form::Replies, "yes", "ID=TITLE"),
            (Form::TemplateButtons, "url=x", "0:url=ana-42"),
            (Form::TemplateButtons, "0:link=x", "url, quick_reply"),
            (Form::Json, "{", "is not JSON"),
            (Form::Json, "@/nowhere/x.json", "cannot be read"),
            (Form::Contacts, "Ana", "NAME=PHONE"),
        ] {
            let told = read(form, &[written]).unwrap_err();
            assert!(told.contains(expected), "{form:?}: {told}");
        }
        assert!(named(&["a=1".to_owned(), "a=2".to_owned()]).unwrap_err().contains("twice"));
    }
}
