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
        $data = self::inOurWords($data);
        $class = 'WaCloud\\Exception\\' . $data['type'];

        return is_a($class, WhatsAppError::class, allow_string: true)
            ? new $class($data, $previous)
            : new WhatsAppError($data, $previous);
    }

    /**
     * An error that names settings, with the names that they have here, and durations in the unit that the caller gave.
     *
     * @param array<string, mixed> $data
     *
     * @return array<string, mixed>
     */
    private static function inOurWords(array $data): array
    {
        foreach ($data['violations'] ?? [] as $index => $violation) {
            $data['violations'][$index]['message'] = self::inPhp($violation['message']);
            $data['message'] = self::inPhp($data['message']);
        }
        // With a code, or where values of a message are told of, the words are Meta's or the caller's.
        if (isset($data['code']) || isset($data['violations'])) {
            return $data;
        }
        $here = static fn (string $text): string => preg_replace_callback(
            '/[a-z]+(?:_[a-z]+)+/',
            static fn (array $found): string => SettingNames::HERE[$found[0]] ?? $found[0],
            $text,
        );
        if (str_ends_with((string) ($data['setting'] ?? ''), '_ms')) {
            $data['message'] = self::inSeconds($data['message']);
        }
        foreach (array_intersect(['setting', 'message', 'help'], array_keys($data)) as $member) {
            $data[$member] = $here($data[$member]);
        }

        return $data;
    }

    /** How a message is made is written otherwise here. */
    private static function inPhp(string $text): string
    {
        return str_replace('made with Message.text and', 'made with Message::text and', $text);
    }

    private static function inSeconds(string $message): string
    {
        $message = str_replace('a whole number of at least 0', 'a number of seconds, at least 0', $message);
        $inSeconds = static fn (array $found): string => (string) ($found[0] / 1000);

        return preg_replace_callback('/(?<=got the number )-?\d+(\.\d+)?(e[+-]?\d+)?/', $inSeconds, $message);
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

    /** The same, told as core tells those that it finds. */
    public static function setting(string $name, string $problem): ConfigError
    {
        return self::config($name, "{$name}: {$problem}. Nothing was sent.");
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
