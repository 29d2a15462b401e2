//! Numbers and accounts over a real connection: what is changed stays, and what Meta refuses is refused in its words.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

mod common;

use common::{Connection, Reply, sandbox};
use serde_json::{Value, json};
use wacloud_sandbox::{Sandbox, Settings};

struct Account {
    sandbox: Sandbox,
    connection: Connection,
}

impl Account {
    async fn new(settings: Settings) -> Self {
        let sandbox = sandbox(settings).await;
        let connection = Connection::open(&sandbox).await;
        Account { sandbox, connection }
    }

    /// A request about the number.
    async fn number(&mut self, method: &str, edge: &str, body: &Value) -> Reply {
        let path = format!("/v25.0/{}{edge}", self.sandbox.phone_number_id());
        self.ask(method, &path, body).await
    }

    /// A request about the account.
    async fn account(&mut self, method: &str, edge: &str, body: &Value) -> Reply {
        let path = format!("/v25.0/{}{edge}", self.sandbox.business_account_id());
        self.ask(method, &path, body).await
    }

    async fn ask(&mut self, method: &str, path: &str, body: &Value) -> Reply {
        let token = format!("Bearer {}", self.sandbox.token());
        let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.connection.request(method, path, &headers, &body).await.unwrap()
    }

    async fn refusal(&mut self, method: &str, edge: &str, body: &Value) -> (u16, i64, String) {
        let reply = self.number(method, edge, body).await;
        (reply.status, reply.code(), reply.json()["error"]["message"].as_str().unwrap_or_default().to_owned())
    }

    async fn text(&mut self, to: &str) -> Reply {
        let body = json!({"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": "Hi"}});
        self.number("POST", "/messages", &body).await
    }
}

const NOTHING: &Value = &Value::Null;

#[tokio::test]
async fn a_number_that_was_deregistered_sends_again_when_it_is_registered() {
    let mut account = Account::new(Settings::default()).await;
    assert_eq!(account.text("+15550001234").await.status, 200);
    assert_eq!(account.number("POST", "/deregister", NOTHING).await.json(), json!({"success": true}));
    assert_eq!(account.text("+15550001234").await.code(), 133_010);
    assert_eq!(account.number("GET", "?fields=status", NOTHING).await.json()["status"], "DISCONNECTED");
    let again = account.refusal("POST", "/deregister", NOTHING).await;
    assert_eq!((again.0, again.1), (400, 100));

    let with = |pin: &str| json!({"messaging_product": "whatsapp", "pin": pin});
    let format = "Invalid PIN format. PIN must be exactly 6 digits";
    assert_eq!(account.refusal("POST", "/register", &with("12345")).await, (400, 100, format.to_owned()));
    assert_eq!(account.refusal("POST", "/register", &with("654321")).await.1, 133_005);
    assert_eq!(account.number("POST", "", &json!({"pin": "654321"})).await.json(), json!({"success": true}));
    assert_eq!(account.number("POST", "/register", &with("654321")).await.status, 200);
    assert_eq!(account.text("+15550001234").await.status, 200);
    let product = account.refusal("POST", "/register", &json!({"pin": "654321"})).await;
    assert_eq!(product.2, "Invalid parameter: messaging_product is required");
    // Ten in a row, those that failed included.
    for _ in 0..5 {
        account.number("POST", "/register", &with("654321")).await;
    }
    assert_eq!(account.refusal("POST", "/register", &with("654321")).await.1, 133_016);
}

#[tokio::test]
async fn a_number_is_verified_with_a_code() {
    let mut number = wacloud_sandbox::PhoneNumber::new("1000");
    number.code_verification_status = "NOT_VERIFIED".to_owned();
    let mut account = Account::new(Settings { phone_numbers: vec![number], ..Settings::default() }).await;
    let register = json!({"messaging_product": "whatsapp", "pin": "123456"});
    assert_eq!(account.refusal("POST", "/register", &register).await.1, 133_006);
    let ask = json!({"code_method": "SMS", "language": "en_US"});
    assert_eq!(account.number("POST", "/request_code", &ask).await.status, 200);
    let wrong = account.refusal("POST", "/verify_code", &json!({"code": "111111"})).await;
    assert_eq!((wrong.0, wrong.2.as_str()), (422, "The verification code is invalid or has expired"));
    assert_eq!(account.number("POST", "/verify_code", &json!({"code": "123456"})).await.json()["id"], "1000");
    assert_eq!(account.number("POST", "/register", &register).await.status, 200);
    let told = account.number("GET", "?fields=code_verification_status", NOTHING).await.json();
    assert_eq!(told["code_verification_status"], "VERIFIED");
    for _ in 0..9 {
        account.number("POST", "/request_code", &ask).await;
    }
    assert_eq!(account.refusal("POST", "/request_code", &ask).await.1, 613);
}

#[tokio::test]
async fn what_is_set_is_told_until_the_sandbox_is_reset() {
    let mut account = Account::new(Settings::default()).await;
    let profile = json!({"messaging_product": "whatsapp", "about": "Open", "websites": ["https://example.com"]});
    assert_eq!(account.number("POST", "/whatsapp_business_profile", &profile).await.status, 200);
    let fields = "/whatsapp_business_profile?fields=about,websites,email";
    let told = account.number("GET", fields, NOTHING).await.json();
    assert_eq!(told["data"], json!([profile]));

    let commands = json!({"prompts": ["Hi"], "commands": [{"command_name": "a_1", "command_description": "b"}]});
    assert_eq!(account.number("POST", "/conversational_automation", &commands).await.status, 200);
    let told = account.number("GET", "?fields=conversational_automation", NOTHING).await.json();
    assert_eq!(told["conversational_automation"], commands);

    let made = account.number("POST", "/message_qrdls", &json!({"prefilled_message": "Hello"})).await.json();
    let code = made["code"].as_str().unwrap().to_owned();
    let svg = format!("/message_qrdls/{code}?fields=code,qr_image_url.format(SVG)");
    let told = account.number("GET", &svg, NOTHING).await.json();
    assert!(told["data"][0]["qr_image_url"].as_str().unwrap().ends_with(".svg"));
    assert_eq!(account.number("DELETE", &format!("/message_qrdls/{code}"), NOTHING).await.status, 200);
    let gone = account.refusal("GET", &format!("/message_qrdls/{code}"), NOTHING).await;
    assert_eq!(gone, (404, 803, "QR code not found".to_owned()));

    let hook = json!({"override_callback_uri": "https://example.com/hook", "verify_token": "v"});
    assert_eq!(account.account("POST", "/subscribed_apps", &hook).await.status, 200);
    let told = account.account("GET", "/subscribed_apps", NOTHING).await.json();
    assert_eq!(told["data"][0]["override_callback_uri"], "https://example.com/hook");
    account.connection.control("POST", "reset", &json!({})).await;
    assert_eq!(account.account("GET", "/subscribed_apps", NOTHING).await.json()["data"], json!([]));
    assert_eq!(account.number("GET", fields, NOTHING).await.json()["data"][0]["websites"], Value::Null);
}

#[tokio::test]
async fn refusals_have_the_words_of_metas_document() {
    let mut account = Account::new(Settings::default()).await;
    let long = |count: usize| "x".repeat(count);
    for (edge, body, words) in [
        (
            "/message_qrdls",
            json!({"prefilled_message": long(141)}),
            "Invalid prefilled_message length. Maximum 140 characters allowed",
        ),
        (
            "/conversational_automation",
            json!({"prompts": [long(81)]}),
            "Prompt text exceeds maximum length of 80 characters",
        ),
        (
            "/conversational_automation",
            json!({"prompts": ["a", "b", "c", "d", "e"]}),
            "Too many prompts provided. Maximum allowed is 4",
        ),
        (
            "/conversational_automation",
            json!({"commands": [{"command_name": "a b", "command_description": "c"}]}),
            "Invalid command name format. Command names must contain only alphanumeric characters and underscores",
        ),
        (
            "/whatsapp_business_profile",
            json!({"messaging_product": "whatsapp", "email": "me"}),
            "Invalid parameter: email must be a valid email address",
        ),
        ("/verify_code", json!({"code": "abc"}), "Invalid parameter: code must be a numeric string"),
        ("/settings", json!({"calling": "on"}), "(#100) Param calling must be an object."),
    ] {
        assert_eq!(account.refusal("POST", edge, &body).await, (400, 100, words.to_owned()));
    }
    let fields = "Invalid fields parameter. Check field names and format specifications";
    assert_eq!(account.refusal("GET", "/message_qrdls?fields=colour", NOTHING).await.2, fields);
    let limit = "Invalid parameter: limit must be between 1 and 100";
    assert_eq!(account.refusal("GET", "/block_users?limit=101", NOTHING).await.2, limit);
    let unknown = account.account("GET", "?fields=colour", NOTHING).await.json();
    assert!(
        unknown["error"]["message"]
            .as_str()
            .unwrap()
            .contains("nonexisting field (colour) on node type (WhatsAppBusinessAccount)")
    );
}

#[tokio::test]
async fn blocked_people_are_not_written_to_and_only_who_wrote_can_be_blocked() {
    let mut account = Account::new(Settings { window: true, rate: 0, pair_rate: false, ..Settings::default() }).await;
    let block = |user: &str| json!({"messaging_product": "whatsapp", "block_users": [{"user": user}]});
    let silent = account.number("POST", "/block_users", &block("+15550001234")).await;
    assert_eq!((silent.status, silent.code()), (400, 139_100));
    let failed = &silent.json()["block_users"]["failed_users"][0];
    assert_eq!((&failed["wa_id"], &failed["errors"][0]["code"]), (&json!("15550001234"), &json!(131_047)));

    account.connection.control("POST", "customer", &json!({"from": "15550001234", "text": "Hi"})).await;
    let added = account.number("POST", "/block_users", &block("+1 555 000 1234")).await.json();
    assert_eq!(added["block_users"]["added_users"], json!([{"input": "+1 555 000 1234", "wa_id": "15550001234"}]));
    assert_eq!(account.text("+15550001234").await.code(), 130_403);
    let listed = account.number("GET", "/block_users", NOTHING).await.json();
    assert_eq!(listed["data"], json!([{"messaging_product": "whatsapp", "wa_id": "15550001234"}]));
    assert_eq!(account.number("DELETE", "/block_users", &block("+15550001234")).await.status, 200);
    assert_eq!(account.text("+15550001234").await.status, 200);
}
