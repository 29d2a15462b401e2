<?php

declare(strict_types=1);

namespace App\Providers;

use Illuminate\Support\ServiceProvider;
use WaCloud\WhatsAppClient;

final class AppServiceProvider extends ServiceProvider
{
    /** As examples/queues/laravel_worker.php says, but for the address of the sandbox. */
    public function register(): void
    {
        $this->app->singleton(WhatsAppClient::class, static fn (): WhatsAppClient => new WhatsAppClient(
            phoneNumberId: config('services.whatsapp.phone_id'),
            accessToken: config('services.whatsapp.token'),
            baseUrl: config('services.whatsapp.base_url'),
        ));
    }
}
