//! Calls that send no message against Meta's own document, where it lies beside the checkout: its requests come out as they
//! are there, and of its answers nothing is lost. And what is done on pages of lists.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::collections::BTreeSet;
use std::pin::pin;

use futures_util::TryStreamExt as _;
use serde_json::{Map, Value, json};
use support::document::{ANSWERS, CALLS, ELSEWHERE, NOT_OURS};
use support::{beside, client, sandbox, say};
use wacloud::operation::{account, blocks, qr_codes};
use wacloud::{CallOptions, CancelToken, Client, registry};
use wacloud_sandbox::{Fault, FaultKind, PhoneNumber, Sandbox, Settings};

/// An example: the call it belongs to, arguments for it, its name, and its body.
type Example = (&'static str, &'static str, String, Value);

/// A file of Meta's document.
fn read(path: &str) -> Option<Value> {
    let path = beside("meta/dev")?.join(path);
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

/// Method, endpoint and file of every example of that kind.
fn listed(kind: &str) -> Option<Vec<(String, String, String)>> {
    let index = read("index.json")?;
    let of_kind = index.as_array().unwrap().iter().filter(|entry| entry["kind"] == kind);
    let text = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let without_version = |endpoint: String| endpoint.strip_prefix("/{Version}").unwrap().to_owned();
    Some(
        of_kind
            .map(|entry| (text(entry, "method"), without_version(text(entry, "endpoint")), text(entry, "file")))
            .collect(),
    )
}

/// The examples of that kind, of endpoints in these tables.
fn examples(kind: &str, tables: &[&[(&'static str, &str, &'static str, &'static str)]]) -> Option<Vec<Example>> {
    let examples = listed(kind)?.into_iter().filter_map(|(method, endpoint, file)| {
        let mut known = tables.iter().flat_map(|table| table.iter());
        let (.., operation, arguments) = known.find(|(is, at, ..)| method == *is && endpoint == *at)?;
        let body = read(&file)?;
        Some((*operation, *arguments, file, body))
    });
    Some(examples.collect())
}

fn client_of(sandbox: &Sandbox) -> Client {
    client(&sandbox.url(), |settings| settings.business_account_id = Some(sandbox.business_account_id()))
}

fn answering(body: Value) -> Fault {
    Fault { status: Some(200), body: Some(body), times: 1, ..Fault::new(FaultKind::Answer) }
}

async fn call(client: &Client, operation: &str, arguments: &str) -> wacloud::Result<Value> {
    let told = registry::dispatch(client, operation, arguments, &CallOptions::default(), CancelToken::new()).await?;
    Ok(serde_json::from_str(&told.json).unwrap())
}

/// The arguments that make this body.
fn arguments_of(body: &Value) -> Value {
    let mut arguments = body.as_object().unwrap().clone();
    arguments.remove("messaging_product");
    if let Some(users) = arguments.remove("block_users") {
        let users: Vec<&Value> = users.as_array().unwrap().iter().map(|entry| &entry["user"]).collect();
        arguments.insert("users".to_owned(), json!(users));
    }
    Value::Object(arguments)
}

#[tokio::test]
async fn requests_of_metas_document_come_out_as_they_are_there() {
    let Some(examples) = examples("request", &[CALLS]) else { return };
    let sandbox = sandbox().await;
    let client = client_of(&sandbox);
    for (operation, _, name, body) in &examples {
        sandbox.add_fault(answering(json!({"success": true, "code": "A1", "block_users": {}}))).unwrap();
        call(&client, operation, &arguments_of(body).to_string())
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let sent = sandbox.requests().last().unwrap().body.value();
        assert_eq!(sent, *body, "{name}");
    }
    assert!(examples.len() >= 15, "only {} requests", examples.len());
    say(&format!("{} requests of Meta's document made by calls", examples.len()));
}

/// Everything that an answer says: names of members with their values. Links to pages hold tokens, and are left out.
fn said(name: &str, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Null => {}
        // What the request said is no news.
        _ if name == "messaging_product" => {}
        Value::Array(items) => items.iter().for_each(|item| said(name, item, found)),
        Value::Object(members) => {
            for (name, member) in
                members.iter().filter(|(name, member)| !(name.as_str() == "next" && member.is_string()))
            {
                said(name, member, found);
            }
        }
        other => {
            found.insert(format!("{name}: {other}"));
        }
    }
}

#[tokio::test]
async fn answers_of_metas_document_are_read_without_loss() {
    let Some(examples) = examples("response", &[CALLS, ANSWERS]) else { return };
    let sandbox = sandbox().await;
    let client = client_of(&sandbox);
    for (operation, arguments, name, body) in &examples {
        sandbox.add_fault(answering(body.clone())).unwrap();
        let told = call(&client, operation, arguments).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        let (mut came, mut kept) = (BTreeSet::new(), BTreeSet::new());
        said("", body, &mut came);
        said("", &told, &mut kept);
        let lost: Vec<_> = came.difference(&kept).collect();
        assert!(lost.is_empty(), "{name}: {lost:?} of {told}");
    }
    assert!(examples.len() >= 60, "only {} answers", examples.len());
    say(&format!("{} answers of Meta's document read by calls", examples.len()));
}

/// No example of an endpoint that we have is left out, whatever a newer copy of the document adds.
#[test]
fn every_example_of_metas_document_is_compared_or_of_an_endpoint_that_we_do_not_have() {
    for (kind, tables) in [("request", vec![CALLS]), ("response", vec![CALLS, ANSWERS])] {
        let (Some(all), Some(compared)) = (listed(kind), examples(kind, &tables)) else { return };
        let here: BTreeSet<String> = compared.into_iter().map(|(.., file, _)| file).collect();
        let (mut elsewhere, mut not_ours, mut left_out) = (0, 0, Vec::new());
        for (method, endpoint, file) in &all {
            let is = |(which, known, at): &(&str, &str, &str)| kind == *which && method == known && endpoint == at;
            let is_not_ours = |(known, at): &(&str, &str)| match *known {
                "" => endpoint == at || endpoint.starts_with(&format!("{at}/")),
                known => method == known && endpoint == at,
            };
            if here.contains(file) {
                continue;
            }
            if ELSEWHERE.iter().any(is) {
                elsewhere += 1;
            } else if NOT_OURS.iter().any(is_not_ours) {
                not_ours += 1;
            } else {
                left_out.push(format!("{method} {endpoint}: {file}"));
            }
        }
        assert!(left_out.is_empty(), "{left_out:#?}");
        say(&format!(
            "{} {kind}s of Meta's document: {} compared here, {elsewhere} in other suites, {not_ours} of endpoints that we do not have",
            all.len(),
            here.len(),
        ));
    }
}

#[tokio::test]
async fn a_list_is_read_to_its_end_page_by_page() {
    let numbers = (0..7).map(|i| PhoneNumber::new((1_000 + i).to_string())).collect();
    let sandbox = Sandbox::start(Settings { phone_numbers: numbers, ..Settings::default() }).await.unwrap();
    let client = client_of(&sandbox).phone("1000").unwrap();
    let all: Vec<_> = client.all(account::Phones::new().limit(3_u32)).try_collect().await.unwrap();
    assert_eq!(
        all.iter().map(|number| number.id.as_str()).collect::<Vec<_>>(),
        ["1000", "1001", "1002", "1003", "1004", "1005", "1006"]
    );
    let paths: Vec<String> = sandbox.requests().iter().map(|request| request.path.clone()).collect();
    assert_eq!(paths.len(), 3);
    assert!(!paths[0].contains("after=") && paths[1].contains("after=") && paths[2].contains("after="), "{paths:?}");

    let users: Vec<wacloud::Recipient> = (0..5).map(|i| format!("+1555000{i:04}").into()).collect();
    client.call(blocks::Add::new(users)).await.unwrap();
    // The next page is asked for when the one before is used up, and not if nobody wants it.
    let before = sandbox.requests().len();
    let mut some = pin!(client.all(blocks::List::new().limit(2_u32)));
    for _ in 0..2 {
        some.try_next().await.unwrap().unwrap();
    }
    assert_eq!(sandbox.requests().len() - before, 1);
    let page = client.call(blocks::List::new().limit(2_u32)).await.unwrap();
    let next = client.call(blocks::List::new().limit(2_u32).after(page.next().unwrap())).await.unwrap();
    let back = client.call(blocks::List::new().limit(2_u32).before(next.before.clone().unwrap())).await.unwrap();
    assert!(next.has_previous && !page.has_previous);
    assert_eq!(back.items, page.items);
}

#[tokio::test]
async fn an_error_ends_a_list() {
    let sandbox = sandbox().await;
    let client = client_of(&sandbox);
    let page =
        json!({"data": [{"code": "A1"}], "paging": {"cursors": {"after": "nowhere"}, "next": "https://example.com"}});
    sandbox.add_fault(answering(page)).unwrap();
    let mut all = pin!(client.all(qr_codes::List::new()));
    assert_eq!(all.try_next().await.unwrap().map(|code| code.code), Some("A1".to_owned()));
    assert_eq!(all.try_next().await.unwrap_err().class_name(), "ApiError");
    assert!(all.try_next().await.unwrap().is_none());
}

#[tokio::test]
async fn one_client_makes_those_of_other_numbers() {
    let numbers = ["1000", "2000"].map(PhoneNumber::new).into();
    let sandbox =
        Sandbox::start(Settings { phone_numbers: numbers, pair_rate: false, ..Settings::default() }).await.unwrap();
    let one = client(&sandbox.url(), |settings| settings.phone_number_id = "1000".to_owned());
    let other = one.phone("2000").unwrap();
    assert_eq!(other.call(wacloud::operation::phone::Get::new()).await.unwrap().id, "2000");
    one.send_text(support::TO, "a").await.unwrap();
    other.send_text(support::TO, "b").await.unwrap();
    let senders: Vec<String> = sandbox.ledger().iter().map(|message| message.phone_number_id.clone()).collect();
    assert_eq!(senders, ["1000", "2000"]);
    assert_eq!((one.stats().attempts, other.stats().attempts), (3, 3), "they count together");
    assert_eq!(sandbox.counters().connections, 1, "and share their connections");
    assert!(matches!(one.phone("+1 555"), Err(wacloud::Error::Config { setting, .. }) if setting == "phone_number_id"));
}

#[test]
fn pins_and_codes_are_not_shown() {
    use wacloud::operation::phone;
    let backup = phone::Backup { password: "hunter2".into(), data: "hunter2".into() };
    let shown = format!(
        "{:?} {:?} {:?}",
        phone::Register::new("987654").backup(backup),
        phone::SetPin::new("987654"),
        phone::VerifyCode::new("987654"),
    );
    assert!(!shown.contains("987654") && !shown.contains("hunter2"), "{shown}");
    let refused: Map<String, Value> = registry::payload("phone.register", r#"{"pin": "9876543"}"#)
        .unwrap_err()
        .to_value()
        .as_object()
        .unwrap()
        .clone();
    assert!(!Value::Object(refused).to_string().contains("9876543"));
}

#[tokio::test]
async fn another_token_takes_the_place_of_one() {
    use wacloud::operation::phone;
    let sandbox = Sandbox::start(Settings { tokens: vec!["second".to_owned()], ..Settings::default() }).await.unwrap();
    let one = client(&sandbox.url(), |settings| settings.access_token = Some(wacloud::Secret::new("first")));
    let (clone, copy) = (one.clone(), one.phone(one.phone_number_id()).unwrap());
    assert_eq!(one.call(phone::Get::new()).await.unwrap_err().class_name(), "AuthenticationError");
    assert_eq!(one.set_access_token("sec ond").unwrap_err().class_name(), "ConfigError");
    one.set_access_token("second").unwrap();
    assert!(one.call(phone::Get::new()).await.is_ok() && clone.call(phone::Get::new()).await.is_ok());
    assert!(
        one.phone(one.phone_number_id()).unwrap().call(phone::Get::new()).await.is_ok(),
        "copies made later follow"
    );
    assert_eq!(copy.call(phone::Get::new()).await.unwrap_err().class_name(), "AuthenticationError");
}
