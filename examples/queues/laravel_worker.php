<?php

// A job of a Laravel queue. The queue hands out the work; the journal makes a job that comes twice harmless.
//
//     composer require wacloud/wacloud          # and put this into app/Jobs/SendOrderMessage.php
//     php artisan queue:work redis
//
//     SendOrderMessage::dispatch('order 1042', '+15550001234', 'Your order is on its way.');
//
// It takes WA_PHONE_ID and WA_TOKEN from the environment, and JOURNAL_URL, such as redis://127.0.0.1:6379/0.
//
// A job whose worker has died comes again after `retry_after` of config/queue.php. What certainly did not leave is sent then.
// What may have left is unknown, and nobody sends it again.

declare(strict_types=1);

namespace App\Jobs;

use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Queue\Queueable;
use WaCloud\Exception\NotSentError;
use WaCloud\Exception\StoreError;
use WaCloud\Message;
use WaCloud\WhatsAppClient;

final class SendOrderMessage implements ShouldQueue
{
    use Queueable;

    /** A worker that says nothing for 30 seconds loses what it has: the tries have to last longer. */
    public int $tries = 50;

    public int $backoff = 5;

    public function __construct(private string $key, private string $to, private string $text) {}

    /** Sends a message once, however often its job comes. */
    public function handle(): void
    {
        $wa = WhatsAppClient::fromEnv();
        $messages = [$this->key => Message::text($this->to, $this->text)];
        foreach ($wa->sendBulk($messages, journal: getenv('JOURNAL_URL'), campaign: 'orders') as $result) {
            // Nothing has left from here, so the next try may send it.
            if ($result->error instanceof NotSentError || $result->error instanceof StoreError) {
                throw $result->error;
            }
            // Accepted, rejected, with mistakes, or unknown: another try would say the same.
            logger("{$this->key}: {$result->outcome}");
        }
    }
}
