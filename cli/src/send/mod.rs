//! `wacloud send KIND`: one message of any kind.

pub(crate) mod form;
pub(crate) mod kinds;
pub(crate) mod misplaced;

use std::io::Write as _;

use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Args, Command, FromArgMatches};
use serde_json::{Map, Value, json};
use wacloud::message::{Upload, hand_in};
use wacloud::{CallOptions, CancelToken, Priority, SentMessage, registry};

use crate::exit::{self, Failure};
use crate::settings::{ClientArguments, Seconds};
use form::Form;
use kinds::{Field, KINDS, Kind, Place};

/// One message, as the command line gives it.
#[derive(Debug, Clone)]
pub(crate) struct Arguments {
    kind: &'static str,
    arguments: Map<String, Value>,
    client: ClientArguments,
    how: How,
}

// Options of the sending.
#[derive(Debug, Clone, Args)]
struct How {
    /// Show what would go out, checked, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the whole result as JSON instead of the id
    #[arg(long)]
    json: bool,
    /// Longest time for the message with all its attempts
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<Seconds>,
    /// Longest wait for the rate limit: 60 seconds unless given
    #[arg(long, value_name = "SECONDS")]
    max_wait: Option<Seconds>,
    /// Which messages go first when the rate limit makes them wait
    #[arg(long, value_name = "WHICH", value_parser = ["urgent", "normal", "low"])]
    priority: Option<String>,
}

const ABOUT: &str = "Send one message";
const EXAMPLES: &str = "Examples:\n  wacloud send text --to +15550001234 \"Hello\"\n  \
    wacloud send template order_update --to +15550001234 --lang en_US --body Ana '#1042'\n  \
    wacloud send image --to +15550001234 --link https://example.com/parcel.jpg --caption \"At the door\"\n  \
    wacloud send document --to +15550001234 --file invoice.pdf\n  \
    wacloud send buttons --to +15550001234 \"Shall we come on Friday?\" --button yes=Yes --button no=No\n  \
    wacloud send raw @message.json\n\n\
    It prints the message's id (wamid.…). `wacloud send KIND --help` has the options of a kind.\n\n\
    Exit codes: 0 accepted, 1 refused by Meta, 2 mistakes in the message, 4 it is not known whether it was accepted, 5 not sent.";

/// The options that every kind has.
const COMMON: &[(&str, Form, &str, &str)] = &[
    ("to", Form::Text, "RECIPIENT", "Who gets it: + and country code and number, or a user id (US.1349…)"),
    ("group", Form::Text, "ID", "Or the id of a group"),
    ("reply_to", Form::Text, "WAMID", "The id of the message that it answers"),
    ("tracker", Form::Text, "TEXT", "What status webhooks carry: up to 512 characters; made up unless given"),
    ("extra", Form::Json, "JSON", "Members of Graph's body that wacloud does not know yet"),
];

impl Args for Arguments {
    fn augment_args(command: Command) -> Command {
        let command = command.about(ABOUT).after_help(EXAMPLES).subcommand_required(true).arg_required_else_help(true);
        command.subcommand_value_name("KIND").subcommand_help_heading("Kinds").subcommands(KINDS.iter().map(subcommand))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

fn flag(name: &str) -> String {
    name.replace('_', "-")
}

fn subcommand(kind: &'static Kind) -> Command {
    let to = if kinds::is_whole(kind) { "" } else { " --to +15550001234" };
    let example = format!("Example:\n  wacloud send {}{to} {}", kind.name, kind.example);
    let mut command = Command::new(kind.name).about(kind.about).after_help(example).arg_required_else_help(true);
    command = kind.fields.iter().enumerate().fold(command, |command, (at, field)| add(command, at, field));
    if kind.operation == "send_template" {
        let named = Arg::new("var").long("var").value_name("NAME=VALUE").action(ArgAction::Append);
        command = command
            .arg(named.help("A value of the body by its name, of templates with named variables").conflicts_with("f2"));
    }
    if !kinds::is_whole(kind) {
        for (name, _, value, help) in COMMON {
            let arg = Arg::new(*name).long(flag(name)).value_name(*value).help(*help);
            command = command.arg(arg);
        }
        command = command.group(ArgGroup::new("recipient").args(["to", "group"]));
    }
    command = command.override_usage(usage(kind));
    let arguments = Arg::new("args").long("args").value_name("JSON");
    command = command.arg(
        arguments
            .help(format!("Arguments of {} as JSON, @file or - (standard input); options add to them", kind.operation)),
    );
    ClientArguments::augment_args(How::augment_args(command))
}

/// How a kind is written, with what must be there. What clap makes of a mistake lists whatever was given as if it had to be.
fn usage(kind: &Kind) -> String {
    let mut words = vec![format!("wacloud send {}", kind.name)];
    if !kinds::is_whole(kind) {
        words.push("--to <RECIPIENT>".to_owned());
    }
    for field in kind.fields {
        match field.place {
            _ if field.form == Form::Media => words.push("<--link <URL>|--id <ID>|--file <PATH>>".to_owned()),
            Place::Turn => words.push(format!("<{}>", told(field))),
            Place::Needed(name) => words.push(format!("--{name} <{}>", value_name(field, name))),
            Place::Option(_) => {}
        }
    }
    words.push("[OPTIONS]".to_owned());
    words.join(" ")
}

/// What stands for the value of an option.
fn value_name(field: &Field, name: &str) -> String {
    match field.form {
        Form::Json | Form::JsonList => "JSON".to_owned(),
        Form::Number => "N".to_owned(),
        _ => name.to_uppercase(),
    }
}

/// An argument's id: several may be for the same argument of the operation.
fn id(at: usize) -> String {
    format!("f{at}")
}

fn add(command: Command, at: usize, field: &Field) -> Command {
    if field.form == Form::Media {
        let link = Arg::new("link").long("link").value_name("URL").help("An https:// link that Meta fetches");
        let media_id =
            Arg::new("media-id").long("id").alias("media-id").value_name("ID").help("Or the id of an upload");
        let file =
            Arg::new("file").long("file").value_name("PATH").help("Or a file of this machine, which is uploaded");
        let needed = ArgGroup::new("media").args(["link", "media-id", "file"]);
        // What people give first: told with what says which of the three it is.
        let alone = Arg::new("alone").hide(true).conflicts_with_all(["link", "media-id", "file"]);
        return command.arg(link).arg(media_id).arg(file).arg(alone).group(needed);
    }
    let mut arg = Arg::new(id(at)).help(field.help);
    arg = match field.place {
        Place::Turn => {
            arg.value_name(flag(field.name).to_uppercase()).required_unless_present("args").allow_negative_numbers(true)
        }
        Place::Needed(name) => arg.long(name).required_unless_present("args"),
        Place::Option(name) => arg.long(name),
    };
    if let Place::Needed(name) | Place::Option(name) = field.place {
        arg = match field.form {
            Form::Switch => arg.action(ArgAction::SetTrue),
            _ => arg.value_name(value_name(field, name)),
        };
    }
    if field.form.repeats() {
        arg = arg.action(ArgAction::Append);
    }
    if field.form == Form::Variables {
        arg = arg.num_args(1..);
    }
    command.arg(arg)
}

impl FromArgMatches for Arguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let wrong = |message: String| clap::Error::raw(clap::error::ErrorKind::ValueValidation, message + "\n");
        let (name, matches) = matches.subcommand().ok_or_else(|| wrong("a kind of message is missing".to_owned()))?;
        let kind = kinds::find(name).ok_or_else(|| wrong(format!("{name} is no kind of message")))?;
        Ok(Arguments {
            kind: kind.operation,
            arguments: arguments(kind, matches).map_err(wrong)?,
            client: ClientArguments::from_arg_matches(matches)?,
            how: How::from_arg_matches(matches)?,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The arguments of the operation.
fn arguments(kind: &Kind, matches: &ArgMatches) -> Result<Map<String, Value>, String> {
    let text = |id: &str| matches.get_one::<String>(id).map(String::as_str);
    let mut all = match text("args").map(form::json_or_file).transpose() {
        Ok(None) => Map::new(),
        Ok(Some(Value::Object(all))) => all,
        Ok(Some(_)) => return Err("--args must be a JSON object".to_owned()),
        Err(error) => return Err(format!("--args {error}")),
    };
    for (at, field) in kind.fields.iter().enumerate() {
        let (name, id) = (field.name, id(at));
        let value = match field.form {
            Form::Media if text("alone").is_some() => return Err(alone(text("alone").unwrap_or_default())),
            Form::Media => match (text("link"), text("media-id"), text("file")) {
                (Some(link), ..) => Some(json!({"link": link})),
                (None, Some(id), _) => Some(json!({"id": id})),
                // Kept until the program ends: JSON cannot name a file.
                (None, None, Some(path)) => Some(json!({"upload": hand_in(Upload::file(path))})),
                (None, None, None) => None,
            },
            Form::Switch => matches.get_flag(&id).then_some(true.into()),
            form => match matches.get_many::<String>(&id) {
                None => None,
                Some(given) => {
                    let given: Vec<String> = given.cloned().collect();
                    let is_input = form == Form::Text && name == "body" && field.place == Place::Turn && given == ["-"];
                    let value =
                        if is_input { form::input().map(|text| text.trim_end().into()) } else { form.read(&given) };
                    Some(value.map_err(|error| format!("{} {error}", told(field)))?)
                }
            },
        };
        match (value, all.get_mut(name)) {
            // Rows and sections are one list.
            (Some(Value::Array(more)), Some(Value::Array(list))) => list.extend(more),
            (Some(value), _) => drop(all.insert(name.to_owned(), value)),
            (None, _) => {}
        }
    }
    if kind.operation == "send_template"
        && let Some(given) = matches.get_many::<String>("var")
    {
        let named = form::named(&given.cloned().collect::<Vec<_>>()).map_err(|error| format!("--var {error}"))?;
        all.insert("body".to_owned(), named);
    }
    if !kinds::is_whole(kind) {
        for (name, form, ..) in COMMON {
            let Some(given) = text(name) else { continue };
            let value = form.read(&[given.to_owned()]).map_err(|error| format!("--{} {error}", flag(name)))?;
            match *name {
                "group" => all.insert("to".to_owned(), json!({"group": value})),
                name => all.insert(name.to_owned(), value),
            };
        }
    }
    Ok(all)
}

/// What to write for media that do not say what they are.
fn alone(text: &str) -> String {
    let option = match text {
        link if link.contains("://") => "--link",
        id if !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) => "--id",
        _ => "--file",
    };
    format!(
        "{text:?} does not say what it is: write {option} {text} (--link is an address, --id an upload, --file a file)"
    )
}

fn told(field: &Field) -> String {
    match field.place {
        Place::Turn => flag(field.name).to_uppercase(),
        Place::Needed(name) | Place::Option(name) => format!("--{name}"),
    }
}

/// Sends it, or shows it.
pub(crate) async fn run(given: Arguments) -> Result<u8, Failure> {
    let arguments = Value::Object(given.arguments).to_string();
    let mut out = std::io::stdout();
    if given.how.dry_run {
        let payload: Value = serde_json::from_str(&registry::payload(given.kind, &arguments)?).unwrap_or_default();
        writeln!(out, "{payload:#}")?;
        return Ok(exit::DONE);
    }
    let client = given.client.client_of_one()?;
    let options = CallOptions {
        timeout_ms: given.how.timeout.map(|time| time.0),
        max_wait_ms: given.how.max_wait.map(|time| time.0),
        priority: given.how.priority.as_deref().and_then(priority),
    };
    let cancel = CancelToken::new();
    let interrupt = cancel.clone();
    let watch = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            interrupt.cancel();
        }
    });
    let result =
        registry::dispatch(&client, given.kind, &arguments, &options, cancel.clone()).await.map(|reply| reply.json);
    watch.abort();
    match result {
        Ok(sent) if given.how.json => writeln!(out, "{sent}")?,
        Ok(sent) => {
            let id = serde_json::from_str::<SentMessage>(&sent).map_or(sent, |sent| sent.id);
            writeln!(out, "{id}")?;
        }
        Err(error) => {
            if given.how.json {
                writeln!(out, "{}", json!({"error": error.to_value()}))?;
            }
            let failure = Failure::from(&error);
            let was_interrupted = cancel.is_cancelled() && failure.code == exit::NOT_SENT;
            return Err(Failure { code: if was_interrupted { exit::INTERRUPTED } else { failure.code }, ..failure });
        }
    }
    Ok(exit::DONE)
}

/// A priority by its name.
pub(crate) fn priority(name: &str) -> Option<Priority> {
    serde_json::from_value(name.into()).ok()
}
