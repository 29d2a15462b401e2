//! What becomes of a row: which message, to whom, under which key.

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use wacloud::{Message, Violation, registry};

use super::pattern::{Missing, Node, Pattern};
use super::source::{Cells, Format, Source};
use crate::exit::Failure;
use crate::send::{form, kinds};

// What a campaign is made of: what a journal remembers of the command, so that it can go on without it.
#[derive(Debug, Clone, Default, PartialEq, Args, Serialize, Deserialize)]
#[command(
    next_help_heading = "Message ({column} stands for what a row has there, {column|default} also where it is empty, {{ for a brace)"
)]
#[serde(default)]
pub(crate) struct Campaign {
    /// Send this template
    #[arg(long, value_name = "NAME", requires = "lang", conflicts_with_all = ["text", "kind"])]
    pub(crate) template: Option<String>,
    /// The code of its approved translation, such as en_US
    #[arg(long, value_name = "CODE", requires = "template")]
    lang: Option<String>,
    /// The values of its body's variables, in their order
    #[arg(long, value_name = "VALUE", num_args = 1.., requires = "template")]
    body: Vec<String>,
    /// A value of its body by name, of templates with named variables
    #[arg(long, value_name = "NAME=VALUE", requires = "template", conflicts_with = "body")]
    var: Vec<String>,
    /// The value of its header: a text, or image=…, video=…, document=…
    #[arg(long, value_name = "VALUE", requires = "template")]
    header: Option<String>,
    /// A button's value, such as 0:url={code}
    #[arg(long, value_name = "INDEX:KIND=VALUE", requires = "template")]
    button: Vec<String>,
    /// Or send this text
    #[arg(long, value_name = "TEXT", conflicts_with = "kind")]
    text: Option<String>,
    /// Or send any other kind of message (see `wacloud send`), with --args
    #[arg(long, value_name = "KIND", requires = "args")]
    kind: Option<String>,
    /// The arguments of that kind as JSON, or @file
    #[arg(long, value_name = "JSON", requires = "kind")]
    args: Option<String>,
    /// The column with the phone numbers (or a text with {column}); `to` or `phone` unless given
    #[arg(long, value_name = "COLUMN")]
    to: Option<String>,
    /// The column that tells messages apart in the journal, such as an order's number
    #[arg(long, value_name = "COLUMN")]
    key: Option<String>,
    /// What status webhooks carry: a text with {column}
    #[arg(long, value_name = "TEXT")]
    tracker: Option<String>,
}

/// How rows become messages.
pub(crate) struct Plan {
    pub(crate) operation: &'static str,
    arguments: Node,
    to: Option<Pattern>,
    key: Option<Pattern>,
    tracker: Option<Pattern>,
}

/// A row as a message.
pub(crate) struct Planned {
    /// The arguments of the operation.
    pub(crate) arguments: String,
    /// Who gets it, as the row has it.
    pub(crate) to: String,
    pub(crate) key: Option<String>,
    /// What makes it the message that it is: its key, else what it says.
    pub(crate) identity: String,
}

/// Why a row is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Problem {
    /// The column, where it is one.
    pub(crate) column: Option<String>,
    /// What it says there.
    pub(crate) value: Option<String>,
    pub(crate) reason: String,
}

impl Problem {
    fn missing(Missing(column): Missing) -> Self {
        Problem { column: Some(column), value: None, reason: "is empty".to_owned() }
    }
}

/// Columns that are taken for phone numbers where none is named.
const USUAL: [&str; 2] = ["to", "phone"];
/// The member of a JSON line that is a whole message.
const MESSAGE: &str = "message";

impl Campaign {
    /// The template that it sends, and in which language.
    pub(crate) fn named_template(&self) -> Option<(&str, &str)> {
        Some((self.template.as_deref()?, self.lang.as_deref()?))
    }

    /// How the rows of this file become messages.
    ///
    /// # Errors
    /// A placeholder without sense, or with a column that the file does not have.
    pub(crate) fn plan(&self, source: &Source) -> Result<Plan, Failure> {
        let (operation, arguments) = self.message(source)?;
        let arguments = Node::parse(&arguments).map_err(Failure::usage)?;
        let named = |text: &Option<String>| text.as_deref().map(column_or_pattern).transpose().map_err(Failure::usage);
        let is_whole = operation == "send_payload" || operation == "send_raw";
        let is_usual = |column: &&String| USUAL.iter().any(|name| column.eq_ignore_ascii_case(name));
        let usual = || source.columns.iter().find(is_usual).map(String::as_str);
        let to = match (named(&self.to)?, is_whole) {
            (Some(to), false) => Some(to),
            (None, false) => Some(Pattern::column(usual().ok_or_else(|| {
                Failure::usage(format!(
                    "which column has the phone numbers? Say so with --to; there are {}",
                    all(source)
                ))
            })?)),
            (None, true) => None,
            (Some(_), true) => {
                return Err(Failure::usage("--to has no sense here: each message brings its recipient along"));
            }
        };
        let tracker = self.tracker.as_deref().map(Pattern::parse).transpose().map_err(Failure::usage)?;
        let plan = Plan { operation, arguments, to, key: named(&self.key)?, tracker };
        plan.check_columns(source)?;
        Ok(plan)
    }

    /// With what other files and standard input say put in: they may have changed, or be gone, when it is gone on with.
    pub(crate) fn settled(mut self) -> Result<Self, Failure> {
        if let Some(arguments) = &self.args {
            let value = form::json_or_file(arguments).map_err(|error| Failure::usage(format!("--args {error}")))?;
            self.args = Some(value.to_string());
        }
        Ok(self)
    }

    /// The operation, and its arguments with patterns in them.
    fn message(&self, source: &Source) -> Result<(&'static str, Value), Failure> {
        if let Some(name) = &self.template {
            return self.template(name).map(|arguments| ("send_template", arguments)).map_err(Failure::usage);
        }
        if let Some(text) = &self.text {
            return Ok(("send_text", json!({"body": text})));
        }
        if let (Some(name), Some(arguments)) = (&self.kind, &self.args) {
            let kind = kinds::find(name).ok_or_else(|| {
                Failure::usage(format!("{name:?} is no kind of message; `wacloud send --help` lists them"))
            })?;
            let arguments = form::json_or_file(arguments).map_err(|error| Failure::usage(format!("--args {error}")))?;
            return match arguments {
                Value::Object(_) => Ok((kind.operation, arguments)),
                _ => Err(Failure::usage("--args must be a JSON object")),
            };
        }
        if source.format == Format::Lines && source.columns.iter().any(|column| column == MESSAGE) {
            return Ok(("send_payload", json!({"payload": format!("{{{MESSAGE}}}")})));
        }
        Err(Failure::usage(
            "what shall be sent? Say it with --template and --lang, with --text, or with --kind and --args; JSON lines may also have \
             a whole message each, in the member `message`",
        ))
    }

    fn template(&self, name: &str) -> Result<Value, String> {
        let mut arguments = Map::new();
        arguments.insert("name".to_owned(), name.into());
        arguments.insert("language".to_owned(), self.lang.as_deref().unwrap_or_default().into());
        if !self.body.is_empty() {
            arguments.insert("body".to_owned(), self.body.clone().into());
        }
        if !self.var.is_empty() {
            arguments.insert("body".to_owned(), form::named(&self.var).map_err(|error| format!("--var {error}"))?);
        }
        if let Some(header) = &self.header {
            arguments.insert("header".to_owned(), form::heading(header).map_err(|error| format!("--header {error}"))?);
        }
        if !self.button.is_empty() {
            let buttons = form::template_buttons(&self.button).map_err(|error| format!("--button {error}"))?;
            arguments.insert("buttons".to_owned(), buttons);
        }
        Ok(arguments.into())
    }
}

/// A recipient as it goes out; what is none stays as it is, and is told as a mistake.
fn person(text: String) -> String {
    let payload = Message::text(text.as_str(), "-").payload().ok();
    let to = |name| payload.as_ref()?.get(name)?.as_str().map(str::to_owned);
    to("to").or_else(|| to("recipient")).unwrap_or(text)
}

/// A column by its name, or a text that names some.
fn column_or_pattern(text: &str) -> Result<Pattern, String> {
    if text.contains('{') { Pattern::parse(text) } else { Ok(Pattern::column(text)) }
}

fn all(source: &Source) -> String {
    let names: Vec<&str> = source.columns.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
    names.join(", ")
}

/// Whether it is a row's value rather than a column's name.
fn looks_like_a_number(name: &str) -> bool {
    name.bytes().filter(u8::is_ascii_digit).count() >= 8 && !name.contains(|c: char| c.is_alphabetic())
}

impl Plan {
    fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        [&self.to, &self.key, &self.tracker].into_iter().flatten()
    }

    /// Refuses columns that the file does not have. Members of JSON lines may be missing where there is a default.
    fn check_columns(&self, source: &Source) -> Result<(), Failure> {
        if source.columns.is_empty() {
            return Ok(());
        }
        let used = self.patterns().flat_map(Pattern::columns).chain(self.arguments.columns());
        for (name, may_be_missing) in used {
            if source.columns.iter().any(|column| column == name) || may_be_missing && source.format == Format::Lines {
                continue;
            }
            let near = |column: &&String| strsim::jaro_winkler(&column.to_lowercase(), &name.to_lowercase());
            let nearest = source.columns.iter().max_by(|one, other| near(one).total_cmp(&near(other)));
            let meant = nearest.filter(|column| near(column) > 0.8).map(|column| format!(" Did you mean {column}?"));
            let hint = match (meant, source.columns.iter().find(|column| looks_like_a_number(column))) {
                (Some(meant), _) => meant,
                (None, Some(column)) => {
                    format!(" Its first line has to name the columns, such as phone,name; {column} looks like a row's.")
                }
                (None, None) => String::new(),
            };
            return Err(Failure::usage(format!(
                "{} has no column {name}.{hint} There are {}. Nothing was sent.",
                source.name,
                all(source)
            )));
        }
        Ok(())
    }

    /// The row as a message, not checked yet.
    pub(crate) fn fill(&self, cells: &Cells) -> Result<Planned, Problem> {
        let mut arguments = self.arguments.fill(cells).map_err(Problem::missing)?;
        let text = |pattern: &Option<Pattern>| pattern.as_ref().map(|pattern| pattern.fill(cells)).transpose();
        let (to, key, tracker) = (
            text(&self.to).map_err(Problem::missing)?,
            text(&self.key).map_err(Problem::missing)?,
            text(&self.tracker),
        );
        let tracker = tracker.map_err(Problem::missing)?;
        let in_payload =
            arguments.pointer("/payload/to").or(arguments.pointer("/payload/recipient")).and_then(Value::as_str);
        let told = to.clone().or_else(|| in_payload.map(str::to_owned)).unwrap_or_default();
        if let Value::Object(members) = &mut arguments {
            members.extend(to.map(|to| ("to".to_owned(), to.into())));
        }
        // `0043 1…` and `+431…` are one person, and so they are one key.
        let key = if self.key == self.to { key.map(person) } else { key };
        let identity = key.clone().unwrap_or_else(|| arguments.to_string());
        if let (Value::Object(members), Some(tracker)) = (&mut arguments, tracker) {
            members.insert("tracker".to_owned(), tracker.into());
        }
        Ok(Planned { arguments: arguments.to_string(), to: told, key, identity })
    }

    /// The request body of a row, checked by core: all that is wrong with it, each with the column that it comes from.
    pub(crate) fn check(&self, cells: &Cells) -> Result<(Planned, String), Vec<Problem>> {
        let planned = self.fill(cells).map_err(|problem| vec![problem])?;
        match registry::payload(self.operation, &planned.arguments) {
            Ok(payload) => Ok((planned, payload)),
            Err(error) if error.violations().is_empty() => {
                Err(vec![Problem { column: None, value: None, reason: error.to_string() }])
            }
            Err(error) => Err(error.violations().iter().map(|violation| self.problem(violation, cells)).collect()),
        }
    }

    pub(crate) fn problem(&self, violation: &Violation, cells: &Cells) -> Problem {
        let columns = self.columns_at(&violation.path);
        match columns.as_slice() {
            [] => Problem { column: None, value: None, reason: format!("{} {}", violation.path, violation.message) },
            columns => {
                let value = columns.first().and_then(|column| cells.text(column)).map(|text| text.into_owned());
                Problem { column: Some(columns.join(", ")), value, reason: violation.message.clone() }
            }
        }
    }

    /// The columns that a place in Graph's body was filled from.
    fn columns_at(&self, path: &str) -> Vec<String> {
        let of = |pattern: &Option<Pattern>| {
            pattern.iter().flat_map(Pattern::columns).map(|(name, _)| name.to_owned()).collect()
        };
        match path {
            "to" | "recipient" => return of(&self.to),
            "biz_opaque_callback_data" => return of(&self.tracker),
            _ => {}
        }
        let numbers: Vec<usize> =
            path.split('[').skip(1).filter_map(|rest| rest.split(']').next()?.parse().ok()).collect();
        let node = if path.starts_with("template.components") {
            self.template_part(&numbers)
        } else {
            // An argument is mostly called like the member that it becomes, or like the object that this is in.
            let mut names = path.rsplit('.').map(|name| name.split('[').next().unwrap_or_default());
            names.find_map(|name| self.arguments.get(name)).or_else(|| self.arguments.get("body"))
        };
        let mut columns: Vec<String> =
            node.iter().flat_map(|node| node.columns()).map(|(name, _)| name.to_owned()).collect();
        columns.dedup();
        columns
    }

    /// What a component of a template was filled from: the header comes first, then the body, then the buttons.
    fn template_part(&self, numbers: &[usize]) -> Option<&Node> {
        let component = *numbers.first()?;
        let parts = [("header", 1), ("body", 1), ("buttons", usize::MAX)];
        let mut before = 0;
        for (name, most) in parts {
            let Some(node) = self.arguments.get(name) else { continue };
            if component < before + most.min(usize::MAX - before) {
                return match (name, node) {
                    ("body", Node::List(_)) => node.get(&numbers.get(1)?.to_string()),
                    ("body", Node::Object(members)) => members.get(*numbers.get(1)?).map(|(_, node)| node),
                    ("buttons", _) => node.get(&(component - before).to_string()),
                    _ => Some(node),
                };
            }
            before += 1;
        }
        None
    }
}
