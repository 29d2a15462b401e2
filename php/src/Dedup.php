<?php

declare(strict_types=1);

namespace WaCloud;

use WaCloud\Exception\ConfigError;
use WaCloud\Exception\StoreError;
use WaCloud\Internal\Inbox;

/**
 * Tells events that are news from those that are not: repeated ones, and statuses that come after a later one of the same
 * message (`delivered` after `read`).
 *
 * Meta repeats a delivery until it is answered with 200, and it can come twice even so. Behind php-fpm every request is
 * a new script, and may be another process: use a store there. It holds hashes, no ids and no numbers; they are kept for
 * eight days, in memory the last 200,000.
 *
 * ```php
 * $dedup = new Dedup('/var/lib/shop/inbox.db');
 * foreach ($dedup->fresh(Webhooks::parse($body)) as $event) {
 *     echo $event->kind, "\n";
 * }
 * ```
 */
final readonly class Dedup
{
    private Inbox $inbox;

    /**
     * Opens nothing until it is asked something.
     *
     * @param string|null $store The path of a SQLite file, which the processes of this machine may share, or the address of
     *     a Redis or Valkey server (`redis://…`, `rediss://…`). The memory of this object unless given.
     *
     * @throws ConfigError `$store` is neither, or the extension is not there.
     */
    public function __construct(#[\SensitiveParameter] ?string $store = null)
    {
        $this->inbox = Inbox::open($store);
    }

    /**
     * Those of the events that are news, in their order. From then on they are known.
     *
     * @param iterable<WebhookEvent> $events
     *
     * @return list<WebhookEvent>
     *
     * @throws StoreError The store cannot be used. Answer Meta with a 500: it delivers again.
     */
    public function fresh(iterable $events): array
    {
        $events = self::all($events);
        $areFresh = $this->inbox->ask('fresh', ['keys' => self::keys($events)]);
        $isFresh = static fn (int $index): bool => $areFresh[$index];

        return array_values(array_filter($events, $isFresh, ARRAY_FILTER_USE_KEY));
    }

    /**
     * Whether an event is news. From then on it is known.
     *
     * @throws StoreError The store cannot be used.
     */
    public function isFresh(WebhookEvent $event): bool
    {
        return $this->fresh([$event]) !== [];
    }

    /**
     * Takes events for unknown again: where working on them failed, and Meta's repetition shall be taken.
     *
     * @param iterable<WebhookEvent> $events
     *
     * @throws StoreError The store cannot be used.
     */
    public function forget(iterable $events): void
    {
        $this->inbox->ask('forget', ['keys' => self::keys(self::all($events))]);
    }

    /** @return array<string, mixed> Nothing: the address of a server may hold a password. */
    public function __debugInfo(): array
    {
        return [];
    }

    /**
     * @param iterable<WebhookEvent> $events
     *
     * @return list<WebhookEvent>
     */
    private static function all(iterable $events): array
    {
        return is_array($events) ? array_values($events) : iterator_to_array($events, preserve_keys: false);
    }

    /**
     * @param list<WebhookEvent> $events
     *
     * @return list<string>
     */
    private static function keys(array $events): array
    {
        return array_map(static fn (WebhookEvent $event): string => $event->key, $events);
    }
}
