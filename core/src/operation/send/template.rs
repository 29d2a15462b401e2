//! Templates.

use serde_json::Value;

use super::{Built, mistake, sends};
use crate::message::template::{ButtonValue, LimitedTimeOffer, TemplateCard, Values};
use crate::message::violation::Rule;
use crate::message::{Content, Heading, Marketing, OrderStatus, ProductPolicy, Template, Variables};

/// Meta's page on business-scoped user ids.
const OTP_NEEDS_PHONE: &str =
    "a one-time password goes to a phone number only: Meta refuses a business-scoped user id (131062) and a group";

sends! {
    /// Sends an approved template, filled with values. Templates go out at any time, also outside the customer service window.
    ///
    /// A name or language that is not there is refused (132001), and so is another number of values than the template has
    /// (132000) or one of another kind (132012), all of them a `TemplateError`. A template that Meta paused (132015) or
    /// disabled (132016) cannot be sent.
    ///
    /// Source: Meta's pages on template components, carousel, limited-time offer, coupon code, catalog, multi-product,
    /// authentication and order details templates.
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client) -> wacloud::Result<()> {
    /// use wacloud::operation::SendTemplate;
    ///
    /// wa.call(SendTemplate::new("+15550001234", "order_update", "en_US").body(["Ana", "#1042"])).await?;
    /// # Ok(())
    /// # }
    /// ```
    SendTemplate: send_template, template,
    r##"{"to": "+15550001234", "name": "order_update", "language": "en_US", "body": ["Ana", "#1042"]}"## {
        /// The template's name: lower-case letters, digits and `_`, up to 512 characters.
        name: String = "template.name",
        /// The code of the approved translation, exactly: `en` and `en_US` are two.
        language: String = "template.language.code",
        ;
        /// The values of the body's variables: a list in the order of `{{1}}`, `{{2}}` …, or values by name for a template
        /// with named variables. A value is a text (1 to 32,768 characters), an amount of money (`{"currency": …}`) or a
        /// moment (`{"date_time": …}`).
        body: Variables = "template.components.*",
        /// The value of the header: the text of its variable (1 to 60 characters), or `{"image": …}`, `{"video": …}`,
        /// `{"document": …}`, `{"location": …}` or `{"product": …}`.
        header: Heading = "template.components[0].parameters[0]",
        /// The values of the buttons that take one, such as `[{"index": 0, "otp": "123456"}]` for a one-time password: the
        /// button's `index` in the template from 0, and one of `url`,
        /// `quick_reply`, `copy_code`, `otp`, `flow`, `catalog`, `products`, `order_details` or `call_ttl_minutes`.
        buttons: Vec<ButtonValue> = "template.components.*",
        /// The values of the cards of a carousel template, in their order: up to 10, each with `header`, `body` and
        /// `buttons`.
        cards: Vec<TemplateCard> = "template.components.*",
        /// When a limited-time offer ends.
        limited_time_offer: LimitedTimeOffer = "template.components.*",
        /// How far the order is, in an order status template.
        order_status: OrderStatus = "template.components.*",
        /// Instead of all these: Graph's own `components`, as Meta documents them.
        components: Vec<Value> = "template.components",
        /// Whether it goes out through the endpoint for marketing messages, which takes templates of the category
        /// MARKETING only. No unless given.
        marketing: bool,
        /// At that endpoint: what to do with a template that it does not take, `CLOUD_API_FALLBACK` (unless given) or
        /// `STRICT`.
        product_policy: ProductPolicy = "product_policy",
        /// At that endpoint: whether Meta learns what people do with the message.
        message_activity_sharing: bool = "message_activity_sharing",
    }
    => {
        let has_otp = buttons.iter().flatten().any(|button| button.otp.is_some());
        let values = Values { header, body, buttons, cards, limited_time_offer, order_status, components };
        let (template, mistakes) = Template::new(name, language).filled(values);
        let refused = |name: &str, is_given: bool| {
            let message = "is an option of the endpoint for marketing messages, which marketing turns off".to_owned();
            (marketing == Some(false) && is_given).then(|| mistake(name, Rule::Conflict, message))
        };
        let refused = [
            refused("product_policy", product_policy.is_some()),
            refused("message_activity_sharing", message_activity_sharing.is_some()),
        ];
        let is_marketing = marketing.unwrap_or(product_policy.is_some() || message_activity_sharing.is_some());
        Built {
            marketing: is_marketing.then_some(Marketing { product_policy, message_activity_sharing }),
            needs_phone: has_otp.then_some(OTP_NEEDS_PHONE),
            ..Built::from(Content::Template(template)).mistaken(mistakes).mistaken(refused.into_iter().flatten())
        }
    }
}
