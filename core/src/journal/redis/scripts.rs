//! What a server does by itself, alone among everybody who asks.

use std::sync::LazyLock;

use redis::Script;

macro_rules! script {
    ($file:literal) => {
        LazyLock::new(|| Script::new(concat!(include_str!("common.lua"), include_str!($file))))
    };
}

pub(super) static BEGIN: LazyLock<Script> = script!("begin.lua");
pub(super) static BEAT: LazyLock<Script> = script!("beat.lua");
pub(super) static PLAN: LazyLock<Script> = script!("plan.lua");
pub(super) static INTEND: LazyLock<Script> = script!("intend.lua");
pub(super) static END: LazyLock<Script> = script!("end.lua");
pub(super) static OBSERVE: LazyLock<Script> = script!("observe.lua");
pub(super) static PURGE: LazyLock<Script> = script!("purge.lua");
/// Of no campaign.
pub(super) static ENROL: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("enrol.lua")));
