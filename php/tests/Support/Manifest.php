<?php

declare(strict_types=1);

namespace WaCloud\Tests\Support;

use WaCloud\Media;
use WaCloud\Recipient;
use WaCloud\WebhookEvent;

/** What core says that the surface of each language is, and core's names in PHP's words. */
final class Manifest
{
    /** @return array<string, mixed> */
    public static function read(): array
    {
        static $manifest = null;

        return $manifest ??= json_decode(
            file_get_contents(getenv('WACLOUD_MANIFEST') ?: dirname(__DIR__, 3) . '/target/manifest.json'),
            associative: true,
            flags: JSON_THROW_ON_ERROR,
        );
    }

    /** @return array<string, mixed> */
    public static function operation(string $name): array
    {
        return array_column(self::read()['operations'], null, 'name')[$name];
    }

    /**
     * Members of an operation's parameters, of `settings`, `call_options` or `bulk_options`.
     *
     * @return array<string, array<string, mixed>>
     */
    public static function properties(string $of): array
    {
        return (self::read()[$of] ?? self::operation($of)['params'])['properties'];
    }

    /**
     * Named arguments of a PHP method for what core calls `$values`.
     *
     * @param array<string, mixed> $values
     * @param string $number What `{phone_number_id}` stands for in an event.
     *
     * @return array<string, mixed>
     */
    public static function arguments(string $of, array $values, string $number = ''): array
    {
        $properties = self::properties($of);
        $arguments = [];
        foreach ($values as $name => $value) {
            $property = $properties[$name];
            $arguments[self::name($name, $property)] = match (true) {
                self::isDuration($property) => $value / 1000,
                // An access token is no parameter, so that a setting of that name stays text.
                default => self::value($property['$ref'] ?? '', $value, $number),
            };
        }

        return $arguments;
    }

    /** The name of a parameter or property: seconds need no unit. */
    public static function name(string $name, array $schema): string
    {
        return self::camel(self::isDuration($schema) ? preg_replace('/_ms$/', '', $name) : $name);
    }

    public static function camel(string $name): string
    {
        return lcfirst(str_replace('_', '', ucwords($name, '_')));
    }

    public static function snake(string $name): string
    {
        return strtolower(preg_replace('/[A-Z]/', '_$0', $name));
    }

    private static function isDuration(array $schema): bool
    {
        return ($schema['format'] ?? '') === 'duration-ms';
    }

    /** Recipients, media and events that are no plain text have classes in PHP. */
    private static function value(string $type, mixed $value, string $number): mixed
    {
        if (!$value instanceof \stdClass) {
            return $value;
        }
        if (isset($value->event)) {
            return self::event((array) $value->event, $number);
        }
        $known = match ($type) {
            '#/$defs/Recipient' => ['user' => Recipient::user(...), 'group' => Recipient::group(...)],
            '#/$defs/MediaRef' => ['link' => Media::link(...), 'id' => Media::id(...)],
            default => [],
        };
        $members = get_object_vars($value);
        $name = array_key_first($members);

        return count($members) === 1 && isset($known[$name]) && is_string($members[$name])
            ? $known[$name]($members[$name])
            : $value;
    }

    /** An event as `Webhooks::parse` gives it, of some of its members. */
    private static function event(array $members, string $number): WebhookEvent
    {
        if (($members['number_id'] ?? null) === '{phone_number_id}') {
            $members['number_id'] = $number;
        }

        return WebhookEvent::fromCore($members + [
            'type' => 'text', 'key' => 'made up', 'media' => [], 'forwarded' => false, 'errors' => [], 'standby' => false,
            'raw' => null,
        ]);
    }
}
