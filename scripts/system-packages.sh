#!/usr/bin/env bash
# Makes sure that what cannot come from cargo, pip or npm is there: PHP with its headers, libclang (ext-php-rs reads
# those headers with it) and a C compiler (ring); with `--tests` also PHPUnit, and on a machine of CI php-fpm and
# redis-server, which would start services on anybody else's, and Laravel; with `--bench` PHP's curl, to compare with.
# Installs what is missing where that is allowed (apt, as root or with a sudo that does not ask); elsewhere it says what to
# install and stops.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

has() {
    command -v "$1" >/dev/null 2>&1
}

# at_least WANTED FOUND: whether the version FOUND is WANTED or later.
at_least() {
    [[ $(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]
}

# The languages themselves are the user's choice of installer (rustup, pyenv, nvm): only looked at.
toolchains() {
    local found
    has cargo || die "Rust is missing: install stable Rust 1.88 or later with rustfmt and clippy, see https://rustup.rs"
    found=$(rustc --version | cut -d' ' -f2)
    at_least 1.88 "$found" || die "Rust 1.88 or later is needed, this is $found: rustup update stable"
    has python3 || die "Python is missing: install Python 3.10 or later"
    found=$(python3 -c 'import platform; print(platform.python_version())')
    at_least 3.10 "$found" || die "Python 3.10 or later is needed, python3 is $found"
    if ! has node || ! has npm; then
        die "Node is missing: install Node 20 or later with npm"
    fi
    found=$(node --version | tr -d v)
    at_least 20 "$found" || die "Node 20 or later is needed, this is $found"
}

php_is_right() {
    has php && has php-config && has phpize && php -r 'exit(PHP_VERSION_ID >= 80200 ? 0 : 1);'
}

# libclang with its own headers, the way bindgen looks for it.
libclang_is_there() {
    [[ -n ${LIBCLANG_PATH:-} ]] && return
    has clang || return 1
    compgen -G '/usr/lib/llvm-*/lib/libclang*.so*' >/dev/null || compgen -G '/usr/lib*/libclang*.so*' >/dev/null ||
        compgen -G '/usr/lib/*-linux-gnu/libclang*.so*' >/dev/null
}

missing_packages() {
    has cc || printf '%s\n' gcc libc6-dev
    python3 -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    php_is_right || printf '%s\n' php-cli php-dev
    libclang_is_there || printf '%s\n' clang libclang-dev
    if [[ $1 == --tests ]]; then
        has phpunit || echo phpunit
        [[ -z ${CI:-} ]] || compgen -G '/usr/sbin/php-fpm*' >/dev/null || echo php-fpm
        [[ -z ${CI:-} ]] || has valkey-server || has redis-server || echo redis-server
        # `ip`, for tests with several hosts.
        [[ -z ${CI:-} ]] || has ip || echo iproute2
    fi
    if [[ $1 == --bench ]]; then
        { has php && php -r 'exit(extension_loaded("curl") ? 0 : 1);'; } || echo php-curl
    fi
}

laravel_is_there() {
    php -r 'exit(stream_resolve_include_path("Illuminate/autoload.php") && stream_resolve_include_path("Predis/autoload.php") ? 0 : 1);'
}

install() {
    local as_root=() packages=("$@")
    if [[ $(id -u) != 0 ]]; then
        as_root=(sudo -n)
    fi
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
    # The package lists may be absent (a container) or older than the mirror: then the first try fails.
    "${as_root[@]}" apt-get install -y --no-install-recommends "${packages[@]}" || {
        "${as_root[@]}" apt-get update
        "${as_root[@]}" apt-get install -y --no-install-recommends "${packages[@]}"
    }
}

may_install() {
    has apt-get && { [[ $(id -u) == 0 ]] || sudo -n true 2>/dev/null; }
}

# Not every distribution has it, and one test alone needs it, which says that it was skipped.
laravel() {
    local packages=(php-laravel-framework php-predis)
    LOG=$LOGS/system-packages-laravel.log
    if install "${packages[@]}" >"$LOG" 2>&1; then
        line "$GREEN" ok "system packages: ${packages[*]}"
    else
        skip "system packages: ${packages[*]}" "$(tail -n 1 "$LOG")"
    fi
}

required() {
    mapfile -t missing < <(missing_packages "$purpose")
    if ((${#missing[@]} == 0)); then
        return
    fi
    if ! may_install; then
        if has apt-get; then
            die "missing system packages; install them and run make again:
    sudo apt-get install ${missing[*]}"
        fi
        die "missing: PHP 8.2 or later with its development files, clang with libclang, a C compiler and Python's venv module.
    Debian's names of what was not found: ${missing[*]}"
    fi
    step "system packages: ${missing[*]}" install "${missing[@]}"
    mapfile -t missing < <(missing_packages "$purpose")
    ((${#missing[@]} == 0)) || die "installed, but still not usable: ${missing[*]} (PHP must be 8.2 or later)"
}

purpose=${1:-}
toolchains
required
if [[ $purpose == --tests && -n ${CI:-} ]] && ! laravel_is_there && may_install; then
    laravel
fi
