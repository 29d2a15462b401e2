use std::sync::Arc;

use wacloud::{Client, Event, Level, Observer};

struct Unknowns;

impl Observer for Unknowns {
    fn wants(&self, level: Level) -> bool {
        level >= Level::Info
    }

    fn observe(&self, event: &Event) {
        if let Event::Outcome { outcome: "unknown", call, .. } = event {
            eprintln!("look out for a status of {:?}", call.tracker);
        }
    }
}

#[tokio::main]
async fn main() -> wacloud::Result<()> {
    let wa = Client::from_env()?.with_observer(Arc::new(Unknowns));
    wa.send_text("+15550001234", "Hello").await?;
    println!("{} accepted", wa.stats().accepted);
    Ok(())
}
