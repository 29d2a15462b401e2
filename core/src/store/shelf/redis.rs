//! A shelf on a Redis or Valkey server, which several machines share.
//!
//! A script for each number, all sent at once: keys of a cluster lie on different servers, so no script may touch two.

use std::sync::{Arc, LazyLock};

use redis::Script;

use super::{Change, Item, Key};
use crate::store::{Server, Unusable};

/// Makes one change, and returns what was there before.
static CHANGE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("change.lua")));

pub(crate) struct RedisShelf {
    server: Arc<Server>,
}

impl RedisShelf {
    pub(super) fn new(server: Arc<Server>) -> Self {
        RedisShelf { server }
    }

    pub(super) async fn change(&self, changes: &[Change], now_s: u64) -> Result<Vec<u64>, Unusable> {
        let mut pipe = redis::pipe();
        // Loading it with each batch is a few hundred bytes, and spares a second round trip after a server's restart.
        pipe.load_script(&CHANGE).ignore();
        for change in changes {
            let Item { key, value, until_s } = change.item();
            let mut call = CHANGE.prepare_invoke();
            call.key(name(*key)).arg(*value).arg(until_s.saturating_sub(now_s).max(1));
            call.arg(u8::from(matches!(change, Change::Raise(_))));
            pipe.invoke_script(&call);
        }
        self.ask(&pipe).await
    }

    pub(super) async fn get(&self, keys: &[Key]) -> Result<Vec<u64>, Unusable> {
        let mut pipe = redis::pipe();
        keys.iter().for_each(|key| _ = pipe.get(name(*key)));
        let found: Vec<Option<u64>> = self.ask(&pipe).await?;
        Ok(found.into_iter().map(Option::unwrap_or_default).collect())
    }

    async fn ask<T: redis::FromRedisValue>(&self, pipe: &redis::Pipeline) -> Result<T, Unusable> {
        self.server.ask(pipe).await.map_err(|problem| Unusable { place: self.server.host(), problem })
    }
}

fn name(key: Key) -> String {
    format!("wacloud:inbox:{:032x}", key.0)
}
