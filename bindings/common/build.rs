//! How the native modules are linked that are made with this crate.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).as_deref() == Ok(value);
    // Nothing but the C library is to be needed: a slim image need not have libgcc_s. zig, which links what is released, puts
    // its own unwinder in by itself and has no libgcc.
    let is_zig = std::env::var("RUSTC_LINKER").is_ok_and(|linker| linker.contains("zig"));
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && !is_zig {
        println!("cargo:rustc-link-lib=static:-bundle=gcc_eh");
    }
}
