//! What stands above a message, as calls give it.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::interactive::Header;
use super::location::Location;
use super::media::{Media, MediaObject};
use super::names::by_name;
use super::read::{self, UNSUPPORTED, kind_of, kind_with_remedy};
use super::template::{HeaderProduct, Parameter};
use super::violation::{Rule, Violation};

/// What stands above a message: a line of text or media; in templates also a place or a product.
///
/// A text is a text header. Media say what they are, since an id does not: [`Heading::image`] and its sisters. A
/// [`Media::link`] alone does, too, when its path ends like a file of a known kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Heading(Given);

#[derive(Debug, Clone, PartialEq)]
enum Given {
    Text(String),
    Image(MediaObject),
    Video(MediaObject),
    Document(MediaObject),
    Location(Location),
    Product(HeaderProduct),
    /// None of these, kept until the message is checked: what is wrong, with its place below the header.
    Wrong(Vec<Violation>),
}

/// A mistake in the header as a whole.
fn wrong(rule: Rule, message: impl Into<String>) -> Given {
    Given::Wrong(vec![Violation { path: String::new(), rule: rule.name().to_owned(), message: message.into() }])
}

const FORMS: &str = "must be text, {\"image\": …}, {\"video\": …} or {\"document\": …}";

/// The kind of media above a message that something of this name is.
fn kind_by_ending(name: &str) -> Option<&'static str> {
    by_name(name).map(|known| known.kind).filter(|kind| matches!(*kind, "image" | "video" | "document"))
}

/// The kind of media that a text is a link to, if it is nothing but such a link.
fn kind_of_link(text: &str) -> Option<&'static str> {
    kind_by_ending(text.split(['?', '#']).next().unwrap_or_default())
        .filter(|_| text.starts_with("https://") && !text.contains(' '))
}

impl Heading {
    /// A line of text.
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        match kind_of_link(&text) {
            // Nobody shows an address as a title; Meta would only answer that the header should have been an image.
            Some(kind) => {
                Heading(wrong(Rule::Type, format!("is a link as text: for media write {{\"{kind}\": \"{text}\"}}")))
            }
            None => Heading(Given::Text(text)),
        }
    }

    /// A line of text where nothing else may stand.
    pub(crate) fn only_text(text: String) -> Self {
        match kind_of_link(&text) {
            Some(_) => Heading(wrong(Rule::Type, "is a link to media, and here can only be a line of text")),
            None => Heading(Given::Text(text)),
        }
    }

    /// A picture.
    pub fn image(image: impl Into<Media>) -> Self {
        Heading(Given::Image(MediaObject::new(image)))
    }

    /// A film.
    pub fn video(video: impl Into<Media>) -> Self {
        Heading(Given::Video(MediaObject::new(video)))
    }

    /// A file.
    pub fn document(document: impl Into<Media>) -> Self {
        Heading(Given::Document(MediaObject::new(document)))
    }

    /// A file with the name that people see.
    pub fn file(document: impl Into<Media>, filename: impl Into<String>) -> Self {
        Heading(Given::Document(MediaObject::new(document).filename(Some(filename.into()))))
    }

    /// A place, in templates.
    pub fn location(location: Location) -> Self {
        Heading(Given::Location(location))
    }

    /// A product of a catalog, in templates.
    pub fn product(catalog_id: impl Into<String>, product_retailer_id: impl Into<String>) -> Self {
        Heading(Given::Product(HeaderProduct::new(catalog_id, product_retailer_id)))
    }

    /// The header of an interactive message, or what is wrong.
    pub(crate) fn into_header(self) -> Result<Header, Vec<Violation>> {
        match self.0 {
            Given::Text(text) => Ok(Header::Text(text.into())),
            Given::Image(image) => Ok(Header::Image(image.into())),
            Given::Video(video) => Ok(Header::Video(video.into())),
            Given::Document(document) => Ok(Header::Document(document.into())),
            Given::Location(_) | Given::Product(_) => {
                let message = "must be text or media: a place or a product can only stand above a template";
                Heading(wrong(Rule::Type, message)).into_header()
            }
            Given::Wrong(why) => Err(why),
        }
    }

    /// The value of a template's header, or what is wrong.
    pub(crate) fn into_parameter(self) -> Result<Parameter, Vec<Violation>> {
        match self.0 {
            Given::Text(text) => Ok(Parameter::Text(text.into())),
            Given::Image(image) => Ok(Parameter::Image(image.into())),
            Given::Video(video) => Ok(Parameter::Video(video.into())),
            Given::Document(document) => Ok(Parameter::Document(document.into())),
            Given::Location(location) => Ok(Parameter::Location(location.into())),
            Given::Product(product) => Ok(Parameter::Product(product.into())),
            Given::Wrong(why) => Err(why),
        }
    }

    /// Both sides of such an answer.
    pub(crate) fn split<T>(answer: Option<Result<T, Vec<Violation>>>) -> (Option<T>, Vec<Violation>) {
        match answer {
            Some(Ok(value)) => (Some(value), Vec::new()),
            Some(Err(mistakes)) => (None, mistakes),
            None => (None, Vec::new()),
        }
    }

    fn of_kind(kind: &str, media: Media, filename: Option<String>) -> Self {
        let object = MediaObject::new(media);
        Heading(match kind {
            "image" => Given::Image(object.filename(filename)),
            "video" => Given::Video(object.filename(filename)),
            _ => Given::Document(object.filename(filename)),
        })
    }

    fn from_value(value: Value) -> Self {
        let members = match value {
            Value::String(text) => return Heading::text(text),
            Value::Object(members) if !members.contains_key(UNSUPPORTED) => members,
            path @ Value::Object(_) if path.get("upload").is_some() => return Media::from_value(&path).into(),
            other => return Heading(wrong(Rule::Type, format!("{FORMS}, got {}", kind_with_remedy(&other)))),
        };
        // Graph's own form, `{"type": "image", "image": {"link": …}}`, which people bring along from its documentation.
        if let Some(kind) = members.get("type").and_then(Value::as_str).filter(|kind| members.contains_key(*kind)) {
            let inner = &members[kind];
            let media = ["link", "id"].iter().find_map(|name| inner.get(*name).and_then(Value::as_str));
            let value = match media.or(inner.as_str()) {
                Some(media) if !media.contains(char::is_control) => format!("{media:?}"),
                _ => "…".to_owned(),
            };
            return Heading(wrong(Rule::Type, format!("is in Graph's form; write {{{kind:?}: {value}}}")));
        }
        let mut names = members.keys().filter(|name| *name != "filename");
        let (Some(name), None) = (names.next(), names.next()) else {
            let names: Vec<String> = members.keys().map(|name| format!("{name:?}")).collect();
            let got = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
            return Heading(wrong(Rule::Type, format!("{FORMS}, got an object with {got}")));
        };
        let value = &members[name];
        let filename = match members.get("filename") {
            None | Some(Value::Null) => None,
            Some(Value::String(filename)) => Some(filename.clone()),
            Some(other) => return Heading(wrong(Rule::Type, format!("filename must be text, got {}", kind_of(other)))),
        };
        match name.as_str() {
            "text" => match value.as_str() {
                Some(text) => Heading::text(text),
                None => Heading(wrong(Rule::Type, format!("text must be text, got {}", kind_of(value)))),
            },
            "image" | "video" | "document" => Heading::of_kind(name, Media::from_value(value), filename),
            "location" => read_below(Given::Location, value, "location"),
            "product" => read_below(Given::Product, value, "product"),
            "link" | "id" | "upload" | "file" | "bytes" => Media::from_value(&Value::Object(members)).into(),
            other => Heading(wrong(Rule::Type, format!("{FORMS}, got an object with {other:?}"))),
        }
    }
}

fn read_below<T: serde::de::DeserializeOwned>(of: fn(T) -> Given, value: &Value, name: &str) -> Heading {
    Heading(match read::read::<T>(value) {
        Ok(content) => of(content),
        Err(mistakes) => Given::Wrong(mistakes.into_iter().map(|mistake| mistake.below(name)).collect()),
    })
}

impl From<&str> for Heading {
    fn from(text: &str) -> Self {
        Heading::text(text)
    }
}

impl From<String> for Heading {
    fn from(text: String) -> Self {
        Heading::text(text)
    }
}

impl From<Media> for Heading {
    /// What a link's path or a file's name ends with says what it is.
    fn from(media: Media) -> Self {
        match media.name().as_deref().and_then(kind_by_ending) {
            Some(kind) => Heading::of_kind(kind, media, None),
            None => {
                let unsaid = "does not say what it is: write {\"image\": …}, {\"video\": …} or {\"document\": …}";
                Heading(wrong(Rule::Type, media.wrong().unwrap_or(unsaid)))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Heading {
    /// Takes anything: what is no header is told when the message is checked.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Heading::from_value)
    }
}

#[cfg(feature = "manifest")]
mod manifest {
    use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

    use super::{HeaderProduct, Heading, Location, Media};

    macro_rules! forms {
        ($($(#[doc = $docs:literal])* $name:ident { $($(#[$member_docs:meta])* $member:ident: $type:ty,)* })*) => {$(
            $(#[doc = $docs])*
            #[derive(JsonSchema)]
            #[allow(dead_code, reason = "only its schema is used")]
            struct $name { $($(#[$member_docs])* $member: $type,)* }
        )*};
    }

    forms! {
        /// A picture above a message.
        ImageHeader {
            /// A link (`https://…`) to a JPEG or PNG of up to 5 MB, or the id of an upload.
            image: Media,
        }
        /// A film above a message.
        VideoHeader {
            /// A link (`https://…`) to an MP4 or 3GP of up to 16 MB, or the id of an upload.
            video: Media,
        }
        /// A file above a message.
        DocumentHeader {
            /// A link (`https://…`) to a file of up to 100 MB, or the id of an upload.
            document: Media,
            /// The name that people see: up to 240 characters.
            filename: Option<String>,
        }
        /// A place above a template.
        LocationHeader {
            /// The place.
            location: Location,
        }
        /// A product above a template.
        ProductHeader {
            /// The product.
            product: HeaderProduct,
        }
    }

    impl JsonSchema for Heading {
        fn schema_name() -> std::borrow::Cow<'static, str> {
            "Header".into()
        }

        fn json_schema(generator: &mut SchemaGenerator) -> Schema {
            json_schema!({
                "description": "What stands above a message: text, media, and in templates a place or a product.",
                "anyOf": [
                    {"type": "string"},
                    generator.subschema_for::<ImageHeader>(),
                    generator.subschema_for::<VideoHeader>(),
                    generator.subschema_for::<DocumentHeader>(),
                    generator.subschema_for::<LocationHeader>(),
                    generator.subschema_for::<ProductHeader>(),
                    // `Media.link(…)`
                    generator.subschema_for::<Media>(),
                ],
            })
        }
    }
}
