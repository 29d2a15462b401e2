<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use WaCloud\Exception\ApiError;
use WaCloud\Exception\AuthenticationError;
use WaCloud\Exception\ConfigError;
use WaCloud\Exception\DeliveryUnknownError;
use WaCloud\Exception\NotSentError;
use WaCloud\Exception\ValidationError;
use WaCloud\Exception\WhatsAppError;
use WaCloud\Exception\WindowClosedError;
use WaCloud\Message;
use WaCloud\Tests\Support\SandboxTestCase;
use WaCloud\WhatsAppClient;

final class ClientTest extends SandboxTestCase
{
    private const TOKEN = 'EAAG-very-secret';

    public function testAnotherTokenTakesThePlaceOfOne(): void
    {
        $this->sandbox->settings(['tokens' => ['second']]);
        try {
            $client = $this->sandbox->client(accessToken: 'first');
            $copy = $client->phone($this->sandbox->phoneNumberId);
            self::assertSame('AuthenticationError', self::refusal(static fn () => $client->phone->get()));
            self::assertSame('ConfigError', self::refusal(static fn () => $client->setAccessToken('sec ond')));
            $client->setAccessToken('second');
            self::assertSame($this->sandbox->phoneNumberId, $client->phone->get()->id);
            $client->setAccessToken(static fn (): string => 'second');
            self::assertSame($this->sandbox->phoneNumberId, $client->phone($this->sandbox->phoneNumberId)->phone->get()->id);
            self::assertSame('AuthenticationError', self::refusal(static fn () => $copy->phone->get()));
            $client->close();
            $client->setAccessToken('second');
            self::assertSame('NotSentError', self::refusal(static fn () => $client->phone->get()));
        } finally {
            // The sandbox is that of the next test, too.
            $this->sandbox->settings(['tokens' => [$this->sandbox->token]]);
        }
    }

    public function testAListGoesThroughItsPages(): void
    {
        $client = $this->sandbox->client();
        $users = array_map(static fn (int $i): string => "+1555000000{$i}", range(0, 4));
        $client->blocks->add($users);
        $all = [];
        foreach ($client->blocks->listAll(limit: 2) as $index => $user) {
            $all[$index] = "+{$user->waId}";
        }
        self::assertSame($users, $all);
        self::assertCount(4, $this->sandbox->requests());
    }

    /** The class of what is thrown. */
    private static function refusal(callable $call): ?string
    {
        try {
            $call();

            return null;
        } catch (\Throwable $error) {
            return (new \ReflectionClass($error))->getShortName();
        }
    }

    public function testASentMessageIsItsId(): void
    {
        $sent = $this->wa->sendText(self::TO, 'Hello', tracker: 'order-1042');

        self::assertStringStartsWith('wamid.', $sent->id);
        self::assertSame($sent->id, (string) $sent);
        self::assertSame($this->sandbox->messages()[0]['id'], $sent->id);
        self::assertSame('order-1042', $sent->tracker);
        self::assertSame(1, $sent->meta->attempts);
        $json = json_decode(json_encode($sent), associative: true);
        self::assertSame([$sent->id, '15550001234', 1], [$json['id'], $json['waId'], $json['meta']['attempts']]);
    }

    public function testSettingsOfTheEnvironment(): void
    {
        $environment = [
            'WA_PHONE_ID' => $this->sandbox->phoneNumberId,
            'WA_TOKEN' => $this->sandbox->token,
            'WA_BASE_URL' => $this->sandbox->url,
            'WA_API_VERSION' => 'v24.0',
        ];
        try {
            foreach ($environment as $name => $value) {
                putenv("{$name}={$value}");
            }
            WhatsAppClient::fromEnv(rate: 0.0)->sendText(self::TO, 'Hello');
            putenv('WA_TOKEN');
            $error = self::thrown(ConfigError::class, static fn () => WhatsAppClient::fromEnv());
            putenv('WA_PHONE_ID');
            $both = self::thrown(ConfigError::class, static fn () => WhatsAppClient::fromEnv());
            putenv("WA_PHONE_ID={$this->sandbox->phoneNumberId}");
            putenv('WA_TOKEN=two words');
            $wrong = self::thrown(ConfigError::class, static fn () => WhatsAppClient::fromEnv());
            putenv('WA_BASE_URL');
            putenv('WA_TOKEN=sandbox-token');
            $astray = self::thrown(ConfigError::class, static fn () => WhatsAppClient::fromEnv());
        } finally {
            array_map(putenv(...), array_keys($environment));
        }
        self::assertStringStartsWith('/v24.0/', $this->sandbox->requests()[0]['path']);
        self::assertSame('accessToken', $error->setting);
        self::assertStringStartsWith('accessToken: the environment variable WA_TOKEN is not set. ', $error->getMessage());
        $told = '/^phoneNumberId: the environment variables WA_PHONE_ID and WA_TOKEN are not set\. .*`wacloud sandbox`/';
        self::assertMatchesRegularExpression($told, $both->getMessage());
        self::assertStringStartsWith('accessToken, from WA_TOKEN: ', $wrong->getMessage());
        $told = "/^accessToken, from WA_TOKEN: is the sandbox's.* set baseUrl \\(WA_BASE_URL in the environment\\)/";
        self::assertMatchesRegularExpression($told, $astray->getMessage());
    }

    public function testSettingsAreCheckedWhenTheClientIsMade(): void
    {
        $error = self::thrown(ConfigError::class, static fn () => new WhatsAppClient('+15550001234', self::TOKEN));
        self::assertSame('phoneNumberId', $error->setting);
        self::assertStringStartsWith('phoneNumberId: must be the id', $error->getMessage());
        $error = self::thrown(ConfigError::class, fn () => $this->wa->withOptions(connectTimeout: NAN));
        self::assertSame('connectTimeout', $error->setting);
        $error = self::thrown(ConfigError::class, fn () => $this->wa->withOptions(connectTimeout: -1.5));
        $inSeconds = 'connectTimeout: must be a number of seconds, at least 0, got the number -1.5.';
        self::assertStringStartsWith($inSeconds, $error->getMessage());
    }

    public function testErrorsNameSettingsAsTheyAreWrittenHere(): void
    {
        foreach (['pairRate' => -1.0, 'paceDir' => 'here', 'maxRetries' => 11, 'attemptTimeout' => 0.0] as $name => $value) {
            $error = self::thrown(ConfigError::class, fn () => $this->wa->withOptions(...[$name => $value]));
            self::assertSame($name, $error->setting);
            self::assertStringStartsWith("{$name}: ", $error->getMessage());
        }
        $base = static fn () => new WhatsAppClient('1', self::TOKEN, baseUrl: 'http://127.0.0.1:1/v25.0');
        self::assertStringContainsString('apiVersion adds it', self::thrown(ConfigError::class, $base)->getMessage());
        $soon = fn () => $this->wa->sendText(self::TO, 'Hello', timeout: 0.0);
        self::assertSame('timeout', self::thrown(ConfigError::class, $soon)->setting);
    }

    public function testWhatIsOfAWrongTypeIsToldAsCoreTellsIt(): void
    {
        $wrong = [
            'apiVersion' => [25, 'apiVersion: must be text, got the number 25'],
            'rate' => ['80', 'rate: must be a number of messages a second or "auto", got the text "80"'],
            'maxRetries' => ['3', 'maxRetries: must be a whole number of at least 0, got text'],
            'connectTimeout' => ['soon', 'connectTimeout: must be a number of seconds, at least 0, got text'],
            'logContent' => ['no', 'logContent: must be true or false, got text'],
            'logger' => ['monolog', 'logger: must be a logger of PSR-3, an object of Psr\Log\LoggerInterface'],
        ];
        foreach ($wrong as $name => [$value, $told]) {
            $line = __LINE__ + 1;
            $error = self::thrown(ConfigError::class, fn () => $this->wa->withOptions(...[$name => $value]));
            self::assertSame($name, $error->setting);
            self::assertStringStartsWith($told, $error->getMessage());
            self::assertSame([__FILE__, $line], [$error->getFile(), $error->getLine()]);
        }
        $number = self::thrown(ConfigError::class, static fn () => new WhatsAppClient(106540352242922, self::TOKEN));
        self::assertSame('phoneNumberId', $number->setting);
        $token = self::thrown(ConfigError::class, static fn () => new WhatsAppClient('1', 5));
        self::assertStringStartsWith('accessToken: must be text', $token->getMessage());
        $unknown = self::thrown(ConfigError::class, static fn () => WhatsAppClient::fromEnv(colour: 'red'));
        self::assertMatchesRegularExpression('/^colour: is not known here; known are phoneNumberId, /', $unknown->getMessage());
        $soon = self::thrown(ConfigError::class, fn () => $this->wa->sendText(self::TO, 'Hello', timeout: 'soon'));
        self::assertSame('timeout', $soon->setting);
        self::assertSame([], $this->sandbox->requests());
    }

    public function testSomethingElseInPlaceOfAMessage(): void
    {
        $told = 'must be a message, made with Message::text and its sisters, got string';
        $error = self::thrown(ValidationError::class, fn () => $this->wa->send('Hello'));
        self::assertSame($told, $error->violations[0]->message);
        [$result] = iterator_to_array($this->wa->sendBulk(['Hello']));
        self::assertStringContainsString($told, $result->error->getMessage());
        $error = self::thrown(ConfigError::class, fn () => $this->wa->sendBulk('Hello'));
        self::assertSame('messages', $error->setting);
    }

    public function testACopyHasOtherSettings(): void
    {
        $copy = $this->wa->withOptions(apiVersion: 'v24.0', attemptTimeout: 20.5);
        $copy->sendText(self::TO, 'Hello');
        $this->wa->sendText(self::TO, 'Hello');
        $paths = array_column($this->sandbox->requests(), 'path');
        self::assertStringStartsWith('/v24.0/', $paths[0]);
        self::assertStringStartsWith('/v25.0/', $paths[1]);
    }

    public function testCallOptionsAreSeconds(): void
    {
        $this->sandbox->fault(['kind' => 'delay', 'delay_ms' => 60_000]);
        $error = self::thrown(
            DeliveryUnknownError::class,
            fn () => $this->wa->sendText(self::TO, 'Hello', timeout: 1.5, priority: 'urgent'),
        );
        self::assertSame('timeout', $error->reason);
        self::assertCount(1, $this->sandbox->messages());
    }

    public function testAClosedClientSendsNothing(): void
    {
        $copy = $this->wa->withOptions();
        $this->wa->close();
        $error = self::thrown(NotSentError::class, fn () => $this->wa->sendText(self::TO, 'Hello'));
        self::assertSame('closed', $error->reason);
        $copy->sendText(self::TO, 'Hello');
        self::assertCount(1, $this->sandbox->requests());
    }

    public function testErrorsHaveWhatMetaSaid(): void
    {
        $this->sandbox->fault(['kind' => 'graph_error', 'code' => 131047]);
        $error = self::thrown(WindowClosedError::class, fn () => $this->wa->sendText(self::TO, 'Hello'));
        self::assertInstanceOf(ApiError::class, $error);
        self::assertInstanceOf(WhatsAppError::class, $error);
        self::assertInstanceOf(\RuntimeException::class, $error);
        self::assertSame(131047, $error->getCode());
        self::assertSame(['rejected', false], [$error->outcome, $error->mayHaveBeenSent]);
        self::assertNotSame('', $error->help);
        $json = json_decode(json_encode($error), associative: true);
        self::assertSame(['WindowClosedError', 131047], [$json['type'], $json['code']]);
        self::assertSame($error->fbtraceId, $json['fbtraceId']);
    }

    public function testErrorsPointAtTheCallersLine(): void
    {
        $sent = self::thrown(ValidationError::class, fn () => $this->wa->sendText('call me', 'Hello'));
        $line = __LINE__ - 1;
        self::assertSame([__FILE__, $line], [$sent->getFile(), $sent->getLine()]);

        foreach ($this->wa->sendBulk([Message::text('call me', 'Hello')]) as $result) {
            $told = $result->error;
        }
        self::assertSame(__FILE__, $told->getFile());
    }

    public function testTheTokenIsNowhereToBeSeen(): void
    {
        $client = $this->sandbox->client(accessToken: self::TOKEN, proxy: null);
        $error = self::thrown(AuthenticationError::class, fn () => $client->sendText(self::TO, 'Hello'));
        $config = self::thrown(
            ConfigError::class,
            static fn () => new WhatsAppClient(phoneNumberId: 'x', accessToken: self::TOKEN, proxy: self::TOKEN),
        );
        $seen = [
            print_r($client, true),
            var_export($client, true),
            print_r((array) $client, true),
            (string) $error,
            print_r($error, true),
            json_encode($error),
            (string) $config,
            print_r($config->getTrace(), true),
        ];
        foreach ($seen as $text) {
            self::assertStringNotContainsString('very-secret', $text);
        }
        self::thrown(\Exception::class, static fn () => serialize($client));
        self::assertStringContainsString($this->sandbox->url, print_r($client, true));
    }

    public function testATokenFunctionIsAskedWhenATokenIsNeeded(): void
    {
        $asked = 0;
        $client = $this->sandbox->client(accessToken: function () use (&$asked): string {
            $asked++;

            return $this->sandbox->token;
        });
        self::assertSame(0, $asked);
        $client->sendText(self::TO, 'Hello');
        self::assertSame(1, $asked);
        // A client of its own: for how long a token is kept is core's business.
        foreach ($client->withOptions(userAgent: 'another')->sendBulk([Message::text(self::TO, 'Hello')]) as $result) {
            self::assertSame('accepted', $result->outcome);
        }
        self::assertSame(2, $asked);
    }

    public function testATokenFunctionThatFailsIsTheReason(): void
    {
        $failure = new \LogicException('the vault is sealed: very-secret');
        $client = $this->sandbox->client(accessToken: static fn (): string => throw $failure);
        $error = self::thrown(NotSentError::class, fn () => $client->sendText(self::TO, 'Hello'));
        self::assertSame('token', $error->reason);
        self::assertSame($failure, $error->getPrevious());
        self::assertStringNotContainsString('very-secret', $error->getMessage());
        self::assertSame([], $this->sandbox->requests());
    }

    public function testConnectionsAreKept(): void
    {
        foreach (range(1, 3) as $_) {
            $this->sandbox->client(rate: 0.0)->sendText(self::TO, 'Hello');
        }
        self::assertCount(1, array_unique(array_column($this->sandbox->requests(), 'connection')));
    }
}
