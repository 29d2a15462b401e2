<?php

declare(strict_types=1);

namespace WaCloud;

use WaCloud\Exception\ConfigError;
use WaCloud\Exception\StoreError;
use WaCloud\Internal\Duration;
use WaCloud\Internal\Inbox;

/**
 * The journal of a campaign, which a bulk with the option `journal` writes.
 *
 * It is read, and told of webhooks, while that goes on, in this process or in another one.
 *
 * ```php
 * $journal = new Journal('campaign.db');
 * $journal->observe(Webhooks::parse($body));
 * echo $journal->report()->delivered, "\n";
 * ```
 */
final readonly class Journal
{
    /** Rows that are read together. */
    private const PAGE = 500;

    private Inbox $inbox;

    /**
     * Opens nothing until it is asked something.
     *
     * @param string $journal Where it is, as in `sendBulk`.
     * @param string|null $campaign Which one of several campaigns of that place. The only one unless given.
     *
     * @throws ConfigError One of them cannot be what it should, or the extension is not there.
     */
    public function __construct(#[\SensitiveParameter] string $journal, ?string $campaign = null)
    {
        $this->inbox = Inbox::journal($journal, $campaign);
    }

    /**
     * How the campaign went so far.
     *
     * @throws StoreError The journal cannot be read.
     * @throws ConfigError There is no such campaign.
     */
    public function report(): JournalReport
    {
        return JournalReport::fromCore($this->inbox->ask('report'));
    }

    /**
     * Its messages, in the order in which they were first met. They are read as they are asked for, some hundred at a time.
     *
     * @return \Generator<int, JournalRow, mixed, void>
     *
     * @throws StoreError The journal cannot be read.
     * @throws ConfigError There is no such campaign.
     */
    public function rows(): \Generator
    {
        $after = 0;
        while (($page = $this->inbox->ask('rows', ['after' => $after, 'limit' => self::PAGE])) !== []) {
            foreach ($page as $row) {
                yield JournalRow::fromCore($row);
                $after = $row['position'];
            }
        }
    }

    /**
     * Takes in what webhooks say, in any order and as often as they come: an unknown outcome is settled, and what was sent,
     * delivered, read or failed is written down, with what it is counted as. All campaigns of the place are looked through.
     *
     * @param iterable<WebhookEvent> $events
     *
     * @throws StoreError The journal cannot be written. Answer Meta with a 500: it delivers again.
     */
    public function observe(iterable $events): JournalObserved
    {
        $statuses = [];
        foreach ($events as $event) {
            $statuses[] = self::status($event);
        }

        return JournalObserved::fromCore($this->inbox->ask('settle', ['events' => $statuses]));
    }

    /**
     * Forgets messages, with everything that is known of them, and returns how many. A list that still has them sends them
     * again: take people off the list, too. Without a campaign's name it forgets in all of them.
     *
     * @param float|null $olderThan Those whose outcome was learnt longer ago than this, in seconds.
     * @param string|null $recipient Those that went to this person, as `JournalRow::$to` has it.
     *
     * @throws ConfigError Neither is given.
     * @throws StoreError The journal cannot be written.
     */
    public function purge(?float $olderThan = null, ?string $recipient = null): int
    {
        $purge = ['older_than_ms' => Duration::toMilliseconds($olderThan), 'recipient' => $recipient];

        return $this->inbox->ask('purge', ['purge' => $purge]);
    }

    /**
     * The names of the campaigns of the place, in the order in which they began.
     *
     * @return list<string>
     *
     * @throws StoreError The journal cannot be read.
     */
    public function campaigns(): array
    {
        return $this->inbox->ask('campaigns');
    }

    /** @return array<string, mixed> Nothing: the address of a server may hold a password. */
    public function __debugInfo(): array
    {
        return [];
    }

    /**
     * What a journal learns from an event.
     *
     * @return array<string, mixed>
     */
    private static function status(WebhookEvent $event): array
    {
        $error = $event->errors[0] ?? null;

        return [
            'kind' => $event->kind,
            'channel' => $event->channel,
            'id' => $event->id,
            'tracker' => $event->tracker,
            'status' => $event->status,
            'timestamp' => $event->timestamp,
            'recipient' => $event->recipient,
            'recipient_user_id' => $event->recipientUserId,
            'category' => $event->pricing?->category,
            'pricing_type' => $event->pricing?->type,
            'billable' => $event->pricing?->billable,
            'code' => $error?->getCode() ?: null,
            'problem' => $error === null ? null : ($error->details ?? $error->title),
        ];
    }
}
