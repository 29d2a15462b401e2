//! `wacloud templates …`: the templates of the account.

mod show;

use std::io::{self, Read as _, Write as _};

use clap::{Args, Subcommand};
use futures_util::{StreamExt as _, pin_mut};
use serde::Serialize;
use serde_json::{Value, json};
use wacloud::operation::{Done, templates};
use wacloud::template::MessageTemplate;
use wacloud::{CallOptions, CancelToken, Client, registry};

use crate::exit::{self, Failure};
use crate::interrupt::Interrupts;
use crate::settings::ClientArguments;

const EXAMPLES: &str = "Examples:\n  wacloud templates list --status APPROVED\n  \
    wacloud templates get order_update --lang en_US --json > order_update.json\n  wacloud templates create autumn_sale.json --wait\n  \
    wacloud templates status order_update --lang en_US\n  wacloud templates delete summer_sale --all-languages\n\n\
    They need the id of the business account: WA_BUSINESS_ACCOUNT_ID or --account-id.";

/// List, show, create and delete the templates of the account, and wait for Meta's approval
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    List(List),
    Get(One),
    Create(Create),
    Delete(Delete),
    #[command(
        about = "Tell whether one can be sent, and if not, why: 0 is the exit code of one that can, 1 of any other"
    )]
    Status(One),
    Wait(Wait),
}

/// List them
#[derive(Debug, Args)]
struct List {
    /// Only those whose name contains this
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Only those in this language
    #[arg(long, value_name = "CODE")]
    lang: Option<String>,
    /// Only those in this state: APPROVED, PENDING, REJECTED, PAUSED …
    #[arg(long, value_name = "STATE")]
    status: Option<String>,
    /// Only those of this category
    #[arg(long, value_name = "CATEGORY")]
    category: Option<String>,
    #[command(flatten)]
    how: How,
}

/// One template, by its name and language or by its id
#[derive(Debug, Args)]
struct One {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    how: How,
}

/// Create one from a file of JSON: what Graph takes, also for one of Meta's library, or what `get --json` prints
#[derive(Debug, Args)]
struct Create {
    /// The file, or - for standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Wait until Meta has approved it, so many seconds at most
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "900")]
    wait: Option<u64>,
    #[command(flatten)]
    how: How,
}

/// Delete one: a language by its id, or all of them
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("how_much").required(true)))]
struct Delete {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
    /// The id of the one language that is to go
    #[arg(long, value_name = "ID", group = "how_much")]
    id: Option<String>,
    /// All its languages are to go
    #[arg(long, group = "how_much")]
    all_languages: bool,
    #[command(flatten)]
    how: How,
}

/// Wait until Meta has approved one
#[derive(Debug, Args)]
struct Wait {
    #[command(flatten)]
    which: Which,
    /// The longest wait
    #[arg(long, value_name = "SECONDS", default_value_t = 900)]
    within: u64,
    #[command(flatten)]
    how: How,
}

// Which template. (No documentation comment: clap would show it as the command's.)
#[derive(Debug, Args)]
struct Which {
    /// Its name
    #[arg(value_name = "NAME", requires = "lang", required_unless_present = "id")]
    name: Option<String>,
    /// The code of its language, such as en_US
    #[arg(long, value_name = "CODE", requires = "name")]
    lang: Option<String>,
    /// Its id, instead of name and language
    #[arg(long, value_name = "ID", conflicts_with_all = ["name", "lang"])]
    id: Option<String>,
}

// How it is told, and with whom.
#[derive(Debug, Args)]
struct How {
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    client: ClientArguments,
}

/// Does it.
pub(crate) async fn run(arguments: Arguments) -> Result<u8, Failure> {
    match arguments.what {
        What::List(list) => all(list).await,
        What::Get(One { which, how }) => {
            let get = templates::Get { id: which.id, name: which.name, language: which.lang, fields: None };
            let template = how.client.client_of_one()?.call(get).await?;
            tell(how.json, &template, || show::whole(&template))
        }
        What::Status(One { which, how }) => {
            let status = templates::Status { id: which.id, name: which.name, language: which.lang };
            let template = how.client.client_of_one()?.call(status).await?;
            tell(how.json, &template, || show::line(&template))?;
            Ok(if template.status.as_deref() == Some("APPROVED") { exit::DONE } else { exit::FAILED })
        }
        What::Create(create) => new(create).await,
        What::Delete(Delete { name, id, all_languages: _, how }) => {
            let delete = templates::Delete { name: name.clone(), id };
            let done: Done = how.client.client_of_one()?.call(delete).await?;
            tell(how.json, &done, || format!("{name} is deleted; its name is free again in 30 days.\n"))
        }
        What::Wait(Wait { which, within, how }) => {
            let client = how.client.client_of_one()?;
            let which = json!({"id": which.id, "name": which.name, "language": which.lang});
            let template = approved(&client, which, within).await?;
            tell(how.json, &template, || show::line(&template))
        }
    }
}

/// Prints a result as JSON, or in words.
fn tell(json: bool, result: &impl Serialize, words: impl FnOnce() -> String) -> Result<u8, Failure> {
    let mut out = io::stdout();
    if json {
        let value = serde_json::to_value(result).unwrap_or_default();
        writeln!(out, "{value:#}")?;
    } else {
        write!(out, "{}", words())?;
    }
    Ok(exit::DONE)
}

async fn all(List { name, lang, status, category, how }: List) -> Result<u8, Failure> {
    let client = how.client.client_of_one()?;
    let listing =
        templates::List { name, language: lang, status, category, limit: Some(100), ..templates::List::default() };
    let found = client.all(listing);
    pin_mut!(found);
    let mut templates: Vec<MessageTemplate> = Vec::new();
    while let Some(template) = found.next().await {
        templates.push(template?);
    }
    tell(how.json, &templates, || show::table(&templates))
}

async fn new(Create { file, wait, how }: Create) -> Result<u8, Failure> {
    let (operation, arguments) = arguments_of(&read(&file)?, &file)?;
    let client = how.client.client_of_one()?;
    let (options, cancel) = (CallOptions::default(), CancelToken::new());
    let created = registry::dispatch(&client, operation, &arguments.to_string(), &options, cancel).await?;
    let created: Value = serde_json::from_str(&created.json).unwrap_or_default();
    let id = created["id"].as_str().unwrap_or_default();
    let Some(within) = wait else {
        return tell(how.json, &created, || {
            let status = created["status"].as_str().unwrap_or("created");
            format!("{} is {status}, with the id {id}.\n", arguments["name"].as_str().unwrap_or_default())
        });
    };
    let template = approved(&client, json!({"id": id}), within).await?;
    tell(how.json, &template, || show::line(&template))
}

fn read(file: &str) -> Result<String, Failure> {
    let read = match file {
        "-" => {
            let mut text = String::new();
            io::stdin().read_to_string(&mut text).map(|_| text)
        }
        path => std::fs::read_to_string(path),
    };
    read.map_err(|error| Failure::usage(format!("{file} cannot be read: {error}. Nothing was sent.")))
}

/// What a file says, as a call and its arguments: what is not among them goes out as it is, but for what Meta has said of
/// another template. What has components is made of them, also where it came from Meta's library once.
fn arguments_of(text: &str, file: &str) -> Result<(&'static str, Value), Failure> {
    const COMPOSED: &[&str] =
        &["name", "language", "category", "components", "parameter_format", "message_send_ttl_seconds"];
    const OF_LIBRARY: &[&str] = &[
        "name",
        "language",
        "category",
        "library_template_name",
        "library_template_button_inputs",
        "library_template_body_inputs",
    ];
    const SAID: &[&str] =
        &["id", "status", "rejected_reason", "quality_score", "previous_category", "correct_category", "extra"];
    let read: Value = serde_json::from_str(text)
        .map_err(|error| Failure::usage(format!("{file} is not JSON: {error}. Nothing was sent.")))?;
    let Value::Object(members) = read else {
        return Err(Failure::usage(format!(
            "{file} must be an object with name, language, category and components. Nothing was sent."
        )));
    };
    let is_of_library = members.contains_key("library_template_name") && !members.contains_key("components");
    let (operation, own) = match is_of_library {
        true => ("templates.create_from_library", OF_LIBRARY),
        false => ("templates.create", COMPOSED),
    };
    let meant = |name: &str| {
        let near =
            |known: &&&str| strsim::levenshtein(name, known) <= known.len() / 3 && !members.contains_key(**known);
        own.iter().find(near)
    };
    for name in members.keys().filter(|name| !own.contains(&name.as_str()) && !SAID.contains(&name.as_str())) {
        if let Some(meant) = meant(name) {
            return Err(Failure::usage(format!(
                "{file}: {name} is not known; did you mean {meant}? Nothing was sent."
            )));
        }
    }
    let (mut arguments, mut extra) = (serde_json::Map::new(), serde_json::Map::new());
    for (name, value) in members {
        if own.contains(&name.as_str()) {
            arguments.insert(name, value);
        } else if !SAID.contains(&name.as_str()) {
            extra.insert(name, value);
        }
    }
    if !extra.is_empty() {
        arguments.insert("extra".to_owned(), extra.into());
    }
    Ok((operation, arguments.into()))
}

/// Waits until Meta has approved a template, or somebody interrupts it.
async fn approved(client: &Client, which: Value, within_seconds: u64) -> Result<Value, Failure> {
    let mut interrupts = Interrupts::listen()
        .map_err(|error| Failure::new(exit::FAILED, format!("cannot listen for signals: {error}")))?;
    let mut arguments = which;
    arguments["within_seconds"] = within_seconds.into();
    let (options, cancel, text) = (CallOptions::default(), CancelToken::new(), arguments.to_string());
    let waiting = registry::dispatch(client, "templates.wait_until_approved", &text, &options, cancel.clone());
    pin_mut!(waiting);
    let ended = tokio::select! {
        ended = &mut waiting => ended,
        () = interrupts.next() => {
            cancel.cancel();
            return match waiting.await {
                Err(error) => Err(Failure::new(exit::INTERRUPTED, error.to_string())),
                Ok(told) => Ok(serde_json::from_str(&told.json).unwrap_or_default()),
            };
        }
    };
    match ended {
        Ok(told) => Ok(serde_json::from_str(&told.json).unwrap_or_default()),
        // What Meta has decided is no mistake of whoever asked.
        Err(error) => Err(match error.violations() {
            [only] if only.path == "status" => Failure::new(exit::FAILED, format!("{}.", only.message)),
            _ => error.into(),
        }),
    }
}
