//! `docs/settings.md`: every setting of a client and every option of a call and a bulk, for people.

use serde_json::Value;

use crate::docs::Speech;
use crate::layout::row;
use crate::model::Model;
use crate::naming::Language;
use crate::output::{BANNER, GeneratedFile};
use crate::schema::{Field, Type};

/// The page. Texts speak Python; the names stand in each language's spelling.
pub(crate) fn emit(manifest: &Value, model: &Model) -> GeneratedFile {
    let page = Page { manifest, speech: Speech::new(Language::Python, model) };
    let mut text = format!("<!-- {BANNER} -->\n\n# Settings\n\n{INTRODUCTION}\n\n{EXAMPLES}\n\n```rust\n{RUST}```\n\n");
    text += "## Of a client\n\n";
    text += &page.table("settings", &model.settings, LOGGER);
    text += &format!("\n{OF_A_CLIENT}\n\n## Of a call\n\n{OF_A_CALL}\n\n");
    text += &page.table("call_options", &model.call_options, SIGNAL);
    text += &format!("\n{PRIORITIES}\n\n| `priority` | |\n| --- | --- |\n");
    text += &page.choices("Priority");
    text += &format!("\n## Of a bulk\n\n{OF_A_BULK}\n\n");
    text += &page.table("bulk_options", &model.bulk_options, SIGNAL_OF_BULK);
    GeneratedFile::new("docs/settings.md", text)
}

const INTRODUCTION: &str = "\
Settings belong to a client and count for all its calls; options belong to one call or one bulk. Everything but
`phone_number_id` and `access_token` may be left out. What is wrong, or not known, is a `ConfigError` that names the setting,
and nothing is sent.

Times are seconds in Python and PHP (fractions are fine: `0.5`). In Node and Rust they are whole milliseconds, and the name
says so. A name that stands alone in its row is the same in all languages.";

const EXAMPLES: &str = "\
```python
from wacloud import WhatsAppClient

wa = WhatsAppClient.from_env(rate=20, max_wait=10)
wa.send_text(\"+15550001234\", \"Your code is 4711\", priority=\"urgent\", timeout=15)
patient = wa.with_options(max_wait=600)
patient.send_text(\"+15550001234\", \"Our new opening hours\", priority=\"low\")
```

```js
import { WhatsAppClient } from 'wacloud'

const wa = WhatsAppClient.fromEnv({ rate: 20, maxWaitMs: 10_000 })
await wa.sendText('+15550001234', 'Your code is 4711', { priority: 'urgent', timeoutMs: 15_000 })
const patient = wa.withOptions({ maxWaitMs: 600_000 })
await patient.sendText('+15550001234', 'Our new opening hours', { priority: 'low' })
```

```php
use WaCloud\\WhatsAppClient;

$wa = WhatsAppClient::fromEnv(rate: 20, maxWait: 10);
$wa->sendText('+15550001234', 'Your code is 4711', priority: 'urgent', timeout: 15);
$patient = $wa->withOptions(maxWait: 600);
$patient->sendText('+15550001234', 'Our new opening hours', priority: 'low');
```

In Rust, `Settings` and `CallOptions` are structs with public fields:";

const RUST: &str = include_str!("../../../examples/rust/settings.rs");

/// What a table has that never crosses to core: names, value, default, limits, what it does.
type Own = [&'static str; 5];

const LOGGER: &Own = &[
    "Node, PHP `logger`",
    "object",
    "warnings go to `process.emitWarning`, `error_log`",
    "methods `debug`, `info`, `warn`, any of them; a PSR-3 logger in PHP",
    "Is told what the client does. Python has the logger `wacloud`, Rust has `tracing`: see [logging](logging.md).",
];

const SIGNAL: &Own = &[
    "Node `signal`",
    "`AbortSignal`",
    "none",
    "",
    "Ends the call. The other languages do it [in their own ways](outcomes.md#cancelling).",
];

const SIGNAL_OF_BULK: &Own = &[
    "Node `signal`",
    "`AbortSignal`",
    "none",
    "",
    "Starts no further message; the results of those in flight are told before the `AbortError`, which has those that had \
     been taken and never started in `unstarted`.",
];

const OF_A_CLIENT: &str = "\
`from_env` (`fromEnv`, `Settings::from_env`) reads `WA_PHONE_ID`, `WA_TOKEN`, `WA_BUSINESS_ACCOUNT_ID`, `WA_BASE_URL` and
`WA_API_VERSION`; in Python, Node and PHP it takes all settings, and those come first. `with_options` (`withOptions`) makes a copy with other settings: it
is cheap, and shares connections and pace. More about `rate`, `pair_rate`, `pace` and `pace_dir` is in [pace](pace.md), about
`on_unknown` in [outcomes](outcomes.md). In Rust a token function is given with `Client::with_token_source`.";

const OF_A_CALL: &str = "\
Every method that calls the API takes them beside its own arguments: by name in Python and PHP, in the object at the end in
Node, and in Rust as `CallOptions` of `Client::send_with` and `Client::call_with`. `Message.x(…)`, which only makes a message,
does not.";

const PRIORITIES: &str = "\
The order counts among the messages of one number that wait in one process. A message that is urgent overtakes all others,
but not the limit itself, nor what its recipient is held back for.";

const OF_A_BULK: &str = "\
`send_bulk` takes them beside the messages (`Client::send_bulk_with` in Rust): see [bulk](bulk.md). Those that a call has, too,
count for each message.";

struct Page<'a> {
    manifest: &'a Value,
    speech: Speech,
}

impl Page<'_> {
    fn table(&self, of: &str, fields: &[Field], own: &Own) -> String {
        let mut text = row(&["name", "value", "unless given", "limits", "what it does"]);
        text += &row(&["---"; 5]);
        for field in fields {
            let schema = &self.manifest[of]["properties"][&field.name];
            text += &row(&[
                &names(field),
                &value(field, schema),
                &default(field, schema),
                &limits(schema),
                &field.docs.in_one_line(&self.speech),
            ]);
        }
        text + &row(own)
    }

    /// A row for each value of a choice.
    fn choices(&self, definition: &str) -> String {
        let values = self.manifest["$defs"][definition]["oneOf"].as_array().into_iter().flatten();
        let text = |value: &Value, member: &str| value[member].as_str().unwrap_or_default().to_owned();
        values.map(|value| row(&[&format!("`{}`", text(value, "const")), &text(value, "description")])).collect()
    }
}

/// What each language calls it, those that agree together.
fn names(field: &Field) -> String {
    let mut names: Vec<(String, Vec<&str>)> = Vec::new();
    for (label, name) in [
        ("Python", Language::Python.identifier(&field.name, &field.ty)),
        ("Node", Language::Node.identifier(&field.name, &field.ty)),
        ("PHP", Language::Php.identifier(&field.name, &field.ty)),
        ("Rust", field.name.clone()),
    ] {
        match names.iter_mut().find(|(known, _)| *known == name) {
            Some((_, labels)) => labels.push(label),
            None => names.push((name, vec![label])),
        }
    }
    let is_one = names.len() == 1;
    let cell = names.into_iter().map(|(name, labels)| match is_one {
        true => format!("`{name}`"),
        false => format!("{} `{name}`", labels.join(", ")),
    });
    cell.collect::<Vec<_>>().join("<br>")
}

fn value(field: &Field, schema: &Value) -> String {
    let value = match field.name.as_str() {
        // That it may be a function is each language package's own business, and no schema says it.
        "access_token" => "text or function".to_owned(),
        _ => kind(&field.ty),
    };
    match schema["x-unit"].as_str() {
        Some(unit) => format!("{value}: {unit}"),
        None => value,
    }
}

fn kind(ty: &Type) -> String {
    match ty {
        Type::String => "text".into(),
        Type::Bytes => "bytes".into(),
        Type::Bool => "true or false".into(),
        Type::Int => "whole number".into(),
        Type::Float => "number".into(),
        Type::DurationMs => "seconds; milliseconds in Node and Rust".into(),
        Type::Enum(values) => values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", "),
        Type::Callback(_) => "function".into(),
        Type::Union(members) => members.iter().map(kind).collect::<Vec<_>>().join(", or "),
        // No setting has any of these.
        Type::False | Type::List(_) | Type::Map(_) | Type::Object(_) | Type::Ref(_) | Type::Null | Type::Json => {
            "anything".into()
        }
    }
}

fn default(field: &Field, schema: &Value) -> String {
    if field.required {
        return "must be given".to_owned();
    }
    match (&schema["default"], &schema["x-default"]) {
        (_, Value::String(text)) => text.clone(),
        (Value::Null, _) => "none".to_owned(),
        (Value::Bool(true), _) => "yes".to_owned(),
        (Value::Bool(false), _) => "no".to_owned(),
        (Value::String(value), _) => format!("`{value}`"),
        (value, _) if field.ty == Type::DurationMs => format!("{} s", number(value.as_f64().unwrap_or_default() / 1e3)),
        (value, _) => number(value.as_f64().unwrap_or_default()),
    }
}

fn limits(schema: &Value) -> String {
    let bound = |name: &str| schema[name].as_f64().map(number);
    match (bound("exclusiveMinimum"), bound("minimum"), bound("maximum")) {
        (Some(least), _, None) => format!("more than {least}"),
        (None, Some(least), None) => format!("at least {least}"),
        (_, Some(least), Some(most)) => format!("{least} to {most}"),
        (_, None, Some(most)) => format!("at most {most}"),
        (None, None, None) => String::new(),
    }
}

/// With four places at most, and commas between thousands.
fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    let (whole, places) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match places.trim_end_matches('0') {
        "" => grouped,
        places => format!("{grouped}.{places}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> String {
        let manifest = wacloud::registry::manifest();
        emit(&manifest, &Model::parse(&manifest).unwrap()).text
    }

    fn row_of(name: &str) -> String {
        let page = page();
        page.lines().find(|line| line.starts_with("| ") && line.contains(&format!("`{name}`"))).unwrap().to_owned()
    }

    #[test]
    fn each_setting_has_its_names_unit_default_and_limits() {
        let row = row_of("connectTimeoutMs");
        assert!(row.starts_with(
            "| Python `connect_timeout`<br>Node `connectTimeoutMs`<br>PHP `connectTimeout`<br>Rust `connect_timeout_ms` \
             | seconds; milliseconds in Node and Rust | 5 s | more than 0 |"
        ));
        assert!(row_of("rate").starts_with("| `rate` | number, or `auto`: messages a second | 80 | 0 to 100,000 |"));
        assert!(row_of("pairRate").contains("| 0.1667 |"));
        assert!(row_of("maxRetries").contains("| 3 | 0 to 10 |"));
        assert!(row_of("window").contains("| 1 to 10,000 |"));
    }

    #[test]
    fn nothing_is_left_out() {
        let (manifest, page) = (wacloud::registry::manifest(), page());
        let model = Model::parse(&manifest).unwrap();
        for field in model.settings.iter().chain(&model.call_options).chain(&model.bulk_options) {
            for language in [Language::Python, Language::Node, Language::Php] {
                let name = language.identifier(&field.name, &field.ty);
                assert!(page.contains(&format!("`{name}`")), "{name}");
            }
        }
        for priority in ["`urgent` |", "`normal` |", "`low` |"] {
            assert!(page.contains(&format!("| {priority}")), "{priority}");
        }
    }

    #[test]
    fn tables_keep_their_shape() {
        let page = page();
        for line in page.lines().filter(|line| line.starts_with("| ")) {
            let bars = line.replace("\\|", "").matches('|').count();
            assert!(bars == 6 || bars == 3, "{line}");
        }
    }

    #[test]
    fn numbers_can_be_read() {
        for (value, text) in
            [(0.0, "0"), (80.0, "80"), (1.0 / 6.0, "0.1667"), (100_000.0, "100,000"), (1e6, "1,000,000")]
        {
            assert_eq!(number(value), text);
        }
    }
}
