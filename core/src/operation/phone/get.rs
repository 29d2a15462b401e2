//! `phone.get`: what Meta says of the number.

use serde::Deserialize;

use crate::client::send::{self, How};
use crate::client::{Client, Context, Operation, Request};
use crate::error::{ApiError, Error, Result};
use crate::graph::{Object, PhoneNumber};
use crate::message::Invalid;
use crate::message::violation::Checker;
use crate::operation::fields;
use crate::outcome::Effect;

/// What Meta says of the number: its name, quality, state, and how much it may send.
///
/// Fields come and go. Where Meta refuses one of those that are asked for by themselves, those alone are asked for that it has
/// documented for long, and the others are absent.
///
/// Source: Meta's OpenAPI document (`GET /{phone-number-id}`), its pages "Throughput" and "Messaging limits", and recorded
/// answers.
///
/// ```no_run
/// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
/// use wacloud::operation::phone;
///
/// let number = wa.call(phone::Get::new()).await?;
/// println!("{:?} {:?}", number.quality_rating, number.throughput);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Get {
    /// What to ask for, by Graph's names. All that `PhoneNumber` has unless given, but for `username`; what it has no name
    /// for (`health_status`, `certificate` …) comes back in `extra`.
    pub fields: Option<Vec<String>>,
}

builder!(Get { ; fields: Vec<String> });

/// Fields that Meta documents for a number alone.
const DOCUMENTED: &str =
    "display_phone_number,verified_name,quality_rating,name_status,code_verification_status,throughput";
/// And those that are documented for a list of numbers, or recorded.
pub(in crate::operation) const ALL: &str = "display_phone_number,verified_name,quality_rating,name_status,code_verification_status,throughput,\
                   status,account_mode,messaging_limit_tier,is_official_business_account,is_pin_enabled,\
                   whatsapp_business_manager_messaging_limit";

/// Graph's code for a field that does not exist, among other things.
const NO_SUCH_FIELD: i64 = 100;

impl Operation for Get {
    const NAME: &'static str = "phone.get";
    const EFFECT: Effect = Effect::Read;
    const EXAMPLE: &'static str = r#"{}"#;
    type Output = PhoneNumber;

    fn request(self, cx: &Context<'_>) -> std::result::Result<Request, Invalid> {
        let mut checker = Checker::default();
        let fields = fields::list(self.fields.as_deref(), ALL, &mut checker);
        checker.into_result()?;
        Ok(Request::get(Object::new(cx.phone_number_id).with("fields", Some(fields))))
    }

    async fn perform(self, client: &Client, how: How) -> Result<PhoneNumber> {
        let again = self.fields.is_none().then(|| how.again());
        match (send::run(client, self, how).await, again) {
            (Err(Error::Api(error)), Some(how)) if is_no_such_field(&error) => {
                let documented = DOCUMENTED.split(',').map(str::to_owned).collect::<Vec<_>>();
                send::run(client, Get::new().fields(documented), how).await
            }
            (told, _) => told,
        }
    }
}

/// A number that there is not has a subcode.
fn is_no_such_field(error: &ApiError) -> bool {
    error.error.code == Some(NO_SUCH_FIELD) && error.error.subcode.is_none()
}
