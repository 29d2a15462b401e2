# How config.m4 has the extension built. cargo knows what is out of date.
WACLOUD_CARGO_FLAGS = --release --locked
WACLOUD_TARGET = $(top_builddir)/target

.PHONY: wacloud-cargo
wacloud-cargo:
	PHP_CONFIG="$(WACLOUD_PHP_CONFIG)" PHP="$(PHP_EXECUTABLE)" $(CARGO) build $(WACLOUD_CARGO_FLAGS) \
		--manifest-path "$(WACLOUD_SOURCES)/Cargo.toml" --target-dir "$(WACLOUD_TARGET)"

# On Linux and on macOS the module of PHP ends in .so.
$(phplibdir)/wacloud.so: wacloud-cargo
	@mkdir -p "$(phplibdir)"
	cp "$$(ls -t "$(WACLOUD_TARGET)"/*/libwacloud_php.so "$(WACLOUD_TARGET)"/*/libwacloud_php.dylib 2>/dev/null | head -n 1)" $@
