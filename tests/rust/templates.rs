//! Messages are held to the definition of their template before they leave, with few fetches and none in the way; and
//! waiting for what Meta decides.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod support;

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use serde_json::{Value, json};
use wacloud::operation::{SendTemplate, templates};
use wacloud::{CallOptions, CancelToken, Client, Error, Message, Settings, Shared, registry};
use wacloud_sandbox::{Fault, Sandbox};

const TO: &str = "+15550001234";

fn client_with(sandbox: &Sandbox, more: &Value) -> Client {
    let mut settings = json!({
        "phone_number_id": sandbox.phone_number_id(), "business_account_id": sandbox.business_account_id(),
        "access_token": sandbox.token(), "base_url": sandbox.url(), "rate": 0, "pair_rate": 0, "pace": "process",
    });
    settings.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let settings = Settings::from_json(&settings.to_string()).unwrap();
    Client::with_shared(settings, &Shared::new()).unwrap()
}

fn client(sandbox: &Sandbox) -> Client {
    client_with(sandbox, &json!({}))
}

async fn by_hand() -> Sandbox {
    let sandbox = support::sandbox().await;
    sandbox.set(json!({"template_review_ms": null}).as_object().unwrap()).unwrap();
    sandbox
}

/// How many definitions were fetched, and how many messages arrived.
fn arrived(sandbox: &Sandbox) -> (usize, usize) {
    let requests = sandbox.requests();
    let fetches = requests.iter().filter(|request| request.path.contains("/message_templates?fields=")).count();
    let messages = requests.iter().filter(|request| request.path.ends_with("/messages")).count();
    assert_eq!(fetches + messages, requests.len());
    (fetches, messages)
}

async fn send(wa: &Client, name: &str, language: &str, values: &[&str]) -> Result<(), Error> {
    let body: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
    wa.call(SendTemplate::new(TO, name, language).body(body)).await.map(drop)
}

fn told(result: Result<(), Error>) -> Vec<String> {
    let error = result.unwrap_err();
    assert_eq!(error.class_name(), "ValidationError", "{error}");
    error.violations().iter().map(|violation| format!("{}: {}", violation.path, violation.message)).collect()
}

#[tokio::test]
async fn a_mistake_is_told_before_anything_leaves() {
    let sandbox = support::sandbox().await;
    let wa = client(&sandbox);
    assert_eq!(
        told(send(&wa, "order_update", "en_US", &["Ana"]).await),
        ["template.components[0].parameters: body of order_update (en_US) takes 2 values {{1}} {{2}}, got 1"]
    );
    assert_eq!(arrived(&sandbox), (1, 0));
    let language = told(send(&wa, "order_update", "fr", &["Ana", "#1"]).await);
    assert!(language[0].contains("order_update has no translation \"fr\"; there are en_US, de"), "{language:?}");
    for _ in 0..5 {
        send(&wa, "order_update", "en_US", &["Ana", "#1"]).await.unwrap();
        send(&wa, "order_update", "de", &["Ana", "#1"]).await.unwrap();
    }
    assert_eq!(arrived(&sandbox), (1, 10), "one fetch serves all languages");
    let missing = told(send(&wa, "nothing_like_it", "en_US", &[]).await);
    assert!(missing[0].starts_with("template.name: the business account has no template"), "{missing:?}");
    // A slip is looked for among all names, with one question more.
    let slip = told(send(&wa, "order_updte", "en_US", &[]).await);
    assert_eq!(
        slip,
        ["template.name: the business account has no template \"order_updte\"; did you mean order_update? (132001)"]
    );
    let sought = wa.call(templates::Get::new().name("order_updte").language("en_US")).await.unwrap_err();
    assert_eq!(
        sought.to_string(),
        "1 mistake; name: the business account has no template \"order_updte\"; did you mean order_update?"
    );
    // What is sent whole is held to it, too; what is sent raw is not.
    let body = json!({"messaging_product": "whatsapp", "to": TO, "type": "template",
        "template": {"name": "hello_world", "language": {"code": "en_US"}, "components": [
            {"type": "body", "parameters": [{"type": "text", "text": "Ana"}]}]}});
    let error = wa.send(Message::from_payload(&body).unwrap()).await.unwrap_err();
    assert!(error.to_string().contains("body of hello_world (en_US) takes no values, got 1"), "{error}");
    assert!(matches!(wa.send(Message::raw(body)).await, Err(Error::Api(error)) if error.error.code == Some(132_000)));
}

#[tokio::test]
async fn nothing_is_fetched_without_an_account_or_where_it_is_turned_off() {
    let sandbox = support::sandbox().await;
    for off in [json!({"check_templates": false}), json!({"business_account_id": null})] {
        let wa = client_with(&sandbox, &off);
        let refused = send(&wa, "order_update", "en_US", &["Ana"]).await.unwrap_err();
        assert!(matches!(refused, Error::Api(error) if error.error.code == Some(132_000)));
    }
    assert_eq!(arrived(&sandbox), (0, 2));
}

#[tokio::test]
async fn who_looks_for_a_name_without_an_account_is_told_of_the_call_and_the_setting() {
    let sandbox = support::sandbox().await;
    let wa = client_with(&sandbox, &json!({"business_account_id": null}));
    let ask = async |operation: &str, params: Value| {
        let options = CallOptions::default();
        registry::dispatch(&wa, operation, &params.to_string(), &options, CancelToken::new()).await
    };
    for operation in ["templates.list", "templates.get", "templates.status", "templates.wait_until_approved"] {
        let params = match operation {
            "templates.list" => json!({}),
            _ => json!({"name": "order_update", "language": "en_US"}),
        };
        let Err(error) = ask(operation, params).await else { panic!("{operation}") };
        assert_eq!(error.to_value()["setting"], "business_account_id");
        let told = error.to_string();
        assert!(
            told.contains(&format!("is needed by {operation} and was not given (WA_BUSINESS_ACCOUNT_ID in")),
            "{told}"
        );
    }
    // What is wrong with the question itself is told first.
    let Err(error) = ask("templates.status", json!({"name": "order_update"})).await else { panic!() };
    assert_eq!(error.violations()[0].path, "language");
    assert_eq!(arrived(&sandbox), (0, 0));
    // An id needs no account.
    assert!(ask("templates.status", json!({"id": "2458032047165517"})).await.is_ok());
}

#[tokio::test]
async fn a_campaign_with_a_wrong_template_sends_nothing_and_fetches_once() {
    let sandbox = support::sandbox().await;
    let wa = client(&sandbox);
    let message = |to: usize, values: &[&str]| {
        let arguments =
            json!({"to": format!("+1555{to:07}"), "name": "order_update", "language": "en_US", "body": values});
        let body: Value =
            serde_json::from_str(&registry::payload("send_template", &arguments.to_string()).unwrap()).unwrap();
        Message::from_payload(&body).unwrap()
    };
    let wrong: Vec<Message> = (0..1_000).map(|to| message(to, &["Ana"])).collect();
    let outcomes: Vec<&str> = wa.send_bulk(wrong).map(|result| result.outcome().name()).collect().await;
    assert!(outcomes.len() == 1_000 && outcomes.iter().all(|outcome| *outcome == "not_sent"));
    assert_eq!(arrived(&sandbox), (1, 0));
    let right: Vec<Message> = (0..1_000).map(|to| message(to, &["Ana", "#1"])).collect();
    let accepted = wa.send_bulk(right).filter(|result| std::future::ready(result.outcome().name() == "accepted"));
    assert_eq!(accepted.count().await, 1_000);
    assert_eq!(arrived(&sandbox), (1, 1_000));
}

#[tokio::test]
async fn a_failed_fetch_is_not_in_the_way_and_not_tried_again_at_once() {
    let sandbox = support::sandbox().await;
    let wa = client(&sandbox);
    sandbox.add_fault(Fault::graph_error(200)).unwrap();
    for _ in 0..5 {
        send(&wa, "order_update", "en_US", &["Ana", "#1"]).await.unwrap();
    }
    assert_eq!(arrived(&sandbox), (1, 5));
    assert_eq!(wa.stats().accepted, 5);
}

#[tokio::test]
async fn a_fetch_that_hangs_holds_a_message_for_two_seconds_at_most() {
    let sandbox = support::sandbox().await;
    let wa = client(&sandbox);
    let fault = json!({"kind": "delay", "delay_ms": 60_000, "times": 1});
    sandbox.add_fault(serde_json::from_value(fault).unwrap()).unwrap();
    let begun = Instant::now();
    let all = (0..20).map(|_| send(&wa, "order_update", "en_US", &["Ana", "#1"]));
    for sent in futures_util::future::join_all(all).await {
        sent.unwrap();
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(arrived(&sandbox), (1, 20));
}

#[tokio::test]
async fn many_messages_at_once_wait_for_one_fetch() {
    let sandbox = support::sandbox().await;
    let wa = client(&sandbox);
    let all = (0..50).map(|_| send(&wa, "order_update", "en_US", &["Ana", "#1"]));
    for sent in futures_util::future::join_all(all).await {
        sent.unwrap();
    }
    assert_eq!(arrived(&sandbox), (1, 50));
}

#[tokio::test]
async fn webhooks_and_refusals_make_a_definition_old() {
    let sandbox = by_hand().await;
    let wa = client(&sandbox);
    let decide = |status: &str| sandbox.decide_template(&json!({"name": "hello_world", "status": status})).unwrap();
    let news = || async {
        let event = json!({"event": {"event": {"kind": "template", "channel": "whatsapp"}}});
        let options = CallOptions::default();
        registry::dispatch(&wa, "templates.observe", &event.to_string(), &options, CancelToken::new()).await.unwrap();
    };
    send(&wa, "hello_world", "en_US", &[]).await.unwrap();
    decide("PAUSED");
    // Nobody has said so: Meta does, and its word counts from then on.
    let refused = send(&wa, "hello_world", "en_US", &[]).await.unwrap_err();
    assert!(matches!(refused, Error::Api(error) if error.error.code == Some(132_015)));
    assert!(told(send(&wa, "hello_world", "en_US", &[]).await)[0].contains("hello_world (en_US) is paused"));
    let (fetches, messages) = arrived(&sandbox);
    assert_eq!((fetches, messages), (2, 2));
    decide("APPROVED");
    news().await;
    send(&wa, "hello_world", "en_US", &[]).await.unwrap();
    decide("DISABLED");
    news().await;
    assert!(told(send(&wa, "hello_world", "en_US", &[]).await)[0].contains("is disabled for good"));
    assert_eq!(arrived(&sandbox), (4, 3));
}

#[tokio::test]
async fn what_meta_decides_is_waited_for() {
    let sandbox = by_hand().await;
    let wa = client(&sandbox);
    let body = json!([{"type": "BODY", "text": "Hello and welcome."}]);
    let components: Vec<wacloud::template::ComponentDefinition> = serde_json::from_value(body).unwrap();
    for (name, decided, expected) in
        [("one", "APPROVED", None), ("two", "REJECTED", Some("two (en) was rejected by Meta (INVALID_FORMAT)"))]
    {
        let created = wa.call(templates::Create::new(name, "en", "UTILITY", components.clone())).await.unwrap();
        assert_eq!(created.status.as_deref(), Some("PENDING"));
        let waiting = wa.call(templates::WaitUntilApproved::new().name(name).language("en"));
        let deciding = async {
            while !sandbox.requests().iter().any(|request| request.path.contains(&format!("name={name}&"))) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            sandbox.decide_template(&json!({"name": name, "status": decided})).unwrap();
            // Told so, it looks at once instead of in five seconds.
            loop {
                let event = json!({"event": {"event": {"kind": "template", "channel": "whatsapp"}}}).to_string();
                let options = CallOptions::default();
                registry::dispatch(&wa, "templates.observe", &event, &options, CancelToken::new()).await.unwrap();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let begun = Instant::now();
        let ended = tokio::select! {
            ended = waiting => ended,
            never = deciding => never,
        };
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
        match (ended, expected) {
            (Ok(template), None) => assert_eq!(template.id, created.id),
            (Err(error), Some(expected)) => assert!(error.to_string().contains(expected), "{error}"),
            (ended, _) => panic!("{ended:?}"),
        }
    }
}

#[tokio::test]
async fn who_tried_too_early_sends_as_soon_as_it_is_approved() {
    let sandbox = by_hand().await;
    let wa = client(&sandbox);
    let body = json!([{"type": "BODY", "text": "Hello and welcome."}]);
    let components: Vec<wacloud::template::ComponentDefinition> = serde_json::from_value(body).unwrap();
    wa.call(templates::Create::new("early", "en", "UTILITY", components)).await.unwrap();
    let refused = told(send(&wa, "early", "en", &[]).await);
    assert!(refused[0].contains("is not approved yet (PENDING)"), "{refused:?}");
    sandbox.decide_template(&json!({"name": "early", "status": "APPROVED"})).unwrap();
    wa.call(templates::WaitUntilApproved::new().name("early").language("en")).await.unwrap();
    send(&wa, "early", "en", &[]).await.unwrap();
}

#[tokio::test]
async fn waiting_can_be_cancelled_and_ends_in_time() {
    let sandbox = by_hand().await;
    let wa = client(&sandbox);
    sandbox.decide_template(&json!({"name": "hello_world", "status": "PENDING"})).unwrap();
    let cancel = CancelToken::new();
    let arguments = json!({"name": "hello_world", "language": "en_US"}).to_string();
    let options = CallOptions::default();
    let waiting = registry::dispatch(&wa, "templates.wait_until_approved", &arguments, &options, cancel.clone());
    let cancelling = async {
        while sandbox.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        cancel.cancel();
    };
    let (ended, ()) = tokio::join!(waiting, cancelling);
    let error = ended.unwrap_err();
    assert_eq!(error.to_value()["reason"], "cancelled", "{error}");
    let late =
        wa.call(templates::WaitUntilApproved::new().name("hello_world").language("en_US").within_seconds(1_u64)).await;
    let error = late.unwrap_err();
    assert_eq!(error.to_value()["reason"], "timeout");
    assert!(error.to_string().contains("hello_world (en_US) is PENDING"), "{error}");
}

#[tokio::test]
async fn lists_are_read_as_one() {
    let sandbox = support::sandbox().await;
    let wa = client(&sandbox);
    let all: Vec<_> = wa.all(templates::List::new().limit(5_u32)).collect().await;
    assert_eq!(all.len(), sandbox.templates().len());
    let typed = all[0].as_ref().unwrap().definition();
    assert_eq!(typed.title(), "hello_world (en_US)");
    assert_eq!(sandbox.requests().len(), all.len().div_ceil(5));
}
