<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use PHPUnit\Framework\TestCase;
use WaCloud\Dedup;
use WaCloud\Exception\WhatsAppError;
use WaCloud\Message;
use WaCloud\ServiceWindow;
use WaCloud\Tests\Support\Manifest;
use WaCloud\WhatsAppClient;

/** Everything that the manifest names is there, and nothing else is. */
final class ParityTest extends TestCase
{
    public function testEveryOperationIsAMethodWithItsParameters(): void
    {
        $options = self::parameters('call_options');
        foreach (Manifest::read()['operations'] as $operation) {
            $method = self::method($operation['name']);
            self::assertSame(self::ordered($operation) + $options, self::given($method), $operation['name']);
            self::assertSame("WaCloud\\{$operation['output']}", (string) $method->getReturnType());
            self::assertDocumented($method);
        }
    }

    public function testEveryMessageHasItsConstructor(): void
    {
        foreach (Manifest::read()['operations'] as $operation) {
            if ($operation['constructor'] !== null) {
                $method = new \ReflectionMethod(Message::class, Manifest::camel($operation['constructor']));
                self::assertSame(self::ordered($operation), self::given($method), $operation['constructor']);
                self::assertDocumented($method);
            }
        }
    }

    public function testNothingElseIsThere(): void
    {
        $operations = Manifest::read()['operations'];
        $alone = array_filter(
            array_column($operations, 'name'),
            static fn (string $name): bool => !str_contains($name, '.'),
        );
        self::assertEqualsCanonicalizing(
            [
                ...array_map(Manifest::camel(...), $alone),
                'send', 'sendBulk', 'reply', 'react', 'phone', 'fromEnv', 'withOptions', 'setAccessToken', 'pace', 'stats', 'close',
                '__construct', '__debugInfo', '__get', '__isset',
            ],
            self::publicMethods(WhatsAppClient::class),
        );
        self::assertEqualsCanonicalizing(
            [...array_map(Manifest::camel(...), array_filter(array_column($operations, 'constructor'))), 'payload'],
            self::publicMethods(Message::class),
        );
        $common = ['__construct', '__debugInfo'];
        self::assertEqualsCanonicalizing(['fresh', 'isFresh', 'forget', ...$common], self::publicMethods(Dedup::class));
        self::assertEqualsCanonicalizing(
            ['observe', 'openUntil', 'isOpen', 'name', ...$common],
            self::publicMethods(ServiceWindow::class),
        );
    }

    public function testGroupsHaveTheirOperationsAndNothingElse(): void
    {
        $client = new WhatsAppClient(phoneNumberId: '1', accessToken: 't-secret');
        foreach (array_column(Manifest::read()['groups'], 'name') as $group) {
            $property = Manifest::camel($group);
            self::assertTrue(isset($client->$property));
            $expected = ['__construct', '__debugInfo'];
            foreach (Manifest::read()['operations'] as $operation) {
                if (!str_starts_with($operation['name'], "{$group}.")) {
                    continue;
                }
                $method = substr($operation['name'], strlen($group) + 1);
                $expected[] = Manifest::camel($method);
                if (isset($operation['params']['properties']['after'])) {
                    $all = new \ReflectionMethod($client->$property, Manifest::camel("{$method}_all"));
                    $taken = self::ordered($operation) + self::parameters('call_options');
                    self::assertSame(array_diff_key($taken, ['after' => true, 'before' => true]), self::given($all));
                    self::assertDocumented($all);
                    $expected[] = $all->getName();
                }
            }
            self::assertEqualsCanonicalizing($expected, self::publicMethods($client->$property::class));
            self::assertStringNotContainsString('t-secret', print_r($client->$property, true));
        }
        self::assertFalse(isset($client->nothing));
        self::assertSame('2', $client->phone('2')->__debugInfo()['phone_number_id']);
    }

    public function testSettingsAndOptionsAreParameters(): void
    {
        $settings = self::parameters('settings');
        unset($settings['tokenCallback']);
        $settings['accessToken'] = true;
        // It never crosses the boundary, so core does not know it.
        $settings['logger'] = false;
        $constructor = new \ReflectionMethod(WhatsAppClient::class, '__construct');
        self::assertEquals($settings, self::given($constructor));
        self::assertDocumented($constructor);

        $withOptions = new \ReflectionMethod(WhatsAppClient::class, 'withOptions');
        self::assertEquals(array_map(static fn (): bool => false, $settings), self::given($withOptions));

        $send = new \ReflectionMethod(WhatsAppClient::class, 'send');
        $options = self::parameters('call_options');
        self::assertSame(['message' => true] + $options + self::parameters('send_options'), self::given($send));
        self::assertDocumented($send);
        foreach (['reply' => 'message', 'react' => 'emoji'] as $name => $what) {
            $method = new \ReflectionMethod(WhatsAppClient::class, $name);
            self::assertSame(['event' => true, $what => true] + $options, self::given($method));
            self::assertDocumented($method);
        }

        $sendBulk = new \ReflectionMethod(WhatsAppClient::class, 'sendBulk');
        self::assertSame(['messages' => true] + self::parameters('bulk_options'), self::given($sendBulk));
        self::assertDocumented($sendBulk);
    }

    public function testResultsHaveTheirMembers(): void
    {
        foreach (Manifest::read()['results'] as $name => $schema) {
            $class = new \ReflectionClass("WaCloud\\{$name}");
            $expected = [];
            foreach ($schema['properties'] as $member => $property) {
                $expected[] = Manifest::name($member, $property);
            }
            self::assertEqualsCanonicalizing($expected, self::properties($class), $name);
            self::assertTrue($class->isFinal() && $class->isReadOnly(), $name);
        }
    }

    public function testErrorsHaveTheirPlaceAndFields(): void
    {
        foreach (Manifest::read()['errors'] as $error) {
            $class = new \ReflectionClass("WaCloud\\Exception\\{$error['name']}");
            $parent = $error['parent'] === null ? 'RuntimeException' : "WaCloud\\Exception\\{$error['parent']}";
            self::assertSame($parent, $class->getParentClass()->getName());
            // PHP's exceptions have a message and a code already.
            $fields = array_diff(array_column($error['fields'], 'name'), ['message', 'code']);
            $own = array_filter(
                $class->getProperties(\ReflectionProperty::IS_PUBLIC),
                static fn (\ReflectionProperty $property): bool => $property->class === $class->getName(),
            );
            self::assertEqualsCanonicalizing(
                array_map(Manifest::camel(...), $fields),
                array_map(static fn (\ReflectionProperty $property): string => $property->getName(), $own),
                $error['name'],
            );
        }
        self::assertTrue(is_a(WhatsAppError::class, \JsonSerializable::class, allow_string: true));
    }

    /** The method of an operation: the client's, or that of one of its groups. */
    private static function method(string $operation): \ReflectionMethod
    {
        [$method, $group] = [...array_reverse(explode('.', $operation)), null];
        $class = $group === null ? WhatsAppClient::class : 'WaCloud\\' . ucfirst(Manifest::camel($group)) . 'Operations';

        return new \ReflectionMethod($class, Manifest::camel($method));
    }

    /** @return array<string, bool> PHP's names of parameters, and whether they are required; those first. */
    private static function ordered(array $operation): array
    {
        $parameters = self::parameters($operation['name']);

        return array_filter($parameters) + $parameters;
    }

    /** @return array<string, bool> */
    private static function parameters(string $of): array
    {
        $schema = Manifest::read()[$of] ?? Manifest::operation($of)['params'];
        $parameters = [];
        foreach ($schema['properties'] as $name => $property) {
            $parameters[Manifest::name($name, $property)] = in_array($name, $schema['required'] ?? [], true);
        }

        return $parameters;
    }

    /** @return array<string, bool> */
    private static function given(\ReflectionMethod $method): array
    {
        $parameters = [];
        foreach ($method->getParameters() as $parameter) {
            $parameters[$parameter->getName()] = !$parameter->isOptional();
        }

        return $parameters;
    }

    private static function assertDocumented(\ReflectionMethod $method): void
    {
        foreach ($method->getParameters() as $parameter) {
            $name = $parameter->getName();
            self::assertMatchesRegularExpression("/@param \\S.* \\\${$name}\\s+\\S/s", $method->getDocComment(), $name);
        }
    }

    /** @return list<string> */
    private static function publicMethods(string $class): array
    {
        $methods = (new \ReflectionClass($class))->getMethods(\ReflectionMethod::IS_PUBLIC);

        return array_map(static fn (\ReflectionMethod $method): string => $method->getName(), $methods);
    }

    /** @return list<string> */
    private static function properties(\ReflectionClass $class): array
    {
        $properties = $class->getProperties();

        return array_map(static fn (\ReflectionProperty $property): string => $property->getName(), $properties);
    }
}
