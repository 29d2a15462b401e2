//! Linking an addon differs between platforms; napi knows how.

fn main() {
    napi_build::setup();
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // A slim image need not have libgcc_s: nothing but the C library is needed.
        println!("cargo:rustc-cdylib-link-arg=-static-libgcc");
    }
}
