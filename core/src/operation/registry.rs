//! Every call by name: the one table from which the language packages, the manifest and the documentation are made.

use bytes::Bytes;
use serde_json::Value;

use super::{
    MarkRead, RemoveReaction, SendAddressRequest, SendAudio, SendButtons, SendCallPermissionRequest, SendCarousel,
    SendCatalog, SendContactInfoRequest, SendContacts, SendCtaUrl, SendDocument, SendFlow, SendImage, SendList,
    SendLocation, SendLocationRequest, SendOrderDetails, SendOrderStatus, SendPayload, SendProduct, SendProductList,
    SendRaw, SendReaction, SendSticker, SendTemplate, SendText, SendVideo, SendVoiceCall, account, arguments, blocks,
    commands, media, phone, profile, qr_codes, templates,
};
use crate::CancelToken;
use crate::client::send::How;
use crate::client::{CallOptions, Client, Operation};
use crate::error::{Error, Result};
use crate::message::{Invalid, Message};

/// What came of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Its result, as JSON.
    pub json: String,
    /// The bytes that belong to it, of an operation that fetches some.
    pub bytes: Option<Bytes>,
}

/// Builds, from the list of operations, everything that goes by name.
macro_rules! registry {
    ($($operation:path,)*) => {
        /// Carries out the operation `name` with arguments as JSON; the answer is JSON, too, and has bytes beside it of
        /// operations that fetch some.
        ///
        /// When `cancel` is cancelled the call ends at once, with the outcome that it has by then.
        ///
        /// # Errors
        /// Every [`Error`].
        pub async fn dispatch(
            client: &Client,
            name: &str,
            arguments: &str,
            options: &CallOptions,
            cancel: CancelToken,
        ) -> Result<Reply> {
            let how = How { options: *options, cancel, ..How::default() };
            match name {
                $(<$operation as Operation>::NAME => run::<$operation>(client, arguments, how).await,)*
                _ => Err(unknown(name)),
            }
        }

        /// The message that the operation `name` would send with these arguments, unchecked as far as its type allows.
        ///
        /// # Errors
        /// [`Invalid`] with every mistake in the arguments.
        pub(crate) fn message(name: &str, arguments: &str) -> std::result::Result<Message, Invalid> {
            let message = match name {
                $(<$operation as Operation>::NAME => arguments::read::<$operation>(arguments, &[])?.into_message(),)*
                _ => None,
            };
            message.ok_or_else(|| no_message(name, arguments))
        }

        /// Whether the operation `name` sends a message, and its name for as long as the program runs.
        pub fn describe(name: &str) -> Option<(&'static str, bool)> {
            match name {
                $(<$operation as Operation>::NAME => {
                    Some((<$operation as Operation>::NAME, <$operation as Operation>::CONSTRUCTOR.is_some()))
                })*
                _ => None,
            }
        }

        /// Every operation with its arguments, results and documentation, for the generator of the language packages.
        #[cfg(feature = "manifest")]
        pub fn manifest() -> Value {
            let mut manifest = super::manifest::Manifest::default();
            $(manifest.add::<$operation>();)*
            manifest.finish()
        }
    };
}

registry! {
    SendText,
    SendTemplate,
    SendImage,
    SendVideo,
    SendAudio,
    SendDocument,
    SendSticker,
    SendLocation,
    SendContacts,
    SendReaction,
    RemoveReaction,
    SendButtons,
    SendList,
    SendCtaUrl,
    SendFlow,
    SendCarousel,
    SendProduct,
    SendProductList,
    SendCatalog,
    SendLocationRequest,
    SendAddressRequest,
    SendContactInfoRequest,
    SendCallPermissionRequest,
    SendVoiceCall,
    SendOrderDetails,
    SendOrderStatus,
    SendPayload,
    SendRaw,
    MarkRead,
    phone::Get,
    phone::Register,
    phone::Deregister,
    phone::RequestCode,
    phone::VerifyCode,
    phone::SetPin,
    phone::Update,
    phone::GetSettings,
    phone::UpdateSettings,
    profile::Get,
    profile::Update,
    blocks::List,
    blocks::Add,
    blocks::Remove,
    qr_codes::List,
    qr_codes::Get,
    qr_codes::Create,
    qr_codes::Update,
    qr_codes::Delete,
    commands::Get,
    commands::Set,
    account::Get,
    account::Phones,
    account::Subscriptions,
    account::Subscribe,
    account::Unsubscribe,
    templates::List,
    templates::Get,
    templates::Create,
    templates::CreateFromLibrary,
    templates::Edit,
    templates::Delete,
    templates::Status,
    templates::WaitUntilApproved,
    templates::Observe,
    media::Upload,
    media::UploadHandle,
    media::Get,
    media::Download,
    media::Delete,
}

/// What the groups are about, by the part of an operation's name before the dot.
pub const GROUPS: &[(&str, &str)] = &[
    ("phone", phone::DOCS),
    ("profile", profile::DOCS),
    ("blocks", blocks::DOCS),
    ("qr_codes", qr_codes::DOCS),
    ("commands", commands::DOCS),
    ("account", account::DOCS),
    ("templates", templates::DOCS),
    ("media", media::DOCS),
];

/// What would go out, checked, with nothing sent. The tracker is shown when it was given.
///
/// # Errors
/// [`Error::Validation`] with every mistake.
pub fn payload(name: &str, arguments: &str) -> Result<String> {
    Ok(message(name, arguments)?.payload()?.to_string())
}

async fn run<O: Operation>(client: &Client, arguments: &str, how: How) -> Result<Reply> {
    let operation = arguments::read::<O>(arguments, CallOptions::NAMES)
        .map_err(|invalid| client.refused(O::NAME, O::EFFECT, invalid))?;
    let mut output = client.run(operation, how).await?;
    let bytes = O::take_bytes(&mut output);
    // What comes back is strings, numbers and lists of them: nothing in it can fail to become JSON.
    let json = serde_json::to_string(&output).map_err(|error| Error::Internal {
        message: format!("a result could not be written as JSON: {error}"),
        may_have_been_sent: true,
    })?;
    Ok(Reply { json, bytes })
}

fn unknown(name: &str) -> Error {
    Error::config("operation", format!("{name:?} is not an operation of this version"))
}

/// Something that is no message stood where one belongs.
fn no_message(name: &str, arguments: &str) -> Invalid {
    let arguments: Value = serde_json::from_str(arguments).unwrap_or_default();
    let got = match arguments.get("got").and_then(Value::as_str) {
        Some(kind) => kind.to_owned(),
        None => format!("{name:?}"),
    };
    let message = format!("must be a message, made with Message.text and its sisters, got {got}");
    crate::message::Violation { path: String::new(), rule: "type".to_owned(), message }.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_needs_no_client() {
        let body = payload("send_text", r#"{"to": "+1 555 000 1234", "body": "Hello", "tracker": "t"}"#).unwrap();
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            body,
            serde_json::json!({"messaging_product": "whatsapp", "to": "+15550001234", "type": "text",
                               "text": {"body": "Hello"}, "biz_opaque_callback_data": "t"})
        );
        assert!(matches!(payload("mark_read", r#"{"message_id": "wamid.A"}"#), Err(Error::Validation(_))));
    }

    #[test]
    fn nothing_is_told_once_and_in_its_place() {
        for (name, arguments, expected) in [
            ("send_text", r#"{"to": null, "body": "Hello"}"#, "to required"),
            ("send_image", r#"{"to": "+15550001234", "image": null}"#, "image required"),
            (
                "send_template",
                r#"{"to": "+15550001234", "name": "a", "language": "en", "body": [null]}"#,
                "template.components[0].parameters[0].text type",
            ),
            ("send_payload", r#"{"payload": null}"#, " required"),
        ] {
            let error = payload(name, arguments).unwrap_err();
            let told: Vec<String> = error.violations().iter().map(|v| format!("{} {}", v.path, v.rule)).collect();
            assert_eq!(told, [expected], "{name}");
        }
        let unset = r#"{"payload": {"messaging_product": "whatsapp", "to": "+15550001234", "type": "text",
                        "text": {"body": "Hello"}, "image": null, "context": null}}"#;
        assert!(payload("send_payload", unset).is_ok());
    }

    #[test]
    fn what_people_write_first_is_told_with_what_to_write() {
        for (name, arguments, expected) in [
            (
                "send_template",
                r#"{"to": "+15550001234", "name": "a", "language": "en",
                    "header": {"type": "image", "image": {"link": "https://example.com/a.jpg"}}}"#,
                r#"is in Graph's form; write {"image": "https://example.com/a.jpg"}"#,
            ),
            (
                "send_list",
                r#"{"to": "+15550001234", "body": "a", "button": "b", "sections": [{"id": "1", "title": "c"}]}"#,
                r#"is a row; rows stand in a section: {"title": …, "rows": [{"id": …, "title": …}]}"#,
            ),
            (
                "send_buttons",
                r#"{"to": "+15550001234", "body": "a", "buttons": ["Yes"]}"#,
                "must be an object with id, title, got text",
            ),
            (
                "send_text",
                r#"{"to": "+15550001234", "body": "a", "previewUrl": true}"#,
                "is not known here; did you mean preview_url?",
            ),
        ] {
            let error = payload(name, arguments).unwrap_err();
            let told: Vec<&str> = error.violations().iter().map(|v| v.message.as_str()).collect();
            assert_eq!(told, [expected], "{name}");
        }
    }

    #[test]
    fn names_are_unique() {
        for name in ["send_text", "mark_read"] {
            assert!(describe(name).is_some());
        }
        assert_eq!(describe("mark_read"), Some(("mark_read", false)));
        assert_eq!(describe("phone.get"), Some(("phone.get", false)));
        assert_eq!(describe("nothing"), None);
    }
}
