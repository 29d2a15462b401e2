dnl Builds the extension where there is no ready one for this PHP: by PIE, or by hand with
dnl   phpize && ./configure && make && make install
dnl It needs Rust (cargo), clang with libclang (ext-php-rs reads PHP's headers with it) and a C compiler.

PHP_ARG_ENABLE([wacloud],
  [whether to enable wacloud],
  [AS_HELP_STRING([--enable-wacloud], [Enable wacloud])],
  [yes])

if test "$PHP_WACLOUD" != "no"; then
  AC_PATH_PROG([CARGO], [cargo])
  if test -z "$CARGO"; then
    AC_MSG_ERROR([cargo was not found: wacloud is written in Rust, install it from https://rustup.rs])
  fi

  WACLOUD_SOURCES=$abs_srcdir
  dnl What cargo builds for: that of phpize, which need not be the first on the PATH.
  WACLOUD_PHP_CONFIG=`command -v "$PHP_CONFIG"`
  PHP_MODULES="$PHP_MODULES \$(phplibdir)/wacloud.so"
  PHP_SUBST([CARGO])
  PHP_SUBST([WACLOUD_SOURCES])
  PHP_SUBST([WACLOUD_PHP_CONFIG])
  PHP_ADD_MAKEFILE_FRAGMENT([$abs_srcdir/Makefile.frag])
fi
