<?php

declare(strict_types=1);

namespace WaCloud\Internal;

use WaCloud\Exception\ConfigError;
use WaCloud\Native;

/**
 * The native half of this package.
 *
 * @internal
 */
final class Extension
{
    private static bool $isChecked = false;

    /**
     * Makes sure that the extension is there and belongs to this library. Both are told apart here, at the first use,
     * because PHP itself would only say that a class is not found.
     *
     * @throws ConfigError
     */
    public static function require(): void
    {
        if (self::$isChecked) {
            return;
        }
        if (!extension_loaded('wacloud')) {
            $ini = php_ini_loaded_file() ?: 'php.ini (none is loaded now: php --ini shows where PHP looks for it)';
            throw Errors::config('extension', 'The PHP extension "wacloud" is not loaded. Install it '
                . "with \"pie install wacloud/ext-wacloud\"; where it is installed, add the line \"extension=wacloud\" to {$ini}, or "
                . 'start PHP with "php -d extension=wacloud". A file elsewhere is named with its path.');
        }
        $version = Native\version();
        if ($version !== Version::NUMBER) {
            throw Errors::config('extension', "The PHP extension \"wacloud\" has version {$version}, but the library "
                . 'wacloud/wacloud has version ' . Version::NUMBER . '. Install the same version of both.');
        }
        self::$isChecked = true;
    }
}
