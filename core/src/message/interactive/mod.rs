//! Interactive messages: one file per family, and here the frame that all of them share.

mod address;
mod buttons;
mod carousel;
mod commerce;
mod flow;
mod header;
mod link;
mod list;
mod request;

pub use address::{AddressParameters, AddressRequest, SavedAddress};
pub use buttons::{Buttons, ReplyButton};
pub use carousel::{CardAction, CardKind, Carousel, CarouselCard, CarouselItem, QuickReply};
pub use commerce::{Catalog, CatalogParameters, Product, ProductItem, ProductList, ProductSection};
pub use flow::{Flow, FlowAction, FlowMode, FlowParameters, FlowPayload};
pub use header::{Header, HeaderDocument, HeaderImage, HeaderText, HeaderVideo};
pub use link::{CtaUrl, CtaUrlParameters};
pub use list::{List, ListRow, ListSection};
pub use request::{CallPermissionRequest, ContactInfoRequest, LocationRequest, VoiceCall, VoiceCallParameters};

pub(crate) use commerce::check_sections as check_product_sections;
pub(crate) use request::check_ttl;

use serde::{Deserialize, Serialize};

use super::content::Checked;
use super::limits;
use super::order::{OrderDetailsAction, OrderStatusAction};
use super::tagged::tagged;
use super::violation::{Checker, Rule};

tagged! {
    /// Graph's `interactive` object, by its `type`.
    Interactive {
        /// One to three reply buttons.
        Buttons(Frame<Buttons>) = "button",
        /// A list to pick one row from.
        List(Frame<List>) = "list",
        /// A button that opens a page.
        CtaUrl(Frame<CtaUrl>) = "cta_url",
        /// A button that opens a form.
        Flow(Frame<Flow>) = "flow",
        /// One product of a catalog.
        Product(Frame<Product>) = "product",
        /// Several products of a catalog.
        ProductList(Frame<ProductList>) = "product_list",
        /// A whole catalog.
        Catalog(Frame<Catalog>) = "catalog_message",
        /// Cards side by side.
        Carousel(Frame<Carousel>) = "carousel",
        /// Asks where somebody is.
        LocationRequest(Frame<LocationRequest>) = "location_request_message",
        /// Asks for a postal address.
        AddressRequest(Frame<AddressRequest>) = "address_message",
        /// Asks for a phone number.
        ContactInfoRequest(Frame<ContactInfoRequest>) = "request_contact_info",
        /// Asks for permission to call.
        CallPermissionRequest(Frame<CallPermissionRequest>) = "call_permission_request",
        /// A button that calls the business.
        VoiceCall(Frame<VoiceCall>) = "voice_call",
        /// An order to be paid.
        OrderDetails(Frame<OrderDetailsAction>) = "order_details",
        /// How far an order is.
        OrderStatus(Frame<OrderStatusAction>) = "order_status",
    }
}

impl Checked for Interactive {
    fn check(&self, _: &'static str, checker: &mut Checker) {
        self.content().check(self.kind(), checker);
    }
}

/// What is around the action of an interactive message. Which parts there must or may be depends on the kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame<A> {
    /// A line of text or media above the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<Header>,
    /// The text of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Line>,
    /// A line below the body: 1 to 60 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub footer: Option<Line>,
    /// What people can do.
    pub action: A,
}

/// A text of an interactive message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// What it says.
    pub text: String,
}

/// What people can do with an interactive message.
pub(crate) trait Action {
    /// What is around it.
    const FRAME: FrameRules;

    /// Tells every mistake.
    fn check(&self, checker: &mut Checker);
}

/// Which headers a kind may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HeaderRule {
    None,
    Text,
    RequiredText,
    Any,
}

/// Which parts a kind has around its action, from Meta's pages on each of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FrameRules {
    pub(crate) header: HeaderRule,
    pub(crate) body_is_required: bool,
    pub(crate) body: usize,
    pub(crate) footer: bool,
}

impl FrameRules {
    /// Any header, a body, and a footer.
    pub(crate) const ALL: FrameRules =
        FrameRules { header: HeaderRule::Any, body_is_required: true, body: limits::INTERACTIVE_BODY, footer: true };
    /// Nothing but a body.
    pub(crate) const BODY: FrameRules = FrameRules { header: HeaderRule::None, footer: false, ..FrameRules::ALL };
}

impl<A> Frame<A> {
    /// An action with a body.
    pub fn new(body: impl Into<String>, action: A) -> Self {
        Frame { header: None, body: Some(Line { text: body.into() }), footer: None, action }
    }

    /// The same with the other parts, as far as they are given.
    pub(crate) fn with(self, header: Option<Header>, footer: Option<String>) -> Self {
        Frame { header, footer: footer.map(|text| Line { text }), ..self }
    }
}

impl<A: Action> Checked for Frame<A> {
    fn check(&self, kind: &'static str, checker: &mut Checker) {
        let rules = A::FRAME;
        let place = format!("an interactive message of type {kind}");
        match (&self.header, rules.header) {
            (Some(_), HeaderRule::None) => checker.none_of(&[("header", true)], &place),
            (Some(header), HeaderRule::Text | HeaderRule::RequiredText) if header.kind() != "text" => {
                let got = header.kind();
                checker.member("header", |c| {
                    c.refuse_at("type", Rule::Choice, format!("must be text in {place}, got {got:?}"));
                });
            }
            (Some(header), _) => checker.member("header", |c| header.check("header", c)),
            (None, HeaderRule::RequiredText) => checker.refuse_at("header", Rule::Required, "is required: a text"),
            (None, _) => {}
        }
        match &self.body {
            Some(body) => checker.member("body", |c| c.text("text", &body.text, 1, rules.body)),
            None if rules.body_is_required => checker.refuse_at("body", Rule::Required, "is required"),
            None => {}
        }
        match &self.footer {
            Some(_) if !rules.footer => checker.none_of(&[("footer", true)], &place),
            Some(footer) => checker.member("footer", |c| c.text("text", &footer.text, 1, limits::FOOTER)),
            None => {}
        }
        checker.member("action", |c| self.action.check(c));
    }
}
