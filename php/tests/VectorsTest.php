<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use WaCloud\Exception\ValidationError;
use WaCloud\Exception\WhatsAppError;
use WaCloud\Message;
use WaCloud\Tests\Support\Manifest;
use WaCloud\Tests\Support\SandboxTestCase;
use WaCloud\Tests\Support\Shown;
use WaCloud\WhatsAppClient;

/** The contract that every language keeps, through the public methods, with their arguments named. */
final class VectorsTest extends SandboxTestCase
{
    public static int $ran = 0;

    /** @return iterable<string, array{array<string, mixed>}> */
    public function vectors(): iterable
    {
        foreach (glob(dirname(__DIR__, 2) . '/tests/vectors/*.json') as $file) {
            // As objects: an empty one must not become a list.
            foreach (json_decode(file_get_contents($file), flags: JSON_THROW_ON_ERROR)->vectors as $vector) {
                yield basename($file, '.json') . ": {$vector->name}" => [$vector];
            }
        }
    }

    /** @dataProvider vectors */
    public function testVector(\stdClass $vector): void
    {
        $vector = $this->prepared($vector);
        $client = $this->clientFor($vector);
        foreach ($vector->faults ?? [] as $fault) {
            $this->sandbox->fault((array) $fault);
        }
        $told = isset($vector->bulk) ? $this->bulk($client, $vector->bulk) : $this->call($client, $vector);

        self::$ran++;
        if (isset($vector->bulk)) {
            [$results, $error] = $told;
            self::assertCount(count($vector->results), $results);
            self::assertMatches($vector->results, $results, 'results');
            self::assertSame(isset($vector->error), $error !== null, $error['message'] ?? 'it ended without an error');
            $told = $error;
        }
        if (isset($vector->result)) {
            self::assertMatches($vector->result, $told, 'result');
        }
        if (isset($vector->error)) {
            self::assertMatches($vector->error, $told, 'error');
        }
        $this->assertReached($vector);
    }

    /** The vector with the files and addresses that it names. */
    private function prepared(\stdClass $vector): \stdClass
    {
        $values = [
            '{files}' => dirname(__DIR__, 2) . '/tests/vectors/files',
            '{temp}' => sys_get_temp_dir(),
            '{base_url}' => $this->sandbox->url,
        ];
        $flags = JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION;
        $text = json_encode($vector, $flags);
        foreach ($values as $name => $value) {
            $text = str_replace($name, substr(json_encode($value, $flags), 1, -1), $text);
        }

        return json_decode($text, flags: JSON_THROW_ON_ERROR);
    }

    /** With a number of its own: what holds back the number or a recipient of one vector is nothing to the next. */
    private function clientFor(\stdClass $vector): WhatsAppClient
    {
        $number = (string) (700_000_000 + self::$ran);
        $this->sandbox->settings(['phone_numbers' => [['id' => $number]]]);
        $settings = Manifest::arguments('settings', (array) ($vector->settings ?? []));

        $client = $this->sandbox->client(...($settings + ['phoneNumberId' => $number, 'checkTemplates' => false, 'logger' => Shown::logger()]));
        Shown::add($client);

        return $client;
    }

    /** What the call returned or threw, as data. */
    private function call(WhatsAppClient $client, \stdClass $vector): array
    {
        [$method, $group] = [...array_reverse(explode('.', Manifest::camel($vector->operation))), null];
        $subject = $group === null ? $client : $client->$group;
        $arguments = Manifest::arguments($vector->operation, (array) $vector->params, $client->__debugInfo()['phone_number_id'])
            + Manifest::arguments('call_options', (array) ($vector->options ?? []));
        try {
            return self::data($subject->$method(...$arguments));
        } catch (WhatsAppError $error) {
            $data = self::data($error);
            // Mistakes in a call that sends no message are told by the names that its arguments have here.
            if ($group !== null || $vector->operation === 'mark_read') {
                $inCore = static fn (string $path): string => strtolower(preg_replace('/(?<=[a-z0-9])[A-Z]/', '_$0', $path));
                foreach (array_keys($data['violations'] ?? []) as $number) {
                    $data['violations'][$number]['path'] = $inCore($data['violations'][$number]['path']);
                }
            }

            return $data;
        }
    }

    /** @return array{list<array<string, mixed>>, array<string, mixed>|null} What was told, and what was thrown after it. */
    private function bulk(WhatsAppClient $client, \stdClass $bulk): array
    {
        $messages = array_map(static function (array $message): Message {
            [$operation, $params] = $message;
            $constructor = Manifest::camel(Manifest::operation($operation)['constructor']);

            return Message::$constructor(...Manifest::arguments($operation, (array) $params));
        }, $bulk->messages);
        $results = [];
        try {
            foreach ($client->sendBulk($messages, ...Manifest::arguments('bulk_options', (array) $bulk->options)) as $result) {
                $results[] = self::data($result);
            }
        } catch (WhatsAppError $error) {
            return [$results, self::data($error)];
        }

        return [$results, null];
    }

    /** A result or an exception with its members in core's names. */
    private static function data(object $object): array
    {
        Shown::add($object);
        $data = [];
        foreach (get_object_vars($object) as $name => $value) {
            $data[Manifest::snake($name)] = match (true) {
                $value instanceof \JsonSerializable => self::data($value),
                is_array($value) && ($value[0] ?? null) instanceof \JsonSerializable => array_map(self::data(...), $value),
                default => $value,
            };
        }
        if ($object instanceof WhatsAppError) {
            $data['type'] = (new \ReflectionClass($object))->getShortName();
            $data['code'] = $object->getCode() ?: null;
            $data['message'] = $object->getMessage();
        }
        if ($object instanceof ValidationError) {
            $data['violations'] = array_map(self::data(...), $object->violations);
        }

        return $data;
    }

    private function assertReached(\stdClass $vector): void
    {
        $requests = $this->sandbox->requests();
        if (isset($vector->request_count)) {
            self::assertCount($vector->request_count, $requests);
        }
        if (isset($vector->requests)) {
            self::assertCount(count($vector->requests), $requests);
            foreach ($vector->requests as $index => $expected) {
                $path = strtr($expected->path, [
                    '{phone_number_id}' => (string) (700_000_000 + self::$ran - 1),
                    '{business_account_id}' => $this->sandbox->businessAccountId,
                ]);
                self::assertSame([$expected->method, $path], [$requests[$index]['method'], $requests[$index]['path']]);
                $body = $requests[$index]['body'];
                if (!isset($expected->body->biz_opaque_callback_data)) {
                    unset($body['biz_opaque_callback_data']);
                }
                self::assertEquals(self::arrays($expected->body), $body);
            }
        }
        if (isset($vector->accepted)) {
            self::assertCount($vector->accepted, $this->sandbox->messages());
        }
    }

    /** Members that are expected must be there and equal; others may be there too. */
    private static function assertMatches(mixed $expected, mixed $actual, string $place): void
    {
        match (true) {
            $expected === '*' => self::assertTrue(is_string($actual) && $actual !== '', "{$place} is empty"),
            $place === 'error.violations' => self::assertEqualsCanonicalizing(
                array_map(static fn (\stdClass $one): array => [$one->path, $one->rule], $expected),
                array_map(static fn (array $one): array => [$one['path'], $one['rule']], $actual),
            ),
            is_object($expected) => self::assertMembers((array) $expected, $actual, $place),
            is_array($expected) => self::assertItems($expected, $actual, $place),
            default => self::assertEquals($expected, $actual, $place),
        };
    }

    private static function assertItems(array $expected, mixed $actual, string $place): void
    {
        self::assertIsArray($actual, $place);
        self::assertCount(count($expected), $actual, $place);
        self::assertMembers($expected, $actual, $place);
    }

    private static function assertMembers(array $expected, mixed $actual, string $place): void
    {
        self::assertIsArray($actual, $place);
        foreach ($expected as $name => $value) {
            self::assertArrayHasKey($name, $actual, $place);
            self::assertMatches($value, $actual[$name], "{$place}.{$name}");
        }
    }

    private static function arrays(mixed $json): mixed
    {
        return json_decode(json_encode($json), associative: true);
    }
}
