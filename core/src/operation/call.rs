//! How a call that sends no message is written: its arguments with their documentation, and what it asks.

use serde::Deserialize;
use serde_json::{Map, Value};

/// Writes the struct of a call, `new` and the methods for its optional arguments, and its [`Operation`].
///
/// Before the `;` stand the arguments that must be given, after it the others. The block makes the request; what it refuses
/// with the checker is told, all of it. `account` is [`Operation::NEEDS_ACCOUNT`], `answer` and `partial` are of the same
/// names.
///
/// [`Operation`]: crate::client::Operation
/// [`Operation::NEEDS_ACCOUNT`]: crate::client::Operation::NEEDS_ACCOUNT
macro_rules! call {
    (
        $(#[$docs:meta])*
        $name:ident: $wire:literal, $effect:ident, $output:ty, $example:literal
        $(, account: $account:literal)? $(, answer: $answer:ident)? $(, partial: $partial:literal)?
        {
            $($(#[$required_docs:meta])* $required:ident: $required_type:ty,)*
            ;
            $($(#[$optional_docs:meta])* $optional:ident: $optional_type:ty,)*
        }
        |$call:pat_param, $cx:pat_param, $checker:pat_param| $body:expr
    ) => {
        $(#[$docs])*
        #[derive(Debug, Clone, PartialEq, serde::Deserialize)]
        #[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$required_docs])* pub $required: $required_type,)*
            $($(#[$optional_docs])* pub $optional: Option<$optional_type>,)*
        }

        builder!($name { $($required: $required_type),* ; $($optional: $optional_type),* });

        impl crate::client::Operation for $name {
            const NAME: &'static str = $wire;
            const EFFECT: crate::outcome::Effect = crate::outcome::Effect::$effect;
            const EXAMPLE: &'static str = $example;
            $(const NEEDS_ACCOUNT: bool = $account;)?
            $(const PARTIAL: Option<i64> = Some($partial);)?
            type Output = $output;

            fn request(
                self,
                $cx: &crate::client::Context<'_>,
            ) -> std::result::Result<crate::client::Request, crate::message::Invalid> {
                let mut checker = crate::message::violation::Checker::default();
                let request = {
                    let ($call, $checker) = (self, &mut checker);
                    $body
                };
                checker.into_result()?;
                Ok(request)
            }

            $(fn answer(answered: &crate::client::Answered<'_>) -> Option<$output> {
                let read: fn(&[u8]) -> Option<$output> = $answer;
                read(answered.body)
            })?
        }
    };
}

/// A body with what was given.
#[derive(Debug, Default)]
pub(super) struct Body(Map<String, Value>);

impl Body {
    /// An empty one.
    pub(super) fn new() -> Self {
        Body::default()
    }

    /// One that says which product it is about, as some endpoints want it.
    pub(super) fn of_whatsapp() -> Self {
        Body::new().with("messaging_product", Some("whatsapp"))
    }

    /// With this member, unless it was not given.
    pub(super) fn with(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
        self
    }

    /// Whether nothing was given.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Body> for Value {
    fn from(body: Body) -> Value {
        Value::Object(body.0)
    }
}

/// The first item of `{"data": […]}`, or the object itself: Graph answers some questions about one thing in either way.
pub(super) fn only<T: serde::de::DeserializeOwned>(body: &[u8]) -> Option<T> {
    #[derive(Deserialize)]
    struct List {
        data: Vec<Value>,
    }
    match serde_json::from_slice::<List>(body) {
        Ok(list) => serde_json::from_value(list.data.into_iter().next()?).ok(),
        Err(_) => serde_json::from_slice(body).ok(),
    }
}
