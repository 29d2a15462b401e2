//! Which call of ours belongs to which endpoint of Meta's document, and where the examples of the others are compared.

/// Method and endpoint as Meta's document has them, the call that we have for it, and arguments with which it is asked.
pub(crate) const CALLS: &[(&str, &str, &str, &str)] = &[
    ("GET", "/{Phone-Number-ID}", "phone.get", "{}"),
    ("POST", "/{Phone-Number-ID}", "phone.update", r#"{"username": "a"}"#),
    ("POST", "/{Phone-Number-ID}/register", "phone.register", r#"{"pin": "123456"}"#),
    ("POST", "/{Phone-Number-ID}/deregister", "phone.deregister", "{}"),
    ("POST", "/{Phone-Number-ID}/request_code", "phone.request_code", r#"{"code_method": "SMS", "language": "en"}"#),
    ("POST", "/{Phone-Number-ID}/verify_code", "phone.verify_code", r#"{"code": "123456"}"#),
    ("GET", "/{Phone-Number-ID}/settings", "phone.get_settings", "{}"),
    ("POST", "/{Phone-Number-ID}/settings", "phone.update_settings", r#"{"calling": {}}"#),
    ("GET", "/{Phone-Number-ID}/whatsapp_business_profile", "profile.get", "{}"),
    ("POST", "/{Phone-Number-ID}/whatsapp_business_profile", "profile.update", r#"{"about": "a"}"#),
    ("GET", "/{Phone-Number-ID}/block_users", "blocks.list", "{}"),
    ("POST", "/{Phone-Number-ID}/block_users", "blocks.add", r#"{"users": ["+15550001234"]}"#),
    ("DELETE", "/{Phone-Number-ID}/block_users", "blocks.remove", r#"{"users": ["+15550001234"]}"#),
    ("GET", "/{Phone-Number-ID}/message_qrdls", "qr_codes.list", "{}"),
    ("POST", "/{Phone-Number-ID}/message_qrdls", "qr_codes.create", r#"{"prefilled_message": "a"}"#),
    ("GET", "/{Phone-Number-ID}/message_qrdls/{QR-Code-ID}", "qr_codes.get", r#"{"code": "A1"}"#),
    ("DELETE", "/{Phone-Number-ID}/message_qrdls/{QR-Code-ID}", "qr_codes.delete", r#"{"code": "A1"}"#),
    ("POST", "/{Phone-Number-ID}/conversational_automation", "commands.set", r#"{"prompts": []}"#),
    ("GET", "/{WABA-ID}", "account.get", "{}"),
    ("GET", "/{WABA-ID}/phone_numbers", "account.phones", "{}"),
    ("GET", "/{WABA-ID}/subscribed_apps", "account.subscriptions", "{}"),
    ("POST", "/{WABA-ID}/subscribed_apps", "account.subscribe", "{}"),
    ("DELETE", "/{WABA-ID}/subscribed_apps", "account.unsubscribe", "{}"),
];

/// The same of answers alone: the requests of these are compared by other suites.
pub(crate) const ANSWERS: &[(&str, &str, &str, &str)] = &[
    ("POST", "/{Phone-Number-ID}/messages", "send_text", r#"{"to": "+15550001234", "body": "a"}"#),
    ("POST", "/{Phone-Number-ID}/media", "media.upload", r#"{"file": "vectors/files/photo.png"}"#),
    ("DELETE", "/{Media-ID}", "media.delete", r#"{"media_id": "1"}"#),
    ("GET", "/{WABA-ID}/message_templates", "templates.list", "{}"),
    (
        "POST",
        "/{WABA-ID}/message_templates",
        "templates.create",
        r#"{"name": "a", "language": "en", "category": "UTILITY", "components": [{"type": "BODY", "text": "a"}]}"#,
    ),
    ("POST", "/{TEMPLATE_ID}", "templates.edit", r#"{"id": "1", "category": "UTILITY"}"#),
];

/// Kind, method and endpoint of examples that another suite compares.
pub(crate) const ELSEWHERE: &[(&str, &str, &str)] = &[
    // examples.rs
    ("request", "POST", "/{Phone-Number-ID}/messages"),
    ("request", "POST", "/{Phone-Number-ID}/marketing_messages"),
    // template_definitions.rs
    ("request", "POST", "/{WABA-ID}/message_templates"),
    // A form and bytes, which these examples only name: vectors/media.upload.json, vectors/media.download.json.
    ("request", "POST", "/{Phone-Number-ID}/media"),
    ("response", "GET", "/{Media-URL}"),
];

/// Endpoints that we do not have, by the method, or with all methods and what is below them where none is named.
pub(crate) const NOT_OURS: &[(&str, &str)] = &[
    // Businesses, partners, and who may do what.
    ("", "/{Application-ID}"),
    ("", "/{Business-ID}"),
    ("", "/{Solution-ID}"),
    ("", "/{User-ID}"),
    ("", "/{Pre-Verified-Phone-Number-ID}"),
    ("", "/{Migration-Intent-ID}"),
    ("", "/{WhatsApp-Account-Number-ID}"),
    ("", "/{WhatsApp-Business-Account-ID}/assigned_users"),
    ("", "/{WABA-ID}/activities"),
    ("", "/{WABA-ID}/in_progress_onbehalf_request"),
    ("", "/{WABA-ID}/obo_mobility_intent"),
    ("", "/{WABA-ID}/set_obo_mobility_intent"),
    ("", "/{WABA-ID}/set_solution_migration_intent"),
    ("", "/{WABA-ID}/solutions"),
    ("POST", "/{WABA-ID}"),
    ("POST", "/{WABA-ID}/phone_numbers"),
    ("", "/{Phone-Number-ID}/business_compliance_info"),
    ("", "/{Phone-Number-ID}/official_business_account"),
    // Flows, bots and business hours.
    ("", "/{Flow-ID}"),
    ("", "/{WABA-ID}/flows"),
    ("", "/{WABA-ID}/migrate_flows"),
    ("", "/{WABA-ID}/schedules"),
    ("", "/{WABA-Bot-ID}"),
    // Calls, encrypted messages, catalogs, and the history of a message.
    ("", "/{Phone-Number-ID}/calls"),
    ("", "/{Phone-Number-ID}/call_permissions"),
    ("", "/{Phone-Number-ID}/messages_encrypted"),
    ("", "/{Phone-Number-ID}/whatsapp_business_encryption"),
    ("", "/{Phone-Number-ID}/whatsapp_commerce_settings"),
    ("", "/{Phone-Number-ID}/message_history"),
    ("", "/{Message-History-ID}"),
    // The profile by an id of its own; `/{Phone-Number-ID}/whatsapp_business_profile` is the one that we have.
    ("", "/{WhatsApp-Business-Profile-ID}"),
];
