//! The business profile: what people see when they open the chat and tap the name.
//!
//! Source: Meta's OpenAPI document and its page "Business profiles".

use serde::{Deserialize, Serialize};

use super::call::{Body, only};
use super::check::some_of;
use super::{Done, fields};
use crate::client::Request;
use crate::graph::{Extra, Object};
use crate::message::limits;
use crate::message::violation::Rule;

/// What the group is about.
pub(super) const DOCS: &str = "The business profile: what people see who tap the name of the number.";

/// A business profile. What is not set is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct BusinessProfile {
    /// The line under the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What the business does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Where its picture is, for a while.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile_picture_url: Option<String>,
    /// Its sites on the web.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub websites: Option<Vec<String>>,
    /// Its trade: `RETAIL`, `RESTAURANT` …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vertical: Option<String>,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

const ALL: &str = "about,address,description,email,profile_picture_url,websites,vertical";

/// `{"data": [{"business_profile": {…}}]}` as the OpenAPI document has it, or `{"data": [{…}]}` as the page does. A number
/// without a profile has an empty one. What stands beside the profile is kept with it; where both have a member, that of the
/// profile counts.
fn read(body: &[u8]) -> Option<BusinessProfile> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Within {
            business_profile: BusinessProfile,
            #[serde(flatten)]
            beside: Extra,
        },
        Plain(BusinessProfile),
    }
    #[derive(Deserialize)]
    struct List {
        data: Vec<Written>,
    }
    match serde_json::from_slice::<List>(body) {
        Ok(List { data }) => Some(match data.into_iter().next() {
            Some(Written::Within { business_profile: mut profile, beside }) => {
                profile.extra.add(beside);
                profile
            }
            Some(Written::Plain(profile)) => profile,
            None => BusinessProfile::default(),
        }),
        Err(_) => only(body),
    }
}

call! {
    /// What the business profile says.
    ///
    /// Source: Meta's OpenAPI document and its page "Business profiles", which have two forms of the answer: both are read.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::profile;
    ///
    /// let about = wa.call(profile::Get::new()).await?.about;
    /// wa.call(profile::Update::new().about("Open from 9 to 6")).await?;
    /// # Ok(())
    /// # }
    /// ```
    Get: "profile.get", Read, BusinessProfile, r#"{}"#, answer: read {
        ;
        /// What to ask for, by Graph's names. All that `BusinessProfile` has unless given.
        fields: Vec<String>,
    }
    |call, cx, checker| {
        let fields = fields::list(call.fields.as_deref(), ALL, checker);
        Request::get(Object::new(cx.phone_number_id).then("whatsapp_business_profile").with("fields", Some(fields)))
    }
}

call! {
    /// Changes the business profile. What is left out stays; an empty text takes off what was there (but for `about`).
    ///
    /// Source: Meta's OpenAPI document and its page "Business profiles".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::profile;
    ///
    /// let profile = profile::Update::new().about("Open from 9 to 6").websites(["https://example.com".to_owned()]);
    /// wa.call(profile).await?;
    /// # Ok(())
    /// # }
    /// ```
    Update: "profile.update", Idempotent, Done, r#"{"about": "Open from 9 to 6", "websites": ["https://example.com"]}"# {
        ;
        /// The line under the name: 1 to 139 characters.
        about: String,
        /// The address: up to 256 characters.
        address: String,
        /// What the business does: up to 256 characters.
        description: String,
        /// Its email address: up to 128 characters.
        email: String,
        /// The handle of a picture, from `media.upload_handle`.
        profile_picture_handle: String,
        /// Its trade: `OTHER`, `AUTO`, `BEAUTY`, `APPAREL`, `EDU`, `ENTERTAIN`, `EVENT_PLAN`, `FINANCE`, `GROCERY`, `GOVT`,
        /// `HOTEL`, `HEALTH`, `NONPROFIT`, `PROF_SERVICES`, `RETAIL`, `TRAVEL`, `RESTAURANT`, `ALCOHOL`, `ONLINE_GAMBLING`,
        /// `PHYSICAL_GAMBLING` or `OTC_DRUGS`.
        vertical: String,
        /// Its sites on the web: up to two addresses of up to 256 characters each, with `http://` or `https://`.
        websites: Vec<String>,
    }
    |call, cx, checker| {
        checker.optional_text("about", call.about.as_ref(), 1, limits::PROFILE_ABOUT);
        checker.optional_text("address", call.address.as_ref(), 0, limits::PROFILE_TEXT);
        checker.optional_text("description", call.description.as_ref(), 0, limits::PROFILE_TEXT);
        checker.optional_text("email", call.email.as_ref(), 0, limits::PROFILE_EMAIL);
        if call.email.as_ref().is_some_and(|email| !email.is_empty() && !is_email(email)) {
            checker.refuse_at("email", Rule::Format, "must be an email address");
        }
        if call.vertical.as_ref().is_some_and(|vertical| !VERTICALS.contains(&vertical.as_str())) {
            checker.refuse_at("vertical", Rule::Choice, format!("must be one of {}", VERTICALS.join(", ")));
        }
        if let Some(websites) = &call.websites {
            checker.count("websites", websites.len(), 0, limits::PROFILE_WEBSITES);
            checker.items("websites", websites, |checker, site| {
                let is_site = url::Url::parse(site).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
                let count = site.chars().count();
                if !is_site {
                    checker.refuse(Rule::Format, "must be an address that begins with http:// or https://");
                } else if count > limits::PROFILE_TEXT {
                    let most = limits::PROFILE_TEXT;
                    checker.refuse(Rule::Length, format!("must have at most {most} characters, has {count}"));
                }
            });
        }
        let given = Body::new()
            .with("about", call.about)
            .with("address", call.address)
            .with("description", call.description)
            .with("email", call.email)
            .with("profile_picture_handle", call.profile_picture_handle)
            .with("websites", call.websites)
            .with("vertical", call.vertical);
        some_of(&given, "about, description, websites", checker);
        let body = given.with("messaging_product", Some("whatsapp"));
        Request::post(Object::new(cx.phone_number_id).then("whatsapp_business_profile"), body.into())
    }
}

/// Meta's OpenAPI document.
const VERTICALS: &[&str] = &[
    "OTHER",
    "AUTO",
    "BEAUTY",
    "APPAREL",
    "EDU",
    "ENTERTAIN",
    "EVENT_PLAN",
    "FINANCE",
    "GROCERY",
    "GOVT",
    "HOTEL",
    "HEALTH",
    "NONPROFIT",
    "PROF_SERVICES",
    "RETAIL",
    "TRAVEL",
    "RESTAURANT",
    "ALCOHOL",
    "ONLINE_GAMBLING",
    "PHYSICAL_GAMBLING",
    "OTC_DRUGS",
];

/// Something, an at sign, and a name with a dot: the rest is Meta's to judge.
fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(who, place)| {
        !who.is_empty() && place.contains('.') && !place.starts_with('.') && !text.contains(char::is_whitespace)
    })
}
