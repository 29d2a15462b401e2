//! The business account: what Meta says of it, its numbers, and which apps get its webhooks.
//!
//! Source: Meta's OpenAPI document (`GET /{waba-id}`, `/{waba-id}/phone_numbers`, `/{waba-id}/subscribed_apps`) and its page
//! "Override webhooks".

use serde::{Deserialize, Serialize};

use super::call::Body;
use super::check::{callback, limit};
use super::{Done, Hidden, fields, phone};
use crate::client::Request;
use crate::graph::{Extra, Object, Page, PhoneNumber};

/// What the group is about.
pub(super) const DOCS: &str =
    "The business account that the number belongs to. Its id is the setting `business_account_id`.";

/// A WhatsApp Business Account. What Meta was not asked for, or does not say, is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct BusinessAccount {
    /// Its id.
    pub id: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its time zone, as one of Meta's numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone_id: Option<String>,
    /// The namespace of its templates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_template_namespace: Option<String>,
    /// Whether Meta has approved it: `APPROVED`, `PENDING`, `REJECTED`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_review_status: Option<String>,
    /// Whether the business behind it is verified: `VERIFIED`, `NOT_VERIFIED`, `PENDING` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_verification_status: Option<String>,
    /// The country of the business.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The currency that it pays in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Whose it is: `SELF_OWNED`, `CLIENT_OWNED`, `ON_BEHALF_OF`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ownership_type: Option<String>,
    /// Where the business is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_business_location: Option<String>,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

const ALL: &str = "id,name,timezone_id,message_template_namespace,account_review_status,business_verification_status,\
                   country,currency,ownership_type,primary_business_location";

/// An app that gets the webhooks of the account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct SubscribedApp {
    /// The app.
    #[serde(default)]
    pub whatsapp_business_api_data: ConnectedApp,
    /// Where its webhooks go, if not where the app's go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub override_callback_uri: Option<String>,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

/// One of Meta's apps.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct ConnectedApp {
    /// Its id.
    #[serde(default)]
    pub id: String,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

call! {
    /// What Meta says of the account: its name, and whether it and the business behind it are approved.
    ///
    /// Source: Meta's OpenAPI document (`GET /{waba-id}`).
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::account;
    ///
    /// let account = wa.call(account::Get::new()).await?;
    /// println!("{:?} {:?}", account.name, account.account_review_status);
    /// # Ok(())
    /// # }
    /// ```
    Get: "account.get", Read, BusinessAccount, r#"{}"#, account: true {
        ;
        /// What to ask for, by Graph's names. All that `BusinessAccount` has unless given.
        fields: Vec<String>,
    }
    |call, cx, checker| {
        let fields = fields::list(call.fields.as_deref(), ALL, checker);
        Request::get(Object::new(cx.business_account_id).with("fields", Some(fields)))
    }
}

call! {
    /// The numbers of the account, a page at a time. `phone` makes the client for each.
    ///
    /// Source: Meta's OpenAPI document (`GET /{waba-id}/phone_numbers`).
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::account;
    ///
    /// let page = wa.call(account::Phones::new().limit(50_u32)).await?;
    /// println!("{:?}", page.items);
    /// # Ok(())
    /// # }
    /// ```
    Phones: "account.phones", Read, Page<PhoneNumber>, r#"{"limit": 50}"#, account: true {
        ;
        /// What to ask of each, by Graph's names. As in `phone.get` unless given.
        fields: Vec<String>,
        /// How many on a page, at most. Meta's own number unless given.
        limit: u32,
        /// Where the page begins: `after` of the one before it.
        after: String,
        /// Where the page ends: `before` of the one after it.
        before: String,
    }
    |call, cx, checker| {
        limit(call.limit, checker);
        let fields = fields::list(call.fields.as_deref(), phone::ALL, checker);
        Request::get(
            Object::new(cx.business_account_id)
                .then("phone_numbers")
                .with("fields", Some(fields))
                .with("limit", call.limit)
                .with("after", call.after)
                .with("before", call.before),
        )
    }
}

listing!(Phones of PhoneNumber);

call! {
    /// Which apps get the webhooks of the account.
    ///
    /// Source: Meta's OpenAPI document (`GET /{waba-id}/subscribed_apps`).
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::account;
    ///
    /// let page = wa.call(account::Subscriptions::new()).await?;
    /// println!("{:?}", page.items);
    /// # Ok(())
    /// # }
    /// ```
    Subscriptions: "account.subscriptions", Read, Page<SubscribedApp>, r#"{}"#, account: true { ; }
    |_, cx, _| Request::get(subscribed(cx.business_account_id))
}

call! {
    /// Has the webhooks of the account come to the app that the token belongs to.
    ///
    /// They go where the app's webhooks go, or to an address of the account's own: Meta asks that at once, so it must be up
    /// (`webhooks.challenge` answers). Subscribed already, it may be called again, to change the address.
    ///
    /// Source: Meta's OpenAPI document (`POST /{waba-id}/subscribed_apps`) and its page "Override webhooks".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::account;
    ///
    /// wa.call(account::Subscribe::new()).await?;
    /// # Ok(())
    /// # }
    /// ```
    Subscribe: "account.subscribe", Idempotent, Done, r#"{}"#, account: true {
        ;
        /// Where webhooks of this account go, instead of where the app's go: an address with `https://`.
        override_callback_uri: String,
        /// What Meta asks with in the handshake. Required with `override_callback_uri`.
        verify_token: Hidden,
    }
    |call, cx, checker| {
        callback(call.override_callback_uri.as_ref(), call.verify_token.as_ref(), checker);
        let body = Body::new()
            .with("override_callback_uri", call.override_callback_uri)
            .with("verify_token", call.verify_token);
        let endpoint = subscribed(cx.business_account_id);
        if body.is_empty() { Request::post_nothing(endpoint) } else { Request::post(endpoint, body.into()) }
    }
}

call! {
    /// Stops the webhooks of the account to the app that the token belongs to.
    ///
    /// Source: Meta's OpenAPI document (`DELETE /{waba-id}/subscribed_apps`).
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::account;
    ///
    /// wa.call(account::Unsubscribe::new()).await?;
    /// # Ok(())
    /// # }
    /// ```
    Unsubscribe: "account.unsubscribe", Idempotent, Done, r#"{}"#, account: true { ; }
    |_, cx, _| Request::delete(subscribed(cx.business_account_id))
}

fn subscribed(business_account_id: &str) -> Object {
    Object::new(business_account_id).then("subscribed_apps")
}
