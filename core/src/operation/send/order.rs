//! Orders to be paid within WhatsApp.

use super::{Built, sends};
use crate::message::interactive::Frame;
use crate::message::{Heading, Interactive, OrderDetails, OrderStatus};

sends! {
    /// Sends an order that can be paid within WhatsApp (India, Brazil, Singapore).
    ///
    /// All amounts are whole numbers of hundredths. The total must be the subtotal and tax and shipping, less the discount;
    /// the subtotal must be the sum of the items. A change of the payment comes back as a webhook with `reference_id`.
    ///
    /// Source: Meta's pages "Orders" (Brazil) and "Receive payments via payment gateways on WhatsApp" (India).
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client, order: wacloud::OrderDetails) -> wacloud::Result<()> {
    /// wa.send_order_details("+5511987654321", "Your order", order).await?;
    /// # Ok(())
    /// # }
    /// ```
    SendOrderDetails: send_order_details, order_details,
    r#"{"to": "+5511987654321", "body": "Your order", "order_details": {"reference_id": "order-1042", "type": "physical-goods", "payment_type": "br", "payment_settings": [{"type": "payment_link", "payment_link": {"uri": "https://example.com/pay/1042"}}], "currency": "BRL", "total_amount": {"value": 5500, "offset": 100}, "order": {"status": "pending", "items": [{"retailer_id": "hat-7", "name": "Hat", "amount": {"value": 5000, "offset": 100}, "quantity": 1}], "subtotal": {"value": 5000, "offset": 100}, "tax": {"value": 500, "offset": 100}}}}"# {
        /// The text: 1 to 1,024 characters.
        body: String = "interactive.body.text",
        /// The order, with Graph's names.
        order_details: OrderDetails = "interactive.action.parameters",
        ;
        /// What stands above the text: up to 60 characters, or `{"image": …}`, `{"video": …}` or `{"document": …}`.
        header: Heading = "interactive.header",
        /// A line below the text: up to 60 characters.
        footer: String = "interactive.footer.text",
    }
    => Built::interactive(Interactive::OrderDetails, Frame::new(body, order_details.action()), header, footer)
}

sends! {
    /// Tells how far an order is that `send_order_details` sent.
    ///
    /// What Meta refuses because of the order's state (an order that was paid for cannot be `canceled`) comes by webhook.
    ///
    /// Source: Meta's page "Orders" (Brazil) and "Send order status template" (India).
    ///
    /// ```no_run
    /// # async fn example(wa: wacloud::Client, status: wacloud::OrderStatus) -> wacloud::Result<()> {
    /// wa.send_order_status("+5511987654321", "It is on its way.", status).await?;
    /// # Ok(())
    /// # }
    /// ```
    SendOrderStatus: send_order_status, order_status,
    r#"{"to": "+5511987654321", "body": "It is on its way.", "order_status": {"reference_id": "order-1042", "order": {"status": "shipped", "description": "Arrives on Monday"}}}"# {
        /// The text: 1 to 1,024 characters.
        body: String = "interactive.body.text",
        /// How far the order or its payment is, with Graph's names.
        order_status: OrderStatus = "interactive.action.parameters",
        ;
        /// What stands above the text: up to 60 characters, or `{"image": …}`, `{"video": …}` or `{"document": …}`.
        header: Heading = "interactive.header",
        /// A line below the text: up to 60 characters.
        footer: String = "interactive.footer.text",
    }
    => Built::interactive(Interactive::OrderStatus, Frame::new(body, order_status.action()), header, footer)
}
