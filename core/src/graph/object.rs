//! What Graph gives back beside messages: objects of which this version may not know every member, and lists in pages.

use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// Members of an object of Graph's that this version has no name for, as they came. In a struct it stands as
/// `#[serde(flatten)] extra: Extra`: it takes what nothing else took, and is written as one member, `extra`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Extra(pub Map<String, Value>);

impl Extra {
    /// The member of that name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Adds what stood beside the object. What is there already stays.
    pub(crate) fn add(&mut self, beside: Extra) {
        for (name, value) in beside.0 {
            self.0.entry(name).or_insert(value);
        }
    }
}

impl Serialize for Extra {
    /// Within the members of the object that it belongs to: so it becomes one of them.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut whole = serializer.serialize_struct("Extra", 1)?;
        whole.serialize_field("extra", &self.0)?;
        whole.end()
    }
}

#[cfg(feature = "manifest")]
impl schemars::JsonSchema for Extra {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Extra".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "object",
            "properties": {
                "extra": {
                    "type": "object",
                    "additionalProperties": true,
                    "description": "What Meta said beside that, by its own names: members that this version has none for.",
                },
            },
            "required": ["extra"],
        })
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema), schemars(rename = "{T}Page"))]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where it ends: what `after` takes for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Where it begins: what `before` takes for the page before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Whether another page follows. Meta says where a page ends on the last one, too.
    pub has_next: bool,
    /// Whether there is a page before it.
    pub has_previous: bool,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

impl<T> Page<T> {
    /// Where the next page begins, if there is one.
    pub fn next(&self) -> Option<&str> {
        self.after.as_deref().filter(|_| self.has_next)
    }
}

/// A page as Graph writes it. Links to other pages hold the access token: they are read for whether there is one.
#[derive(Deserialize)]
struct Written<T> {
    data: Vec<T>,
    #[serde(default)]
    paging: Paging,
    #[serde(flatten)]
    extra: Extra,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Paging {
    cursors: Cursors,
    next: Option<String>,
    previous: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Cursors {
    before: Option<String>,
    after: Option<String>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Page<T> {
    /// From Graph's `{"data": […], "paging": {"cursors": {…}, "next": "https://…"}}`.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { data, paging, extra } = Written::deserialize(deserializer)?;
        Ok(Page {
            items: data,
            after: paging.cursors.after,
            before: paging.cursors.before,
            has_next: paging.next.is_some(),
            has_previous: paging.previous.is_some(),
            extra,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Thing {
        id: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        name: Option<String>,
        #[serde(flatten)]
        extra: Extra,
    }

    #[test]
    fn what_is_not_known_is_kept_as_one_member() {
        let thing: Thing = serde_json::from_value(json!({"id": "1", "new": {"a": [1]}, "newer": null})).unwrap();
        assert_eq!(thing.extra.get("new"), Some(&json!({"a": [1]})));
        let told = serde_json::to_value(&thing).unwrap();
        assert_eq!(told, json!({"id": "1", "extra": {"new": {"a": [1]}, "newer": null}}));
        let plain: Thing = serde_json::from_value(json!({"id": "1"})).unwrap();
        assert_eq!(serde_json::to_value(&plain).unwrap(), json!({"id": "1", "extra": {}}));
    }

    #[test]
    fn a_page_knows_whether_there_are_others() {
        let read = |value: Value| serde_json::from_value::<Page<Thing>>(value).unwrap();
        let cursors = json!({"before": "QVF1", "after": "QVF2"});
        let first = read(json!({
            "data": [{"id": "1"}], "summary": {"total_count": 9},
            "paging": {"cursors": cursors, "next": "https://graph.facebook.com/v25.0/1/x?access_token=EAAG&after=QVF2"},
        }));
        assert_eq!((first.next(), first.has_previous), (Some("QVF2"), false));
        let told = serde_json::to_value(&first).unwrap();
        let expected = json!({
            "items": [{"id": "1", "extra": {}}], "after": "QVF2", "before": "QVF1", "has_next": true, "has_previous": false,
            "extra": {"summary": {"total_count": 9}},
        });
        assert_eq!(told, expected, "the link, which has the token in it, is not told");
        let last =
            read(json!({"data": [], "paging": {"cursors": cursors, "previous": "https://graph.facebook.com/…"}}));
        assert_eq!((last.next(), last.after.as_deref(), last.has_previous), (None, Some("QVF2"), true));
        assert_eq!(read(json!({"data": []})).next(), None);
        assert!(serde_json::from_value::<Page<Thing>>(json!({"success": true})).is_err());
    }
}
