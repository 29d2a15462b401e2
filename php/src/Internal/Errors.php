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
        $class = 'WaCloud\\Exception\\' . $data['type'];

        return is_a($class, WhatsAppError::class, allow_string: true)
            ? new $class($data, $previous)
            : new WhatsAppError($data, $previous);
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
