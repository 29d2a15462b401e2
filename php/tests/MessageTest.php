<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use WaCloud\Exception\ValidationError;
use WaCloud\Media;
use WaCloud\Message;
use WaCloud\Recipient;
use WaCloud\Tests\Support\SandboxTestCase;
use WaCloud\Violation;

final class MessageTest extends SandboxTestCase
{
    public function testAPayloadIsWhatGoesOut(): void
    {
        $message = Message::text(self::TO, 'Žluťoučký kůň 🐴', previewUrl: true);
        $payload = [
            'messaging_product' => 'whatsapp',
            'to' => self::TO,
            'type' => 'text',
            'text' => ['body' => 'Žluťoučký kůň 🐴', 'preview_url' => true],
        ];
        self::assertEquals($payload, $message->payload());
        self::assertSame([], $this->sandbox->requests());

        $sent = $this->wa->send($message);
        $body = $this->sandbox->requests()[0]['body'];
        self::assertEquals($payload + ['biz_opaque_callback_data' => $sent->tracker], $body);
    }

    public function testExtraMayBeEmpty(): void
    {
        self::assertEquals(Message::text(self::TO, 'Hi')->payload(), Message::text(self::TO, 'Hi', extra: [])->payload());
        self::assertNotSame('', $this->wa->sendText(self::TO, 'Hi', extra: [])->id);
    }

    public function testAPayloadComesBackEqual(): void
    {
        $payload = Message::buttons(self::TO, 'Confirm?', [['id' => 'y', 'title' => 'Yes']])->payload();
        self::assertEquals($payload, Message::fromPayload($payload)->payload());
        self::assertEquals($payload, Message::fromPayload((object) $payload)->payload());
    }

    public function testRecipientsAndMediaSayWhatTheyAre(): void
    {
        $to = static fn (Recipient $recipient): array => Message::text($recipient, 'Hello')->payload();
        self::assertSame('+15550001234', $to(Recipient::phone('+1 555 000 1234'))['to']);
        self::assertSame('US.13491208655302741918', $to(Recipient::user('US.13491208655302741918'))['recipient']);
        self::assertSame('group', $to(Recipient::group('120363040'))['recipient_type']);
        $image = static fn (Media $media): array => Message::image(self::TO, $media)->payload()['image'];
        self::assertSame(['link' => 'https://example.com/a.jpg'], $image(Media::link('https://example.com/a.jpg')));
        self::assertSame(['id' => '1013859600285441'], $image(Media::id('1013859600285441')));
    }

    public function testEmptyAndPositionalAndNamedVariables(): void
    {
        $body = static fn (mixed $body): mixed => Message::template(self::TO, 'a', 'en', body: $body)
            ->payload()['template']['components'][0]['parameters'] ?? null;
        self::assertEquals([['type' => 'text', 'text' => 'Ana']], $body(['Ana']));
        self::assertEquals([['type' => 'text', 'text' => 'Ana', 'parameter_name' => 'who']], $body(['who' => 'Ana']));
        self::assertNull($body([]) ?: null);
    }

    public function testAllMistakesAreToldWithTheirPlaces(): void
    {
        $error = self::thrown(ValidationError::class, static fn () => Message::buttons(
            'call me',
            '',
            [['id' => 'a', 'title' => str_repeat('x', 21)]],
        )->payload());
        self::assertEqualsCanonicalizing(
            ['to', 'interactive.body.text', 'interactive.action.buttons[0].reply.title'],
            array_map(static fn (Violation $violation): string => $violation->path, $error->violations),
        );
        self::assertFalse($error->mayHaveBeenSent);
        foreach ($error->violations as $violation) {
            self::assertNotSame('', $violation->message);
        }
    }

    /** @return iterable<string, array{mixed}> */
    public function valuesThatJsonCannotCarry(): iterable
    {
        yield 'bytes' => ["\xff\xfe"];
        yield 'not a number' => [NAN];
        yield 'infinity' => [INF];
        yield 'an object' => [new \DateTimeImmutable()];
        yield 'a function' => [static fn (): string => 'Hello'];
        yield 'a resource' => [fopen('php://memory', 'r')];
        $endless = [];
        $endless[] = &$endless;
        yield 'an array without an end' => [$endless];
    }

    /** @dataProvider valuesThatJsonCannotCarry */
    public function testWhatJsonCannotCarryIsAMistakeLikeAnyOther(mixed $value): void
    {
        $text = self::thrown(ValidationError::class, static fn () => Message::text(self::TO, $value)->payload());
        self::assertSame(['text.body', 'type'], [$text->violations[0]->path, $text->violations[0]->rule]);

        $sent = self::thrown(ValidationError::class, fn () => $this->wa->sendTemplate(self::TO, 'a', 'en', [$value]));
        self::assertStringStartsWith('template.components', $sent->violations[0]->path);
        self::assertSame([], $this->sandbox->requests());
    }

    public function testAnObjectThatIsTextIsText(): void
    {
        $text = new class () implements \Stringable {
            public function __toString(): string
            {
                return 'Hello';
            }
        };
        self::assertSame('Hello', Message::text(self::TO, $text)->payload()['text']['body']);
        $sent = $this->wa->sendText(self::TO, 'One');
        self::assertSame($sent->id, Message::text(self::TO, 'Two', replyTo: $sent)->payload()['context']['message_id']);
    }
}
