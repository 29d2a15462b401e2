//! Media messages: something Meta already holds (a media id), fetches (a link), or is given when the message is sent (a file).

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::content::Checked;
use super::limits;
use super::read::{UNSUPPORTED, is_mark, kind_of, kind_with_remedy};
use super::upload::{Seen, Upload, handed_in};
use super::violation::{Checker, Rule};

/// An image, a document …: a link that Meta fetches, the id of something that was uploaded, or a file that is uploaded when
/// the message is sent.
///
/// From text, `https://…` is a link and digits are a media id. Anything else is refused: text from outside must never
/// read a file. Say [`Media::link`] or [`Media::id`] to be explicit, and [`Media::file`] or [`Media::bytes`] for what is on
/// this machine: it is uploaded once, however many people it is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media(Source);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Link(String),
    Id(String),
    Upload(Arc<Upload>),
    /// None of these, kept until the message is checked: a sentence about it.
    Wrong(String),
    Nothing,
}

impl Media {
    /// A link (`https://…`) that Meta fetches when the message is sent. Meta keeps what it fetched for 10 minutes.
    pub fn link(url: impl Into<String>) -> Self {
        Media(Source::Link(url.into()))
    }

    /// The id of an upload (it lives for 30 days) or of received media (7 days).
    pub fn id(id: impl Into<String>) -> Self {
        Media(Source::Id(id.into()))
    }

    /// A file of this machine. It is looked at when the message is sent: its type, told by its content and name, and its size
    /// must be ones that Meta takes.
    ///
    /// A message goes out with what is there when it is handed over, or not at all: one whose file is overwritten before it was
    /// uploaded ends as not sent. Write each to a path of its own.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Upload::file(path).into()
    }

    /// Bytes, uploaded like a file. Their type is told by their content; [`Upload`] says name and type where that is needed.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Upload::bytes(bytes).into()
    }

    /// What its end tells what it is: a link, or a file's name.
    pub(super) fn name(&self) -> Option<String> {
        match &self.0 {
            Source::Link(link) => Some(link.split(['?', '#']).next().unwrap_or_default().to_owned()),
            Source::Upload(upload) => upload.name(),
            _ => None,
        }
    }

    /// Why it is none.
    pub(super) fn wrong(&self) -> Option<&str> {
        match &self.0 {
            Source::Wrong(why) => Some(why),
            _ => None,
        }
    }

    /// Text, `{"link": …}`, `{"id": …}`, `{"upload": …}` with the name that something was handed in under, or what an upload
    /// answered.
    pub(super) fn from_value(value: &Value) -> Self {
        match value {
            Value::String(text) => return Media::from_text(text),
            Value::Null => return Media(Source::Nothing),
            _ => {}
        }
        match only_member(value) {
            Some(("link", Value::String(link))) => Media::link(link),
            Some(("id", Value::String(id))) => Media::id(id),
            Some(("upload", Value::String(name))) => {
                let gone = || Source::Wrong("is an upload that this process does not have, or no longer".to_owned());
                Media(match handed_in(name) {
                    Some(upload) if upload.seen == Seen::Replaced => Source::Wrong(REPLACED.to_owned()),
                    Some(upload) => Source::Upload(upload),
                    None => gone(),
                })
            }
            _ => Media(Source::Wrong(ill_made(value).unwrap_or_else(|| {
                format!(
                    "must be a link (https://…) or a media id as text, or what Media.file(path) or Media.bytes(data) makes, \
                     got {}",
                    kind_of_object(value)
                )
            }))),
        }
    }

    fn from_text(text: &str) -> Self {
        let trimmed = text.trim();
        if trimmed.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://")) {
            return Media::link(trimmed);
        }
        if !trimmed.is_empty() && trimmed.bytes().all(|b| b.is_ascii_digit()) {
            return Media::id(trimmed);
        }
        const TAKEN: &str =
            "text is taken as a link when it begins with https:// and as a media id when it is all digits";
        let why = if trimmed.is_empty() {
            format!("must not be empty: {TAKEN}")
        } else if trimmed.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:")) {
            format!("is a data: URL, which Meta cannot fetch; write Media.bytes(data) with what is in it: {TAKEN}")
        } else if trimmed.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://")) {
            format!("is an unencrypted http:// link: {TAKEN}")
        } else {
            format!(
                "is neither a link nor a media id, and a path is never read from text; write Media.file(path) for a file of \
                 this machine: {TAKEN}"
            )
        };
        Media(Source::Wrong(why))
    }
}

/// A file of which nobody has the content any more that the message was made with.
const REPLACED: &str = "was overwritten by the file of another message before this one was taken over: write each to a path \
                        of its own, or give its content with Media.bytes";

/// The one member of an object: a path of Python's has a mark beside it, since it is told as a path where no media belong,
/// and what an upload answered has what else Meta said.
fn only_member(value: &Value) -> Option<(&str, &Value)> {
    let members = value.as_object()?;
    let is_beside = |name: &str| is_mark(name) || (name == "extra" && members.contains_key("id"));
    let mut own = members.iter().filter(|(name, _)| !is_beside(name));
    own.next().filter(|_| own.next().is_none()).map(|(name, value)| (name.as_str(), value))
}

/// What belongs into media that say what they are; the last two are what language packages pass on of a path or bytes that
/// are none.
const MADE_OF: &[(&str, &str)] = &[
    ("link", "link must be a link (https://…) as text"),
    ("id", "id must be the id of an upload as text"),
    ("file", "Media.file needs the path of a file"),
    ("bytes", "Media.bytes needs bytes"),
];

/// What is wrong with media that say what they are and are made of something else.
pub(crate) fn ill_made(value: &Value) -> Option<String> {
    let (name, given) = only_member(value)?;
    // Somebody's own object; languages never pass text on so.
    if given.is_string() {
        return None;
    }
    let (_, needs) = MADE_OF.iter().find(|(known, _)| *known == name)?;
    Some(format!("{needs}, got {}", kind_with_remedy(given)))
}

/// What a value is, of an object with the names of its members.
pub(crate) fn kind_of_object(value: &Value) -> String {
    match value {
        Value::Object(members) if members.is_empty() => "an object with nothing".to_owned(),
        Value::Object(members) if !members.contains_key(UNSUPPORTED) => {
            let names: Vec<String> = members.keys().map(|name| format!("{name:?}")).collect();
            format!("an object with {}", names.join(", "))
        }
        Value::Object(_) => kind_with_remedy(value),
        other => kind_of(other),
    }
}

impl From<Upload> for Media {
    fn from(upload: Upload) -> Self {
        Media(Source::Upload(Arc::new(upload)))
    }
}

impl From<&str> for Media {
    fn from(text: &str) -> Self {
        Media::from_text(text)
    }
}

impl From<String> for Media {
    fn from(text: String) -> Self {
        Media::from_text(&text)
    }
}

/// Graph's `image`, `document`, … object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MediaObject {
    /// The id of an upload; exactly one of `id` and `link`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// A link that Meta fetches; exactly one of `id` and `link`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Up to 1,024 characters below the media.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// The name that people see and save a document under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// Whether a sound is shown as a voice message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voice: Option<bool>,
    /// What is uploaded when the message is sent, and gets an id then. Graph has no such member: it cannot be read.
    #[serde(
        rename = "file",
        skip_serializing_if = "Option::is_none",
        skip_deserializing,
        serialize_with = "serialize_upload"
    )]
    upload: Option<Arc<Upload>>,
    /// Why what was given is none of these.
    #[serde(skip)]
    wrong: Option<String>,
}

fn serialize_upload<S: Serializer>(upload: &Option<Arc<Upload>>, serializer: S) -> Result<S::Ok, S::Error> {
    upload.as_deref().serialize(serializer)
}

/// What kinds of media may carry beside their id or link (Meta's pages on image, video, audio, document and sticker
/// messages).
const CAPTION: &[&str] = &["image", "video", "document", "gif"];
const FILENAME: &[&str] = &["document"];
const VOICE: &[&str] = &["audio"];

impl MediaObject {
    /// Media without a caption.
    pub fn new(media: impl Into<Media>) -> Self {
        let mut object = MediaObject::default();
        match media.into().0 {
            Source::Link(link) => object.link = Some(link),
            Source::Id(id) => object.id = Some(id),
            Source::Upload(upload) => object.upload = Some(upload),
            Source::Wrong(why) => object.wrong = Some(why),
            Source::Nothing => {}
        }
        object
    }

    /// The same with a caption, if there is one.
    #[must_use]
    pub fn caption(self, caption: Option<String>) -> Self {
        MediaObject { caption, ..self }
    }

    /// The same as a voice message, or not.
    #[must_use]
    pub fn voice(self, voice: Option<bool>) -> Self {
        MediaObject { voice, ..self }
    }

    /// The same with a file name, if there is one.
    #[must_use]
    pub fn filename(self, filename: Option<String>) -> Self {
        MediaObject { filename, ..self }
    }
}

impl Checked for MediaObject {
    fn check(&self, kind: &'static str, checker: &mut Checker) {
        match (&self.id, &self.link, &self.wrong) {
            (None, None, None) if self.upload.is_some() => {
                self.upload.iter().for_each(|upload| checker.wants(kind, upload));
            }
            (_, _, Some(why)) => checker.refuse(Rule::Format, why.as_str()),
            (Some(id), None, None) => check_id(id, checker),
            (None, Some(link), None) => check_link("link", link, checker),
            (Some(_), Some(_), None) => checker.refuse(Rule::Conflict, "must have either id or link, has both"),
            (None, None, None) => checker.refuse(Rule::Required, "must have either id or link, has none"),
        }
        checker.optional_text("caption", self.caption.as_ref(), 0, limits::CAPTION);
        checker.optional_text("filename", self.filename.as_ref(), 1, limits::FILENAME);
        for (name, is_given, kinds) in [
            ("caption", self.caption.is_some(), CAPTION),
            ("filename", self.filename.is_some(), FILENAME),
            ("voice", self.voice.is_some(), VOICE),
        ] {
            if is_given && !kinds.contains(&kind) {
                checker.refuse_at(name, Rule::Unknown, format!("is not known in media of type {kind}"));
            }
        }
    }
}

fn check_id(id: &str, checker: &mut Checker) {
    if id.is_empty() {
        checker.refuse_at("id", Rule::Required, "must not be empty");
    } else if id.chars().any(|c| c.is_whitespace() || matches!(c, '/' | '\\' | '.')) {
        checker.refuse_at("id", Rule::Format, "is not a media id: an upload answers with one, all digits");
    }
}

/// A link that a phone or Meta can follow.
pub(super) fn check_link(name: &'static str, link: &str, checker: &mut Checker) {
    let fine = url::Url::parse(link).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http") && url.host_str().is_some_and(|host| !host.is_empty())
    }) && !link.contains(char::is_whitespace);
    if link.is_empty() {
        checker.refuse_at(name, Rule::Required, "must not be empty");
    } else if !fine {
        checker.refuse_at(
            name,
            Rule::Format,
            "is not a link: it begins with https:// and names a host, such as https://example.com/a",
        );
    }
}

impl<'de> Deserialize<'de> for Media {
    /// Takes anything: what is neither a link nor an id is told when the message is checked.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Media::from_value(&Value::deserialize(deserializer)?))
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for Media {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MediaRef".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A link (`https://…`) that Meta fetches, the id of an upload, or a file that is uploaded.",
            "anyOf": [
                {"type": "string"},
                {"type": "object", "properties": {"link": {"type": "string"}}, "required": ["link"]},
                {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
                generator.subschema_for::<LocalMedia>(),
            ],
        })
    }
}

/// What the language packages make with `Media.file` and `Media.bytes`.
#[cfg(feature = "manifest")]
struct LocalMedia;

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for LocalMedia {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LocalMedia".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A file of this machine, or bytes: made with `Media.file` and `Media.bytes`.",
            "type": "object",
            "properties": {},
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(object: &MediaObject, kind: &'static str) -> Vec<(String, String)> {
        let mut checker = Checker::default();
        checker.member(kind, |c| object.check(kind, c));
        checker.found().iter().map(|v| (v.path.clone(), v.rule.clone())).collect()
    }

    #[test]
    fn text_never_reads_a_file() {
        for text in [
            "photo.jpg",
            "/etc/passwd",
            "file:///etc/passwd",
            "http://example.com/a.jpg",
            "data:image/png;base64,AA",
            "",
        ] {
            let found = mistakes(&MediaObject::new(text), "image");
            assert_eq!(found, [("image".to_owned(), "format".to_owned())], "{text:?}");
        }
        assert!(mistakes(&MediaObject::new("https://example.com/a.jpg"), "image").is_empty());
        assert!(mistakes(&MediaObject::new("1013859600285441"), "image").is_empty());
    }

    #[test]
    fn what_is_no_media_is_told_with_what_to_write() {
        let told = |value: serde_json::Value| {
            let mut checker = Checker::default();
            MediaObject::new(Media::from_value(&value)).check("image", &mut checker);
            checker.found().iter().map(|violation| violation.message.clone()).collect::<Vec<_>>()
        };
        const FORMS: &str = "must be a link (https://…) or a media id as text, or what Media.file(path) or Media.bytes(data) makes, got ";
        for (value, expected) in [
            (
                serde_json::json!({"$unsupported": "bytes", "$instead": "Media.bytes(data)"}),
                format!("{FORMS}bytes: write Media.bytes(data)"),
            ),
            (serde_json::json!({"$unsupported": "date"}), format!("{FORMS}date")),
            (serde_json::json!(5), format!("{FORMS}the number 5")),
            (serde_json::json!({}), format!("{FORMS}an object with nothing")),
            (serde_json::json!({"url": "a", "b": 1}), format!("{FORMS}an object with \"url\", \"b\"")),
            (serde_json::json!({"id": null}), "id must be the id of an upload as text, got nothing".to_owned()),
            (serde_json::json!({"link": 5}), "link must be a link (https://…) as text, got the number 5".to_owned()),
            (serde_json::json!({"file": null}), "Media.file needs the path of a file, got nothing".to_owned()),
            (serde_json::json!({"bytes": {"$unsupported": "str"}}), "Media.bytes needs bytes, got str".to_owned()),
        ] {
            assert_eq!(told(value.clone()), [expected], "{value}");
        }
        let path = &told(serde_json::json!("photo.png"))[0];
        assert!(path.contains("write Media.file(path) for a file of this machine"), "{path}");
        assert!(told(serde_json::json!({"id": "4490709327384033", "extra": {}})).is_empty(), "an upload's answer");
    }

    #[test]
    fn a_file_name_belongs_to_a_document() {
        let object = MediaObject { filename: Some("a.pdf".into()), ..MediaObject::new("123") };
        assert_eq!(mistakes(&object, "image"), [("image.filename".to_owned(), "unknown".to_owned())]);
        assert!(mistakes(&object, "document").is_empty());
    }
}
