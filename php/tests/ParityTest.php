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
            $method = new \ReflectionMethod(WhatsAppClient::class, Manifest::camel($operation['name']));
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
        self::assertEqualsCanonicalizing(
            [
                ...array_map(Manifest::camel(...), array_column($operations, 'name')),
                'send', 'sendBulk', 'reply', 'react', 'fromEnv', 'withOptions', 'pace', 'stats', 'close',
                '__construct', '__debugInfo',
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
