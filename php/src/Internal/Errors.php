<?php

declare(strict_types=1);

namespace WaCloud\Internal;

use WaCloud\Exception\ConfigError;
use WaCloud\Exception\NotSentError;
use WaCloud\Exception\WhatsAppError;

/**
 * Exceptions from core's errors, which cross the boundary as data.
 *
 * @internal
 */
final class Errors
{
    /** @param array<string, mixed> $data */
    public static function fromCore(array $data, ?\Throwable $previous = null): WhatsAppError
    {
        if (str_ends_with((string) ($data['setting'] ?? ''), '_ms')) {
            $data = self::inOurWords($data);
        }
        $class = 'WaCloud\\Exception\\' . $data['type'];

        return is_a($class, WhatsAppError::class, allow_string: true)
            ? new $class($data, $previous)
            : new WhatsAppError($data, $previous);
    }

    /**
     * An error about a duration, under the name and in the unit that the caller gave it.
     *
     * @param array<string, mixed> $data
     *
     * @return array<string, mixed>
     */
    private static function inOurWords(array $data): array
    {
        $core = $data['setting'];
        $name = lcfirst(str_replace('_', '', ucwords(substr($core, 0, -strlen('_ms')), '_')));
        $message = str_replace(
            ["{$core}:", 'a whole number of at least 0'],
            ["{$name}:", 'a number of seconds, at least 0'],
            $data['message'],
        );
        $inSeconds = static fn (array $found): string => (string) ($found[0] / 1000);
        $message = preg_replace_callback('/(?<=got the number )-?\d+(\.\d+)?(e[+-]?\d+)?/', $inSeconds, $message);

        return ['setting' => $name, 'message' => $message] + $data;
    }

    /** The same error, with the variable of the environment that the setting came from. */
    public static function from(string $variable, ConfigError $error): ConfigError
    {
        $about = "{$error->setting}, from {$variable}:";
        $message = str_replace("{$error->setting}:", $about, $error->getMessage());

        return new ConfigError(self::notSent($message) + ['setting' => $error->setting]);
    }

    /** A mistake in the settings that is found on this side of the boundary. */
    public static function config(string $setting, string $message): ConfigError
    {
        return new ConfigError(self::notSent($message) + ['setting' => $setting]);
    }

    public static function closed(): NotSentError
    {
        $message = 'The client was closed, so nothing was sent. Make a new one, or close it later.';

        return new NotSentError(self::notSent($message) + ['reason' => 'closed']);
    }

    /** @return array<string, mixed> */
    private static function notSent(string $message): array
    {
        return ['message' => $message, 'outcome' => 'not_sent', 'may_have_been_sent' => false, 'attempts' => 0];
    }
}
