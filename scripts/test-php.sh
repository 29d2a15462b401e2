#!/usr/bin/env bash
# The PHP suite, with the extension and the library loaded as target/php.ini says.
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

exec php -c "$TARGET/php.ini" "$(command -v phpunit)" --configuration php/phpunit.xml.dist
