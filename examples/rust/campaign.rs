use futures_util::StreamExt;
use wacloud::bulk::BulkOptions;
use wacloud::{Client, Message};

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let wa = Client::from_env()?;
    let orders = [("1041", "+15550001234"), ("1042", "+15550005678")];
    let messages = orders.map(|(order, to)| (order, Message::text(to, format!("Order {order} is on its way."))));
    let options = BulkOptions { journal: Some("orders-rust.db".to_owned()), ..BulkOptions::default() };
    let mut results = wa.send_bulk_with(messages, &options);
    while let Some(result) = results.next().await {
        println!("{:?} {}", result.key, result.outcome().name());
    }
    // The journal could not be used, or Meta locked the number: not everything was sent.
    results.stopped_by().cloned().map_or(Ok(()), Err)
}
