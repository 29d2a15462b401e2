//! The block list of a number.
//!
//! Source: Meta's page "Block users" and its OpenAPI document.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::call::Body;
use super::check::limit;
use crate::client::{Request, RequestBody};
use crate::graph::{Extra, Method, Object, Page};
use crate::message::violation::{Checker, Rule};
use crate::message::{Recipient, limits};

/// What the group is about.
pub(super) const DOCS: &str = "The block list: people who cannot write to the number, nor be written to from it.";

/// Somebody on the block list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct BlockedUser {
    /// The account, which may differ from the number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
    /// The number as it was given, where the list was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

/// Somebody for whom the block list could not be changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct FailedUser {
    /// The account, where the number is one of WhatsApp's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
    /// The number as it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Why, as Graph says it: `message`, `code` (131047 has not written in 24 hours, 131021 is yourself, 139101 the list is
    /// full), `error_data`.
    #[serde(alias = "errors", default)]
    pub reasons: Vec<Map<String, Value>>,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

/// What became of a change of the block list, person by person.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
pub struct BlockResult {
    /// Who is on it now.
    pub added_users: Vec<BlockedUser>,
    /// Who is not on it any more.
    pub removed_users: Vec<BlockedUser>,
    /// For whom nothing was changed, and why.
    pub failed_users: Vec<FailedUser>,
    /// What Meta said beside that.
    #[serde(flatten)]
    pub extra: Extra,
}

/// The lists stand in a member of the answer. Where nobody's entry was changed the answer is an error like any other.
fn read(body: &[u8]) -> Option<BlockResult> {
    #[derive(Deserialize)]
    struct Written {
        block_users: BlockResult,
        #[serde(flatten)]
        extra: Extra,
    }
    let Written { block_users: mut result, extra } = serde_json::from_slice(body).ok()?;
    result.extra.0.extend(extra.0);
    let is_nothing = result.added_users.is_empty() && result.removed_users.is_empty();
    (!is_nothing || result.failed_users.is_empty()).then_some(result)
}

call! {
    /// Who is on the block list, a page at a time.
    ///
    /// Source: Meta's page "Block users".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use futures_util::TryStreamExt as _;
    /// use wacloud::operation::blocks;
    ///
    /// let mut all = std::pin::pin!(wa.all(blocks::List::new().limit(100_u32)));
    /// while let Some(user) = all.try_next().await? {
    ///     println!("{:?}", user.wa_id);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    List: "blocks.list", Read, Page<BlockedUser>, r#"{"limit": 100}"# {
        ;
        /// How many on a page, at most. Meta's own number unless given.
        limit: u32,
        /// Where the page begins: `after` of the one before it.
        after: String,
        /// Where the page ends: `before` of the one after it.
        before: String,
    }
    |call, cx, checker| {
        limit(call.limit, checker);
        Request::get(
            Object::new(cx.phone_number_id)
                .then("block_users")
                .with("limit", call.limit)
                .with("after", call.after)
                .with("before", call.before),
        )
    }
}

listing!(List of BlockedUser);

call! {
    /// Puts people on the block list: they cannot write to the number, nor be written to.
    ///
    /// Only who has written in the last 24 hours can be, another business cannot, and the list holds 64,000. Where some could
    /// not be, they are in `failed_users` with the reason; where nobody could be, it is an `ApiError` (139100).
    ///
    /// Source: Meta's page "Block users".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::blocks;
    ///
    /// let result = wa.call(blocks::Add::new([wacloud::Recipient::from("+15550001234")])).await?;
    /// println!("{:?}", result.failed_users);
    /// # Ok(())
    /// # }
    /// ```
    Add: "blocks.add", Idempotent, BlockResult, r#"{"users": ["+15550001234"]}"#, answer: read, partial: 139_100 {
        /// Their phone numbers, or events of theirs: up to 1,000.
        users: Vec<Recipient>,
        ;
    }
    |call, cx, checker| change(Method::Post, &call.users, cx.phone_number_id, checker)
}

call! {
    /// Takes people off the block list.
    ///
    /// Where some could not be, they are in `failed_users` with the reason; where nobody could be, it is an `ApiError`
    /// (139100).
    ///
    /// Source: Meta's page "Block users".
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::blocks;
    ///
    /// wa.call(blocks::Remove::new([wacloud::Recipient::from("+15550001234")])).await?;
    /// # Ok(())
    /// # }
    /// ```
    Remove: "blocks.remove", Idempotent, BlockResult, r#"{"users": ["+15550001234"]}"#, answer: read, partial: 139_100 {
        /// Their phone numbers, or events of theirs: up to 1,000.
        users: Vec<Recipient>,
        ;
    }
    |call, cx, checker| change(Method::Delete, &call.users, cx.phone_number_id, checker)
}

fn change(method: Method, users: &[Recipient], phone_number_id: &str, checker: &mut Checker) -> Request {
    if users.is_empty() {
        checker.refuse_at("block_users", Rule::Required, "is empty: name somebody");
    } else {
        checker.count("block_users", users.len(), 1, limits::BLOCKED_AT_ONCE);
    }
    let mut written = Vec::with_capacity(users.len());
    checker.items("block_users", users, |checker, user| match user.phone_number() {
        Ok(number) => written.push(json!({"user": number})),
        Err(why) => checker.refuse_at("user", Rule::Format, why),
    });
    let body = Body::of_whatsapp().with("block_users", Some(written));
    let endpoint = Object::new(phone_number_id).then("block_users").into();
    Request { method, endpoint, body: RequestBody::Json(body.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{Context, Operation as _};

    #[test]
    fn a_call_takes_a_thousand_people() {
        let told = |count: usize| {
            let users: Vec<Recipient> = (0..count).map(|n| format!("+1555{n:07}").into()).collect();
            let add = Add::new(users.clone()).request(&Context::default()).err();
            let remove = Remove::new(users).request(&Context::default()).err();
            assert_eq!(add, remove);
            add.map(|invalid| invalid.violations)
        };
        assert_eq!(told(1_000), None);
        let violations = told(1_001).unwrap();
        assert_eq!((violations.len(), violations[0].path.as_str()), (1, "block_users"));
        assert_eq!(violations[0].message, "must have 1 to 1000 items, has 1001");
    }
}
