//! The functions as the language packages call them: arguments and answers as JSON.

use std::borrow::Cow;
use std::io::Write as _;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{challenge, read, refused, verify};
use crate::error::{Error, Result};

#[derive(Deserialize)]
struct OfChallenge {
    query: Value,
    verify_token: Value,
}

#[derive(Deserialize)]
struct OfVerify {
    app_secrets: Value,
    header: Value,
}

/// Carries out `challenge`, `verify` or `parse` with arguments as JSON, for the language packages; `refuse` tells what is
/// wrong with a body that is no bytes: `{"got": "dict"}`.
///
/// `challenge` takes `query` (text, or an object whose members are texts or lists of them) and `verify_token`; `verify`
/// takes `app_secrets` (text, or a list) and `header` (text, a list with one, or null); `parse` takes none. Of `parse` comes
/// a flat list, `[null, […], "kind type …", 341, 535, […], …]`. First the body, where it was not well-formed and had to be
/// repaired. Then for each event four things: what its members hold; their names, with spaces between; where its item begins
/// in the body and where it ends, in bytes, from which the language makes `raw` when it is asked for.
///
/// # Errors
/// Those of the functions; [`Error::Config`] for a function that is not there.
pub fn answer(function: &str, arguments: &str, body: &[u8]) -> Result<String> {
    match function {
        "challenge" => answer_challenge(arguments),
        "verify" => answer_verify(arguments, body),
        "parse" => answer_parse(body),
        "refuse" => Err(refuse(arguments)),
        _ => Err(Error::config("function", format!("{function:?} is not a webhook function of this version"))),
    }
}

fn arguments<'a, T: Deserialize<'a>>(json: &'a str) -> Result<T> {
    serde_json::from_str(json).map_err(|error| Error::config("arguments", error.to_string()))
}

/// A framework's object instead of bytes: the signature is made over the bytes, and so is what this module reads.
fn refuse(json: &str) -> Error {
    let got: Value = serde_json::from_str(json).unwrap_or_default();
    let got = got["got"].as_str().unwrap_or("something else").to_owned();
    refused("type", format!("must be the body of the request as it arrived, in bytes and not decoded, got {got}"))
}

fn answer_challenge(json: &str) -> Result<String> {
    let given: OfChallenge = arguments(json)?;
    let token = given.verify_token.as_str().unwrap_or_default();
    let members = match &given.query {
        Value::String(text) => return Ok(Value::from(challenge(text, token)?).to_string()),
        Value::Object(members) => flat(members),
        _ => Vec::new(),
    };
    Ok(Value::from(challenge(&members[..], token)?).to_string())
}

/// Frameworks give a member that can occur more than once as a list.
fn flat(members: &Map<String, Value>) -> Vec<(&str, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let of = |value: &Value| match value {
        Value::Array(values) => values.first().and_then(text),
        value => text(value),
    };
    members.iter().filter_map(|(name, value)| Some((name.as_str(), of(value)?))).collect()
}

fn answer_verify(json: &str, body: &[u8]) -> Result<String> {
    let given: OfVerify = arguments(json)?;
    let of_list = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let secrets = match &given.app_secrets {
        Value::Array(secrets) => secrets.iter().map(of_list).collect(),
        secret => vec![of_list(secret)],
    };
    let header = match &given.header {
        Value::Array(headers) => headers.first().and_then(Value::as_str),
        header => header.as_str(),
    };
    verify(&secrets, body, header)?;
    Ok("null".to_owned())
}

fn answer_parse(body: &[u8]) -> Result<String> {
    // Room for one event as they usually are, so that it is made once.
    let mut told = Vec::with_capacity(body.len() + 300);
    told.extend_from_slice(b"[null");
    let (mut names, mut failure) = (Vec::with_capacity(256), None);
    let read = read(body, &mut |event, text, start| {
        told.extend_from_slice(b",[");
        names.clear();
        if let Err(error) = event.write(&mut names, &mut told) {
            failure = Some(error.to_string());
        }
        // What every event has comes first, so there are last separators.
        names.pop();
        told.pop();
        told.extend_from_slice(b"],\"");
        told.extend_from_slice(&names);
        let _ = write!(told, "\",{start},{}", start + text.len());
    })?;
    told.push(b']');
    let broken = |error: String| Error::Internal {
        message: format!("events could not be written: {error}"),
        may_have_been_sent: false,
    };
    let mut answer = match failure {
        Some(error) => return Err(broken(error)),
        None => String::from_utf8(told).map_err(|error| broken(error.to_string()))?,
    };
    if !read.halves.is_empty() || matches!(read.text, Cow::Owned(_)) {
        let mut text = read.text.into_owned();
        for half in read.halves.iter().rev() {
            text.replace_range(*half..half + 6, r"\ufffd");
        }
        answer.replace_range(1..5, &Value::from(text).to_string());
    }
    Ok(answer)
}
