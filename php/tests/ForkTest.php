<?php

declare(strict_types=1);

namespace WaCloud\Tests;

use WaCloud\Message;
use WaCloud\Tests\Support\SandboxTestCase;

/**
 * A client that was used before a fork works in both processes after it.
 *
 * @requires extension pcntl
 * @requires extension posix
 */
final class ForkTest extends SandboxTestCase
{
    public function testBothProcessesSend(): void
    {
        $this->wa->sendText(self::TO, 'before');
        $children = [];
        foreach (range(1, 2) as $number) {
            $children[] = $this->afterRequests(1, function () use ($number): void {
                $this->wa->sendText(self::TO, "child {$number}");
                iterator_to_array($this->wa->sendBulk([Message::text(self::TO, "bulk of child {$number}")]));
            });
        }
        $this->wa->sendText(self::TO, 'parent');
        foreach ($children as $child) {
            pcntl_waitpid($child, $status);
        }
        $this->wa->sendText(self::TO, 'after');

        $texts = array_map(
            static fn (array $message): string => $message['payload']['text']['body'],
            $this->sandbox->messages(),
        );
        self::assertEqualsCanonicalizing(
            ['before', 'child 1', 'bulk of child 1', 'child 2', 'bulk of child 2', 'parent', 'after'],
            $texts,
        );
    }
}
