#!/usr/bin/env bash
# Fetches from Debian without installing anything, for scripts that try wacloud on what this machine does not have:
#
#     debian.sh source NAME FOLDER            unpacks the source that Debian's package NAME is made of
#     debian.sh unpack SUITE FOLDER NAME...   unpacks packages of a suite (`trixie`; `.` is this machine's own) as into the
#                                             root of a machine. NAME=PATTERN: with what NAME needs, as far as PATTERN,
#                                             an extended regular expression, finds it
#
# The machine's own lists stay as they are: apt is given others, kept in target/debian.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

STATE=$TARGET/debian
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# Where this machine's own packages come from, as lines for a list: of the type $1, `deb` or `deb-src`.
own_lines() {
    # shellcheck disable=SC2016  # apt fills these in
    apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
        sort -u | sed "s|^|$1 [signed-by=$KEYRING] |"
}

# with_list NAME: makes apt use the list $STATE/NAME.list and nothing else, by OPTIONS.
with_list() {
    mkdir -p "$STATE/$1/partial"
    OPTIONS=(-o "Dir::Etc::SourceList=$STATE/$1.list" -o Dir::Etc::SourceParts=/dev/null -o "Dir::State::Lists=$STATE/$1"
        -o Dir::Cache::PkgCache= -o Dir::Cache::SrcPkgCache= -o APT::Sandbox::User=root)
    apt-get "${OPTIONS[@]}" update
}

source_of() {
    local name=$1 folder=$2 version
    own_lines deb-src >"$STATE/source.list"
    with_list source
    mkdir -p "$STATE/sources" "$folder"
    # A mirror may lack the source of the newest version: then the one before it will do.
    while read -r version; do
        (cd "$STATE/sources" && apt-get "${OPTIONS[@]}" source --download-only "$name=$version") || continue
        # As its authors released it, with what they generated: Debian's patches would make that old.
        tar --extract --strip-components=1 --directory "$folder" --file "$(
            find "$STATE/sources" -name "${name}_${version%-*}.orig.tar.*" ! -name '*.asc'
        )"
        return
    done < <(apt-cache "${OPTIONS[@]}" showsrc "$name" | sed -n 's/^Version: //p' | sort --version-sort --reverse)
    die "no source of $name is to be had from this machine's mirrors of Debian"
}

# The packages that an argument NAME or NAME=PATTERN stands for.
meant() {
    local name=${1%%=*}
    echo "$name"
    [[ $1 == "$name" ]] ||
        apt-cache "${OPTIONS[@]}" depends --recurse --important "$name" | grep --extended-regexp "^(${1#*=})" || true
}

unpack() {
    local suite=$1 folder=$2 names argument name
    shift 2
    if [[ $suite == . ]]; then
        suite=own
        own_lines deb >"$STATE/own.list"
    else
        # The first mirror whose suite has no `-security` or `-updates` after its name.
        own_lines deb | awk -v suite="$suite" '$4 !~ /-/ { print $1, $2, $3, suite, "main"; exit }' >"$STATE/$suite.list"
    fi
    with_list "$suite"
    mapfile -t names < <(for argument in "$@"; do meant "$argument"; done | sort -u)
    rm -rf "$STATE/packages"
    mkdir -p "$STATE/packages" "$folder"
    (cd "$STATE/packages" && apt-get "${OPTIONS[@]}" download "${names[@]}")
    for name in "$STATE"/packages/*.deb; do
        dpkg --extract "$name" "$folder"
    done
    rm -rf "$STATE/packages"
}

mkdir -p "$STATE"
case ${1:-} in
source) source_of "$2" "$3" ;;
unpack) unpack "${@:2}" ;;
*) die "debian.sh source NAME FOLDER, or debian.sh unpack SUITE FOLDER NAME..." ;;
esac
