//! Orders to be paid within WhatsApp and how far they are (India, Brazil, Singapore; Meta's pages "Orders", "Receive
//! payments via payment gateways on WhatsApp", "Offsite Pix payments", "Payment links", "Boleto").

mod check;

use serde::{Deserialize, Serialize};

use super::limits;
use super::open::Open;
use super::tagged::words;

words! {
    /// The name of the action that shows an order to be paid.
    ReviewAndPayWord = "review_and_pay";
    /// The name of the action that shows how far an order is.
    ReviewOrderWord = "review_order";
    /// What an order is before it is paid.
    PendingWord = "pending";
    /// An order of a kind of its own (India).
    QuickPayWord = "quick_pay";
}

/// The action of a message of type `order_details`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderDetailsAction {
    /// Always `review_and_pay`.
    pub name: ReviewAndPayWord,
    /// The order.
    pub parameters: Box<OrderDetails>,
}

/// The action of a message of type `order_status`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderStatusAction {
    /// Always `review_order`.
    pub name: ReviewOrderWord,
    /// How far the order is.
    pub parameters: OrderStatus,
}

/// Writes objects of Graph's body: members that must be there, `;`, and optional ones.
macro_rules! order {
    ($($(#[$docs:meta])* $name:ident {
        $($(#[$required_docs:meta])* $required:ident: $required_type:ty $(= $required_word:literal)?,)*
        ;
        $($(#[$member_docs:meta])* $member:ident: $type:ty $(= $word:literal)?,)*
    })*) => {$(
        $(#[$docs])*
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$required_docs])* $(#[serde(rename = $required_word)])? pub $required: $required_type,)*
            $(
                $(#[$member_docs])*
                #[serde(skip_serializing_if = "Option::is_none" $(, rename = $word)?)]
                pub $member: Option<$type>,
            )*
        }
    )*};
}

order! {
    /// An order to be paid.
    OrderDetails {
        /// Your name for the order: letters, digits, `_`, `-` and `.`, up to 60 of them (35 in India), another one in each
        /// message. Webhooks about the payment carry it.
        reference_id: String,
        /// What is sold: `digital-goods` or `physical-goods`.
        kind: GoodsKind = "type",
        /// The currency's code of three letters: `INR`, `BRL` or `SGD`.
        currency: String,
        /// What is to be paid: subtotal and tax and shipping, less the discount.
        total_amount: Amount,
        ;
        /// How it is paid: `br` in Brazil, `upi` in the older form of India.
        payment_type: String,
        /// The name of the payment configuration, in the older form of India: up to 60 characters.
        payment_configuration: String,
        /// The ways in which it can be paid.
        payment_settings: Vec<PaymentSetting>,
        /// What was ordered.
        order: Order,
        /// Who receives the goods: required in India when goods are shipped.
        beneficiaries: Vec<Beneficiary>,
        /// Where the goods can go, in templates with a checkout button: Graph's object.
        shipping_info: Open,
    }

    /// An amount of money.
    Amount {
        /// In the smallest unit times the offset: 12.34 is 1234 with an offset of 100. 0 or more.
        value: i64,
        /// By what `value` is divided: 100.
        offset: i64,
        ;
    }

    /// A part of the price.
    Charge {
        /// In the smallest unit times the offset. 0 or more.
        value: i64,
        /// By what `value` is divided: 100.
        offset: i64,
        ;
        /// What it is: up to 60 characters.
        description: String,
        /// The programme that the discount belongs to: up to 60 characters. Of a discount only.
        discount_program_name: String,
    }

    /// What was ordered.
    Order {
        /// Always `pending`.
        status: PendingWord,
        /// What was ordered: at least one.
        items: Vec<OrderItem>,
        /// The sum of the items.
        subtotal: Amount,
        /// The tax, 0 if there is none.
        tax: Charge,
        ;
        /// `quick_pay` or nothing (India).
        kind: QuickPayWord = "type",
        /// The catalog that the items are from.
        catalog_id: String,
        /// Until when it can be paid.
        expiration: Expiration,
        /// What shipping costs.
        shipping: Charge,
        /// What is taken off.
        discount: Charge,
    }

    /// One position of an order.
    OrderItem {
        /// What it is called: 1 to 60 characters.
        name: String,
        /// The price of one.
        amount: Amount,
        /// How many: at least 1.
        quantity: i64,
        ;
        /// The product in the catalog; required in Brazil.
        retailer_id: String,
        /// A picture of it (India; instead of `retailer_id`).
        image: OrderImage,
        /// The lower price of one, when it is on sale.
        sale_amount: Amount,
        /// The country that it is from (India, of goods that are in no catalog).
        country_of_origin: String,
        /// Who imports it (India, of goods that are in no catalog).
        importer_name: String,
        /// Where the importer is (India, of goods that are in no catalog).
        importer_address: ImporterAddress,
    }

    /// A picture of something ordered.
    OrderImage {
        /// A link that Meta fetches.
        link: String,
        ;
    }

    /// Where an importer is.
    ImporterAddress {
        ;
        /// Street and number.
        address_line1: String,
        /// What comes after it.
        address_line2: String,
        /// City.
        city: String,
        /// State.
        zone_code: String,
        /// Postal code.
        postal_code: String,
        /// The country's code of two letters.
        country_code: String,
    }

    /// Until when an order can be paid.
    Expiration {
        /// Seconds since 1970 as text, at least 300 seconds ahead.
        timestamp: String,
        ;
        /// What is said then: up to 120 characters.
        description: String,
    }

    /// Who receives goods (India).
    Beneficiary {
        /// Name: up to 200 characters.
        name: String,
        /// Street and number: up to 100 characters.
        address_line1: String,
        /// City.
        city: String,
        /// State.
        state: String,
        /// `India`.
        country: String,
        /// Postal code: 6 digits.
        postal_code: String,
        ;
        /// What comes after the street: up to 100 characters.
        address_line2: String,
    }

    /// A way to pay: `type`, and the member of that name.
    PaymentSetting {
        /// Which way it is.
        kind: PaymentKind = "type",
        ;
        /// A payment gateway (India).
        payment_gateway: PaymentGateway,
        /// A link into an app for UPI (India).
        upi_intent_link: UpiIntentLink,
        /// A page to pay on.
        payment_link: PaymentLink,
        /// A code for Pix (Brazil).
        pix_dynamic_code: PixDynamicCode,
        /// A Boleto (Brazil).
        boleto: Boleto,
        /// A card that is known already (Brazil).
        offsite_card_pay: OffsiteCardPay,
    }

    /// A payment gateway (India).
    PaymentGateway {
        /// Which one.
        kind: GatewayKind = "type",
        /// The name of its configuration in Meta's business settings: up to 60 characters.
        configuration_name: String,
        ;
        /// What can be used with it: `["web"]`.
        enabled_payment_options: Vec<String>,
        /// What Razorpay is told: Graph's object.
        razorpay: Open,
        /// What PayU is told: Graph's object.
        payu: Open,
        /// What BillDesk is told: Graph's object.
        billdesk: Open,
        /// What Zaakpay is told: Graph's object.
        zaakpay: Open,
    }

    /// A link into an app for UPI.
    UpiIntentLink {
        /// `upi://pay?…`
        link: String,
        ;
    }

    /// A page to pay on.
    PaymentLink {
        /// Its address.
        uri: String,
        ;
    }

    /// A code for Pix.
    PixDynamicCode {
        /// The code.
        code: String,
        /// Who is paid.
        merchant_name: String,
        /// The key.
        key: String,
        /// What the key is.
        key_type: PixKeyType,
        ;
    }

    /// A Boleto.
    Boleto {
        /// The line of digits.
        digitable_line: String,
        ;
    }

    /// A card that is known already.
    OffsiteCardPay {
        /// Its last four digits.
        last_four_digits: String,
        /// Your name for it.
        credential_id: String,
        ;
    }

    /// How far an order is.
    OrderStatus {
        /// The name that the order was sent with.
        reference_id: String,
        ;
        /// How far it is; required unless `payment` is given.
        order: OrderProgress,
        /// How far its payment is.
        payment: PaymentProgress,
    }

    /// How far an order is.
    OrderProgress {
        /// How far.
        status: OrderPhase,
        ;
        /// More about it: up to 120 characters.
        description: String,
    }

    /// How far the payment of an order is.
    PaymentProgress {
        /// How far.
        status: PaymentPhase,
        ;
        /// Since when, in seconds since 1970.
        timestamp: i64,
    }
}

/// Enums of text, with the names in Graph where they differ.
macro_rules! choices {
    ($($(#[$docs:meta])* $name:ident { $($(#[$variant_docs:meta])* $variant:ident = $word:literal,)* })*) => {$(
        $(#[$docs])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "manifest", derive(schemars::JsonSchema))]
        pub enum $name {
            $($(#[$variant_docs])* #[serde(rename = $word)] $variant,)*
        }
    )*};
}

choices! {
    /// What is sold.
    GoodsKind {
        /// Nothing that is shipped.
        Digital = "digital-goods",
        /// Things.
        Physical = "physical-goods",
    }

    /// A way to pay.
    PaymentKind {
        /// A payment gateway (India).
        PaymentGateway = "payment_gateway",
        /// A link into an app for UPI (India).
        UpiIntentLink = "upi_intent_link",
        /// A page to pay on.
        PaymentLink = "payment_link",
        /// A code for Pix (Brazil).
        PixDynamicCode = "pix_dynamic_code",
        /// A Boleto (Brazil).
        Boleto = "boleto",
        /// A card that is known already (Brazil).
        OffsiteCardPay = "offsite_card_pay",
    }

    /// A payment gateway.
    GatewayKind {
        /// Razorpay.
        Razorpay = "razorpay",
        /// PayU.
        Payu = "payu",
        /// BillDesk.
        Billdesk = "billdesk",
        /// Zaakpay.
        Zaakpay = "zaakpay",
    }

    /// What a key for Pix is.
    PixKeyType {
        /// The tax number of a person.
        Cpf = "CPF",
        /// The tax number of a company.
        Cnpj = "CNPJ",
        /// An email address.
        Email = "EMAIL",
        /// A phone number.
        Phone = "PHONE",
        /// A random key.
        Evp = "EVP",
    }

    /// How far an order is.
    OrderPhase {
        /// Not begun.
        Pending = "pending",
        /// It is worked on.
        Processing = "processing",
        /// A part of it is on its way.
        PartiallyShipped = "partially-shipped",
        /// The same as Meta's OpenAPI document spells it.
        PartiallyShippedOfDocument = "partially_shipped",
        /// It is on its way.
        Shipped = "shipped",
        /// It is done.
        Completed = "completed",
        /// It was cancelled; one that was paid for cannot be.
        Canceled = "canceled",
    }

    /// How far a payment is.
    PaymentPhase {
        /// Not paid.
        Pending = "pending",
        /// Paid.
        Captured = "captured",
        /// It failed.
        Failed = "failed",
    }
}

impl OrderDetails {
    /// The action that shows it.
    pub(crate) fn action(self) -> OrderDetailsAction {
        OrderDetailsAction { name: ReviewAndPayWord::Is, parameters: Box::new(self) }
    }
}

impl OrderStatus {
    /// The action that shows it.
    pub(crate) fn action(self) -> OrderStatusAction {
        OrderStatusAction { name: ReviewOrderWord::Is, parameters: self }
    }
}

impl Amount {
    /// So many hundredths.
    pub fn hundredths(value: i64) -> Self {
        Amount { value, offset: limits::AMOUNT_OFFSET }
    }
}
