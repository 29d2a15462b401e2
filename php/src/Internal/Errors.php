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
    /**
     * @param array<string, mixed> $data
     * @param list<string> $arguments The names that core has for the arguments of the call, of one that sends no message: mistakes
     *     in a message have their place in Graph's body.
     */
    public static function fromCore(array $data, ?\Throwable $previous = null, array $arguments = []): WhatsAppError
    {
        $data = self::inOurWords(self::withArguments($data, $arguments));
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
        $data['message'] = self::inPhp($data['message']);
        foreach (array_keys($data['violations'] ?? []) as $number) {
            $data['violations'][$number]['message'] = self::inPhp($data['violations'][$number]['message']);
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

    /** A text in which functions of classes are called as core calls them. */
    private static function inPhp(string $text): string
    {
        return preg_replace('/\b(Media|Message|Recipient)\.(?=[a-z]+\b)/', '$1::', $text);
    }

    /**
     * An error about the arguments of a call, with the names that they have here; what is quoted is the caller's.
     *
     * @param array<string, mixed> $data
     * @param list<string> $arguments
     *
     * @return array<string, mixed>
     */
    private static function withArguments(array $data, array $arguments): array
    {
        if ($arguments === [] || !isset($data['violations'])) {
            return $data;
        }
        $here = static fn (string $text): string => preg_replace_callback(
            '/"(?:[^"\\\\]|\\\\.)*"|(?<![\w{.])[a-z]+(?:_[a-z]+)+(?![\w}])/',
            static fn (array $found): string => in_array($found[0], $arguments, strict: true)
                ? lcfirst(str_replace('_', '', ucwords($found[0], '_')))
                : $found[0],
            $text,
        );
        $data['message'] = $here($data['message']);
        foreach ($data['violations'] as $number => $violation) {
            $data['violations'][$number] = array_map($here, $violation);
        }

        return $data;
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
