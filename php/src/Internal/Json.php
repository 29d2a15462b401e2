<?php

declare(strict_types=1);

namespace WaCloud\Internal;

use WaCloud\Exception\WhatsAppError;
use WaCloud\WebhookEvent;

/**
 * The text at the boundary to the extension.
 *
 * @internal
 */
final class Json
{
    private const FLAGS = JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES
        | JSON_PRESERVE_ZERO_FRACTION;

    /** Deeper than any message, and not as deep as core stops reading (128). */
    private const DEPTH = 100;

    /** @param array<string, mixed> $members */
    public static function object(#[\SensitiveParameter] array $members): string
    {
        // An array is a list and an object in one here; where it is empty, only the place says which of them is meant.
        if (($members['extra'] ?? null) === []) {
            $members['extra'] = new \stdClass();
        }

        return self::encode((object) $members);
    }

    /**
     * The members that are not null, which is how PHP says that they were not given.
     *
     * @param array<string, mixed> $members
     */
    public static function given(#[\SensitiveParameter] array $members): string
    {
        return self::object(array_filter($members, static fn (mixed $value): bool => $value !== null));
    }

    /** Never fails: what JSON cannot carry crosses as the name of what it was, and core tells where that is a mistake. */
    public static function encode(#[\SensitiveParameter] mixed $value): string
    {
        return json_encode(self::portable($value, self::DEPTH), self::FLAGS);
    }

    /**
     * The value in an answer of core.
     *
     * @throws WhatsAppError The error in it.
     */
    public static function answer(string $envelope): mixed
    {
        $envelope = self::decode($envelope);

        return isset($envelope['error']) ? throw Errors::fromCore($envelope['error']) : $envelope['ok'];
    }

    /**
     * The request body in an answer of core, with empty objects kept apart from empty lists.
     *
     * @return array<string, mixed>
     *
     * @throws WhatsAppError The error in it.
     */
    public static function body(string $envelope): array
    {
        $decoded = json_decode($envelope, flags: JSON_THROW_ON_ERROR);

        return isset($decoded->error) ? self::answer($envelope) : self::withoutFullObjects($decoded->ok);
    }

    /** Text of somebody else's, with empty objects kept apart from empty lists, and no digit of an integer lost. */
    public static function item(#[\SensitiveParameter] string $json): mixed
    {
        return self::withoutFullObjects(json_decode($json, flags: JSON_THROW_ON_ERROR | JSON_BIGINT_AS_STRING));
    }

    /** @return array<string, mixed> */
    public static function decode(#[\SensitiveParameter] string $json): array
    {
        return json_decode($json, associative: true, flags: JSON_THROW_ON_ERROR);
    }

    private static function portable(#[\SensitiveParameter] mixed $value, int $depth): mixed
    {
        if ($depth === 0) {
            return self::unsupported('something nested too deeply');
        }

        return match (true) {
            is_string($value) => preg_match('//u', $value) === 1
                ? $value
                : self::unsupported('a string that is not UTF-8', 'Media::bytes($data)'),
            is_float($value) => is_finite($value) ? $value : self::unsupported((string) $value),
            $value === null, is_bool($value), is_int($value) => $value,
            is_array($value) => self::portableArray($value, $depth),
            $value instanceof \stdClass => self::portableObject($value, $depth),
            // It stands for whoever wrote it, or for what they wrote; all of it would be much more than that takes.
            $value instanceof WebhookEvent => self::portableObject(self::answered($value), $depth),
            // Its text would be a line of the file, where it is one that is open.
            $value instanceof \SplFileInfo => self::portable($value->getPathname(), $depth),
            // A text of a class of its own (many frameworks have one), or an accepted message, which is its id.
            $value instanceof \Stringable => self::told($value, '__toString', $depth),
            $value instanceof \JsonSerializable => self::told($value, 'jsonSerialize', $depth - 1),
            $value instanceof \BackedEnum => $value->value,
            is_resource($value) => self::unsupported(get_debug_type($value), self::mediaOf($value)),
            default => self::unsupported(get_debug_type($value)),
        };
    }

    /** What an object says of itself. One that cannot is a mistake in its message, not the end of all others of a bulk. */
    private static function told(#[\SensitiveParameter] object $value, string $method, int $depth): mixed
    {
        try {
            $told = $value->$method();
        } catch (\Throwable $failure) {
            // Not what the exception says, which may be personal.
            $place = basename($failure->getFile()) . ':' . $failure->getLine();

            return self::unsupported(
                get_debug_type($value) . ", whose {$method}() threw " . get_debug_type($failure) . " in {$place}",
            );
        }

        return self::portable($told, $depth);
    }

    private static function portableArray(#[\SensitiveParameter] array $values, int $depth): array|\stdClass
    {
        $portable = [];
        foreach ($values as $key => $value) {
            if (is_string($key) && preg_match('//u', $key) !== 1) {
                return self::unsupported('a key that is not UTF-8');
            }
            $portable[$key] = self::portable($value, $depth - 1);
        }

        return $portable;
    }

    private static function portableObject(#[\SensitiveParameter] \stdClass $object, int $depth): \stdClass
    {
        return (object) self::portableArray(get_object_vars($object), $depth);
    }

    /** What is needed to answer an event. */
    private static function answered(WebhookEvent $event): \stdClass
    {
        return (object) ['event' => [
            'kind' => $event->kind,
            'channel' => $event->channel,
            'number_id' => $event->numberId,
            'id' => $event->id,
            'sender' => $event->sender,
            'sender_user_id' => $event->senderUserId,
            'group_id' => $event->groupId,
        ]];
    }

    /** What stands for something that JSON cannot carry. */
    public static function mark(string $what): \stdClass
    {
        return self::unsupported($what);
    }

    /** @param string|null $instead How media are made of it, as a program writes it. */
    private static function unsupported(string $what, ?string $instead = null): \stdClass
    {
        return (object) (['$unsupported' => $what] + ($instead === null ? [] : ['$instead' => $instead]));
    }

    /** @param resource $value */
    private static function mediaOf($value): ?string
    {
        if (get_resource_type($value) !== 'stream') {
            return null;
        }

        return (stream_get_meta_data($value)['wrapper_type'] ?? '') === 'plainfile'
            ? 'Media::file($path)'
            : 'Media::bytes(stream_get_contents($stream))';
    }

    /** Arrays for all objects but the empty ones: `[]` would become a list when it is encoded again. */
    private static function withoutFullObjects(mixed $value): mixed
    {
        if ($value instanceof \stdClass) {
            $members = get_object_vars($value);

            return $members === [] ? $value : array_map(self::withoutFullObjects(...), $members);
        }

        return is_array($value) ? array_map(self::withoutFullObjects(...), $value) : $value;
    }
}
