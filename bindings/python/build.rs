//! How the module is linked.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // A slim image need not have libgcc_s: nothing but the C library is needed.
        println!("cargo:rustc-cdylib-link-arg=-static-libgcc");
    }
}
