#!/usr/bin/env bash
# Publishes the npm packages of a directory, those of the platforms first, because the others ask for them. What is there
# already is left alone, so that a run which failed can be repeated.
# usage: scripts/release/publish-npm.sh DIRECTORY [ARGUMENTS OF npm publish]
set -euo pipefail

cd "$1"
shift
# What is for one platform ends in its name and the version; the two packages for all have the version alone.
platforms=()
for file in *.tgz; do
    [[ $file == wacloud-[0-9]* || $file == wacloud-cli-[0-9]* ]] || platforms+=("$file")
done
for file in "${platforms[@]}" wacloud-cli-[0-9]*.tgz wacloud-[0-9]*.tgz; do
    described=$(tar -xzOf "$file" package/package.json)
    name=$(node -p 'JSON.parse(process.argv[1]).name' "$described")
    version=$(node -p 'JSON.parse(process.argv[1]).version' "$described")
    if [[ $(npm view "$name@$version" version 2>/dev/null || true) == "$version" ]]; then
        echo "$name $version is there already"
    else
        npm publish "./$file" --access public "$@"
    fi
done
