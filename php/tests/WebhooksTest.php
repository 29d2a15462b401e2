<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use PHPUnit\Framework\TestCase;
use WaCloud\Exception\RecipientError;
use WaCloud\Exception\ValidationError;
use WaCloud\Exception\WebhookSignatureError;
use WaCloud\Exception\WhatsAppError;
use WaCloud\Tests\Support\Manifest;
use WaCloud\WebhookEvent;
use WaCloud\Webhooks;

/** Webhooks: the vectors that every language runs, and what is PHP's own. */
final class WebhooksTest extends TestCase
{
    private const JSON = '{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":'
        . '{"messages":[{"from":"15550001234","id":"wamid.A","type":"text","text":{"body":"Grüße"},"x":{},"y":[]}]}}]}]}';

    /** @return iterable<string, array{\stdClass}> */
    private static function load(string $name): iterable
    {
        $file = dirname(__DIR__, 2) . "/tests/vectors/webhooks/{$name}.json";
        foreach (json_decode(file_get_contents($file), flags: JSON_THROW_ON_ERROR)->vectors as $vector) {
            yield "webhooks/{$name}: {$vector->name}" => [$vector];
        }
    }

    public function parseVectors(): iterable
    {
        return self::load('parse');
    }

    public function verifyVectors(): iterable
    {
        return self::load('verify');
    }

    public function challengeVectors(): iterable
    {
        return self::load('challenge');
    }

    /** @dataProvider parseVectors */
    public function testParse(\stdClass $vector): void
    {
        VectorsTest::$ran++;
        $events = self::outcome($vector, static fn (): array => Webhooks::parse(self::body($vector)));
        if (isset($vector->error)) {
            return;
        }
        self::assertCount(count($vector->events), $events);
        $keys = array_column($events, 'key');
        self::assertNotContains('', $keys);
        self::assertSame($keys, array_column(Webhooks::parse(self::body($vector)), 'key'));
        foreach ($vector->events as $index => $expected) {
            $item = isset($expected->at) ? self::itemAt($vector->body, $expected->at) : $expected->raw ?? null;
            if (isset($expected->at) || isset($expected->raw)) {
                self::assertSame(self::json($item), self::json($events[$index]->raw));
            }
            unset($expected->at, $expected->raw);
            self::check("[{$index}]", $expected, $events[$index]);
        }
    }

    /** @dataProvider verifyVectors */
    public function testVerify(\stdClass $vector): void
    {
        VectorsTest::$ran++;
        self::outcome($vector, static fn () => Webhooks::verify($vector->app_secrets, $vector->body, $vector->header));
    }

    /** @dataProvider challengeVectors */
    public function testChallenge(\stdClass $vector): void
    {
        VectorsTest::$ran++;
        $query = is_string($vector->query) ? $vector->query : (array) $vector->query;
        $answer = self::outcome($vector, static fn (): string => Webhooks::challenge($query, $vector->verify_token));
        self::assertSame($vector->result ?? null, $answer);
    }

    public function testADecodedBodyIsRefused(): void
    {
        foreach ([[json_decode(self::JSON, true), 'array'], [json_decode(self::JSON), 'stdClass'], [null, 'null']] as [$body, $kind]) {
            foreach ([fn () => Webhooks::parse($body), fn () => Webhooks::verify('secret', $body, 'sha256=')] as $call) {
                try {
                    $call();
                    self::fail('it was taken');
                } catch (ValidationError $error) {
                    self::assertSame(['body', 'type'], [$error->violations[0]->path, $error->violations[0]->rule]);
                    self::assertStringEndsWith("got {$kind}", $error->getMessage());
                }
            }
        }
    }

    public function testWhatTheEnvironmentDoesNotHaveIsTold(): void
    {
        $reasons = [];
        foreach ([
            static fn () => Webhooks::verify($_ENV['WA_NO_SUCH_SECRET'] ?? null, '{}', 'sha256='),
            static fn () => Webhooks::challenge($_SERVER['NO_SUCH_QUERY'] ?? null, 'word'),
            static fn () => Webhooks::challenge([], $_ENV['WA_NO_SUCH_TOKEN'] ?? null),
        ] as $call) {
            try {
                $call();
            } catch (WebhookSignatureError $error) {
                $reasons[] = $error->reason;
            }
        }
        self::assertSame(['secret', 'missing', 'secret'], $reasons);
    }

    public function testARequestOfPhp(): void
    {
        $get = [];
        parse_str('hub.mode=subscribe&hub.verify_token=my+word&hub.challenge=1158201444', $get);
        self::assertArrayHasKey('hub_mode', $get);
        self::assertSame('1158201444', Webhooks::challenge($get, 'my word'));

        Webhooks::verify(['old', 'secret'], self::JSON, 'sha256=' . hash_hmac('sha256', self::JSON, 'secret'));
        try {
            Webhooks::verify('secret', self::JSON, null);
            self::fail('it was taken');
        } catch (WebhookSignatureError $error) {
            self::assertSame('missing', $error->reason);
        }
    }

    public function testRawKeepsWhatPhpMixesUp(): void
    {
        [$event] = Webhooks::parse(str_replace('"x":{}', '"x":{},"n":123456789012345678901234567890', self::JSON));
        self::assertInstanceOf(\stdClass::class, $event->raw['x']);
        self::assertSame([], $event->raw['y']);
        self::assertSame('123456789012345678901234567890', $event->raw['n']);
        self::assertSame('Grüße', $event->text);
        self::assertSame('wamid.A', json_decode(json_encode($event), true)['id']);
    }

    public function testErrorsAreExceptionsThatNobodyThrew(): void
    {
        [$event] = Webhooks::parse(str_replace('"type"', '"errors":[{"code":131026}],"type"', self::JSON));
        self::assertInstanceOf(RecipientError::class, $event->errors[0]);
        self::assertSame(131026, $event->errors[0]->getCode());
        self::assertNull($event->errors[0]->status);
    }

    public function testEventsAndTheirPartsHaveEveryMember(): void
    {
        foreach (Manifest::read()['webhooks'] as $name => $schema) {
            $properties = (new \ReflectionClass("WaCloud\\{$name}"))->getProperties();
            self::assertEqualsCanonicalizing(
                array_map(Manifest::camel(...), array_keys($schema['properties'])),
                array_map(static fn (\ReflectionProperty $property): string => $property->getName(), $properties),
                $name,
            );
        }
    }

    /** What the call returned; that it failed as the vector says has been looked at. */
    private static function outcome(\stdClass $vector, callable $call): mixed
    {
        try {
            $result = $call();
        } catch (WhatsAppError $error) {
            self::assertTrue(isset($vector->error), $error->getMessage());
            self::check('error', $vector->error, $error);

            return null;
        }
        self::assertFalse(isset($vector->error), 'it did not fail');

        return $result;
    }

    private static function check(string $place, mixed $expected, mixed $actual): void
    {
        if ($expected === '*') {
            self::assertNotEmpty($actual, $place);
        } elseif (is_array($expected)) {
            self::assertCount(count($expected), $actual, $place);
            foreach ($expected as $index => $item) {
                self::check("{$place}[{$index}]", $item, $actual[$index]);
            }
        } elseif ($expected instanceof \stdClass) {
            foreach (get_object_vars($expected) as $name => $member) {
                self::check("{$place}.{$name}", $member, self::member($actual, $name));
            }
        } else {
            self::assertEquals($expected, $actual, $place);
        }
    }

    private static function member(mixed $actual, string $name): mixed
    {
        return match (true) {
            is_array($actual) => $actual[$name] ?? null,
            $actual instanceof WhatsAppError && $name === 'type' => (new \ReflectionClass($actual))->getShortName(),
            // Graph's code is PHP's own; without one it is 0.
            $actual instanceof WhatsAppError && $name === 'code' => $actual->getCode() ?: null,
            default => $actual->{Manifest::camel($name)},
        };
    }

    private static function body(\stdClass $vector): string
    {
        return match (true) {
            property_exists($vector, 'body') => self::json($vector->body),
            isset($vector->base64) => base64_decode($vector->base64),
            isset($vector->pieces) => implode('', array_map(static fn (array $piece): string => str_repeat(...$piece), $vector->pieces)),
            default => $vector->text,
        };
    }

    private static function itemAt(mixed $body, string $pointer): mixed
    {
        foreach (array_slice(explode('/', $pointer), 1) as $name) {
            $body = is_array($body) ? $body[(int) $name] : $body->{$name};
        }

        return $body;
    }

    private static function json(mixed $value): string
    {
        return json_encode($value, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION);
    }
}
