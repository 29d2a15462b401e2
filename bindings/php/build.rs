//! How the extension is linked.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target_os = std::env::var("CARGO_CFG_TARGET_OS");
    if target_os.as_deref() == Ok("linux") {
        // PHP unloads its extensions before the process ends, while the runtime's threads still run their code.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
    if target_os.as_deref() == Ok("macos") {
        // PHP's own symbols are there once PHP has loaded the extension.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-undefined,dynamic_lookup");
    }
}
