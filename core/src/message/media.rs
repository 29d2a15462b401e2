//! Media messages: something Meta already holds (a media id) or fetches (a link).

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::content::Checked;
use super::limits;
use super::read::kind_of;
use super::violation::{Checker, Rule};

/// An image, a document …: a link that Meta fetches, or the id of something that was uploaded.
///
/// From text, `https://…` is a link and digits are a media id. Anything else is refused: text from outside must never
/// read a file. Say [`Media::link`] or [`Media::id`] to be explicit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media(Source);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Link(String),
    Id(String),
    /// Neither, kept until the message is checked: a sentence about it.
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
            format!("is a data: URL, which Meta cannot fetch: {TAKEN}")
        } else if trimmed.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://")) {
            format!("is an unencrypted http:// link: {TAKEN}")
        } else {
            format!("is neither a link nor a media id, and a path is never read from text: {TAKEN}")
        };
        Media(Source::Wrong(why))
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
    /// Why what was given is neither a link nor an id.
    #[serde(skip)]
    wrong: Option<String>,
}

/// What a kind of media may carry beside its id or link.
struct Carries {
    kind: &'static str,
    caption: bool,
    filename: bool,
}

/// The kinds of media, by Graph's `type` (Meta's pages on image and document messages).
const KINDS: &[Carries] = &[
    Carries { kind: "image", caption: true, filename: false },
    Carries { kind: "document", caption: true, filename: true },
];

impl MediaObject {
    /// Media without a caption.
    pub fn new(media: impl Into<Media>) -> Self {
        let mut object = MediaObject::default();
        match media.into().0 {
            Source::Link(link) => object.link = Some(link),
            Source::Id(id) => object.id = Some(id),
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

    /// The same with a file name, if there is one.
    #[must_use]
    pub fn filename(self, filename: Option<String>) -> Self {
        MediaObject { filename, ..self }
    }
}

impl Checked for MediaObject {
    fn check(&self, kind: &'static str, checker: &mut Checker) {
        match (&self.id, &self.link, &self.wrong) {
            (_, _, Some(why)) => checker.refuse(Rule::Format, why.as_str()),
            (Some(id), None, None) => check_id(id, checker),
            (None, Some(link), None) => check_link(link, checker),
            (Some(_), Some(_), None) => checker.refuse(Rule::Conflict, "must have either id or link, has both"),
            (None, None, None) => checker.refuse(Rule::Required, "must have either id or link, has none"),
        }
        checker.optional_text("caption", self.caption.as_ref(), 0, limits::CAPTION);
        checker.optional_text("filename", self.filename.as_ref(), 1, limits::FILENAME);
        if let Some(carries) = KINDS.iter().find(|carries| carries.kind == kind) {
            let members = [
                ("caption", self.caption.is_some(), carries.caption),
                ("filename", self.filename.is_some(), carries.filename),
            ];
            for (name, _, _) in members.into_iter().filter(|(_, given, known)| *given && !known) {
                checker.refuse_at(name, Rule::Unknown, format!("is not known in a message of type {kind}"));
            }
        }
    }
}

fn check_id(id: &str, checker: &mut Checker) {
    if id.is_empty() {
        checker.refuse_at("id", Rule::Required, "must not be empty");
    } else if id.chars().any(|c| c.is_whitespace() || matches!(c, '/' | '\\')) {
        checker.refuse_at("id", Rule::Format, "is not a media id: an upload answers with one, all digits");
    }
}

fn check_link(link: &str, checker: &mut Checker) {
    let fine = url::Url::parse(link).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http") && url.host_str().is_some_and(|host| !host.is_empty())
    }) && !link.contains(char::is_whitespace);
    if link.is_empty() {
        checker.refuse_at("link", Rule::Required, "must not be empty");
    } else if !fine {
        checker.refuse_at("link", Rule::Format, "is not a link such as https://example.com/photo.jpg");
    }
}

impl<'de> Deserialize<'de> for Media {
    /// Takes anything: what is no media is told when the message is checked, together with its other mistakes.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        match &value {
            Value::String(text) => return Ok(Media::from_text(text)),
            Value::Null => return Ok(Media(Source::Nothing)),
            _ => {}
        }
        let named = |name| value.as_object().filter(|o| o.len() == 1)?.get(name)?.as_str();
        Ok(if let Some(link) = named("link") {
            Media::link(link)
        } else if let Some(id) = named("id") {
            Media::id(id)
        } else {
            let got = kind_of(&value);
            Media(Source::Wrong(format!("must be a link (https://…) or a media id as text, got {got}")))
        })
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for Media {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MediaRef".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A link (`https://…`) that Meta fetches, or the id of an upload.",
            "anyOf": [
                {"type": "string"},
                {"type": "object", "properties": {"link": {"type": "string"}}, "required": ["link"]},
                {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistakes(object: &MediaObject, kind: &'static str) -> Vec<(String, String)> {
        let mut checker = Checker::default();
        checker.member(kind, |c| object.check(kind, c));
        checker.finish().into_iter().map(|v| (v.path, v.rule)).collect()
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
    fn a_file_name_belongs_to_a_document() {
        let object = MediaObject { filename: Some("a.pdf".into()), ..MediaObject::new("123") };
        assert_eq!(mistakes(&object, "image"), [("image.filename".to_owned(), "unknown".to_owned())]);
        assert!(mistakes(&object, "document").is_empty());
    }
}
