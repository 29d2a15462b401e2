<?php

// A job of a Laravel queue. The queue hands out the work; the journal makes a job that comes twice harmless.
//
//     composer require wacloud/wacloud          # and put this into app/Jobs/SendOrderMessage.php
//     php artisan queue:work redis
//
//     SendOrderMessage::dispatch('order 1042', '+15550001234', 'Your order is on its way.');
//
// In config/services.php, because nobody reads .env any more after `artisan config:cache`; WA_JOURNAL is such as
// redis://127.0.0.1:6379/0:
//
//     'whatsapp' => ['phone_id' => env('WA_PHONE_ID'), 'token' => env('WA_TOKEN'), 'journal' => env('WA_JOURNAL')],
//
// In register() of app/Providers/AppServiceProvider.php:
//
//     $this->app->singleton(WhatsAppClient::class, static fn (): WhatsAppClient => new WhatsAppClient(
//         phoneNumberId: config('services.whatsapp.phone_id'),
//         accessToken: config('services.whatsapp.token'),
//     ));
//
// A job whose worker has died comes again after `retry_after` of config/queue.php. What certainly did not leave is sent then.
// What may have left is unknown, and nobody sends it again.

declare(strict_types=1);

namespace App\Jobs;

use DateTimeInterface;
use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Queue\InteractsWithQueue;
use Illuminate\Queue\SerializesModels;
use WaCloud\Exception\NotSentError;
use WaCloud\Exception\StoreError;
use WaCloud\Message;
use WaCloud\WhatsAppClient;

final class SendOrderMessage implements ShouldQueue
{
    // From Laravel 11 on Illuminate\Foundation\Queue\Queueable is all four.
    use Dispatchable, InteractsWithQueue, Queueable, SerializesModels;

    /** In seconds. Laravel kills a worker whose job takes longer. It has to stay below `retry_after`, which is 90. */
    public int $timeout = 60;

    /** In seconds. */
    public int $backoff = 5;

    public function __construct(private string $key, private string $to, private string $text) {}

    /** Instead of a number of tries, which those of a job that only had to wait would use up. */
    public function retryUntil(): DateTimeInterface
    {
        return now()->addHour();
    }

    /** Sends a message once, however often its job comes. */
    public function handle(WhatsAppClient $wa): void
    {
        $results = $wa->sendBulk(
            [$this->key => Message::text($this->to, $this->text)],
            // Both together below the time of the job: a worker killed while it sends leaves a message of which nobody knows.
            timeout: 40,
            maxWait: 10,
            journal: config('services.whatsapp.journal'),
            campaign: 'orders',
        );
        foreach ($results as $result) {
            // Another worker has it. One that says nothing for 30 seconds loses it: then it is told what became of it there.
            if ($result->error instanceof NotSentError && $result->error->reason === 'claimed') {
                $this->release($this->backoff);

                return;
            }
            // Nothing has left from here, so the next try may send it.
            if ($result->error instanceof NotSentError || $result->error instanceof StoreError) {
                throw $result->error;
            }
            // Accepted, rejected, with mistakes, or unknown: another try would say the same.
            if ($result->error !== null) {
                report($result->error);
            }
            logger("{$this->key}: {$result->outcome}");
        }
    }
}
