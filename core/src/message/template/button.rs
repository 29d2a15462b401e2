//! The values of a template's buttons.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::message::content::Checked;
use crate::message::interactive::{ProductSection, check_product_sections, check_ttl};
use crate::message::limits;
use crate::message::open::Open;
use crate::message::order::OrderDetails;
use crate::message::read::kind_of;
use crate::message::tagged::tagged;
use crate::message::violation::{Checker, Rule};

/// The value of one button, as Graph has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ButtonComponent {
    /// What kind of button it is.
    pub sub_type: SubType,
    /// Which of the template's buttons, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<Position>,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Vec<ButtonParameter>>,
}

/// Which of the template's buttons. Meta's document says that it is text, half of its examples have a number: it goes out
/// as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Position(Value);

impl Position {
    fn value(&self) -> Option<u64> {
        match &self.0 {
            Value::Number(number) => number.as_u64(),
            // One digit and nothing else: "+1" is no position.
            Value::String(text) if text.len() == 1 => text.parse().ok(),
            _ => None,
        }
    }
}

impl From<u32> for Position {
    fn from(index: u32) -> Self {
        Position(index.to_string().into())
    }
}

impl<'de> Deserialize<'de> for Position {
    /// Takes anything: what is no position is told when the message is checked.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Position)
    }
}

/// The kinds of buttons that take a value. Meta's samples have them in lower and in upper case: it goes out as it was
/// given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubType {
    name: &'static str,
    is_upper: bool,
}

/// What a kind of button takes.
struct Takes {
    name: &'static str,
    parameters: &'static [&'static str],
    /// The members of its `action`, and whether all of them must be there.
    actions: &'static [&'static str],
    needs_all: bool,
}

const fn takes(name: &'static str, parameters: &'static [&'static str]) -> Takes {
    Takes { name, parameters, actions: &[], needs_all: false }
}

const fn acts(name: &'static str, needs_all: bool, actions: &'static [&'static str]) -> Takes {
    Takes { name, parameters: &["action"], actions, needs_all }
}

/// Meta's pages on template components, catalog, multi-product, coupon code, Flow, order details and call button templates.
const KINDS: &[Takes] = &[
    takes("quick_reply", &["payload"]),
    takes("url", &["text"]),
    takes("copy_code", &["coupon_code"]),
    acts("flow", false, &["flow_token", "flow_action_data"]),
    acts("catalog", false, &["thumbnail_product_retailer_id"]),
    acts("mpm", true, &["thumbnail_product_retailer_id", "sections"]),
    acts("order_details", true, &["order_details"]),
    takes("voice_call", &["ttl_minutes", "payload"]),
];

impl SubType {
    /// Its name, in lower case.
    pub(crate) fn name(self) -> &'static str {
        self.name
    }

    fn takes(self) -> Option<&'static Takes> {
        KINDS.iter().find(|kind| kind.name == self.name)
    }
}

impl Serialize for SubType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_upper {
            self.name.to_ascii_uppercase().serialize(serializer)
        } else {
            self.name.serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for SubType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // The reader has told already that there is none.
        let (text, is_known) = if text.is_empty() { ("url".to_owned(), false) } else { (text, true) };
        let known = KINDS.iter().find(|kind| kind.name == text || kind.name.to_ascii_uppercase() == text);
        match known {
            Some(kind) => Ok(SubType { name: kind.name, is_upper: is_known && kind.name != text }),
            None => {
                let names: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
                Err(serde::de::Error::custom(format!("must be one of {}, got {text:?}", names.join(", "))))
            }
        }
    }
}

tagged! {
    /// The value of a button, by its `type`.
    ButtonParameter {
        /// What comes back when a quick reply is tapped.
        Payload(PayloadValue) = "payload",
        /// What goes at the end of a link.
        Text(LinkValue) = "text",
        /// A code to copy.
        CouponCode(CouponValue) = "coupon_code",
        /// What a button of a kind of its own does.
        Action(ActionValue) = "action",
        /// For how long a button calls.
        TtlMinutes(TtlValue) = "ttl_minutes",
    }
}

macro_rules! values {
    ($($(#[$docs:meta])* $name:ident $member:ident: $type:ty, |$value:ident, $checker:ident| $check:expr;)*) => {$(
        $(#[$docs])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// The value.
            pub $member: $type,
        }

        impl Checked for $name {
            fn check(&self, _: &'static str, $checker: &mut Checker) {
                let $value = &self.$member;
                $check;
            }
        }
    )*};
}

values! {
    /// What comes back when a quick reply is tapped.
    PayloadValue payload: String, |payload, checker| checker.text("payload", payload, 1, limits::BUTTON_PAYLOAD);
    /// What goes at the end of a link.
    LinkValue text: String, |text, checker| checker.text("text", text, 1, limits::URL);
    /// A code to copy.
    CouponValue coupon_code: String, |code, checker| checker.text("coupon_code", code, 1, limits::COUPON_CODE);
    /// What a button of a kind of its own does.
    ActionValue action: ButtonAction, |action, checker| checker.member("action", |c| action.check(c));
    /// For how long a button calls.
    TtlValue ttl_minutes: u32, |minutes, checker| check_ttl(Some(*minutes), checker);
}

/// What a button of a kind of its own does: the members that its `sub_type` has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ButtonAction {
    /// The product whose picture is shown (catalog, several products).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbnail_product_retailer_id: Option<String>,
    /// The products (several products).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sections: Option<Vec<ProductSection>>,
    /// What tells this conversation from others (Flow).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_token: Option<String>,
    /// What the first screen is filled with (Flow).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_action_data: Option<Open>,
    /// The order (order details).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_details: Option<Box<OrderDetails>>,
}

impl ButtonAction {
    fn members(&self) -> [(&'static str, bool); 5] {
        [
            ("thumbnail_product_retailer_id", self.thumbnail_product_retailer_id.is_some()),
            ("sections", self.sections.is_some()),
            ("flow_token", self.flow_token.is_some()),
            ("flow_action_data", self.flow_action_data.is_some()),
            ("order_details", self.order_details.is_some()),
        ]
    }

    fn check(&self, checker: &mut Checker) {
        let thumbnail = self.thumbnail_product_retailer_id.as_ref();
        checker.optional_text("thumbnail_product_retailer_id", thumbnail, 1, usize::MAX);
        if let Some(sections) = &self.sections {
            check_product_sections(sections, checker);
        }
        if let Some(data) = &self.flow_action_data {
            checker.member("flow_action_data", |c| data.check(c));
        }
        if let Some(order) = &self.order_details {
            checker.member("order_details", |c| order.check(c));
        }
    }
}

impl Checked for ButtonParameter {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        self.content().check(self.kind(), checker);
    }
}

impl ButtonComponent {
    /// Which of the template's buttons, if that can be told.
    pub(crate) fn position(&self) -> Option<u64> {
        self.index.as_ref()?.value()
    }

    fn check_index(&self, checker: &mut Checker) {
        match &self.index {
            // Meta's sample of a button that calls has none.
            None if self.sub_type.name == "voice_call" => {}
            None | Some(Position(Value::Null)) => {
                checker.refuse_at("index", Rule::Required, "is required: the button's place in the template, from 0");
            }
            Some(position) => match position.value() {
                Some(index) if index < limits::TEMPLATE_BUTTONS as u64 => {}
                _ => {
                    let got = match &position.0 {
                        Value::String(text) => format!("{text:?}"),
                        other => kind_of(other),
                    };
                    let most = limits::TEMPLATE_BUTTONS - 1;
                    checker.refuse_at("index", Rule::Format, format!("must be 0 to {most}, got {got}"));
                }
            },
        }
    }
}

impl Checked for ButtonComponent {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        self.check_index(checker);
        let Some(takes) = self.sub_type.takes() else { return };
        let parameters = self.parameters.as_deref().unwrap_or_default();
        // A button that calls takes one of each; the others take one value. One without a value is left out.
        match (&self.parameters, takes.parameters.len()) {
            (None, _) => checker.refuse_at("parameters", Rule::Required, "is required: a list of one value"),
            (Some(_), most) => checker.count("parameters", parameters.len(), 1, most),
        }
        checker.items("parameters", parameters, |checker, parameter| {
            if !takes.parameters.contains(&parameter.kind()) {
                let (name, kinds) = (takes.name, takes.parameters.join(" or "));
                let message = format!("must be {kinds} for a button of sub_type {name}, got {:?}", parameter.kind());
                return checker.refuse_at("type", Rule::Choice, message);
            }
            if let ButtonParameter::Action(ActionValue { action }) = parameter {
                let not_here = |(name, is_given)| (name, is_given && !takes.actions.contains(&name));
                let members = action.members().map(not_here);
                checker.member("action", |c| c.none_of(&members, &format!("a button of sub_type {}", takes.name)));
                for (name, is_given) in action.members() {
                    if takes.needs_all && takes.actions.contains(&name) && !is_given {
                        checker.member("action", |c| c.refuse_at(name, Rule::Required, "is required"));
                    }
                }
            }
            parameter.check("", checker);
        });
    }
}

/// The value of one of a template's buttons, as calls give it: its place and exactly one of the others.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "manifest", schemars(rename = "TemplateButton"))]
#[serde(deny_unknown_fields)]
pub struct ButtonValue {
    /// The button's place among all buttons of the template, from 0 to 9.
    pub index: u32,
    /// What takes the place of the variable in the link of a URL button: up to 2,000 characters.
    pub url: Option<String>,
    /// What comes back in the webhook when a quick reply is tapped: 1 to 128 characters.
    pub quick_reply: Option<String>,
    /// The code that a copy-code button copies: up to 15 characters.
    pub copy_code: Option<String>,
    /// The one-time password of an authentication template: up to 15 characters. It goes into the body as well, unless
    /// `body` is given.
    pub otp: Option<String>,
    /// What the form of a Flow button begins with.
    pub flow: Option<FlowValue>,
    /// The product whose picture a catalog button shows: its id in the catalog.
    pub catalog: Option<String>,
    /// What a button with several products shows.
    pub products: Option<ProductsValue>,
    /// The order that an order-details button shows.
    pub order_details: Option<OrderDetails>,
    /// For how many minutes a button calls: 1 to 43,200.
    pub call_ttl_minutes: Option<u32>,
}

/// What the form of a Flow button begins with.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "manifest", schemars(rename = "TemplateFlow"))]
#[serde(deny_unknown_fields)]
pub struct FlowValue {
    /// What tells this conversation from others.
    pub flow_token: Option<String>,
    /// What the first screen is filled with: an object.
    pub flow_action_data: Option<Open>,
}

/// What a button with several products shows.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "manifest", schemars(rename = "TemplateProducts"))]
#[serde(deny_unknown_fields)]
pub struct ProductsValue {
    /// The product whose picture is shown.
    pub thumbnail_product_retailer_id: String,
    /// 1 to 10 sections with 30 products in all.
    pub sections: Vec<ProductSection>,
}

impl ButtonValue {
    /// The component, and what is wrong with the value beyond what Graph's body shows; or why there is none.
    pub(super) fn component(self, checker: &mut Checker) -> Option<ButtonComponent> {
        self.check(checker);
        let text = |text| ButtonParameter::Text(LinkValue { text });
        let act = |action| ButtonParameter::Action(ActionValue { action });
        let given = [
            self.url.map(|suffix| ("url", text(suffix))),
            self.quick_reply.map(|payload| ("quick_reply", ButtonParameter::Payload(PayloadValue { payload }))),
            self.copy_code.map(|coupon_code| ("copy_code", ButtonParameter::CouponCode(CouponValue { coupon_code }))),
            // An authentication template's button is a URL button to Meta, whatever it looks like.
            self.otp.map(|code| ("url", text(code))),
            self.flow.map(|FlowValue { flow_token, flow_action_data }| {
                ("flow", act(ButtonAction { flow_token, flow_action_data, ..ButtonAction::default() }))
            }),
            self.catalog.map(|id| {
                ("catalog", act(ButtonAction { thumbnail_product_retailer_id: Some(id), ..ButtonAction::default() }))
            }),
            self.products.map(|ProductsValue { thumbnail_product_retailer_id, sections }| {
                let thumbnail_product_retailer_id = Some(thumbnail_product_retailer_id);
                let sections = Some(sections);
                ("mpm", act(ButtonAction { thumbnail_product_retailer_id, sections, ..ButtonAction::default() }))
            }),
            self.order_details.map(|order| {
                ("order_details", act(ButtonAction { order_details: Some(Box::new(order)), ..ButtonAction::default() }))
            }),
            self.call_ttl_minutes
                .map(|ttl_minutes| ("voice_call", ButtonParameter::TtlMinutes(TtlValue { ttl_minutes }))),
        ];
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some((name, parameter)), None) => Some(ButtonComponent {
                sub_type: SubType { name, is_upper: false },
                index: Some(self.index.into()),
                parameters: Some(vec![parameter]),
            }),
            (None, _) => {
                checker.refuse_at("parameters", Rule::Required, format!("must have a value beside index: {VALUES}"));
                None
            }
            (Some(_), Some(_)) => {
                let message = format!("must have one value beside index, has several of {VALUES}");
                checker.refuse_at("parameters", Rule::Conflict, message);
                None
            }
        }
    }

    /// Codes are held to what Meta's pages say of them; a body that was given whole is held to its schema, which lets more
    /// through.
    fn check(&self, checker: &mut Checker) {
        let mut refuse = |name, rule, message: String| {
            checker.member("parameters", |c| c.item(0, |c| c.refuse_at(name, rule, message)));
        };
        if let Some(code) = &self.copy_code {
            let count = code.chars().count();
            if count > limits::COPY_CODE {
                let message = format!("must have at most {} characters, has {count}", limits::COPY_CODE);
                refuse("coupon_code", Rule::Length, message);
            } else if !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
                refuse("coupon_code", Rule::Format, "must be letters and digits only".to_owned());
            }
        }
        if let Some(count) = self.otp.as_ref().map(|code| code.chars().count())
            && count > limits::ONE_TIME_PASSWORD
        {
            let message = format!("must have at most {} characters, has {count}", limits::ONE_TIME_PASSWORD);
            refuse("text", Rule::Length, message);
        }
    }
}

const VALUES: &str = "url, quick_reply, copy_code, otp, flow, catalog, products, order_details, call_ttl_minutes";
