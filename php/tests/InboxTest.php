<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use WaCloud\Dedup;
use WaCloud\Exception\ConfigError;
use WaCloud\Exception\StoreError;
use WaCloud\Exception\ValidationError;
use WaCloud\Exception\WindowClosedError;
use WaCloud\Message;
use WaCloud\ServiceWindow;
use WaCloud\Testing\Sandbox;
use WaCloud\Tests\Support\Receiver;
use WaCloud\Tests\Support\SandboxTestCase;
use WaCloud\Violation;
use WaCloud\WebhookEvent;
use WaCloud\Webhooks;

/** Which events are news, who may be written to freely, and answering: what a customer writes goes the whole way. */
final class InboxTest extends SandboxTestCase
{
    private Receiver $receiver;

    private string $folder;

    protected function setUp(): void
    {
        $this->sandbox = Sandbox::start(rate: 0, pairRate: false, window: true);
        $this->wa = $this->sandbox->client(rate: 0.0);
        $this->receiver = new Receiver();
        $this->sandbox->webhook($this->receiver->url, verify_token: 'php-token', statuses: []);
        $this->folder = sys_get_temp_dir() . '/wacloud-inbox-' . bin2hex(random_bytes(4));
        mkdir($this->folder);
    }

    protected function tearDown(): void
    {
        unset($this->receiver);
        array_map(unlink(...), glob("{$this->folder}/*"));
        rmdir($this->folder);
    }

    public function testAConversation(): void
    {
        $this->sandbox->webhook($this->receiver->url, repeat: 2);
        [$dedup, $window] = [new Dedup(), new ServiceWindow()];
        $this->sandbox->customer(self::TO, text: 'Are you open?');
        $this->sandbox->flushWebhooks();
        $events = $this->events();
        self::assertSame(['Are you open?', 'Are you open?'], array_column($events, 'text'));
        // From a generator, as whoever reads a queue has them.
        $fresh = $dedup->fresh((static fn () => yield from $events)());
        self::assertSame([$events[0]], $fresh);
        [$event] = $fresh;
        self::assertFalse($dedup->isFresh($event));

        $number = $this->sandbox->phoneNumberId;
        self::assertFalse($window->isOpen($number, self::TO));
        self::assertNull($window->openUntil($number, self::TO));
        $window->observe($events);
        self::assertTrue($window->isOpen($number, $event));
        self::assertEqualsWithDelta(time() + 24 * 3600, $window->openUntil($number, self::TO), 60);

        $sent = $this->wa->reply($event, 'Until six.');
        $this->wa->reply($event, Message::location($event, 48.2, 16.4), priority: 'urgent');
        $this->wa->markRead($event);
        $this->wa->react($event, '👍');
        $this->wa->removeReaction($event, $event);
        [$text, $place, $reaction, $removed] = $this->payloads();
        self::assertStringStartsWith('wamid.', $sent->id);
        self::assertSame([self::TO, ['message_id' => $event->id]], [$text['to'], $text['context']]);
        self::assertSame([self::TO, ['message_id' => $event->id]], [$place['to'], $place['context']]);
        self::assertSame(['message_id' => $event->id, 'emoji' => '👍'], $reaction['reaction']);
        self::assertSame('', $removed['reaction']['emoji']);
        $read = array_filter($this->sandbox->requests(), static fn (array $r): bool => isset($r['body']['status']));
        self::assertSame([$event->id], array_column(array_column($read, 'body'), 'message_id'));
    }

    public function testATemplateGoesOutWhereTheWindowIsClosed(): void
    {
        $this->wa->send(Message::text(self::TO, 'Hello'), window: new ServiceWindow(), fallback: self::template());
        self::assertSame(['template'], array_column($this->payloads(), 'type'));
        self::assertCount(1, $this->sends(), 'the text was not tried');
    }

    public function testTheWindowLearnsFromMetaThatItIsClosed(): void
    {
        $window = new ServiceWindow();
        $window->observe([$this->written()]);
        $send = fn () => $this->wa->send(Message::text(self::TO, 'Hello'), window: $window, fallback: self::template());
        $send();
        $this->sandbox->advanceClock(24 * 3600);
        self::assertTrue($window->isOpen($this->sandbox->phoneNumberId, self::TO), 'our clock was not moved');
        $send();
        self::assertFalse($window->isOpen($this->sandbox->phoneNumberId, self::TO));
        $send();
        self::assertSame(['text', 'template', 'template'], array_column($this->payloads(), 'type'));
        self::assertSame([200, 400, 200, 200], array_column($this->sends(), 'status'));
        self::thrown(WindowClosedError::class, fn () => $this->wa->sendText(self::TO, 'Hello'));
    }

    public function testMistakesInMessageAndFallbackAreToldTogether(): void
    {
        $window = new ServiceWindow();
        $send = fn (?ServiceWindow $window, ?Message $fallback) => fn () => $this->wa->send(
            Message::text(self::TO, ''),
            window: $window,
            fallback: $fallback,
        );
        $wrong = $send($window, Message::template(self::TO, 'Hello World', 'en_US'));
        $paths = self::paths(self::thrown(ValidationError::class, $wrong));
        self::assertContains('text.body', $paths);
        self::assertNotSame([], preg_grep('/^fallback\./', $paths));
        self::assertSame('fallback', self::thrown(ConfigError::class, $send($window, null))->setting);
        self::assertSame('window', self::thrown(ConfigError::class, $send(null, self::template()))->setting);
        self::assertSame([], $this->payloads());
    }

    public function testOnlyTheNumberThatAMessageCameToAnswersIt(): void
    {
        $event = $this->written();
        $reply = fn (array $changes) => fn () => $this->wa->reply(new WebhookEvent(...$changes + get_object_vars($event)), 'Hi');
        foreach ([
            ['conflict', ['numberId' => '1']],
            ['type', ['kind' => 'status']],
            ['type', ['channel' => 'messenger']],
        ] as [$rule, $changes]) {
            $error = self::thrown(ValidationError::class, $reply($changes));
            self::assertSame([$rule], array_unique(array_column($error->violations, 'rule')));
        }
    }

    public function testAStoreIsShared(): void
    {
        $store = "{$this->folder}/inbox.db";
        $event = $this->written();
        self::assertCount(1, (new Dedup($store))->fresh([$event, $event]));
        self::assertSame([], (new Dedup($store))->fresh([$event]));
        (new Dedup($store))->forget([$event]);
        self::assertTrue((new Dedup($store))->isFresh($event));
        (new ServiceWindow($store))->observe([$event]);
        self::assertTrue((new ServiceWindow($store))->isOpen($this->sandbox->phoneNumberId, $event));
        self::assertStringNotContainsString('15550001234', file_get_contents($store));
        self::assertTrue((new Dedup())->isFresh($event), 'the memory of one is its own');
    }

    /**
     * @requires extension pcntl
     * @requires extension posix
     */
    public function testAStoreIsSharedAfterAFork(): void
    {
        $event = $this->written();
        $dedup = new Dedup("{$this->folder}/inbox.db");
        self::assertTrue($dedup->isFresh($event));
        $child = pcntl_fork();
        if ($child === 0) {
            file_put_contents("{$this->folder}/told", $dedup->isFresh($event) ? 'fresh' : 'known');
            posix_kill(getmypid(), SIGKILL);
        }
        pcntl_waitpid($child, $status);
        self::assertStringEqualsFile("{$this->folder}/told", 'known');
    }

    public function testAStoreThatCannotBeUsedIsTold(): void
    {
        $event = $this->written();
        $place = "{$this->folder}/no-database";
        file_put_contents($place, str_repeat('this is no database, and long enough to be seen as none: ', 20));
        $error = self::thrown(StoreError::class, static fn () => (new Dedup($place))->fresh([$event]));
        self::assertStringContainsString('no-database', $error->place);
        self::assertNotSame('', $error->problem);
        $window = new ServiceWindow('redis://127.0.0.1:1');
        self::thrown(StoreError::class, static fn () => $window->observe([$event]));
        $send = fn () => $this->wa->send(Message::text(self::TO, 'x'), window: $window, fallback: self::template());
        self::thrown(StoreError::class, $send);
        foreach (['', 'mysql://localhost'] as $store) {
            self::thrown(ConfigError::class, static fn () => new Dedup($store));
            self::thrown(ConfigError::class, static fn () => new ServiceWindow($store));
        }
        self::assertStringNotContainsString('hidden', print_r(new Dedup('redis://:hidden@127.0.0.1:1'), true));
    }

    /**
     * @requires extension pcntl
     * @requires extension posix
     */
    public function testASignalEndsTheWaiting(): void
    {
        // Takes connections and says nothing.
        $silent = stream_socket_server('tcp://127.0.0.1:0');
        $dedup = new Dedup('redis://' . stream_socket_get_name($silent, remote: false));
        $event = $this->written();
        pcntl_async_signals(true);
        $came = 0;
        pcntl_signal(SIGALRM, static function () use (&$came): never {
            $came = hrtime(true);
            throw new \LogicException('interrupted');
        });
        $parent = getmypid();
        $child = pcntl_fork();
        if ($child === 0) {
            try {
                $connection = stream_socket_accept($silent, 60);
                // Something was asked, so an answer is waited for. The connection stays open until this process is killed.
                fread($connection, 1);
                posix_kill($parent, SIGALRM);
                sleep(60);
            } finally {
                posix_kill(getmypid(), SIGKILL);
            }
        }
        try {
            self::thrown(\LogicException::class, static fn () => $dedup->isFresh($event));
        } finally {
            posix_kill($child, SIGKILL);
            pcntl_waitpid($child, $status);
            pcntl_signal(SIGALRM, SIG_DFL);
            pcntl_async_signals(false);
        }
        // It would be given up after 2 s.
        self::assertLessThan(1.9, (hrtime(true) - $came) / 1e9);
    }

    /** The event of what a customer writes. */
    private function written(): WebhookEvent
    {
        $this->receiver->forget();
        $this->sandbox->customer(self::TO, text: 'Hello?');
        $this->sandbox->flushWebhooks();

        return $this->events()[0];
    }

    /** @return list<WebhookEvent> The events of everything that came, each delivery verified. */
    private function events(): array
    {
        $events = [];
        foreach ($this->receiver->came() as ['body' => $body, 'signature' => $signature]) {
            Webhooks::verify($this->sandbox->appSecret, $body, $signature);
            array_push($events, ...Webhooks::parse($body));
        }

        return $events;
    }

    /** @return list<array<string, mixed>> */
    private function payloads(): array
    {
        return array_column($this->sandbox->messages(), 'payload');
    }

    /** @return list<string> */
    private static function paths(ValidationError $error): array
    {
        return array_map(static fn (Violation $violation): string => $violation->path, $error->violations);
    }

    private static function template(): Message
    {
        return Message::template(self::TO, 'hello_world', 'en_US');
    }

    /**
     * Not what reads the definition of a template, once in a process.
     *
     * @return list<array<string, mixed>>
     */
    private function sends(): array
    {
        $isSend = static fn (array $request): bool => $request['method'] === 'POST';
        return array_values(array_filter($this->sandbox->requests(), $isSend));
    }
}
