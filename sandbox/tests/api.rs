//! The API and the control API over real connections.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod common;

use std::time::{Duration, Instant};

use common::{Connection, sandbox, send};
use serde_json::{Value, json};
use wacloud_sandbox::{Error, PhoneNumber, Sandbox, Settings};

#[tokio::test]
async fn an_accepted_message_is_in_the_ledger() {
    let sandbox = sandbox(Settings::default()).await;
    let mut connection = Connection::open(&sandbox).await;
    let body = json!({"messaging_product": "whatsapp", "to": "+55 51 99999-1234", "type": "text", "text": {"body": "Olá 👋"},
        "biz_opaque_callback_data": "order-1"});
    let reply = connection.post(&sandbox, &body).await.unwrap();
    let answer = reply.json();
    assert_eq!(answer["contacts"], json!([{"input": "+55 51 99999-1234", "wa_id": "555199991234"}]));
    connection.send(&sandbox, "+15550001234", "Hi").await.unwrap();

    for query in ["?tracker=order-1", "?to=%2B5551999991234", "?to=555199991234", "?type=text&tracker=order-1"] {
        let found = connection.control("GET", &format!("messages{query}"), &Value::Null).await;
        let message = &found["messages"][0];
        assert_eq!(found["messages"].as_array().unwrap().len(), 1, "{query}");
        assert_eq!((&message["id"], &message["payload"]), (&answer["messages"][0]["id"], &body));
        assert_eq!(message["request_id"].as_str(), reply.header("x-fb-request-id"));
    }
    let later = connection.control("GET", "messages?after=0", &Value::Null).await;
    assert_eq!(later["messages"][0]["to"], "+15550001234");
}

#[tokio::test]
async fn user_ids_groups_and_templates_have_answers_of_their_own() {
    let sandbox = sandbox(Settings::default()).await;
    let mut connection = Connection::open(&sandbox).await;
    let text = |name: &str, to: &str| json!({"messaging_product": "whatsapp", name: to, "type": "text", "text": {"body": "Hi"}});

    let user = connection.post(&sandbox, &text("recipient", "US.134912086")).await.unwrap().json();
    assert_eq!(user["contacts"], json!([{"input": "US.134912086", "user_id": "US.134912086"}]));
    let mut both = text("to", "+15550001234");
    both["recipient"] = "US.134912086".into();
    let both = connection.post(&sandbox, &both).await.unwrap().json();
    assert_eq!(both["contacts"], json!([{"input": "+15550001234", "wa_id": "15550001234"}]), "a number comes first");

    let mut group = text("to", "Y2FwaV9ncm91cDo");
    group["recipient_type"] = "group".into();
    assert_eq!(connection.post(&sandbox, &group).await.unwrap().json()["messages"][0]["group_id"], "Y2FwaV9ncm91cDo");

    let template = json!({"messaging_product": "whatsapp", "to": "+15550001234", "type": "template",
        "template": {"name": "hello_world", "language": {"code": "en_US"}}});
    let reply = connection.post(&sandbox, &template).await.unwrap();
    assert_eq!(reply.json()["messages"][0]["message_status"], "accepted");
    let mut missing = template.clone();
    missing["template"]["language"]["code"] = "fr".into();
    let reply = connection.post(&sandbox, &missing).await.unwrap();
    assert_eq!((reply.status, reply.code()), (404, 132001));
    connection.control("POST", "templates", &json!({"name": "hello_world", "language": "fr", "body": "Bonjour"})).await;
    assert_eq!(connection.post(&sandbox, &missing).await.unwrap().status, 200);

    let code = json!({"type": "text", "text": "123456"});
    let components = json!([{"type": "body", "parameters": [code]}, {"type": "button", "sub_type": "url", "index": "0", "parameters": [code]}]);
    let password = |name: &str, to: &str| {
        json!({"messaging_product": "whatsapp", name: to, "type": "template",
        "template": {"name": "login_code", "language": {"code": "en_US"}, "components": components}})
    };
    assert_eq!(connection.post(&sandbox, &password("to", "+15550001234")).await.unwrap().status, 200);
    let reply = connection.post(&sandbox, &password("recipient", "US.134912086")).await.unwrap();
    assert_eq!((reply.status, reply.code()), (400, 131062));
    let path = format!("/v25.0/{}/marketing_messages", sandbox.phone_number_id());
    let headers = [("authorization", "Bearer sandbox-token"), ("content-type", "application/json")];
    let reply = connection.request("POST", &path, &headers, &password("to", "+15550001234").to_string()).await.unwrap();
    assert_eq!((reply.status, reply.code()), (400, 134100));
}

#[tokio::test]
async fn refusals_look_like_metas() {
    let sandbox = sandbox(Settings::default()).await;
    let mut connection = Connection::open(&sandbox).await;
    let id = sandbox.phone_number_id();
    let bearer = ("authorization", "Bearer sandbox-token");
    for (method, path, headers, status, code, subcode) in [
        ("POST", format!("/v25.0/{id}/messages"), vec![], 401, 104, None),
        ("POST", format!("/v25.0/{id}/messages"), vec![("authorization", "Bearer wrong")], 401, 190, None),
        ("POST", "/v25.0/123123/messages".to_owned(), vec![bearer], 400, 100, Some(33)),
        ("GET", format!("/v25.0/{id}/messages"), vec![bearer], 400, 100, Some(33)),
        ("POST", format!("/v25.0/{id}/nothing"), vec![bearer], 400, 100, Some(33)),
        ("GET", format!("/v25.0/{id}/nothing"), vec![bearer], 400, 100, None),
        ("POST", format!("/v99.0/{id}/messages"), vec![bearer], 400, 2500, None),
        ("POST", format!("/v25.0/{id}/messages"), vec![bearer], 400, 100, None),
    ] {
        let reply = connection.request(method, &path, &headers, "{").await.unwrap();
        let error = &reply.json()["error"];
        assert_eq!(
            (reply.status, reply.code(), error["error_subcode"].as_i64()),
            (status, code, subcode),
            "{method} {path}"
        );
        assert_eq!(error["fbtrace_id"].as_str(), reply.header("x-fb-request-id"));
        assert!(
            reply.header("www-authenticate").unwrap().starts_with("OAuth \"Facebook Platform\" \"invalid_"),
            "{path}"
        );
        assert_eq!(reply.header("content-type"), Some("application/json; charset=UTF-8"));
    }
    let reply = connection.send(&sandbox, "+1555000", "").await.unwrap();
    assert_eq!(
        reply.json()["error"]["error_data"],
        json!({"messaging_product": "whatsapp", "details": "text.body: must not be empty"})
    );
    assert_eq!(sandbox.counters().refused.values().sum::<u64>(), 9);
    let last = sandbox.requests().pop().unwrap();
    assert_eq!(last.refused.as_ref().map(|refusal| refusal.code), Some(131009));
    assert!(last.headers.iter().all(|(_, value)| !value.contains("sandbox-token")), "the log never shows a token");
}

#[tokio::test]
async fn marking_as_read_wants_an_incoming_message() {
    let sandbox = sandbox(Settings::default()).await;
    let mut connection = Connection::open(&sandbox).await;
    let sent = connection.send(&sandbox, "+15550001234", "Hi").await.unwrap().json()["messages"][0]["id"].clone();
    let read = |id: Value| json!({"messaging_product": "whatsapp", "status": "read", "message_id": id, "typing_indicator": {"type": "text"}});
    let answer = connection.post(&sandbox, &read(json!("wamid.HBgLMTU1NTAwMDEyMzQ="))).await.unwrap();
    assert_eq!(answer.json(), json!({"success": true}));
    assert_eq!(connection.post(&sandbox, &read(sent)).await.unwrap().code(), 100, "it is outgoing");
    assert_eq!(connection.post(&sandbox, &read(json!("12345"))).await.unwrap().code(), 100);
    assert_eq!(sandbox.ledger().len(), 1);
}

#[tokio::test]
async fn both_limits_hold() {
    let sandbox = sandbox(Settings { rate: 3, throttle_status: 429, ..Settings::default() }).await;
    let mut connection = Connection::open(&sandbox).await;
    let start = Instant::now();
    let mut codes = Vec::new();
    for i in 0..6 {
        let reply = connection.send(&sandbox, &format!("+1555000{i:04}"), "Hi").await.unwrap();
        codes.push((reply.status, reply.code()));
    }
    assert_eq!(codes[..3], [(200, 0); 3]);
    // On a machine so slow that the second is over, slots may be free again.
    if start.elapsed() < Duration::from_secs(1) {
        assert_eq!(codes[3..], [(429, 130_429); 3]);
    }

    connection.control("PUT", "settings", &json!({"rate": 0})).await;
    let mut accepted = 0;
    for _ in 0..50 {
        accepted += usize::from(connection.send(&sandbox, "+15551234567", "Hi").await.unwrap().code() != 131_056);
    }
    assert_eq!(accepted, 45);
    connection.control("PUT", "settings", &json!({"pair_rate": false})).await;
    assert_eq!(connection.send(&sandbox, "+15551234567", "Hi").await.unwrap().status, 200);
}

#[tokio::test]
async fn counters_stay_exact_beyond_what_is_kept() {
    let sandbox = sandbox(Settings { keep: 10, rate: 0, ..Settings::default() }).await;
    let mut connection = Connection::open(&sandbox).await;
    for i in 0..30 {
        let body = json!({"messaging_product": "whatsapp", "to": format!("+1555000{i:04}"), "type": "text", "text": {"body": "Hi"},
            "biz_opaque_callback_data": (i % 20).to_string()});
        connection.post(&sandbox, &body).await.unwrap();
    }
    let counters = sandbox.counters();
    assert_eq!(
        (counters.accepted, counters.requests, counters.duplicate_trackers, counters.connections),
        (30, 30, 10, 1)
    );
    assert_eq!(sandbox.ledger().iter().map(|message| message.index).collect::<Vec<_>>(), (20..30).collect::<Vec<_>>());
    connection.control("POST", "reset", &Value::Null).await;
    assert_eq!((sandbox.counters().accepted, sandbox.ledger().len(), sandbox.requests().len()), (0, 0, 0));
}

#[tokio::test]
async fn several_numbers_and_tokens_are_let_in() {
    let german = PhoneNumber { country_code: "49".to_owned(), ..PhoneNumber::new("222") };
    let settings = Settings {
        phone_numbers: vec![PhoneNumber::new("111"), german],
        tokens: vec!["a".to_owned(), "b".to_owned()],
        ..Settings::default()
    };
    let sandbox = sandbox(settings).await;
    let mut connection = Connection::open(&sandbox).await;
    let body = r#"{"messaging_product":"whatsapp","to":"1701234567","type":"text","text":{"body":"Hi"}}"#;
    let reply =
        connection.request("POST", "/v25.0/222/messages", &[("authorization", "Bearer b")], body).await.unwrap();
    assert_eq!(reply.json()["contacts"][0]["wa_id"], "491701234567", "the country code went in front");
}

#[tokio::test]
async fn the_control_api_says_what_is_wrong() {
    let sandbox = sandbox(Settings::default()).await;
    let mut connection = Connection::open(&sandbox).await;
    for (method, path, body, status) in [
        ("POST", "faults", r#"{"kind":"explode"}"#, 400),
        ("POST", "faults", r#"[{"kind":"graph_error"}]"#, 400),
        ("PUT", "settings", r#"{"rat":1}"#, 400),
        ("GET", "messages?form=1", "", 400),
        ("GET", "nothing", "", 404),
        ("PUT", "faults", "", 405),
    ] {
        let reply = connection.request(method, &format!("/_sandbox/{path}"), &[], body).await.unwrap();
        assert_eq!(reply.status, status, "{method} {path}");
        assert!(!reply.json()["error"].as_str().unwrap().is_empty());
    }
    let reply = connection.request("GET", "/_sandbox/state", &[("origin", "http://evil.example")], "").await.unwrap();
    assert_eq!(reply.status, 403);
    let reply = connection.request("GET", "/", &[("host", "evil.example")], "").await.unwrap();
    assert_eq!(reply.status, 403);
    let page = connection.request("GET", "/", &[], "").await.unwrap();
    assert!(page.header("content-security-policy").unwrap().contains("default-src 'none'"));
}

#[tokio::test]
async fn answers_are_held_back() {
    let sandbox = sandbox(Settings { latency_ms: 30, jitter_ms: 5, ..Settings::default() }).await;
    let start = Instant::now();
    send(&sandbox, "+15550001234").await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(30));
}

#[tokio::test]
async fn a_port_in_use_is_told_and_stopping_frees_it() {
    let first = sandbox(Settings::default()).await;
    let port = first.address().port();
    let second = Sandbox::start(Settings { port, ..Settings::default() }).await;
    assert!(matches!(second, Err(Error::PortInUse { port: told, .. }) if told == port));
    let mut connection = Connection::open(&first).await;
    first.stop().await;
    assert!(connection.request("GET", "/", &[], "").await.is_err(), "open connections are cut");
    Sandbox::start(Settings { port, ..Settings::default() }).await.unwrap();
}

#[tokio::test]
async fn it_tells_what_a_token_and_a_number_are_good_for() {
    let sandbox = sandbox(Settings::default()).await;
    let mut connection = Connection::open(&sandbox).await;
    let token = [("authorization", "Bearer sandbox-token")];
    let mut get = async |path: &str| connection.request("GET", path, &token, "").await.unwrap();

    let own = get("/v25.0/debug_token?input_token=sandbox-token").await.json();
    let data = &own["data"];
    assert_eq!(
        (&data["is_valid"], &data["type"], &data["expires_at"]),
        (&true.into(), &"SYSTEM_USER".into(), &0.into())
    );
    assert_eq!(data["scopes"], json!(["whatsapp_business_management", "whatsapp_business_messaging"]));
    // Of another token it is told that it is none; that is an answer, not a refusal.
    let other = get("/v25.0/debug_token?input_token=EAAG%26x").await;
    assert_eq!((other.status, &other.json()["data"]["is_valid"]), (200, &false.into()));
    let missing = get("/v25.0/debug_token").await;
    assert_eq!((missing.status, missing.code()), (400, 100));

    let id = sandbox.phone_number_id();
    let path = format!(
        "/v25.0/{id}?fields=status,code_verification_status,quality_rating,throughput,account_mode,name_status"
    );
    let number = get(&path).await;
    assert_eq!(
        number.json(),
        json!({"account_mode": "LIVE", "quality_rating": "GREEN", "code_verification_status": "VERIFIED",
               "name_status": "APPROVED", "status": "CONNECTED", "throughput": {"level": "STANDARD"}, "id": id})
    );
    assert!(number.header("date").is_some_and(|date| date.ends_with("GMT")));

    connection
        .control(
            "PUT",
            "settings",
            &json!({"token_facts": {"type": "USER", "expires_at": 1_800_000_000, "scopes": []}}),
        )
        .await;
    let changed =
        connection.request("GET", "/v25.0/debug_token?input_token=sandbox-token", &token, "").await.unwrap().json();
    assert_eq!((&changed["data"]["type"], &changed["data"]["scopes"]), (&"USER".into(), &json!([])));
}
