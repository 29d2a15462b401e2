//! Linking an addon differs between platforms; napi knows how.

fn main() {
    napi_build::setup();
}
