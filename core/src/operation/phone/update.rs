//! What can be changed about a number, and its settings.
//!
//! Source: Meta's OpenAPI document (`POST /{phone-number-id}`, `/{phone-number-id}/settings`).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::Request;
use crate::graph::{Extra, Object};
use crate::message::violation::Rule;
use crate::operation::call::Body;
use crate::operation::check::{callback, some_of};
use crate::operation::{Done, Hidden};

/// Where the webhooks of this number go, instead of where the app's go.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CallbackOverride {
    /// The address: `https://`. Empty to go back to the app's.
    pub override_callback_uri: String,
    /// What Meta asks with in the handshake.
    pub verify_token: Option<Hidden>,
}

call! {
    /// Changes what is said of the number, and where its webhooks go. What is left out stays.
    ///
    /// Never repeated by itself: a new name is a request that people look at.
    ///
    /// Source: Meta's OpenAPI document and its page "Override webhooks".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::phone;
    ///
    /// wa.call(phone::Update::new().search_visibility("VISIBLE")).await?;
    /// # Ok(())
    /// # }
    /// ```
    Update: "phone.update", Once, Done, r#"{"search_visibility": "VISIBLE"}"# {
        ;
        /// Whether it is connected: `CONNECTED`, `DISCONNECTED` …
        connection_status: String,
        /// The name that people are to see. Meta reviews it.
        new_display_name: String,
        /// Whether people find it by searching: `VISIBLE` or `NON_VISIBLE`.
        search_visibility: String,
        /// The user name by which people are to find it.
        username: String,
        /// Where the webhooks of this number go, instead of where the app's go.
        webhook_configuration: CallbackOverride,
        /// The address of webhooks, as Meta's document has it beside `webhook_configuration`.
        webhook_url: String,
        /// Security of the number, as Graph has it: `pin`, `show_security_notifications`, `notify_user_change_number`.
        whatsapp_business_api_data: Map<String, Value>,
    }
    |call, cx, checker| {
        let webhook = call.webhook_configuration.map(|webhook| {
            checker.member("webhook_configuration", |checker| {
                let uri = Some(&webhook.override_callback_uri).filter(|uri| !uri.is_empty());
                callback(uri, webhook.verify_token.as_ref(), checker);
            });
            Body::new()
                .with("override_callback_uri", Some(webhook.override_callback_uri))
                .with("verify_token", webhook.verify_token)
        });
        let body = Body::new()
            .with("connection_status", call.connection_status)
            .with("webhook_url", call.webhook_url)
            .with("whatsapp_business_api_data", call.whatsapp_business_api_data)
            .with("search_visibility", call.search_visibility)
            .with("webhook_configuration", webhook)
            .with("new_display_name", call.new_display_name)
            .with("username", call.username);
        some_of(&body, "search_visibility, new_display_name, webhook_configuration", checker);
        Request::post(Object::new(cx.phone_number_id), body.into())
    }
}

/// What a number is set to. Each is Graph's own object.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct PhoneSettings {
    /// Calls: `status`, `call_icon_visibility`, `sip`, `video` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calling: Option<Map<String, Value>>,
    /// Encryption of what is sent to the Cloud API: `status`, `client_encryption_key_fingerprint` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload_encryption: Option<Map<String, Value>>,
    /// Where messages are kept at rest: `status`, `data_localization_region`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_configuration: Option<Map<String, Value>>,
    /// Whether a change of somebody's identity is told: `enabled`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_identity_change: Option<Map<String, Value>>,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

call! {
    /// What the number is set to: calls, encryption, where messages are kept.
    ///
    /// Source: Meta's OpenAPI document.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::phone;
    ///
    /// let settings = wa.call(phone::GetSettings::new()).await?;
    /// println!("{settings:?}");
    /// # Ok(())
    /// # }
    /// ```
    GetSettings: "phone.get_settings", Read, PhoneSettings, r#"{}"# {
        ;
        /// Whether the passwords of SIP come along. No unless given.
        include_sip_credentials: bool,
    }
    |call, cx, _| Request::get(
        Object::new(cx.phone_number_id).then("settings").with("include_sip_credentials", call.include_sip_credentials),
    )
}

call! {
    /// Changes what the number is set to. What is left out stays. Each is Graph's own object, which is not checked here.
    ///
    /// Source: Meta's OpenAPI document.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::phone;
    ///
    /// let change = serde_json::Map::from_iter([("enabled".to_owned(), true.into())]);
    /// wa.call(phone::UpdateSettings::new().user_identity_change(change)).await?;
    /// # Ok(())
    /// # }
    /// ```
    UpdateSettings: "phone.update_settings", Idempotent, Done, r#"{"user_identity_change": {"enabled": true}}"# {
        ;
        /// Calls: `{"status": "enabled", "call_icon_visibility": "visible"}`.
        calling: Map<String, Value>,
        /// Encryption of what is sent to the Cloud API: `{"status": "enabled", "client_encryption_key": …}`.
        payload_encryption: Map<String, Value>,
        /// Where messages are kept at rest: `{"status": …, "data_localization_region": …}`.
        storage_configuration: Map<String, Value>,
        /// Whether a change of somebody's identity is told: `{"enabled": true}`.
        user_identity_change: Map<String, Value>,
    }
    |call, cx, checker| {
        let body = Body::new()
            .with("calling", call.calling)
            .with("payload_encryption", call.payload_encryption)
            .with("storage_configuration", call.storage_configuration)
            .with("user_identity_change", call.user_identity_change);
        if body.is_empty() {
            checker.refuse(Rule::Required, "changes nothing: give one of calling, payload_encryption, storage_configuration, user_identity_change");
        }
        Request::post(Object::new(cx.phone_number_id).then("settings"), body.into())
    }
}
