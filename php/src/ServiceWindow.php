<?php

declare(strict_types=1);

namespace WaCloud;

use WaCloud\Exception\ApiError;
use WaCloud\Exception\ConfigError;
use WaCloud\Exception\StoreError;
use WaCloud\Exception\ValidationError;
use WaCloud\Internal\Inbox;

/**
 * Knows from events who may be sent anything: whoever wrote in the last 24 hours, or 72 after a click on an ad that leads
 * to WhatsApp. To everybody else only templates go out.
 *
 * Each of your numbers has a window of its own with each person; phone number and user id of a person are the same. Groups
 * have none. A person who never wrote since this store is there has a closed one.
 *
 * ```php
 * $window->observe(Webhooks::parse($body));
 * $wa->send($message, window: $window, fallback: Message::template($to, 'order_update', 'en_US'));
 * ```
 */
final readonly class ServiceWindow
{
    private Inbox $inbox;

    /**
     * Opens nothing until it is asked something.
     *
     * @param string|null $store Where it remembers, as with {@see Dedup}: the two may share a place.
     *
     * @throws ConfigError `$store` is neither a path nor the address of a server, or the extension is not there.
     */
    public function __construct(#[\SensitiveParameter] ?string $store = null)
    {
        $this->inbox = Inbox::open($store);
    }

    /**
     * Learns from events, in any order and as often as they come: a message opens the window, a status with 131047 closes
     * it. All others say nothing about it.
     *
     * @param iterable<WebhookEvent> $events
     *
     * @throws StoreError The store cannot be used. Answer Meta with a 500: it delivers again.
     */
    public function observe(iterable $events): void
    {
        $news = [];
        foreach ($events as $event) {
            $news[] = self::news($event);
        }
        $this->inbox->ask('observe', ['events' => $news]);
    }

    /**
     * Until when the window of a person with your number is open, in seconds since 1970; null where it is closed.
     *
     * @param string $numberId The id of your number: `phoneNumberId`.
     * @param string|Recipient|WebhookEvent $to The person.
     *
     * @throws StoreError The store cannot be used.
     * @throws ValidationError `$to` is no recipient.
     */
    public function openUntil(string $numberId, string|Recipient|WebhookEvent $to): ?int
    {
        return $this->inbox->ask('open_until', ['number_id' => $numberId, 'to' => $to]);
    }

    /**
     * Whether a person may be sent anything now by the number with this id.
     *
     * @param string $numberId The id of your number: `phoneNumberId`.
     * @param string|Recipient|WebhookEvent $to The person.
     *
     * @throws StoreError The store cannot be used.
     * @throws ValidationError `$to` is no recipient.
     */
    public function isOpen(string $numberId, string|Recipient|WebhookEvent $to): bool
    {
        return $this->openUntil($numberId, $to) !== null;
    }

    /**
     * @internal
     *
     * What names it in the options of a call.
     */
    public function name(): string
    {
        return $this->inbox->name();
    }

    /** @return array<string, mixed> Nothing: the address of a server may hold a password. */
    public function __debugInfo(): array
    {
        return [];
    }

    /** @return array<string, mixed> What is learned from an event. */
    private static function news(WebhookEvent $event): array
    {
        return [
            'kind' => $event->kind,
            'channel' => $event->channel,
            'number_id' => $event->numberId,
            'timestamp' => $event->timestamp,
            'sender' => $event->sender,
            'sender_user_id' => $event->senderUserId,
            'recipient' => $event->recipient,
            'recipient_user_id' => $event->recipientUserId,
            'by_ad' => $event->referral?->sourceType === 'ad',
            'codes' => array_map(static fn (ApiError $error): int => $error->getCode(), $event->errors),
        ];
    }
}
